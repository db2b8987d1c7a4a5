"""Packets: every one as columns, and those a reader will open byte by byte."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.tcp_flags import TcpFlag, tcp_flags
from inspector.model.tables import SEGMENT_FROM_B, SEGMENT_QUOTED
from inspector.proto.kinds import LayerKind
from inspector.recording.dissect import dissect
from inspector.report.both import merged
from inspector.report.columns import pack_column
from inspector.report.packet import build_packet
from inspector.report.redact import FILL
from inspector.report.sections.connections import chosen_connections
from inspector.report.sections.raw import is_secret_inside, packet_bytes
from inspector.report.sections.subject import Json, Subject

__all__ = ["packets_json"]

_MOST_ROWS = 2_000_000
_MOST_VIEWS = 600
"""Packets with every field explained."""
_NEIGHBOURS = 5
"""Packets on each side of a piece of evidence."""
_FIRST_OF_CONNECTION = 24
_MOST_CONNECTIONS = 12
_SHOWN_BYTES = 2_048
"""Bytes of one packet in the report."""

_NAMES = [kind.name.lower() for kind in LayerKind]


def packets_json(subject: Subject) -> Json:
    """The section of one source."""
    words = _Dictionary()
    views = [_view(subject, number, words) for number in _chosen(subject)]
    return {"table": _table(subject), "layers": words.layers, "fields": words.fields, "views": views}


def _table(subject: Subject) -> Json:
    capture = subject.capture
    packets, segments = capture.packets, capture.segments
    count = min(len(packets), _MOST_ROWS)
    connection = np.full(len(packets), -1, np.int32)
    flags, payload, marks, analysis = (np.zeros(len(packets), np.uint32) for _ in range(4))
    own = (segments.marks & SEGMENT_QUOTED) == 0
    rows = segments.packet[own]
    connection[rows] = capture.segment_connection[own]
    flags[rows] = segments.flags[own]
    payload[rows] = segments.length[own]
    client = capture.connections.likely_client
    from_b = (segments.marks[own] & SEGMENT_FROM_B) != 0
    numbers = capture.segment_connection[own]
    marks[rows] = np.where(numbers < 0, 2, from_b != (client[np.maximum(numbers, 0)] == 1)) if len(client) else 2
    marks[np.isin(packets.interface, capture.recorders)] = 3
    analysis[rows] = tcp_flags(capture).flags[own]
    columns = {
        "after_ns": pack_column(
            np.where(packets.time_ns > 0, packets.time_ns - subject.start_ns, 0)[:count], "i8", delta=True
        ),
        "length": pack_column(packets.length[:count], "u4"),
        "connection": pack_column(connection[:count], "i4"),
        "side": pack_column(marks[:count], "u1"),
        "flags": pack_column(flags[:count], "u2"),
        "payload": pack_column(payload[:count], "u4"),
        "layer": pack_column(_innermost(subject)[:count], "u1"),
        "analysis": pack_column(analysis[:count], "u2"),
    }
    return {
        "total": len(packets),
        "rows": count,
        "start_ns": str(subject.start_ns),
        "layers": _NAMES,
        "analysis": [(flag.name or "").lower() for flag in TcpFlag],
        "columns": columns,
    }


def _innermost(subject: Subject) -> NDArray[np.uint8]:
    """Kind of the innermost header of each packet, as an index of ``_NAMES``."""
    capture = subject.capture
    packets = capture.packets
    places = {kind.value: index for index, kind in enumerate(LayerKind)}
    index_of = np.zeros(max(places) + 1, np.uint8)
    for value, index in places.items():
        index_of[value] = index
    found = np.full(len(packets), places[LayerKind.NONE.value], np.uint8)
    some = packets.layer_count > 0
    last = packets.layer_start[some].astype(np.int64) + packets.layer_count[some] - 1
    found[some] = index_of[capture.layers.kind[last]]
    return found


def _chosen(subject: Subject) -> list[int]:
    """Numbers of the packets shown byte by byte: evidence and neighbours, handshakes, closes, first packets."""
    capture = subject.capture
    total = len(capture.packets)
    wanted: dict[int, None] = {}

    def add(numbers: Any) -> None:  # Any: any iterable of integers
        for number in numbers:
            if 1 <= number <= total and len(wanted) < _MOST_VIEWS:
                wanted[int(number)] = None

    evidence = subject.evidence
    add(evidence)
    for distance in range(1, _NEIGHBOURS + 1):
        add(number + distance * side for number in evidence[:40] for side in (-1, 1))
    table = capture.connections
    for number in chosen_connections(subject, _MOST_CONNECTIONS):
        names = ("syn_packet", "syn_ack_packet", "ack_packet", "fin_a_packet", "fin_b_packet", "rst_packet")
        add(int(getattr(table, name)[number]) + 1 for name in names)
        rows = capture.rows_of_connection(number)
        add((capture.segments.packet[rows[:_FIRST_OF_CONNECTION]] + 1).tolist())
        add((capture.segments.packet[rows[-4:]] + 1).tolist())
    add(range(1, min(total, _FIRST_OF_CONNECTION) + 1))
    return sorted(wanted)


def _view(subject: Subject, number: int, words: _Dictionary) -> Json:
    """One packet with every field; texts in both languages where they differ."""
    found = dissect(subject.capture, number)
    view: Json = merged(lambda: build_packet(subject.capture, number, found))
    data = packet_bytes(subject, found)
    spaces = {name: bytes.fromhex(text) for name, text in view["spaces"].items()}
    connection = view["connection"]["number"] if view["connection"] else -1
    hidden = data.hex() != view["bytes"]
    if "decrypted" in spaces and is_secret_inside(subject, number, connection, spaces["decrypted"]):
        hidden = True
        spaces["decrypted"] = FILL * len(spaces["decrypted"])
    if hidden:
        # Payload of WebSocket frames in clear: what is masked on the wire is not told here.
        for layer in view["layers"]:
            layer["unmasked"] = ""
    return {
        "id": subject.key(number),
        "number": number,
        "time_ns": view["time_ns"],
        "after_ns": view["time_ns"] - subject.start_ns if view["time_ns"] is not None else None,
        "captured_bytes": view["captured_bytes"],
        "wire_bytes": view["wire_bytes"],
        "comments": [subject.text(comment) for comment in view["comments"]],
        "connection": subject.key(view["connection"]["number"]) if view["connection"] else None,
        "from_client": _from_client(view["connection"]),
        "relative_seq": view["connection"]["relative_seq"] if view["connection"] else None,
        "relative_ack": view["connection"]["relative_ack"] if view["connection"] else None,
        "payload": view["payload"],
        "layers": [words.layer(layer) for layer in view["layers"]],
        "hidden": hidden,
        "bytes": data[:_SHOWN_BYTES].hex(),
        "spaces": {name: subject.masking.octets(data)[:_SHOWN_BYTES].hex() for name, data in spaces.items()},
    }


def _from_client(connection: Json | None) -> bool | None:
    if connection is None or connection["direction"] is None:
        return None
    return bool(connection["direction"] == "client_to_server")


_LAYER = ("name", "title", "short", "meaning", "ref", "tcpip_layer", "osi_layer")
_HERE = ("space", "quoted", "range", "summary", "link")


class _Dictionary:
    """What is the same in every packet, told once: names, meanings and sections of layers and fields."""

    def __init__(self) -> None:
        self.layers: Json = {}
        self.fields: Json = {}

    def layer(self, layer: Json) -> Json:
        """A layer with its fields, by their keys."""
        name = layer["name"]
        if layer["fields"] or name not in self.layers:
            self.layers[name] = {key: layer[key] for key in _LAYER}
        found = {key: layer[key] for key in _HERE}
        found["layer"] = name
        if not layer["fields"]:
            found["title"] = layer["title"]
        found["checksum"] = layer["checksum"]["text"] if layer["checksum"] else None
        found["unmasked"] = layer["unmasked"][: 2 * _SHOWN_BYTES]
        found["fields"] = [self._field(name, field) for field in layer["fields"]]
        return found

    def _field(self, prefix: str, field: Json) -> Json:
        key = f"{prefix}.{field['name']}"
        self.fields[key] = {name: field[name] for name in ("title", "meaning", "filter", "ref", "reserved")}
        found = {"field": key, "bits": field["bits"], "text": field["text"], "anomaly": field["anomaly"]}
        found["fields"] = [self._field(prefix, part) for part in field["fields"]]
        return found
