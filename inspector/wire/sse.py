"""Server-sent events out of a text/event-stream body (WHATWG HTML section 9.2)."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ServerSentEvent", "SseDecoder"]

_LONGEST_EVENT = 1 << 22
"""Bytes of one event's data that are kept; an endless event is told by ``cut``."""


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event, as a browser would dispatch it.

    Args:
        type: The event's name, ``"message"`` by default.
        data: Its data lines joined by line feeds.
        last_event_id: What the browser would send back on reconnection.
        retry_ms: Reconnection time set by this block, or None.
        start, end: Byte range in the body, its empty line included.
        cut: Its data was longer than is kept.
    """

    type: str
    data: str
    last_event_id: str
    retry_ms: int | None
    start: int
    end: int
    cut: bool = False


class SseDecoder:
    """Reads events; feed the body in any portions.

    Attributes:
        comments: Lines beginning with a colon (servers send them to keep the connection open).
    """

    def __init__(self) -> None:
        self.comments = 0
        self._rest = b""
        self._position = 0
        self._after_cr = False
        self._last_event_id = ""
        self._retry_ms: int | None = None
        self._size = 0
        self._begin_event(0)

    def feed(self, data: bytes) -> list[ServerSentEvent]:
        """Take the next bytes of the body; the events that they complete."""
        events: list[ServerSentEvent] = []
        if self._after_cr and data:
            # A line may end in CR, LF or CRLF; after a CR at the end of a portion the LF is still to come.
            self._after_cr = False
            if data[:1] == b"\n":
                data = data[1:]
                self._position += 1
        self._rest += data
        while (line := self._line()) is not None:
            if event := self._take(line):
                events.append(event)
        return events

    def _line(self) -> bytes | None:
        ends = [at for at in (self._rest.find(b"\r"), self._rest.find(b"\n")) if at >= 0]
        if not ends:
            if len(self._rest) > _LONGEST_EVENT:
                self._cut = True
                self._position += len(self._rest) - 16
                self._rest = self._rest[:16]
            return None
        end = min(ends)
        line, size = self._rest[:end], end + 1
        if self._rest[end : end + 2] == b"\r\n":
            size += 1
        elif self._rest[end : end + 1] == b"\r" and size == len(self._rest):
            self._after_cr = True
        self._rest = self._rest[size:]
        self._position += size
        return line

    def _take(self, line: bytes) -> ServerSentEvent | None:
        if not line:
            return self._dispatch()
        if self._position - len(line) <= 2 and line.startswith(b"\xef\xbb\xbf"):
            line = line[3:]
        if line.startswith(b":"):
            self.comments += 1
            return None
        name, _, value = line.partition(b":")
        text = value.removeprefix(b" ").decode("utf-8", "replace")
        if name == b"data":
            self._size += len(value)
            if self._size <= _LONGEST_EVENT:
                self._data.append(text)
            else:
                self._cut = True
        elif name == b"event":
            self._type = text
        elif name == b"id" and b"\0" not in value:
            self._last_event_id = text
        elif name == b"retry" and value.removeprefix(b" ").isdigit() and len(value) < 16:
            self._retry_ms = int(value)
        return None

    def _dispatch(self) -> ServerSentEvent | None:
        event = None
        if self._data or self._retry_ms is not None:
            event = ServerSentEvent(
                self._type or "message", "\n".join(self._data), self._last_event_id, self._retry_ms,
                self._start, self._position, self._cut,
            )  # fmt: skip
        self._begin_event(self._position)
        return event if event is None or event.data or event.retry_ms is not None else None

    def _begin_event(self, start: int) -> None:
        self._start = start
        self._type = ""
        self._data: list[str] = []
        self._size = 0
        self._retry_ms = None
        self._cut = False
