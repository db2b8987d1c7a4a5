"""Ideas and terms that have no declared field, a few exact sentences each."""

from __future__ import annotations

from inspector.report.explain.dns_terms import dns_terms
from inspector.report.explain.explanation import Explanation
from inspector.report.explain.h2_terms import h2_terms
from inspector.report.explain.http_terms import http_terms
from inspector.report.explain.ideas_application import APPLICATION_IDEAS
from inspector.report.explain.ideas_layers import LAYER_IDEAS
from inspector.report.explain.ideas_network import NETWORK_IDEAS
from inspector.report.explain.ideas_tcp import TCP_IDEAS
from inspector.report.explain.ideas_websocket import WEBSOCKET_IDEAS
from inspector.report.explain.tls_terms import tls_terms

__all__ = ["ideas"]


def ideas() -> tuple[Explanation, ...]:
    """All of them, from the network up."""
    return (
        *NETWORK_IDEAS, *LAYER_IDEAS, *TCP_IDEAS, *WEBSOCKET_IDEAS, *APPLICATION_IDEAS, *dns_terms(), *http_terms(), *h2_terms(),
        *tls_terms(),
    )  # fmt: skip
