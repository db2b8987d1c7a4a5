"""Why a handshake came to nothing or a socket ended, as the analysis of both tells it to the rules."""

from __future__ import annotations

from dataclasses import dataclass, field

from inspector.model.finding import Confidence

__all__ = ["Cause"]


@dataclass(frozen=True, slots=True)
class Cause:
    """Why one or several sockets ended, or never opened.

    Args:
        rule: Number of the failure.
        connections: Numbers of those concerned, the one that decides first.
        time_ns: When the cause acted (the fatal frame was complete), else when it ended.
        seen_ns: When it ended.
        packets: Numbers of the deciding packets with a stable word for each: ``trigger``, ``close``, ``end``, ``ping``,
            ``last``, ``refused``, ``survivor``.
        reason: Stable code of the cause within the failure.
        confidence: How sure.
        rivals: Failures that fit as well.
        numbers: What was measured.
    """

    rule: str
    connections: tuple[int, ...]
    time_ns: int
    seen_ns: int
    packets: tuple[tuple[int, str], ...]
    reason: str = ""
    confidence: Confidence = Confidence.CERTAIN
    rivals: tuple[str, ...] = ()
    numbers: dict[str, int | float | str] = field(default_factory=dict)
