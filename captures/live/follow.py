"""What happens while a capture runs: connections opening and ending, WebSocket messages, as lines."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from inspector.errors import CaptureError
from inspector.i18n import _
from inspector.recording.capture import Capture, open_capture
from inspector.recording.websocket_selection import Selection, select_messages
from inspector.report.connections import list_connections
from inspector.report.websocket_text import message_texts

__all__ = ["Follower"]

_LEAST_PAUSE_S = 1.0
_SHARE = 0.2
"""Of the time that reading may take; a larger file is looked at less often, so that capturing is not disturbed."""


class Follower:
    """Reads a growing capture again and again, and tells what is new in it.

    Reading from the beginning is what makes the lines the same as those of a finished file; at millions of packets a
    second it is affordable until the file is large, and then happens less often.

    Args:
        path: The file being written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._endings: list[str] = []
        self._told: Counter[tuple[int, bool]] = Counter()
        self._next = 0.0

    def due(self) -> bool:
        """Whether it is time to look again."""
        return time.monotonic() >= self._next

    def lines(self) -> Iterator[str]:
        """What is new since the last call."""
        start = time.monotonic()
        try:
            capture = open_capture(self._path)
        except CaptureError:
            self._next = start + _LEAST_PAUSE_S  # not even a header yet
            return
        yield from self._connections(capture)
        yield from self._messages(capture)
        end = time.monotonic()
        self._next = end + max(_LEAST_PAUSE_S, (end - start) / _SHARE)

    def _connections(self, capture: Capture) -> Iterator[str]:
        open_yet = _("still open")
        columns = list_connections(capture).texts
        for row, (client, server, ending) in enumerate(
            zip(columns["client"], columns["server"], columns["ending"], strict=True)
        ):
            names = {"number": row, "client": client, "server": server, "ending": ending}
            if row == len(self._endings):
                yield _("#{number} {client} > {server}  begins").format(**names)
                self._endings.append(open_yet)
            if ending != self._endings[row] and ending != open_yet:
                yield _("#{number} {client} > {server}  {ending}").format(**names)
            self._endings[row] = ending

    def _messages(self, capture: Capture) -> Iterator[str]:
        websockets = capture.websockets
        rows = select_messages(websockets, Selection())
        rows = rows[websockets.messages.complete[rows].astype(bool)]
        seen: Counter[tuple[int, bool]] = Counter()
        fresh = []
        for row in rows.tolist():
            direction = websockets.directions[int(websockets.messages.direction[row])]
            key = (direction.connection, direction.is_client)
            seen[key] += 1
            fresh.append(seen[key] > self._told[key])
        self._told = seen
        # A connection's title stands before its first message of each call; it was told when it began.
        yield from (line for line in message_texts(websockets, rows[np.array(fresh, bool)]) if not line.startswith("#"))
