"""Notes of the recording proxy: custom blocks of a recording that tell what it did to the traffic.

A block holds ``InspectorProxyNote`` and a JSON object. The enterprise number is the one for documentation (RFC 5612),
so that the word in front decides whose block it is.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from inspector.model.proxy_note import NoteKind, ProxyNote

if TYPE_CHECKING:
    from inspector.recording.capture import Capture

__all__ = ["ENTERPRISE", "note_data", "proxy_notes"]

ENTERPRISE = 32473
_WORD = b"InspectorProxyNote "
_MOST_BYTES = 16_384
"""A note is some 300 bytes; a larger block is not one."""
_ENDS = ("client", "server", "other_client", "other_server")


def note_data(note: ProxyNote) -> bytes:
    """The data of the custom block of a note."""
    value: dict[str, object] = {"kind": note.kind.value, "time_ns": note.time_ns, "leg": note.leg}
    value |= {name: end for name in _ENDS if (end := getattr(note, name)) is not None}
    if note.from_client is not None:
        value["from_client"] = note.from_client
    value["text"] = note.text
    return _WORD + json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()


def proxy_notes(capture: Capture) -> list[ProxyNote]:
    """The notes in a recording, in order; what is not whole and well-formed is left out."""
    data = memoryview(capture.source.data)
    found = []
    for block in capture.metadata.custom_blocks:
        if block.enterprise == ENTERPRISE and block.size <= _MOST_BYTES:
            note = _read(bytes(data[block.position : block.position + block.size]), block.packet)
            if note is not None:
                found.append(note)
    return found


def _read(data: bytes, packet: int) -> ProxyNote | None:
    if not data.startswith(_WORD):
        return None
    try:
        value = json.loads(data[len(_WORD) :].rstrip(b"\0"))
        ends = {name: _end(value.get(name)) for name in _ENDS}
        time_ns, leg, text, from_client = value["time_ns"], value["leg"], value["text"], value.get("from_client")
        if not (isinstance(time_ns, int) and isinstance(text, str) and leg in ("client", "server")):
            return None
        return ProxyNote(
            kind=NoteKind(value["kind"]),
            time_ns=time_ns,
            leg=leg,
            from_client=from_client if isinstance(from_client, bool) else None,
            text=text,
            packet=packet,
            **ends,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _end(value: object) -> tuple[str, int] | None:
    if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and type(value[1]) is int:
        return value[0], value[1]
    return None
