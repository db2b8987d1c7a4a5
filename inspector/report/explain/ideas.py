"""Ideas that have no field of their own, a few exact sentences each."""

from __future__ import annotations

from inspector.report.explain.explanation import Explanation
from inspector.report.explain.ideas_application import APPLICATION_IDEAS
from inspector.report.explain.ideas_network import NETWORK_IDEAS
from inspector.report.explain.ideas_websocket import WEBSOCKET_IDEAS

__all__ = ["ideas"]


def ideas() -> tuple[Explanation, ...]:
    """All of them, from the network up."""
    return NETWORK_IDEAS + WEBSOCKET_IDEAS + APPLICATION_IDEAS
