"""One packet as JSON-ready values; the text views render these.

Structure (schema ``packet/1``):
``number``, ``time_ns`` (or null), ``interface``, ``captured_bytes``, ``wire_bytes``, ``comments``, ``bytes``
(hex), ``connection`` (or null), ``layers`` (outermost first, those found inside the stream last), ``payload``,
``trailer``, ``spaces`` (bytes that are not in the packet itself, in hex: the ``reassembled`` datagram, what was
``decrypted``).

A layer has ``name``, ``title``, ``meaning``, ``ref``, ``tcpip_layer``, ``osi_layer``, ``space`` (``packet`` or
``reassembled`` or ``decrypted``), ``quoted``, ``range`` [first byte, bytes] of its header, ``bytes`` with all that it carries, ``link``
(how it names the next), ``checksum`` (or null), ``unmasked`` (hex; WebSocket payload of this packet in clear) and
``fields``. A field has ``name``, ``title``, ``meaning``, ``ref``,
``filter`` (Wireshark's, or null), ``bits`` [first bit, length] in its space, ``value`` (a string where it is an
address, bytes, or above 2**53), ``text``, ``reserved``, ``anomaly`` (code or null) and ``fields`` (its parts).
"""

from __future__ import annotations

from typing import Any

from inspector.i18n import _
from inspector.proto import LayerKind, Show, Span, header_of
from inspector.recording.capture import Capture
from inspector.recording.dissect import Dissection, Layer, dissect
from inspector.recording.inside import Piece
from inspector.report.fieldtext import checksum_text, layer_title, link_text, short_text, short_title, value_text

__all__ = ["SCHEMA", "Json", "build_packet"]

SCHEMA = "packet/1"

_SAFE_INTEGER = 2**53
"""JavaScript keeps integers exact up to here; larger ones are written as strings."""

_TELLING = ("type", "vni", "vlan_identifier", "teid", "label", "key", "packet_type", "identification")
"""Fields that say the most about a layer without addresses."""

# Any: JSON; its shape is described above.
Json = dict[str, Any]


def build_packet(capture: Capture, number: int, found: Dissection | None = None) -> Json:
    """Packet ``number`` (from 1) as JSON-ready values.

    Args:
        capture: Where it is.
        number: From 1.
        found: The packet, where it was taken apart already.

    Raises:
        UsageError: If there is no such packet.
    """
    found = dissect(capture, number) if found is None else found
    assembled = [layer for layer in found.layers if layer.assembled]
    spaces: Json = {}
    if assembled:
        start = min(layer.offset for layer in assembled)
        spaces["reassembled"] = next(layer for layer in assembled if layer.offset == start).data.hex()
    if found.decrypted:
        spaces["decrypted"] = found.decrypted.hex()
    origin = min((layer.offset for layer in assembled), default=0)
    carried = found.payload[1]
    return {
        "schema": SCHEMA,
        "capture": capture.name,
        "packets": len(capture.packets),
        "number": number,
        "time_ns": found.time_ns,
        "interface": {"name": found.interface.name, "link_type": found.interface.link_type},
        "captured_bytes": found.captured,
        "wire_bytes": found.length,
        "comments": list(found.comments),
        "connection": _connection(found),
        "layers": [
            *(_layer(found, index, origin) for index in range(len(found.layers))),
            *(_piece(piece) for piece in found.inside),
        ],
        "payload": {
            "space": "reassembled" if found.payload_assembled else "packet",
            "range": [found.payload[0] - (origin if found.payload_assembled else 0), carried],
            "service": link_text(found, len(found.layers) - 1) if found.layers and carried else None,
        },
        "trailer": {"range": list(found.trailer)},
        "overhead_bytes": found.overhead,
        "bytes": found.data.hex(),
        "spaces": spaces,
    }


def _connection(found: Dissection) -> Json | None:
    place = found.tcp
    if place is None:
        return None
    return {
        "number": place.connection,
        "direction": None
        if place.from_client is None
        else ("client_to_server" if place.from_client else "server_to_client"),
        "relative_seq": place.seq,
        "relative_ack": place.ack,
        "payload_bytes": place.length,
        "next_seq": place.next_seq,
    }


def _layer(found: Dissection, index: int, origin: int) -> Json:
    layer = found.layers[index]
    header = layer.header
    offset = layer.offset - (origin if layer.assembled else 0)
    checksum = layer.checksum
    return {
        "name": layer.name,
        "title": layer_title(layer),
        "short": short_title(header) if header is not None else layer_title(layer),
        "meaning": _(header.meaning) if header is not None else "",
        "ref": str(header.ref) if header is not None else None,
        "tcpip_layer": header.tcpip_layer if header is not None else None,
        "osi_layer": header.osi_layer if header is not None else None,
        "space": "reassembled" if layer.assembled else "packet",
        "quoted": layer.quoted,
        "range": [offset, layer.header_size if header is not None else layer.size],
        "bytes": layer.size,
        "summary": _summary(found, index),
        "link": link_text(found, index),
        "checksum": None
        if checksum is None
        else {
            "state": checksum.state.value,
            "stored": checksum.stored,
            "computed": checksum.computed,
            "text": checksum_text(checksum),
        },
        "unmasked": "",
        "fields": [_field(span, offset * 8) for span in layer.spans],
    }


