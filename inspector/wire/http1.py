"""HTTP/1.x messages out of one direction's bytes (RFC 9112)."""

from __future__ import annotations

import re

from inspector.model.anomaly import Anomaly
from inspector.model.http import HttpMessage
from inspector.refs import Ref

__all__ = ["Http1Decoder"]

_LONGEST_HEAD = 1 << 18
"""Bytes of a head before it is given up: four times what servers accept (64 KiB is the usual most)."""

_REQUEST_LINE = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+ \S+ HTTP/1\.[01]")
"""method SP request-target SP HTTP-version (RFC 9112 section 3)."""
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] [0-9]{3}(?: .*)?")
"""HTTP-version SP status-code SP [reason-phrase] (RFC 9112 section 4); the last SP is often left out."""


class Http1Decoder:
    """Reads messages from one direction.

    Feed it bytes in any portions; take messages from ``messages`` (the last one may still be growing). After a switch
    of protocols set ``stopped``; what follows is left in ``rest``.

    Args:
        is_client: The bytes come from the client, so they are requests.
    """

    def __init__(self, is_client: bool) -> None:
        self.messages: list[HttpMessage] = []
        self.rest = b""
        self.position = 0
        self.stopped = False
        self._is_client = is_client
        self._body_left: int | None = 0
        self._reading_body = False

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the stream."""
        self.rest += data
        while self.rest and not self.stopped and (self._read_body() if self._reading_body else self._read_head()):
            pass

    def _read_head(self) -> bool:
        end = self.rest.find(b"\r\n\r\n")
        if end < 0:
            self.stopped = len(self.rest) > _LONGEST_HEAD
            return False
        first_line, *lines = self.rest[:end].split(b"\r\n")
        pattern = _REQUEST_LINE if self._is_client else _STATUS_LINE
        if not pattern.fullmatch(first_line):
            self.stopped = True
            return False
        headers = [
            (name, value.strip(b" \t")) for name, colon, value in (line.partition(b":") for line in lines) if colon
        ]
        size = end + 4
        message = HttpMessage(first_line, headers, self.position, self.position + size, self.position + size)
        self.messages.append(message)
        self.rest = self.rest[size:]
        self.position += size
        self._begin_body(message)
        return True

    def _begin_body(self, message: HttpMessage) -> None:
        """Choose how the body's length is told (RFC 9112 section 6.3)."""
        length = message.header("content-length")
        status = message.status
        if status is not None and (status < 200 or status in (204, 304)):
            self._body_left = 0
            self.stopped = status == 101
        elif length is not None and length.isdigit():
            self._body_left = int(length)
        else:
            self._body_left = 0 if self._is_client else None
        self._reading_body = self._body_left != 0
        message.complete = not self._reading_body

    def _read_body(self) -> bool:
        message = self.messages[-1]
        take = len(self.rest) if self._body_left is None else min(self._body_left, len(self.rest))
        message.body += self.rest[:take]
        message.end += take
        self.rest = self.rest[take:]
        self.position += take
        if self._body_left is not None:
            self._body_left -= take
            if not self._body_left:
                message.complete = True
                self._reading_body = False
        return bool(take)

    def finish(self) -> None:
        """The stream has ended: a message that lasts until close is complete, any other is cut."""
        if not self.messages or self.messages[-1].complete:
            return
        message = self.messages[-1]
        if self._body_left is None:
            message.complete = True
        else:
            message.anomalies.append(Anomaly("http.body_cut", message.start, message.end, Ref("RFC 9112", "8")))
