"""Something in the traffic that breaks a rule of its protocol: named, placed, never raised."""

from __future__ import annotations

from dataclasses import dataclass

from inspector.refs import Ref

__all__ = ["Anomaly"]


@dataclass(frozen=True, slots=True)
class Anomaly:
    """A named deviation.

    Args:
        code: Stable name, e.g. ``"ws.unmasked_client_frame"``.
        start, end: Byte range in the stream, counted from the stream's first byte.
        ref: The section that is broken.
        detail: The value at fault, as data (not translated); may be empty.
    """

    code: str
    start: int
    end: int
    ref: Ref
    detail: str = ""