def _piece(piece: Piece) -> Json:
    """A record or frame of a stream, as a layer within the payload."""
    header = piece.header
    size = max(((span.end + 7) // 8 for span in piece.spans), default=0)
    if piece.began is not None:
        summary = _("goes on from packet {number}; {total} bytes in all").format(number=piece.began, total=piece.total)
    elif piece.size < piece.total:
        summary = _("{here} of {total} bytes; the rest follows in later packets").format(
            here=piece.size, total=piece.total
        )
    else:
        summary = _("{total} bytes, whole").format(total=piece.total)
    return {
        "name": header.name,
        "title": _(header.title),
        "short": short_title(header),
        "meaning": _(header.meaning),
        "ref": str(header.ref),
        "tcpip_layer": header.tcpip_layer,
        "osi_layer": header.osi_layer,
        "space": "decrypted" if piece.decrypted else "packet",
        "quoted": False,
        "range": [piece.offset, size],
        "bytes": piece.size,
        "summary": summary,
        "link": _piece_link(piece),
        "checksum": None,
        "unmasked": piece.unmasked.hex(),
        "fields": [_field(span, piece.offset * 8) for span in piece.spans],
    }


def _piece_link(piece: Piece) -> str | None:
    span = next((span for span in piece.spans if span.field.next_layer), None)
    if span is None:
        return None
    name = span.field.values.get(span.value, "?")
    return f"{_(span.field.title)} {span.value} → {_(name)}"


def _summary(found: Dissection, index: int) -> str | None:
    """A layer in a few words: who to whom, where it says so."""
    layer = found.layers[index]
    if layer.kind is LayerKind.FRAGMENT:
        return _piece_place(found, index)
    if layer.kind is LayerKind.UNKNOWN and index == 0:
        return _("link type {number} is not decoded here").format(number=found.interface.link_type)
    if layer.kind is LayerKind.MALFORMED and index == 0:
        expected = header_of(found.interface.first_layer)
        return None if expected is None else _("{name} does not fit").format(name=short_title(expected))
    values = {span.field.name: short_text(span) for span in layer.spans}
    for source, destination in (
        ("source", "destination"),
        ("source_port", "destination_port"),
        ("transmitter_address", "receiver_address"),
        ("sender_protocol_address", "target_protocol_address"),
    ):
        if source in values and destination in values:
            return f"{values[source]} → {values[destination]}{_flags(layer)}"
    named = next((span for span in layer.spans if span.field.name in _TELLING), None)
    if named is not None and layer.kind is not LayerKind.ETHERNET:
        return f"{_(named.field.title)} {value_text(named)}"
    return None


def _flags(layer: Layer) -> str:
    """The TCP flags that are set, e.g. ``  [SYN, ACK]``."""
    group = next((span for span in layer.spans if layer.kind is LayerKind.TCP and span.field.name == "flags"), None)
    if group is None:
        return ""
    return "  [" + ", ".join(part.field.title for part in group.children if part.value) + "]"


def _piece_place(found: Dissection, index: int) -> str | None:
    """Where a piece belongs in its datagram."""
    units = next((value for layer in reversed(found.layers[:index]) if (value := layer.value("fragment_offset"))), 0)
    size = found.layers[index].size
    return _("bytes {start}–{end} of what the datagram carries").format(start=units * 8, end=units * 8 + size - 1)


def _field(span: Span, origin: int) -> Json:
    field = span.field
    return {
        "name": field.name,
        "title": _(field.title),
        "filter": field.filter,
        "bits": [origin + span.start, span.bits],
        "value": _value(span),
        "text": value_text(span),
        "short": short_text(span),
        "meaning": _(field.meaning),
        "ref": str(field.ref),
        "reserved": field.show is Show.RESERVED,
        "anomaly": span.anomaly or None,
        "fields": [_field(child, origin) for child in span.children],
    }


def _value(span: Span) -> int | str:
    if span.field.show in (Show.MAC, Show.IPV4, Show.IPV6):
        return short_text(span)
    if span.field.show is Show.BYTES:
        return span.value.to_bytes((span.bits + 7) // 8, "big").hex()
    return span.value if span.value < _SAFE_INTEGER else str(span.value)
