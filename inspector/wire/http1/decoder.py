"""One direction's messages: heads, bodies, trailers, and where to go on after a gap."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto

from inspector.model.anomaly import Anomaly
from inspector.model.http import Framing, HttpMessage
from inspector.refs import Ref
from inspector.wire.http1.grammar import (
    CHUNK_SIZE,
    END_OF_HEAD,
    REQUEST_LINE,
    STATUS_LINE,
    SYNC_REQUEST,
    SYNC_RESPONSE,
)
from inspector.wire.http1.head import body_framing, parse_fields, parse_head

__all__ = ["Http1Decoder"]

_LONGEST_HEAD = 1 << 18
"""Bytes of a head before it is given up: four times the most that servers accept (64 KiB)."""
_LONGEST_CHUNK_LINE = 1 << 14
"""Bytes of a chunk-size line with its extensions; servers accept 4 to 16 KiB."""
_MOST_SPANS = 1 << 20
"""Ranges of one body that are kept: a body in a million chunks is told as such rather than kept in memory."""
_LARGEST_CHUNK = (1 << 63) - 1
"""Chunk sizes above this overflow the integers of every implementation (RFC 9112 section 7.1)."""


class _State(Enum):
    HEAD = auto()
    LENGTH = auto()
    CHUNK_SIZE = auto()
    CHUNK = auto()
    CHUNK_END = auto()
    TRAILERS = auto()
    UNTIL_CLOSE = auto()
    LOST = auto()
    """Not at a known place: search for the start of a message."""
    SWITCHED = auto()


class Http1Decoder:
    """Reads the messages of one direction.

    Args:
        is_client: The bytes are requests.
        method_of: For responses: called when a head is read, returns the method it answers, or None when unknown.
        begun: Called with each message when its head has been read.
        ready: Asked before a message begins; where it says no, the decoder is ``held``.

    Attributes:
        messages: All so far; the last may still be growing.
        position: Stream position of the next byte to decode.
        rest: Bytes fed and not decoded yet (an unfinished head; everything while ``held`` or switched).
        held: Nothing is decoded before the other direction has been (the owner takes it back and resumes).
        unparsed: Ranges that belong to no message.
    """

    def __init__(
        self,
        is_client: bool,
        method_of: Callable[[HttpMessage], bytes | None] = lambda message: None,
        begun: Callable[[HttpMessage], None] = lambda message: None,
        ready: Callable[[], bool] = lambda: True,
    ) -> None:
        self.messages: list[HttpMessage] = []
        self.rest = bytearray()
        self.position = 0
        self.held = False
        self.unparsed: list[tuple[int, int]] = []
        self._is_client = is_client
        self._method_of = method_of
        self._begun = begun
        self._ready = ready
        self._state = _State.HEAD
        self._left = 0

    @property
    def switched(self) -> bool:
        """HTTP has ended here; ``rest`` holds bytes of the protocol that follows."""
        return self._state is _State.SWITCHED

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the stream."""
        self.rest += data
        self.resume()

    def resume(self) -> None:
        """Decode what is there, as after ``held`` was taken back."""
        while self.rest and not self.held and _STEPS[self._state](self):
            pass

    def switch(self) -> None:
        """HTTP ends after the last message."""
        self._state = _State.SWITCHED

    def gap(self, size: int) -> None:
        """``size`` bytes of the stream are missing here."""
        if self._state in (_State.LENGTH, _State.CHUNK) and not self.rest and size <= self._left:
            self._left -= size
            self._skip(size)
            if not self._left:
                self._body_part_done()
            return
        if self._state is _State.UNTIL_CLOSE:
            self._skip(size)
            return
        if self.messages and not self.messages[-1].complete and self._state is not _State.LOST:
            self._give_up("http.bytes_missing", Ref("RFC 9112", "8"))
        self._discard(len(self.rest))
        self.position += size
        if self._state is not _State.SWITCHED:
            self._state = _State.LOST

    def finish(self) -> None:
        """The stream has ended: a body that lasts until close is complete, anything else unfinished is cut."""
        if self._state is _State.UNTIL_CLOSE:
            self.messages[-1].complete = True
        elif self._state in (_State.LENGTH, _State.CHUNK, _State.CHUNK_SIZE, _State.CHUNK_END, _State.TRAILERS):
            self._give_up("http.message_cut", Ref("RFC 9112", "8"))

    def settle(self) -> None:
        """No more will come: forget the functions that are called."""
        del self._method_of, self._begun, self._ready

    # --- heads -----------------------------------------------------------------------------------------------------

    def _head(self) -> bool:
        if not self._ready():
            self.held = True
            return False
        if self.rest[0] in b"\r\n":
            blank = len(self.rest) - len(self.rest.lstrip(b"\r\n"))
            # "a server … SHOULD ignore at least one empty line (CRLF) received prior to the request-line" (2.2)
            self._take(blank)
            return bool(self.rest)
        line_end = self.rest.find(b"\n")
        pattern = REQUEST_LINE if self._is_client else STATUS_LINE
        if line_end >= 0 and not pattern.fullmatch(self.rest[:line_end].rstrip(b"\r")):
            self._state = _State.LOST
            return True
        end = END_OF_HEAD.search(self.rest)
        if end is None:
            if len(self.rest) > _LONGEST_HEAD:
                self._state = _State.LOST
                self._discard(1)
                return True
            return False
        message = parse_head(bytes(self.rest[: end.end()]), self.position)
        self._take(end.end())
        self.messages.append(message)
        message.framing, self._left = body_framing(message, self._method_of(message))
        self._state = _AFTER_HEAD[message.framing]
        message.complete = message.framing in (Framing.NONE, Framing.SWITCHED)
        self._begun(message)
        return True

    def _not_http(self) -> bool:
        return False

    # --- bodies ----------------------------------------------------------------------------------------------------

    def _length_body(self) -> bool:
        self._body(min(self._left, len(self.rest)))
        if not self._left:
            self._body_part_done()
        return True

    def _until_close(self) -> bool:
        self._left = len(self.rest)
        self._body(self._left)
        return True

    def _chunk_size(self) -> bool:
        line = self._line(_LONGEST_CHUNK_LINE)
        if line is None:
            return False
        match = CHUNK_SIZE.fullmatch(line.rstrip(b"\r\n"))
        # 16 digits are 64 bits; longer ones are compared, not converted.
        digits = match[1].lstrip(b"0") if match else b""
        if not match or len(digits) > 16 or int(digits or b"0", 16) > _LARGEST_CHUNK:
            code = "http.chunk_size_overflow" if match else "http.bad_chunk_size"
            self._give_up(code, Ref("RFC 9112", "7.1"), line[:40].decode("ascii", "backslashreplace"))
            self._state = _State.LOST
            return True
        if not line.endswith(b"\r\n"):
            self._tell("http.bare_lf", Ref("RFC 9112", "2.2"))
        self._left = int(digits or b"0", 16)
        self._take(len(line))
        self._state = _State.CHUNK if self._left else _State.TRAILERS
        return True

    def _chunk(self) -> bool:
        self._body(min(self._left, len(self.rest)))
        if not self._left:
            self._body_part_done()
        return True

    def _chunk_end(self) -> bool:
        if self.rest[:2] == b"\r\n":
            self._take(2)
        elif self.rest[:1] == b"\n":
            self._tell("http.bare_lf", Ref("RFC 9112", "2.2"))
            self._take(1)
        elif self.rest == b"\r":
            return False
        else:
            self._give_up("http.chunk_longer_than_its_size", Ref("RFC 9112", "7.1"))
            self._state = _State.LOST
            return True
        self._state = _State.CHUNK_SIZE
        return True

    def _trailers(self) -> bool:
        message = self.messages[-1]
        line = self._line(_LONGEST_HEAD)
        if line is None:
            return False
        if line.strip(b"\r\n"):
            message.trailers += parse_fields(line, self.position, message.anomalies)
            self._take(len(line))
            return True
        self._take(len(line))
        message.complete = True
        self._state = _State.HEAD
        return True

    def _body_part_done(self) -> None:
        if self._state is _State.CHUNK:
            self._state = _State.CHUNK_END
        else:
            self.messages[-1].complete = True
            self._state = _State.HEAD

    # --- the cursor ------------------------------------------------------------------------------------------------

    def _take(self, size: int) -> None:
        """``size`` bytes belong to the message (or are blank lines before one)."""
        del self.rest[:size]
        self.position += size
        if self.messages and not self.messages[-1].complete:
            self.messages[-1].end = self.position

    def _body(self, size: int) -> None:
        spans = self.messages[-1].body_spans
        if spans and spans[-1][1] == self.position:
            spans[-1] = (spans[-1][0], self.position + size)
        elif len(spans) < _MOST_SPANS:
            spans.append((self.position, self.position + size))
        elif len(spans) == _MOST_SPANS:
            self._tell("http.too_many_chunks", Ref("RFC 9112", "7.1"), once=True)
        self._left -= size
        self._take(size)

    def _skip(self, size: int) -> None:
        message = self.messages[-1]
        message.missing += size
        self.position += size
        message.end = self.position

    def _line(self, longest: int) -> bytes | None:
        """The next line with its end, without taking it; None when it is not all there."""
        end = self.rest.find(b"\n", 0, longest)
        if end >= 0:
            return bytes(self.rest[: end + 1])
        if len(self.rest) >= longest:
            self._give_up("http.line_too_long", Ref("RFC 9112", "7.1.1"))
            self._state = _State.LOST
        return None

    def _lost(self) -> bool:
        """Search for a first line; everything before it belongs to no message."""
        pattern = SYNC_REQUEST if self._is_client else SYNC_RESPONSE
        match = pattern.search(self.rest)
        if match is None:
            # Keep the last line: it may be the beginning of a first line.
            keep = len(self.rest) - (self.rest.rfind(b"\n") + 1)
            self._discard(len(self.rest) - (keep if keep <= _LONGEST_HEAD else 0))
            return False
        self._discard(match.start())
        self._state = _State.HEAD
        return True

    def _discard(self, size: int) -> None:
        if not size:
            return
        if self.unparsed and self.unparsed[-1][1] == self.position:
            self.unparsed[-1] = (self.unparsed[-1][0], self.position + size)
        else:
            self.unparsed.append((self.position, self.position + size))
        del self.rest[:size]
        self.position += size

    # --- anomalies -------------------------------------------------------------------------------------------------

    def _tell(self, code: str, ref: Ref, detail: str = "", once: bool = False) -> None:
        message = self.messages[-1]
        if not once or all(item.code != code for item in message.anomalies):
            message.anomalies.append(Anomaly(code, self.position, self.position + len(self.rest[:80]), ref, detail))

    def _give_up(self, code: str, ref: Ref, detail: str = "") -> None:
        """The last message ends here, unfinished."""
        self._tell(code, ref, detail)
        self.messages[-1].end = self.position


_AFTER_HEAD = {
    Framing.NONE: _State.HEAD,
    Framing.LENGTH: _State.LENGTH,
    Framing.CHUNKED: _State.CHUNK_SIZE,
    Framing.CLOSE: _State.UNTIL_CLOSE,
    Framing.SWITCHED: _State.SWITCHED,
}

_STEPS: dict[_State, Callable[[Http1Decoder], bool]] = {
    _State.HEAD: Http1Decoder._head,
    _State.LENGTH: Http1Decoder._length_body,
    _State.CHUNK_SIZE: Http1Decoder._chunk_size,
    _State.CHUNK: Http1Decoder._chunk,
    _State.CHUNK_END: Http1Decoder._chunk_end,
    _State.TRAILERS: Http1Decoder._trailers,
    _State.UNTIL_CLOSE: Http1Decoder._until_close,
    _State.LOST: Http1Decoder._lost,
    _State.SWITCHED: Http1Decoder._not_http,
}
