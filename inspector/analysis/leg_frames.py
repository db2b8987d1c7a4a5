"""WebSocket messages and control frames of a proxied session on both legs, beside each other."""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from inspector.model.ending import Ending
from inspector.model.websocket import FAULTS, Close, Fault
from inspector.recording.websocket_control import Closing, closing
from inspector.recording.websockets import Direction, WebSocket, WebSockets

__all__ = ["CloseStory", "LedgerRow", "Shape", "close_story", "ledger"]

_MOST_COMPARED = 2000
"""Messages between the parts that agree which are aligned with each other; beyond they are paired in order. The time
grows with the square: some seconds at this size."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A message or control frame as it is on one leg.

    Args:
        row: In ``Messages``, of a control frame in ``Frames``.
        packet: That brought its first byte.
        first_ns, last_ns: Times of its first and last byte; -1 where not captured.
        frames: Payload bytes of each frame.
        masking_keys: Of each frame, None where not masked.
        compressed: With permessage-deflate.
        length: Of its content; -1 where not known.
        inside: Row of the message between whose fragments this control frame stands, None else.
        frame: Row of its first frame.
    """

    row: int
    packet: int
    first_ns: int
    last_ns: int
    frames: tuple[int, ...]
    masking_keys: tuple[int | None, ...]
    compressed: bool
    length: int
    inside: int | None = None
    frame: int = 0

    @property
    def wire_length(self) -> int:
        """Payload bytes in its frames."""
        return sum(self.frames)


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One message or control frame on both legs.

    Args:
        from_client: Who sent it.
        opcode: Of it.
        came: On the leg it came from; None: the proxy made it.
        went: On the leg it went to; None: it was not passed on.
        differences: ``mask``, ``fragments``, ``recompressed`` (same content, other bytes), ``compressed``, ``inflated``,
            ``content``, ``moved`` (a control frame that stood between fragments does no more).
        delay_ns: From its last byte's coming to its last byte's going; None where not known.
    """

    from_client: bool
    opcode: int
    came: Shape | None
    went: Shape | None
    differences: tuple[str, ...] = ()
    delay_ns: int | None = None

    @property
    def time_ns(self) -> int:
        """When it first was on either leg."""
        return min(shape.first_ns for shape in (self.came, self.went) if shape is not None)


def ledger(websockets: WebSockets, client_leg: WebSocket, server_leg: WebSocket) -> list[LedgerRow]:
    """All messages and control frames of a WebSocket on both legs, in the order of time."""
    rows: list[LedgerRow] = []
    for came, went in ((client_leg.client, server_leg.client), (server_leg.server, client_leg.server)):
        reader = _Reader(websockets)
        for ours, theirs in (
            (reader.messages(came), reader.messages(went)),
            (reader.controls(came), reader.controls(went)),
        ):
            rows += (_row(came.is_client, one, other) for one, other in _aligned(ours, theirs))
    return sorted(rows, key=lambda row: row.time_ns)


@dataclass(frozen=True, slots=True)
class _Item:
    key: object
    opcode: int
    shape: Shape


class _Reader:
    def __init__(self, websockets: WebSockets) -> None:
        self._websockets = websockets
        self._first_ns, self._last_ns = (times for times in websockets.frame_times)

    def messages(self, direction: Direction) -> list[_Item]:
        table = self._websockets.messages
        of_message = self._frames_of(direction)
        items = []
        for row in direction.messages:
            content = self._websockets.content(row)
            key = row if content is None else (hashlib.blake2b(content, digest_size=16).digest(), len(content))
            opcode = int(table.opcode[row])
            shape = self._shape(row, of_message[row], bool(table.compressed[row]), int(table.length[row]))
            items.append(_Item((opcode, key), opcode, shape))
        return items

    def controls(self, direction: Direction) -> list[_Item]:
        table = self._websockets.frames
        rows = slice(direction.frames.start, direction.frames.stop)
        places = (np.flatnonzero(table.message[rows] < 0) + direction.frames.start).tolist()
        items = []
        for row in places:
            opcode = int(table.first_byte[row]) & 15
            shape = self._shape(row, [row], False, int(table.length[row]), self._inside(direction, row))
            items.append(_Item((opcode, self._websockets.control_payload(row)), opcode, shape))
        return items

    def _frames_of(self, direction: Direction) -> dict[int, list[int]]:
        table = self._websockets.frames
        found: dict[int, list[int]] = {row: [] for row in direction.messages}
        for row in direction.frames:
            owner = int(table.message[row])
            if owner >= 0:
                found[owner].append(row)
        return found

    def _inside(self, direction: Direction, row: int) -> int | None:
        table = self._websockets.messages
        rows = slice(direction.messages.start, direction.messages.stop)
        at = int(np.searchsorted(table.first_frame[rows], row)) - 1
        message = direction.messages.start + at
        return message if at >= 0 and row < int(table.last_frame[message]) else None

    def _shape(self, row: int, frames: list[int], compressed: bool, length: int, inside: int | None = None) -> Shape:
        table = self._websockets.frames
        masked = [int(table.header[frame]) in (6, 8, 14) for frame in frames]
        return Shape(
            row,
            int(table.first_packet[frames[0]]) if frames else 0,
            int(self._first_ns[frames[0]]) if frames else -1,
            int(self._last_ns[frames[-1]]) if frames else -1,
            tuple(int(table.length[frame]) for frame in frames),
            tuple(int(table.mask_key[f]) if has else None for f, has in zip(frames, masked, strict=True)),
            compressed,
            length,
            inside,
            frames[0] if frames else 0,
        )


def _aligned(ours: Sequence[_Item], theirs: Sequence[_Item]) -> Iterator[tuple[_Item | None, _Item | None]]:
    """Pair what came with what went: the same in the same order; what is between in order, too."""
    start, most = 0, min(len(ours), len(theirs))
    while start < most and ours[start].key == theirs[start].key:
        start += 1
    end = 0
    while end < most - start and ours[-1 - end].key == theirs[-1 - end].key:
        end += 1
    yield from zip(ours[:start], theirs[:start], strict=True)
    yield from _differing(ours[start : len(ours) - end], theirs[start : len(theirs) - end])
    if end:
        yield from zip(ours[-end:], theirs[-end:], strict=True)


def _differing(ours: Sequence[_Item], theirs: Sequence[_Item]) -> Iterator[tuple[_Item | None, _Item | None]]:
    if max(len(ours), len(theirs)) > _MOST_COMPARED:
        yield from _in_order(ours, theirs)
        return
    keys = [item.key for item in ours], [item.key for item in theirs]
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, *keys, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from zip(ours[i1:i2], theirs[j1:j2], strict=True)
        else:
            yield from _in_order(ours[i1:i2], theirs[j1:j2])


def _in_order(ours: Sequence[_Item], theirs: Sequence[_Item]) -> Iterator[tuple[_Item | None, _Item | None]]:
    """One after the other while they are of one kind: a rule changed them."""
    i = j = 0
    while i < len(ours) and j < len(theirs) and ours[i].opcode == theirs[j].opcode:
        yield ours[i], theirs[j]
        i, j = i + 1, j + 1
    yield from ((item, None) for item in ours[i:])
    yield from ((None, item) for item in theirs[j:])


def _row(from_client: bool, one: _Item | None, other: _Item | None) -> LedgerRow:
    item = one or other
    assert item is not None  # one of them is there
    if one is None or other is None:
        shapes = (one.shape if one is not None else None, other.shape if other is not None else None)
        return LedgerRow(from_client, item.opcode, *shapes)
    came, went = one.shape, other.shape
    found = []
    if one.key != other.key:
        found.append("content")
    if came.masking_keys[:1] != went.masking_keys[:1] or set(came.masking_keys) != set(went.masking_keys):
        found.append("mask")
    if came.compressed != went.compressed:
        found.append("compressed" if went.compressed else "inflated")
    elif came.wire_length != went.wire_length and one.key == other.key:
        found.append("recompressed")
    if len(came.frames) != len(went.frames) or (not came.compressed and not went.compressed and came.frames != went.frames
                                                and one.key == other.key):  # fmt: skip
        found.append("fragments")
    if (came.inside is None) != (went.inside is None):
        found.append("moved")
    delay = went.last_ns - came.last_ns if came.last_ns >= 0 and went.last_ns >= 0 else None
    return LedgerRow(from_client, item.opcode, came, went, tuple(found), delay)


@dataclass(frozen=True, slots=True)
class CloseStory:
    """How a WebSocket ended on both legs, and who caused it.

    Args:
        cause: ``"client"``, ``"server"``, ``"proxy"``; None while it is open.
        how: ``"close"``: with a Close frame, ``"no_close"``: the connection ended without one, ``"fault"``: the proxy
            closed after something that breaks the protocol, ``"own"``: the proxy closed and nothing tells why.
        faults: Codes of what was broken, and by whom: ``(side, code)``.
        client_leg, server_leg: What was seen on each.
    """

    cause: str | None
    how: str | None
    client_leg: Closing
    server_leg: Closing
    faults: list[tuple[str, str]] = field(default_factory=list)

    def told(self, side: str) -> Close | None:
        """The Close that the proxy sent to the client or to the server."""
        return self.client_leg.server if side == "client" else self.server_leg.client

    def said(self, side: str) -> Close | None:
        """The Close that the client or the server sent to the proxy."""
        return self.client_leg.client if side == "client" else self.server_leg.server


def close_story(websockets: WebSockets, client_leg: WebSocket, server_leg: WebSocket) -> CloseStory:
    """Tell who caused the end: the peer whose Close frame, or whose going away, was there first; else the proxy."""
    ours, theirs = closing(websockets, client_leg), closing(websockets, server_leg)
    first_ns = websockets.frame_times[0]

    def seen(close: Close | None) -> int | None:
        return int(first_ns[close.frame]) if close is not None else None

    peers = [(seen(ours.client), "client", "close"), (seen(theirs.server), "server", "close")]
    if ours.tcp_by == "client":
        peers.append((ours.end_ns, "client", "no_close"))
    if theirs.tcp_by == "server":
        peers.append((theirs.end_ns, "server", "no_close"))
    came = min(((time, who, how) for time, who, how in peers if time is not None), default=None)
    made = min((time for time in (seen(ours.server), seen(theirs.client)) if time is not None), default=None)
    faults = [*_faults(websockets, client_leg.client), *_faults(websockets, server_leg.server)]
    if came is not None and (made is None or came[0] <= made):
        return CloseStory(came[1], came[2], ours, theirs, faults)
    if made is not None:
        return CloseStory("proxy", "fault" if faults else "own", ours, theirs, faults)
    ended = Ending.OPEN not in (ours.ending, theirs.ending)
    return CloseStory("proxy" if ended else None, "own" if ended else None, ours, theirs, faults)


_OF_CAPTURE = Fault.BYTES_MISSING | Fault.CUT | Fault.RESYNCHRONISED | Fault.CONTEXT_LOST


def _faults(websockets: WebSockets, direction: Direction) -> list[tuple[str, str]]:
    frames = websockets.frames.faults[direction.frames.start : direction.frames.stop]
    messages = websockets.messages.faults[direction.messages.start : direction.messages.stop]
    bits = int(np.bitwise_or.reduce(frames, initial=0)) | int(np.bitwise_or.reduce(messages, initial=0))
    return [(direction.sender, code) for fault, (code, _ref) in FAULTS.items() if bits & fault & ~_OF_CAPTURE]
