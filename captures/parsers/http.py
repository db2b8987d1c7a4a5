"""HTTP/1.x messages that Wireshark shows in a packet (the one in which each was complete)."""

from __future__ import annotations

from dataclasses import dataclass

from captures.tree import Dissected, Item
from inspector.model.http import HttpMessage

__all__ = ["WiresharkHttp", "parse_http"]


@dataclass(frozen=True, slots=True)
class WiresharkHttp:
    """An HTTP message as Wireshark sees it.

    Args:
        message: First line and headers; positions count in the bytes that it was dissected from.
        content: The body, transfer and content codings removed where Wireshark could; None where it shows none.
        layer: Its tree.
    """

    message: HttpMessage
    content: bytes | None
    layer: Item


def parse_http(found: Dissected) -> list[WiresharkHttp]:
    """The messages of a packet; what continues an earlier one is none."""
    messages = (_message(layer) for layer in found.protocol("http"))
    return [message for message in messages if message is not None]


def _message(layer: Item) -> WiresharkHttp | None:
    lines = [item for item in layer.items if item.size and item.data.endswith(b"\n")]
    if not lines or not lines[0].all("http.request.method", "http.response.version"):
        return None
    headers = []
    end = lines[0].start + lines[0].size
    for line in lines[1:]:
        if line.start != end:
            break
        end += line.size
        if not line.data.strip(b"\r\n"):
            break
        name, _colon, value = line.data.rstrip(b"\r\n").partition(b":")
        headers.append((name, value.strip(b" \t")))
    body = layer.first("http.file_data")
    message = HttpMessage(lines[0].data.rstrip(b"\r\n"), headers, lines[0].start, end, layer.start + layer.size)
    return WiresharkHttp(message, body.data if body is not None else None, layer)
