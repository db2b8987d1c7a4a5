"""HTTP/2 as observed: frames, streams, what each side announced."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from inspector.model.anomaly import Anomaly
from inspector.model.http import HttpMessage

__all__ = ["ERROR_CODES", "FRAME_TYPES", "SETTINGS", "Ending", "H2Frame", "H2Stream", "WindowChange"]

FRAME_TYPES = {
    0: "DATA", 1: "HEADERS", 2: "PRIORITY", 3: "RST_STREAM", 4: "SETTINGS", 5: "PUSH_PROMISE", 6: "PING", 7: "GOAWAY",
    8: "WINDOW_UPDATE", 9: "CONTINUATION", 10: "ALTSVC", 12: "ORIGIN", 16: "PRIORITY_UPDATE",
}  # fmt: skip
"""Names of frame types (IANA, HTTP/2 Frame Type)."""

SETTINGS = {
    1: "HEADER_TABLE_SIZE", 2: "ENABLE_PUSH", 3: "MAX_CONCURRENT_STREAMS", 4: "INITIAL_WINDOW_SIZE",
    5: "MAX_FRAME_SIZE", 6: "MAX_HEADER_LIST_SIZE", 8: "ENABLE_CONNECT_PROTOCOL", 9: "NO_RFC7540_PRIORITIES",
}  # fmt: skip
"""Names of settings (IANA, HTTP/2 Settings)."""

ERROR_CODES = {
    0: "NO_ERROR", 1: "PROTOCOL_ERROR", 2: "INTERNAL_ERROR", 3: "FLOW_CONTROL_ERROR", 4: "SETTINGS_TIMEOUT",
    5: "STREAM_CLOSED", 6: "FRAME_SIZE_ERROR", 7: "REFUSED_STREAM", 8: "CANCEL", 9: "COMPRESSION_ERROR",
    10: "CONNECT_ERROR", 11: "ENHANCE_YOUR_CALM", 12: "INADEQUATE_SECURITY", 13: "HTTP_1_1_REQUIRED",
}  # fmt: skip
"""Names of error codes (RFC 9113 section 7)."""


class Ending(Enum):
    """How a stream ended."""

    OPEN = "open"
    """It had not when the capture ended."""
    COMPLETE = "complete"
    RESET = "reset"


@dataclass(frozen=True, slots=True)
class H2Frame:
    """One frame (RFC 9113 section 4.1).

    Args:
        start, end: Byte range in its stream of bytes, the nine bytes of header included.
        type, flags, stream_id: From the header.
        detail: What it says, e.g. ``{"increment": 1000}``, settings by number, ``{"error_code": 8}``.
    """

    start: int
    end: int
    type: int
    flags: int
    stream_id: int
    detail: dict[str, int | str | dict[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WindowChange:
    """A change of a flow-control window (RFC 9113 section 5.2).

    Args:
        from_client: Who sent the frame that changes it.
        position: Of that frame in its stream of bytes.
        stream_id: 0 for the connection's window, -1 for all streams (a new initial size).
        amount: Bytes taken (negative, DATA) or given (WINDOW_UPDATE); the new initial size for -1.
    """

    from_client: bool
    position: int
    stream_id: int
    amount: int


@dataclass(slots=True)
class H2Stream:
    """One stream: a request and its response.

    Args:
        id: Its number.
        request, response: As in HTTP/1.x; the first line is written from the pseudo-header fields.
        interim: 1xx responses.
        protocol: ``:protocol`` of an extended CONNECT (RFC 8441), e.g. ``b"websocket"``.
        pushed_by: Stream on which the server promised it, or None.
        reset_by_client: Who sent RST_STREAM, None when nobody did.
        error_code: Of RST_STREAM.
        tables_known: False when header fields could not be decoded because the capture lacks earlier ones.
        anomalies: What was wrong.
    """

    id: int
    request: HttpMessage | None = None
    response: HttpMessage | None = None
    interim: list[HttpMessage] = field(default_factory=list)
    protocol: bytes | None = None
    pushed_by: int | None = None
    reset_by_client: bool | None = None
    error_code: int | None = None
    tables_known: bool = True
    anomalies: list[Anomaly] = field(default_factory=list)

    @property
    def ending(self) -> Ending:
        """How it ended."""
        if self.reset_by_client is not None:
            return Ending.RESET
        done = self.response is not None and self.response.complete
        return Ending.COMPLETE if done else Ending.OPEN
