"""HTTP as observed: messages and exchanges."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from inspector.model.anomaly import Anomaly

__all__ = ["Exchange", "Framing", "HttpMessage", "Paired"]


_Named = tuple[list[tuple[bytes, bytes]], dict[bytes, list[bytes]]]
"""A list of headers, and its values by their names in lower case."""


class Framing(Enum):
    """How the end of a message's body is told (RFC 9112 section 6.3)."""

    NONE = "none"
    LENGTH = "length"
    CHUNKED = "chunked"
    CLOSE = "close"
    """Until the connection is closed."""
    SWITCHED = "switched"
    """What follows is another protocol (101, or a tunnel after CONNECT)."""


class Paired(Enum):
    """How sure it is that a response answers its request."""

    ORDER = "order"
    """Responses answer requests in order (RFC 9112 section 9.3)."""
    INFERRED = "inferred"
    """Bytes between two responses are missing; how many responses they held is estimated."""


@dataclass(slots=True)
class HttpMessage:
    """A request or response. Positions count from the first byte of its stream.

    Args:
        first_line: Request line or status line without its line end, as sent.
        headers: Names and values as sent, in order, white space around values removed.
        start, end: Byte range of the whole message; ``end`` is the last byte seen so far.
        head_end: End of the head.
        framing: How the body's end is told.
        body_spans: Ranges that carry the body, transfer coding already removed.
        trailers: Headers after a chunked body.
        missing: Bytes of this message that the capture does not hold.
        complete: Everything up to the message's end was seen (or passed, when bytes are missing).
        anomalies: What was wrong with it.
        pseudo: Pseudo-header fields of HTTP/2 in the order sent (RFC 9113 section 8.3); empty in HTTP/1.x.
    """

    first_line: bytes
    headers: list[tuple[bytes, bytes]]
    start: int
    head_end: int
    end: int
    framing: Framing = Framing.NONE
    body_spans: list[tuple[int, int]] = field(default_factory=list)
    trailers: list[tuple[bytes, bytes]] = field(default_factory=list)
    missing: int = 0
    complete: bool = False
    anomalies: list[Anomaly] = field(default_factory=list)
    pseudo: list[tuple[bytes, bytes]] = field(default_factory=list)

    def values(self, name: str) -> list[bytes]:
        """All values of a header, name compared without case; of Host what ``:authority`` says where it stands in."""
        wanted = name.lower().encode("ascii")
        found = [value for key, value in self.headers if key.lower() == wanted]
        if not found and wanted == b"host":
            found = [value for key, value in self.pseudo if key == b":authority"]
        return found

    def header(self, name: str) -> bytes | None:
        """The first value of a header, name compared without case."""
        return next(iter(self.values(name)), None)

    def lists(self, name: str, item: str) -> bool:
        """Whether a comma-separated header holds ``item``, compared without case."""
        wanted = item.lower().encode("ascii")
        return any(part.strip().lower() == wanted for value in self.values(name) for part in value.split(b","))

    @property
    def status(self) -> int | None:
        """Status code of a response, None for a request."""
        if not self.first_line.startswith(b"HTTP/"):
            return None
        code = self.first_line.split(b" ", 2)[1]
        return int(code) if code.isdigit() else None

    @property
    def method(self) -> bytes | None:
        """Method of a request, None for a response."""
        return None if self.first_line.startswith(b"HTTP/") else self.first_line.split(b" ", 1)[0]

    @property
    def target(self) -> bytes | None:
        """Request target as sent, None for a response."""
        return None if self.first_line.startswith(b"HTTP/") else self.first_line.split(b" ")[1]

    @property
    def target_text(self) -> str:
        """Request target as text, with escapes for what is no UTF-8; empty for a response."""
        return (self.target or b"").decode("utf-8", "backslashreplace")

    @property
    def version(self) -> bytes:
        """The protocol version, e.g. ``b"HTTP/1.1"``."""
        parts = self.first_line.split(b" ")
        return parts[0] if self.first_line.startswith(b"HTTP/") else parts[-1]

    @property
    def body_length(self) -> int:
        """Bytes of body captured, transfer coding removed."""
        return sum(end - start for start, end in self.body_spans)


@dataclass(slots=True)
class Exchange:
    """A request and what answered it; either side may be unseen (None).

    Args:
        request: None when the capture began after it.
        response: The final response; None when none came or it was not captured.
        interim: 1xx responses before it.
        paired: How sure the pairing is.
    """

    request: HttpMessage | None
    response: HttpMessage | None = None
    interim: list[HttpMessage] = field(default_factory=list)
    paired: Paired = Paired.ORDER
