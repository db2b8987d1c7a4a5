"""HTTP/2 frames that Wireshark shows in a packet."""

from __future__ import annotations

from dataclasses import dataclass

from captures.tree import Dissected, Item
from inspector.model.http2 import H2Frame

__all__ = ["WiresharkHttp2", "parse_http2"]

_HEADER = 9
_NUMBERS = {
    "increment": "http2.window_update.window_size_increment",
    "error_code": "http2.rst_stream.error",
    "last_stream_id": "http2.goaway.last_stream_id",
    "promised_stream_id": "http2.push_promise.promised_stream_id",
}


@dataclass(frozen=True, slots=True)
class WiresharkHttp2:
    """A frame as Wireshark sees it.

    Args:
        frame: Header and what the frame says; positions count in the bytes that it was dissected from.
        length: Payload bytes by its header.
        fields: Header fields, where this frame completed a header block that could be decoded.
        data: Payload of a DATA frame without its padding.
        layer: Its tree.
    """

    frame: H2Frame
    length: int
    fields: tuple[tuple[bytes, bytes], ...]
    data: bytes
    layer: Item


def parse_http2(found: Dissected) -> list[WiresharkHttp2]:
    """The frames of a packet; the client's preface is none."""
    frames = (_frame(layer) for layer in found.protocol("http2"))
    return [frame for frame in frames if frame is not None]


def _frame(layer: Item) -> WiresharkHttp2 | None:
    kind, flags, stream = (layer.number(name) for name in ("http2.type", "http2.flags", "http2.streamid"))
    if kind is None or flags is None or stream is None:
        return None
    detail: dict[str, int | str | dict[int, int]] = {
        key: number for key, name in _NUMBERS.items() if (number := layer.number(name)) is not None
    }
    goaway = layer.number("http2.goaway.error")
    if goaway is not None:
        detail["error_code"] = goaway
    ping = layer.first("http2.ping") or layer.first("http2.pong")
    if ping is not None:
        detail["opaque_data"] = ping.data.hex()
    if kind == 4 and not flags & 1:
        detail["settings"] = _settings(layer)
    frame = H2Frame(layer.start, layer.start + layer.size, kind, flags, stream, detail)
    length = layer.number("http2.length") or 0
    return WiresharkHttp2(frame, length, _fields(layer), _data(layer, flags, length) if kind == 0 else b"", layer)


def _data(layer: Item, flags: int, length: int) -> bytes:
    """What a DATA frame carries, its padding removed.

    PDML does not have the bytes of a whole frame that was decrypted; there it is the line with as many bytes as the frame:
    the last fragment of the body, the body before inflating, or the data (all of the body, inflated, in the last frame).
    """
    padding = layer.number("http2.pad_length") or 0
    if len(layer.data) == _HEADER + length:
        return layer.data[_HEADER + bool(flags & 8) : len(layer.data) - padding]
    carried = length - padding - bool(flags & 8)
    lines = [
        *layer.all("http2.body.fragment")[-1:],
        *(item for item in layer.walk() if item.label.startswith("Content-encoded entity body")),
        *layer.all("http2.data.data"),
    ]
    return next((item.data for item in lines if len(item.data) == carried), b"")


def _settings(layer: Item) -> dict[int, int]:
    """Identifier and value of each setting; Wireshark has a field of its own for each identifier."""
    found = {}
    for group in layer.walk():
        if group.items and group.items[0].name == "http2.settings.id":
            number = group.number("http2.settings.id")
            value = int.from_bytes(group.items[1].data, "big") if len(group.items) > 1 else 0
            if number is not None:
                found[number] = value
    return found


def _fields(layer: Item) -> tuple[tuple[bytes, bytes], ...]:
    names = [_octets(item) for item in layer.all("http2.header.name")]
    values = [_octets(item) for item in layer.all("http2.header.value")]
    return tuple(zip(names, values, strict=False))


def _octets(item: Item) -> bytes:
    return item.data if item.size else item.value.encode("utf-8", "surrogateescape")
