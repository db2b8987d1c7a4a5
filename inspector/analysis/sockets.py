"""Each WebSocket as rules look at it: its address, its server, its frames by time, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray

from inspector.model.websocket import CLOSE, FAULTS, PING, PONG, Close, Fault
from inspector.recording.websocket_control import Ping, pings
from inspector.recording.websockets import Direction, WebSocket, WebSockets

if TYPE_CHECKING:
    from inspector.analysis.facts import Facts

__all__ = ["Closed", "End", "Socket", "path_of", "sockets_of"]


_LAST_FRAMES = 4096
"""Frames before an end among which the one that led to it is looked for; it follows at once."""


@dataclass(frozen=True, slots=True)
class Closed:
    """A Close frame with its place.

    Args:
        close: Code and reason.
        time_ns, packet: Of its first byte; packet 0 where that was not captured.
    """

    close: Close
    time_ns: int
    packet: int

    @property
    def code(self) -> int | None:
        """Its status code."""
        return self.close.code


@dataclass(frozen=True, slots=True)
class End:
    """How TCP ended below a WebSocket.

    Args:
        kind: ``"fin"`` or ``"rst"``: what the side that ended it first sent.
        by_server: Who that was.
        time_ns, packet: Of that packet.
    """

    kind: str
    by_server: bool
    time_ns: int
    packet: int


class Socket:
    """One WebSocket.

    Args:
        facts: The capture's facts.
        websocket: Which.
    """

    def __init__(self, facts: Facts, websocket: WebSocket) -> None:
        self._facts = facts
        self._websockets: WebSockets = facts.websockets
        self.websocket = websocket
        self.connection = websocket.connection
        row = facts.table[websocket.connection]
        self.client, self.server = row.client, row.server
        if websocket.client_side != row.client_side:
            self.client, self.server = row.server, row.client
        self.server_name = str(self.server)
        self.start_ns = row.start_ns
        self.target = websocket.handshake.request.target_text if websocket.handshake else ""
        self.path = path_of(self.target)

    # --- frames ----------------------------------------------------------------------------------------------------

    def _direction(self, from_server: bool) -> Direction:
        return self.websocket.server if from_server else self.websocket.client

    def frame_rows(self, from_server: bool, opcode: int) -> NDArray[np.int64]:
        """Rows of frames of one side with this opcode."""
        frames = self._direction(from_server).frames
        mask = self._websockets.frames.opcode[frames.start : frames.stop] == opcode
        return np.flatnonzero(mask) + frames.start

    @cached_property
    def _data(self) -> tuple[tuple[NDArray[np.int64], NDArray[np.int64]], tuple[NDArray[np.int64], NDArray[np.int64]]]:
        found = []
        for direction in (self.websocket.client, self.websocket.server):
            rows = np.arange(direction.messages.start, direction.messages.stop, dtype=np.int64)
            first, last = (times[self._websockets.messages.last_frame[rows]] for times in self._websockets.frame_times)
            found.append((rows, np.where(last >= 0, last, first)))
        return found[0], found[1]

    def messages(self, from_server: bool) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Rows of the data messages that one side sent, and when each was complete.

        Where the last byte was not captured, it is the time at which the last frame began.
        """
        return self._data[from_server]

    def last_message(self, from_server: bool, before_ns: int) -> tuple[int, int] | None:
        """Row and time of the last data message of a side that was complete at a time; None when there is none."""
        rows, times = self.messages(from_server)
        index = np.flatnonzero(times <= before_ns)
        return (int(rows[index[-1]]), int(times[index[-1]])) if len(index) else None

    def packet_of(self, message: int) -> int:
        """Number of the packet that completed a message (0: not captured)."""
        return self._last_seen(int(self._websockets.messages.last_frame[message]))[1]

    def _last_seen(self, frame: int) -> tuple[int, int]:
        """Time and packet of a frame's last byte; of its first where the last was not captured."""
        first, last = (times[frame] for times in self._websockets.frame_times)
        if last < 0:
            return int(first), self.frame_packet(frame)
        return int(last), int(self._websockets.frames.last_packet[frame])

    def content(self, message: int) -> bytes:
        """Content of a message; empty where it cannot be known."""
        return self._websockets.content(message) or b""

    def size_of(self, message: int) -> int:
        """Bytes of a message on the wire."""
        return int(self._websockets.messages.wire_length[message])

    def opcode(self, message: int) -> int:
        """Opcode of a message."""
        return int(self._websockets.messages.opcode[message])

    @cached_property
    def _heard(self) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
        """Times and packets of the frames of both sides (first byte), ascending; Close frames left out."""
        sides = (self.websocket.client.frames, self.websocket.server.frames)
        rows = np.concatenate([np.arange(side.start, side.stop) for side in sides])
        rows = rows[self._websockets.frames.opcode[rows] != CLOSE]
        times, packets = self._websockets.frame_times[0][rows], self._websockets.frames.first_packet[rows]
        order = np.lexsort((packets, times))
        return times[order], packets[order]

    @property
    def activity(self) -> NDArray[np.int64]:
        """Times of the frames of both sides (first byte), ascending; Close frames left out."""
        return self._heard[0]

    def quiet_since(self, time_ns: int) -> int:
        """When the last frame before a time was seen; the opening when there was none."""
        index = int(np.searchsorted(self.activity, time_ns, "left"))
        return int(self.activity[index - 1]) if index else self.opened_ns

    def last_packet_before(self, time_ns: int) -> int:
        """Number of the packet with the last frame (not a Close) before a time; the server's consent when there was none."""
        index = int(np.searchsorted(self.activity, time_ns, "left"))
        return int(self._heard[1][index - 1]) if index else self.opened_packet

    def faults(self, frame: int) -> int:
        """Fault bits of a frame and of its message."""
        message = int(self._websockets.frames.message[frame])
        found = int(self._websockets.frames.faults[frame])
        return found | (int(self._websockets.messages.faults[message]) if message >= 0 else 0)

    def offence(self, faults: int, limit: int, before_ns: int) -> tuple[int, int, str, int] | None:
        """The client's last frame before a time that has one of these faults or makes a message larger than a limit.

        Returns:
            Time and packet of the frame's last captured byte, ``"too_big"`` or the code of the fault, declared bytes.
        """
        found = None
        size = 0
        frames, direction = self._websockets.frames, self.websocket.client
        for row in range(max(direction.frames.start, direction.frames.stop - _LAST_FRAMES), direction.frames.stop):
            time_ns, packet = self._last_seen(row)
            if time_ns > before_ns:
                break
            is_data = frames.opcode[row] < CLOSE
            if is_data:
                size = int(frames.length[row]) + (size if frames.opcode[row] == 0 else 0)
            wrong = self.faults(row) & faults
            if is_data and size > limit:
                found = (time_ns, packet, "too_big", size)
            elif wrong:
                lowest = Fault(wrong & -wrong)
                found = (time_ns, packet, FAULTS[lowest][0].removeprefix("ws."), int(frames.length[row]))
        return found

    def said_until(self, time_ns: int) -> int:
        """When the last data message before a time was seen; the opening when there was none."""
        times = [last[1] for side in (False, True) if (last := self.last_message(side, time_ns)) is not None]
        return max(times, default=self.opened_ns)

    @cached_property
    def pings(self) -> list[Ping]:
        """Pings of both sides with their pongs."""
        return pings(self._websockets, self.websocket)

    def time_of(self, frame: int) -> int:
        """Time of a frame's first byte."""
        return int(self._websockets.frame_times[0][frame])

    def frame_packet(self, frame: int) -> int:
        """Number of the packet with a frame's first byte (0: not captured)."""
        return int(self._websockets.frames.first_packet[frame])

    @cached_property
    def server_pings(self) -> list[tuple[int, int, bytes]]:
        """(row, time, payload) of each ping of the server."""
        rows = self.frame_rows(True, PING).tolist()
        return [(row, self.time_of(row), self._websockets.control_payload(row)) for row in rows]

    @cached_property
    def client_pongs(self) -> list[tuple[int, int, bytes]]:
        """(row, time, payload) of each pong of the client."""
        rows = self.frame_rows(False, PONG).tolist()
        return [(row, self.time_of(row), self._websockets.control_payload(row)) for row in rows]

    # --- beginning and end -----------------------------------------------------------------------------------------

    @cached_property
    def opened_packet(self) -> int:
        """Number of the packet that completed the server's consent (0: not captured)."""
        shake = self.websocket.handshake
        if shake is None:
            return 0
        assert shake.response is not None  # else it were no WebSocket
        # Over HTTP/2 the frames are a stream of their own, inside of the one with the headers.
        over_http2 = self.websocket.stream is not None
        stream = self._facts.application(self.connection).server if over_http2 else self.websocket.server.stream
        return stream.packet_at(shake.response.head_end - 1) or 0

    @property
    def opened_ns(self) -> int:
        """When the server's consent was complete; the first packet where the handshake was not seen."""
        return int(self._facts.time_ns[self.opened_packet - 1]) if self.opened_packet else self.start_ns

    @cached_property
    def _closes(self) -> tuple[Closed | None, Closed | None]:
        found = []
        for direction in (self.websocket.client, self.websocket.server):
            close = next(iter(self._websockets.closes(direction)), None)
            found.append(
                Closed(close, self.time_of(close.frame), self.frame_packet(close.frame)) if close is not None else None
            )
        return found[0], found[1]

    def close(self, from_server: bool) -> Closed | None:
        """The first Close frame of a side."""
        return self._closes[from_server]

    @cached_property
    def end(self) -> End | None:
        """How TCP ended, None while it is open."""
        table = self._facts.table
        number = self.connection
        packet, by = int(table.end_packet[number]), int(table.ended_by[number])
        if packet < 0:
            return None
        kind = "rst" if packet == int(table.rst_packet[number]) else "fin"
        return End(kind, by != self.websocket.client_side, int(self._facts.time_ns[packet]), packet + 1)

    def open_at(self, time_ns: int) -> bool:
        """Whether messages could pass at a time."""
        over = min((c.time_ns for c in self._closes if c is not None), default=None)
        if self.end is not None:
            over = min(over, self.end.time_ns) if over is not None else self.end.time_ns
        return self.opened_ns <= time_ns and (over is None or time_ns < over)


def path_of(target: str) -> str:
    """The path of a request target, without its query, percent-decoded."""
    return unquote(target.partition("?")[0], errors="backslashreplace")


def sockets_of(facts: Facts) -> list[Socket]:
    """All WebSockets, by connection number."""
    return [Socket(facts, websocket) for websocket in facts.websockets.connections]
