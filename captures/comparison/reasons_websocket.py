"""Tests of the reasons that are about WebSocket; see ``captures.comparison.reasons``."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from captures.comparison.gather import Gathered
from captures.comparison.unit import ONLY_OURS, Difference
from inspector.model.websocket import Frame, Message
from inspector.recording.websockets import Direction, WebSocket

__all__ = [
    "after_an_empty_fragment",
    "cut_at_256_kib",
    "inflated_otherwise",
    "last_of_the_packet",
    "opcode_of_the_other_side",
    "unseen_handshake",
]

_MOST_UNMASKED = 1 << 18
"""Bytes of a masked payload that Wireshark unmasks."""
_TAIL = b"\x00\x00\xff\xff"
"""What a sender leaves away from the end of a compressed message (RFC 7692 section 7.2.1)."""


def _ours(difference: Difference) -> tuple[WebSocket, Direction, Frame | Message] | None:
    unit = difference.unit
    if unit is None or not isinstance(unit.source, tuple) or not isinstance(unit.source[0], WebSocket):
        return None
    socket, direction, item = unit.source
    return socket, direction, item


def _contents(difference: Difference) -> tuple[bytes | None, bytes | None]:
    """What the message holds for us and for Wireshark; None where a side has no such message."""
    found = [None if unit is None else unit.values.get("content") for unit in (difference.unit, difference.other)]
    mine, other = (content if isinstance(content, bytes) else None for content in found)
    return mine, other


def _their_frames(found: Gathered, where: tuple[int, ...]) -> list[Frame]:
    """The frames that Wireshark shows for one side, in order."""
    return [
        unit.source[1]
        for unit in found.theirs
        if unit.kind == "websocket.frame" and unit.where == where and isinstance(unit.source, tuple)
    ]


def _inflated(frames: list[Frame], keeps_context: bool) -> Iterator[bytes | None]:
    """Content of each whole data message in these frames by RFC 7692 with plain zlib; None where zlib refuses."""
    window = zlib.decompressobj(-15)
    parts: list[bytes] = []
    compressed = False
    for frame in frames:
        if frame.opcode >= 8:
            continue
        if frame.opcode:
            parts, compressed = [], bool(frame.rsv & 4)
        parts.append(frame.payload)
        if frame.fin:
            content = b"".join(parts)
            if not compressed:
                yield content
                continue
            if not keeps_context:
                window = zlib.decompressobj(-15)
            try:
                yield window.decompress(content + _TAIL)
            except zlib.error:
                yield None
                return


def _right(found: Gathered, difference: Difference) -> list[bytes | None]:
    """What zlib makes of the payload bytes that Wireshark shows for this side; empty where nothing is compressed."""
    unit = difference.unit or difference.other
    if unit is None:
        return []
    ours = [other for other in found.ours if other.kind == "websocket.frame" and other.where == unit.where]
    if not ours or not isinstance(ours[0].source, tuple):
        return []
    direction = ours[0].source[1]
    if not isinstance(direction, Direction) or direction.agreed is None:
        return []
    frames = _their_frames(found, unit.where)
    return list(_inflated(frames, direction.agreed.takeover)) if any(frame.rsv & 4 for frame in frames) else []


def inflated_otherwise(found: Gathered, difference: Difference) -> bool:
    """The side has agreed on compression, and zlib on the payload bytes that Wireshark itself shows gives our content.

    What Wireshark has instead must be none of the messages that zlib gives.
    """
    right = _right(found, difference)
    mine, other = _contents(difference)
    if not right or (mine is None and other is None):
        return False
    return (mine is None or mine in right) and (other is None or (None not in right and other not in right))


def last_of_the_packet(found: Gathered, difference: Difference) -> bool:
    """Several compressed messages were complete in one packet; zlib gives ours, and Wireshark shows the last of them for all.

    It shows as many as we have, all with the content that zlib gives for the last.
    """
    unit = difference.unit or difference.other
    right = _right(found, difference)
    mine, other = _contents(difference)
    if unit is None or difference.field == "opcode" or None in right:
        return False
    ours, theirs = (
        [
            content
            for one in units
            if (one.kind, one.where, one.packet) == ("websocket.message", unit.where, unit.packet)
            and isinstance(content := one.values.get("content"), bytes)
        ]
        for units in (found.ours, found.theirs)
    )
    if len(theirs) < 2 or len(ours) != len(theirs) or set(theirs) != {ours[-1]} or ours[-1] not in right:
        return False
    return (mine is None or mine in right) and (other is None or other == ours[-1])


def after_an_empty_fragment(found: Gathered, difference: Difference) -> bool:
    """This side sent an empty fragment, here or before; Wireshark's own frames hold our content."""
    ours = _ours(difference)
    mine, _other = _contents(difference)
    if ours is None or mine is None or difference.unit is None or difference.field != ONLY_OURS:
        return False
    where, packet = difference.unit.where, difference.unit.packet
    frames = [
        (unit.packet, unit.source[1])
        for unit in found.theirs
        if unit.kind == "websocket.frame" and unit.where == where and isinstance(unit.source, tuple)
    ]
    empty = any(not frame.opcode and not frame.length and at <= packet for at, frame in frames)
    agreed = ours[1].agreed
    return empty and mine in _inflated([frame for _at, frame in frames], agreed is None or agreed.takeover)


def cut_at_256_kib(found: Gathered, difference: Difference) -> bool:
    """A masked message of more than 262,144 bytes, of which Wireshark shows exactly the first 262,144."""
    unit = difference.unit or difference.other
    mine, other = _contents(difference)
    if unit is None or (mine is None and other is None) or difference.field == "opcode":
        return False
    whole, cut = (
        [
            content
            for one in units
            if (one.kind, one.where) == (unit.kind, unit.where)
            and isinstance(content := one.values.get("content"), bytes)
        ]
        for units in (found.ours, found.theirs)
    )
    if mine is not None and not (len(mine) > _MOST_UNMASKED and mine[:_MOST_UNMASKED] in cut):
        return False
    return other is None or (
        len(other) == _MOST_UNMASKED and any(len(one) > len(other) and one.startswith(other) for one in whole)
    )


def opcode_of_the_other_side(found: Gathered, difference: Difference) -> bool:
    """The content is the same, and Wireshark's own frame that began the message says our opcode."""
    mine, other = _contents(difference)
    if difference.field != "opcode" or difference.unit is None or mine is None or mine != other:
        return False
    return any(
        frame.opcode == difference.ours and not frame.fin and mine.startswith(frame.payload)
        for frame in _their_frames(found, difference.unit.where)
    )


def unseen_handshake(_found: Gathered, difference: Difference) -> bool:
    """No handshake in the capture: neither side's stream begins with its connection, or one side has no bytes at all."""
    ours = _ours(difference)
    if ours is None or difference.field != ONLY_OURS:
        return False
    socket = ours[0]
    streams = socket.client.stream, socket.server.stream
    return socket.handshake is None and (not streams[0].from_start or not all(stream.end for stream in streams))
