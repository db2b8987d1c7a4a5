"""WebSocket frames and messages that Wireshark shows in a packet."""

from __future__ import annotations

from dataclasses import dataclass, replace

from captures.tree import Dissected, Item
from inspector.model.websocket import BINARY, TEXT, Frame

__all__ = ["WiresharkWebSocket", "parse_websocket"]


@dataclass(frozen=True, slots=True)
class WiresharkWebSocket:
    """What Wireshark shows of WebSocket in a packet.

    Args:
        frames: In order; positions count in the bytes that each was dissected from, and ``row`` in this tuple.
        contents: Opcode and content of each data message that Wireshark shows as whole, inflated where it could.
        failed: Wireshark says that it could not inflate a message.
    """

    frames: tuple[Frame, ...]
    contents: tuple[tuple[int, bytes], ...]
    failed: bool


def parse_websocket(found: Dissected) -> WiresharkWebSocket:
    """The frames of a packet, and the messages that it completed."""
    layers = [layer for layer in found.protocol("websocket") if layer.first("websocket.opcode") is not None]
    frames = tuple(_with_data(_frame(row, layer), layer, found) for row, layer in enumerate(layers))
    contents: list[tuple[int, bytes]] = []
    if layers:
        for item in found.walk():
            if item.name == "websocket.payload.text":
                contents.append((TEXT, item.data or item.value.encode()))
            elif item.name == "data.data":
                contents.append((BINARY, item.data))
    failed = any(item.name.startswith("websocket.decompression.failed") for item in found.walk())
    return WiresharkWebSocket(frames, tuple(contents), failed)


def _frame(row: int, layer: Item) -> Frame:
    key = layer.first("websocket.masking_key")
    payload = _payload(layer, key.data if key is not None else b"")
    return Frame(
        row,
        layer.start,
        layer.start + layer.size,
        bool(layer.number("websocket.fin")),
        layer.number("websocket.rsv") or 0,
        layer.number("websocket.opcode") or 0,
        key.data if key is not None else None,
        _length(layer),
        payload,
    )


def _with_data(frame: Frame, layer: Item, found: Dissected) -> Frame:
    """The frame with its payload out of the layer that follows it, where PDML has no bytes of the payload itself."""
    if frame.payload or not frame.length:
        return frame
    after = found.layers[next(at for at, other in enumerate(found.layers) if other is layer) + 1 :]
    data = after[0].first("data.data") if after else None
    if data is None or len(data.data) != frame.length or frame.rsv & 4:
        return frame
    return replace(frame, payload=data.data)


def _length(layer: Item) -> int:
    for name in ("websocket.payload_length_ext_64", "websocket.payload_length_ext_16", "websocket.payload_length"):
        number = layer.number(name)
        if number is not None:
            return number
    return 0


def _payload(layer: Item, key: bytes) -> bytes:
    """Unmasked, not inflated. Wireshark has lines without values for it, which sharkd leaves without names."""
    masked = next((item for item in layer.items if _is(item, "websocket.masked_payload", "Masked payload")), None)
    if masked is not None and key:
        return bytes(byte ^ key[index % 4] for index, byte in enumerate(masked.data))
    plain = next((item for item in layer.items if _is(item, "websocket.payload", "Payload")), None)
    if plain is None:
        return b""
    return plain.data or next((item.data for item in plain.walk() if item.data), b"")


def _is(item: Item, name: str, label: str) -> bool:
    return item.name == name or (not item.name and item.label == label)
