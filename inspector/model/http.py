"""HTTP as observed: heads, messages, exchanges."""

from __future__ import annotations

from dataclasses import dataclass, field

from inspector.model.anomaly import Anomaly

__all__ = ["Exchange", "HttpMessage"]


@dataclass(slots=True)
class HttpMessage:
    """A request or response.

    Args:
        first_line: Request line or status line without its line end, as sent.
        headers: Names and values as sent, in order.
        start, end: Byte range of the whole message in its stream; ``end`` is the last byte seen so far.
        head_end: End of the head.
        body: Transfer decoding removed, content coding not.
        complete: The end of the message was seen.
        anomalies: What was wrong with it.
    """

    first_line: bytes
    headers: list[tuple[bytes, bytes]]
    start: int
    head_end: int
    end: int
    body: bytes = b""
    complete: bool = False
    anomalies: list[Anomaly] = field(default_factory=list)

    def header(self, name: str) -> bytes | None:
        """The first value of a header, name compared without case."""
        wanted = name.lower().encode("ascii")
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @property
    def status(self) -> int | None:
        """Status code of a response, None for a request or a status line that has none."""
        parts = self.first_line.split(b" ", 2)
        if not parts[0].startswith(b"HTTP/") or len(parts) < 2 or not parts[1].isdigit():
            return None
        return int(parts[1])


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its response on one connection; either may be unseen (None)."""

    connection: int
    request: HttpMessage | None
    response: HttpMessage | None
