"""Sockets that the server let go of unasked, each with the client's message that may have been too much for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from inspector.analysis.servers import Program
from inspector.model.websocket import Fault

if TYPE_CHECKING:
    from inspector.analysis.facts import Facts
    from inspector.analysis.sockets import End, Socket

__all__ = [
    "AT_ONCE_NS",
    "INTERNAL_ERROR",
    "PROTOCOL_CODES",
    "SAME_TICK_NS",
    "Gone",
    "Trigger",
    "gone_sockets",
    "latest_message",
    "program_of",
    "reap_ns",
]

_REAP_NS = 1_050_000_000
"""From the fatal frame to Daphne's Close: it reaps once a second (0.03 to 1.005 s measured)."""
SAME_TICK_NS = 60_000_000
"""All victims of one tick are closed within this (3 sockets within 1 ms measured; a loaded machine needs longer)."""
AT_ONCE_NS = 100_000_000
"""What happens because of a frame and not by a timer follows it within this."""
INTERNAL_ERROR = 1011
PROTOCOL_CODES = (1002, 1003, 1007, 1009, 1010)
_UNASKED = (INTERNAL_ERROR, 1012, *PROTOCOL_CODES)
"""Codes that a server sends of itself; all others are the application's own."""


@dataclass(frozen=True, slots=True)
class Trigger:
    """A message of a client: its row, and when it was complete."""

    socket: Socket
    row: int
    time_ns: int

    @property
    def packet(self) -> int:
        """Number of the packet that completed it."""
        return self.socket.packet_of(self.row)

    @property
    def content(self) -> bytes:
        """What it says."""
        return self.socket.content(self.row)


@dataclass(frozen=True, slots=True)
class Gone:
    """A socket that the server let go of unasked.

    Args:
        socket: Which.
        time_ns: When.
        code: Of the server's Close; None where it sent none.
        mark: Number of the packet that shows it, and which kind it is: ``close`` or ``end``.
        crash: It is the mark of an exception: Close 1011, or uvicorn's end without a Close right after a message.
        told: The Close gives a reason: the application chose to end it, no exception did.
        trigger: The message that may have been too much.
    """

    socket: Socket
    time_ns: int
    code: int | None
    mark: tuple[int, str]
    crash: bool
    trigger: Trigger | None
    told: bool = False


def program_of(facts: Facts, number: int) -> Program:
    """What serves a socket, told by the proxy's own connection to it where the front shows a proxy only."""
    known = (facts.server(leg).program for leg in facts.with_upstream(number))
    return next((program for program in known if program is not Program.UNKNOWN), Program.UNKNOWN)


def gone_sockets(facts: Facts) -> list[Gone]:
    """The clients' sockets that their servers let go of unasked, by time."""
    found = [item for socket in facts.front_sockets if (item := _gone(facts, socket)) is not None]
    return sorted(found, key=lambda item: item.time_ns)


def _gone(facts: Facts, socket: Socket) -> Gone | None:
    close, asked = socket.close(True), socket.close(False)
    if close is None:
        end = _cut(socket)
        if end is None:
            return None
        trigger = _trigger(socket, end.time_ns, AT_ONCE_NS)
        crash = (
            trigger is not None and end.kind == "fin" and facts.server(socket.connection).program is not Program.DAPHNE
        )
        return Gone(socket, end.time_ns, None, (end.packet, "end"), crash, trigger)
    answers = asked is not None and asked.time_ns <= close.time_ns and close.code not in PROTOCOL_CODES
    if answers or close.code not in _UNASKED:
        return None
    told = bool(close.close.reason)
    within_ns = AT_ONCE_NS if told else reap_ns(facts, socket, close.time_ns)
    return Gone(
        socket, close.time_ns, close.code, (close.packet, "close"), close.code == INTERNAL_ERROR,
        _trigger(socket, close.time_ns, within_ns), told,
    )  # fmt: skip


def _cut(socket: Socket) -> End | None:
    """How the server ended TCP where no Close of it was seen; None where the client ended it, or had asked for it."""
    end, asked = socket.end, socket.close(False)
    if end is None or not end.by_server:
        return None
    # An illegal Close is not answered: the server cuts the connection.
    if asked is not None and not socket.faults(asked.close.frame) & Fault.CLOSE_CODE_ILLEGAL:
        return None
    return end


def reap_ns(facts: Facts, socket: Socket, gone_ns: int) -> int:
    """How long before its end the fatal frame of a socket may have come: the tick waits while its server stands still."""
    stood = [
        stall.end_ns - stall.start_ns
        for stall in facts.stalls
        if stall.server == socket.server_name and stall.start_ns <= gone_ns <= stall.end_ns + _REAP_NS
    ]
    return _REAP_NS + max(stood, default=0)


def _trigger(socket: Socket, gone_ns: int, within_ns: int) -> Trigger | None:
    """The message after which the server said nothing more: the first unanswered one of those that came in time."""
    rows, times = socket.messages(False)
    answered = socket.last_message(True, gone_ns)
    after = answered[1] if answered is not None else 0
    recent = [
        Trigger(socket, row, time_ns)
        for row, time_ns in zip(rows.tolist(), times.tolist(), strict=True)
        if gone_ns - within_ns <= time_ns <= gone_ns
    ]
    unanswered = [item for item in recent if item.time_ns > after]
    return next(iter(unanswered or recent[-1:]), None)


def latest_message(socket: Socket, before_ns: int, within_ns: int) -> Trigger | None:
    """The client's last message before a time, if it is not older than so much."""
    last = socket.last_message(False, before_ns)
    return Trigger(socket, *last) if last is not None and before_ns - last[1] <= within_ns else None
