"""WebSocket as observed: frames."""

from __future__ import annotations

from dataclasses import dataclass, field

from inspector.model.anomaly import Anomaly

__all__ = ["OPCODES", "Frame"]

OPCODES = {0: "continuation", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong"}


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame (RFC 6455 section 5.2).

    Args:
        start, end: Byte range in its stream, header included.
        fin, rsv, opcode: From the first byte; ``rsv`` holds RSV1 in bit 2.
        masking_key: Four bytes, or None when not masked.
        payload: Unmasked, not inflated.
        anomalies: What was wrong with it.
    """

    start: int
    end: int
    fin: bool
    rsv: int
    opcode: int
    masking_key: bytes | None
    payload: bytes
    anomalies: list[Anomaly] = field(default_factory=list)
