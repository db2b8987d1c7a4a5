"""Wireshark's tree beside our byte view, joined by the bytes that both speak of.

Structure (schema ``dissect/1``): ``packet`` is our view (``inspector packet --json``); ``fields`` are its fields, numbered
as in the text view: ``number``, ``layer``, ``name``, ``title``, ``filter``, ``space``, ``bits``, ``text`` and
``wireshark``, the ids of Wireshark's lines for the same thing. ``wireshark`` has ``program``, ``version``, ``way``
(``sharkd`` or ``pyshark``), ``tried`` (whether our tests know this version), ``protocols``, ``sources`` (bytes that
Wireshark dissected: ``name``, ``space`` when we have the same bytes, and ``bytes`` in hex for those that we have not) and
``tree``. A line of the tree has ``id``, ``name``, ``label``, ``value``, ``range`` [source, first byte, bytes] or null,
``severity``, ``packet`` (the number of another packet that it names, or null), ``ours`` (numbers of our fields) and
``items``. Two lines stand for the same thing when they have the same filter name or cover exactly the same bits.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from captures.opinion import Opinion
from captures.tree import Dissected, Item
from inspector.recording.capture import Capture
from inspector.report.packet import build_packet

__all__ = ["SCHEMA", "Json", "build_beside"]

SCHEMA = "dissect/1"

# Any: JSON; its shape is described above.
Json = dict[str, Any]


def build_beside(capture: Capture, opinion: Opinion) -> Json:
    """Both views of the packet that Wireshark was asked about."""
    packet = build_packet(capture, opinion.dissected.number)
    fields = list(_fields(packet))
    spaces = _spaces(packet, opinion.dissected)
    ids = iter(range(1, 1 << 30))
    tree = [_line(layer, fields, spaces, ids) for layer in opinion.dissected.layers]
    return {
        "schema": SCHEMA,
        "packet": packet,
        "fields": fields,
        "wireshark": {
            "program": opinion.program.name,
            "version": opinion.program.version,
            "tried": opinion.program.tried,
            "way": opinion.way,
            "protocols": list(opinion.dissected.protocols),
            "sources": [
                {"name": source.name, "space": space, "bytes": None if space else source.data.hex()}
                for source, space in zip(opinion.dissected.sources, spaces, strict=True)
            ],
            "tree": tree,
        },
    }


def _fields(packet: Json) -> Iterator[Json]:
    """Our fields in the order of the text view, with its numbers."""
    number = 0
    for index, layer in enumerate(packet["layers"]):
        for field in _flat(layer["fields"]):
            number += 1
            yield {
                "number": number,
                "layer": index,
                "name": field["name"],
                "title": field["title"],
                "filter": field["filter"],
                "space": layer["space"],
                "bits": field["bits"],
                "text": field["text"],
                "wireshark": [],
            }


def _flat(fields: list[Json]) -> Iterator[Json]:
    for field in fields:
        yield field
        yield from _flat(field["fields"])


def _spaces(packet: Json, dissected: Dissected) -> list[str | None]:
    """For each of Wireshark's sources the name of our byte space with the same bytes, or None."""
    ours = {packet["bytes"]: "packet"}
    if "reassembled" in packet["spaces"]:
        ours.setdefault(packet["spaces"]["reassembled"], "reassembled")
    for index, layer in enumerate(packet["layers"]):
        if layer["unmasked"]:
            ours.setdefault(layer["unmasked"], f"unmasked:{index}")
    return ["packet" if not index else ours.get(source.data.hex()) for index, source in enumerate(dissected.sources)]


def _line(item: Item, fields: list[Json], spaces: list[str | None], ids: Iterator[int]) -> Json:
    own = next(ids)
    space = spaces[item.source] if 0 <= item.source < len(spaces) else None
    found = [field for field in fields if item.size and _same(field, item, space)]
    named = [field for field in found if field["filter"] == item.name]
    # Flags share their bytes with the group they are in: a name decides where there is one.
    chosen = named or [field for field in found if field["bits"] == [item.start * 8, item.size * 8] and item.name]
    for field in chosen:
        field["wireshark"].append(own)
    return {
        "id": own,
        "name": item.name,
        "label": item.label,
        "value": item.value,
        "range": [item.source, item.start, item.size] if item.size else None,
        "severity": item.severity or None,
        "packet": item.packet or None,
        "ours": [field["number"] for field in chosen],
        "items": [_line(child, fields, spaces, ids) for child in item.items],
    }


def _same(field: Json, item: Item, space: str | None) -> bool:
    """Whether a field of ours lies within the bytes of a line, and is as long in whole bytes."""
    if space != field["space"]:
        return False
    first, last = field["bits"][0] // 8, (field["bits"][0] + field["bits"][1] - 1) // 8
    start, end = item.start, item.start + item.size
    if field["filter"] == item.name:
        return bool(start <= first and last < end)
    return bool(first == start and last == end - 1)
