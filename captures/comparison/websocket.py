"""WebSocket frames and messages, ours and Wireshark's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from captures.comparison.places import Places
from captures.comparison.unit import Unit
from captures.parsers import parse_websocket
from captures.tree import Dissected
from inspector.model.websocket import BINARY, TEXT

if TYPE_CHECKING:
    from inspector.recording.capture import Capture

__all__ = ["our_websockets", "their_websockets"]

_FRAME = "websocket.frame"
_MESSAGE = "websocket.message"
_FRAME_IDENTITY = ("opcode", "length", "masking_key")


def our_websockets(capture: Capture, places: Places) -> Iterator[Unit]:
    """Every frame, and every data message of which the content is known."""
    found = capture.websockets
    for socket in found.connections:
        if socket.stream is not None:
            continue  # in HTTP/2: Wireshark does not decode it (RFC 8441), its DATA frames are compared there
        for direction in (socket.client, socket.server):
            where = socket.connection, socket.client_side if direction.is_client else 1 - socket.client_side
            for row in direction.frames:
                frame = found.frame(row)
                packet = places.complete(direction.stream, frame.start, frame.end)
                values = {
                    "fin": frame.fin,
                    "rsv": frame.rsv,
                    "opcode": frame.opcode,
                    "masking_key": frame.masking_key,
                    "length": frame.length,
                    "payload": frame.payload,
                }
                yield Unit(_FRAME, where, packet, dict(values), (socket, direction, frame), _FRAME_IDENTITY)
            for row in direction.messages:
                message = found.message(row)
                if message.complete and message.opcode in (TEXT, BINARY) and message.content:
                    packet = places.complete(direction.stream, message.start, message.end)
                    yield Unit(
                        _MESSAGE,
                        where,
                        packet,
                        {"opcode": message.opcode, "content": message.content},
                        (socket, direction, message),
                        ("opcode", "content"),
                    )


def their_websockets(found: Dissected, places: Places) -> Iterator[Unit]:
    """What Wireshark shows in a packet."""
    where = places.of_packet(found.number)
    if where is None:
        return
    parsed = parse_websocket(found)
    for frame in parsed.frames:
        values = {
            "fin": frame.fin,
            "rsv": frame.rsv,
            "opcode": frame.opcode,
            "masking_key": frame.masking_key,
            "length": frame.length,
            "payload": frame.payload,
        }
        if not frame.payload and frame.length:
            del values["payload"]  # pyshark does not always have it; the message's content is compared all the same
        yield Unit(_FRAME, where, found.number, dict(values), (parsed, frame), _FRAME_IDENTITY)
    for opcode, content in parsed.contents:
        values = {"opcode": opcode, "content": content}
        yield Unit(_MESSAGE, where, found.number, dict(values), parsed, ("opcode", "content"))
