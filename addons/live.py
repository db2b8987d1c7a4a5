"""The live view: one line for each exchange and WebSocket frame while the proxy runs, without slowing the traffic.

What happens is put into a queue of bounded size; a thread of its own makes lines of it. When that cannot follow, or the
terminal does not take more, events are skipped and counted.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from addons.live_frames import FrameWatcher
from addons.live_lines import Line, ended_line, exchange_line, frame_line, note_line, skipped_line
from addons.session_file import CLIENT_LEG
from addons.wire_packets import Address
from inspector.model.http import HttpMessage
from inspector.model.proxy_note import NoteKind
from inspector.model.websocket import CLOSE, PING, PONG
from inspector.wire.websocket.handshake import check_handshake

__all__ = ["Counters", "LiveView"]

_logger = logging.getLogger(__name__)

_TICK_S = 0.1
_MOST_EVENTS = 20_000
"""Events that wait to be shown: ten seconds of a proxy at its limit."""
_MOST_BYTES = 32 << 20
"""Bytes of WebSockets that wait with them."""
_MOST_LINES = 2000
"""In a tick: four times what a proxy can pass."""
_END_S = 2.0
"""How long the end waits for what is still to be shown."""
_MOST_PINGS = 100
"""Pings without an answer that are remembered."""

Ends = tuple[Address, Address]
Headers = list[tuple[bytes, bytes]]


class Counters:
    """What has passed since the start.

    Attributes:
        exchanges, failed: HTTP exchanges, and those without an answer.
        sockets, open_sockets: WebSockets.
        messages, frames: On the client leg.
        findings: Lines that say that something is wrong.
        skipped: Events that were not shown.
    """

    def __init__(self) -> None:
        self.exchanges = self.failed = self.sockets = self.open_sockets = 0
        self.messages = self.frames = self.findings = self.skipped = 0

    def as_dict(self) -> dict[str, int]:
        """By name."""
        return dict(vars(self))


class _Socket:
    """A WebSocket of the client leg."""

    def __init__(self, request: HttpMessage, response: HttpMessage) -> None:
        shake = check_handshake(request, response)
        self.sides = {True: FrameWatcher(True, shake.client_deflate), False: FrameWatcher(False, shake.server_deflate)}
        self.pings: deque[tuple[bool, bytes, int]] = deque(maxlen=_MOST_PINGS)
        self.is_open = True


class LiveView:
    """Follows a session (``addons.observers.SessionObserver``).

    Args:
        show: Told the lines of each tick, and the counters; runs in the view's own thread, and may raise OSError when
            nobody reads any more.
        most_lines: Lines for frames in a tick of 0.1 s; others, and what is wrong, are always shown.
    """

    def __init__(self, show: Callable[[list[Line], Counters], None], most_lines: int = _MOST_LINES) -> None:
        self.counters = Counters()
        self._show: Callable[[list[Line], Counters], None] | None = show
        self._queue: deque[tuple[Any, ...]] = deque()
        # Each is counted in one thread only: bytes put in and skipped in the proxy's, the others in the view's own.
        self._bytes_in = self._bytes_out = 0
        self._not_taken = self._not_shown = 0
        self._most_lines = self._room = most_lines
        self._lost: dict[tuple[str, bool], int] = {}
        self._connections: dict[str, tuple[int, Ends]] = {}
        self._by_ends: dict[Ends, int] = {}
        self._opened = 0
        self._sockets: dict[str, _Socket] = {}
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="live view", daemon=True)

    def start(self) -> None:
        """Begin to show."""
        self._thread.start()

    def stop(self) -> None:
        """Show what is left, as far as that takes no longer than two seconds."""
        self._ending.set()
        self._thread.join(_END_S)

    # --- in the proxy's loop --------------------------------------------------------------------------------------

    def opened(self, leg: int, key: str, client: Address, server: Address, time_ns: int) -> None:
        """A connection begins: it is numbered as in a recording without a filter."""
        self._by_ends[client, server] = self._opened
        self._connections[key] = self._opened, (client, server)
        self._opened += 1

    def closed(self, leg: int, key: str, time_ns: int) -> None:
        """A connection has ended."""
        self._queue.append(("closed", key))

    def websocket(self, leg: int, key: str, from_client: bool, time_ns: int, data: bytes) -> None:
        """Bytes of a WebSocket pass."""
        if leg != CLIENT_LEG or self._show is None:
            return
        lost = self._lost.pop((key, from_client), 0) if self._lost else 0
        if len(self._queue) >= _MOST_EVENTS or self._bytes_in - self._bytes_out + len(data) > _MOST_BYTES:
            self._not_taken += 1
            self._lost[key, from_client] = lost + len(data)
            return
        self._bytes_in += len(data)
        self._queue.append(("websocket", key, from_client, time_ns, data, lost))

    def flow(self, event: str, flow: Any, time_ns: int) -> None:
        """An exchange is complete, or has failed, or a WebSocket has ended."""
        if event == "websocket_end" and flow.websocket is not None:
            end = flow.websocket
            key, reason = flow.client_conn.id, end.close_reason or ""
            self._queue.append(("ended", key, time_ns, bool(end.closed_by_client), end.close_code, reason))
        if event not in ("response", "error") or self._show is None or not hasattr(flow, "request"):
            return
        if len(self._queue) >= _MOST_EVENTS and not _switches(flow):
            self._not_taken += 1
            return
        request, response = flow.request, flow.response
        facts = {
            "method": request.method,
            "url": f"{request.scheme}://{request.host_header or request.host}{request.path}",
            "status": response.status_code if response is not None else None,
            "reason": response.reason if response is not None else "",
            "type": response.headers.get("content-type", "").partition(";")[0] if response is not None else "",
            "request_bytes": _size(request),
            "response_bytes": _size(response) if response is not None else None,
            "duration_ns": time_ns - int(request.timestamp_start * 1e9),
            "error": flow.error.msg if event == "error" and flow.error is not None else None,
        }
        heads = None
        if _switches(flow):
            heads = list(request.headers.fields), list(response.headers.fields)
        self._queue.append(("exchange", flow.client_conn.id, time_ns, facts, heads))

    def note(self, note: Any) -> None:
        """The proxy or a rule did something."""
        told = note.kind not in (NoteKind.OPENED, NoteKind.ENDED)  # of these tell other events
        if told and self._show is not None and len(self._queue) < _MOST_EVENTS:
            self._queue.append(("note", note.time_ns, (note.client, note.server), note.kind.value, note.text))

    # --- in the view's thread -------------------------------------------------------------------------------------

    def _run(self) -> None:
        ending = False
        while not ending or self._queue:
            ending = self._ending.wait(_TICK_S)
            lines = self._lines()
            skipped = self._not_taken + self._not_shown
            if skipped > self.counters.skipped:
                lines.append(skipped_line(time.time_ns(), skipped - self.counters.skipped))
                self.counters.skipped = skipped
            try:
                if self._show is not None:
                    self._show(lines, self.counters)
            except OSError:
                self._show = None  # nobody reads any more; the recording goes on

    def _lines(self) -> list[Line]:
        """What to show of all that waits."""
        self._room = self._most_lines
        lines: list[Line] = []
        for _event in range(len(self._queue)):
            kind, *values = self._queue.popleft()
            found = self._of(kind, values)
            self.counters.findings += sum(line.finding for line in found)
            self._room -= len(found)
            lines += found
        return lines

    def _of(self, kind: str, values: list[Any]) -> list[Line]:
        try:
            lines: list[Line] = getattr(self, f"_on_{kind}")(*values)
        except Exception:
            # One strange event must not end the view.
            _logger.exception("the live view failed")
            return []
        return lines

    def _on_exchange(
        self, key: str, time_ns: int, facts: dict[str, Any], heads: tuple[Headers, Headers] | None
    ) -> list[Line]:
        self.counters.exchanges += 1
        self.counters.failed += facts["status"] is None
        if heads is not None:
            target = facts["url"].encode("utf-8", "replace").replace(b" ", b"%20")
            request = HttpMessage(b"GET " + target + b" HTTP/1.1", heads[0], 0, 0, 0)
            self._sockets[key] = _Socket(request, HttpMessage(b"HTTP/1.1 101", heads[1], 0, 0, 0))
            self.counters.sockets += 1
            self.counters.open_sockets += 1
        return [exchange_line(time_ns, self._number(key), facts)]

    def _on_websocket(self, key: str, from_client: bool, time_ns: int, data: bytes, lost: int) -> list[Line]:
        self._bytes_out += len(data)
        socket = self._sockets.get(key)
        if socket is None:
            return []
        watcher = socket.sides[from_client]
        if lost:
            watcher.skip(lost)
        lines: list[Line] = []
        for frame in watcher.feed(data):
            self.counters.frames += 1
            self.counters.messages += frame.message is not None and frame.fin
            rtt_ns = None
            if frame.opcode == PING:
                socket.pings.append((from_client, frame.payload, time_ns))
            elif frame.opcode == PONG:
                rtt_ns = _round_trip(socket, from_client, frame.payload, time_ns)
            # Making a line takes ten times as long as looking at the frame.
            if len(lines) < self._room or frame.faults or frame.opcode == CLOSE:
                lines.append(frame_line(time_ns, self._number(key), from_client, frame, rtt_ns))
            else:
                self._not_shown += 1
            if frame.opcode == CLOSE:
                self._end(socket)
        return lines

    def _end(self, socket: _Socket) -> None:
        self.counters.open_sockets -= socket.is_open
        socket.is_open = False

    def _on_note(self, time_ns: int, ends: Ends, kind: str, text: str) -> list[Line]:
        return [note_line(time_ns, self._by_ends.get(ends), kind, text)]

    def _on_ended(self, key: str, time_ns: int, by_client: bool, code: int | None, reason: str) -> list[Line]:
        socket = self._sockets.get(key)
        if socket is not None:
            self._end(socket)
        return [ended_line(time_ns, self._number(key), by_client, code, reason)]

    def _on_closed(self, key: str) -> list[Line]:
        socket = self._sockets.pop(key, None)
        if socket is not None:
            self._end(socket)
        known = self._connections.pop(key, None)
        if known is not None and self._by_ends.get(known[1]) == known[0]:
            del self._by_ends[known[1]]
        return []

    def _number(self, key: str) -> int | None:
        known = self._connections.get(key)
        return known[0] if known is not None else None


def _round_trip(socket: _Socket, from_client: bool, payload: bytes, time_ns: int) -> int | None:
    """Since the ping of the other side that a pong answers; older ones will not be answered any more."""
    for index, (asked_by_client, asked, asked_ns) in enumerate(socket.pings):
        if asked_by_client != from_client and asked == payload:
            del socket.pings[index]
            return time_ns - asked_ns
    return None


def _switches(flow: Any) -> bool:
    return flow.response is not None and flow.response.status_code == 101


def _size(message: Any) -> int | None:
    return len(message.raw_content) if message.raw_content is not None else None
