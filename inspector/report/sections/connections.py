"""The connections of a source: who, when, how much, how each ended."""

from __future__ import annotations

import numpy as np

from inspector.i18n import speaking
from inspector.report.both import LANGUAGES
from inspector.report.connections import ending_texts
from inspector.report.sections.subject import Json, Subject

__all__ = ["MOST_ROWS", "chosen_connections", "connections_json"]

MOST_ROWS = 5_000
"""Connections listed: a person reads fifty, a search goes over these."""


def chosen_connections(subject: Subject, most: int) -> list[int]:
    """The connections that matter most: those with findings, then WebSockets, then by bytes; in order of number."""
    table = subject.capture.connections
    size = table.bytes_a + table.bytes_b
    order = np.argsort(-size, kind="stable").tolist()
    wanted = dict.fromkeys([*subject.remarkable, *subject.websockets_of, *order])
    return sorted(list(wanted)[:most])


def connections_json(subject: Subject) -> Json:
    """The section: rows, and how many were left out."""
    capture = subject.capture
    numbers = chosen_connections(subject, MOST_ROWS)
    rows = np.array(numbers, np.intp)
    endings = {}
    for language in LANGUAGES:
        with speaking(language):
            endings[language] = ending_texts(capture, rows)
    items = []
    for place, number in enumerate(numbers):
        row = _row(subject, number)
        en, ko = (endings[language][place] for language in LANGUAGES)
        row["ending_text"] = en if en == ko else {"en": en, "ko": ko}
        row["protocol"] = _protocol(subject, number)
        items.append(row)
    return {"total": len(capture.connections), "rows": items}


def _row(subject: Subject, number: int) -> Json:
    connection = subject.capture.connections[number]
    interface = int(subject.capture.packets.interface[connection.first_packet - 1])
    return {
        "id": subject.key(number),
        "source": subject.index,
        "number": number,
        "client": str(connection.client),
        "server": str(connection.server),
        "client_is_guess": connection.client_is_guess,
        "leg": subject.text(subject.capture.interfaces[interface].name),
        "grade": subject.capture.interfaces[interface].grade.code,
        "start_ns": connection.start_ns,
        "duration_ns": connection.duration_ns,
        "packets": list(connection.packets),
        "bytes": list(connection.bytes),
        "payload": list(connection.payload),
        "resent": list(connection.resent),
        "missing": list(connection.missing),
        "unseen": list(connection.unseen),
        "zero_windows": list(connection.zero_windows),
        "first_packet": connection.first_packet,
        "last_packet": connection.last_packet,
        "rtt_ns": connection.rtt_ns if connection.rtt_plausible else None,
        "ending": connection.ending.code,
        "ended_by": connection.ended_by,
        "end_packet": connection.end_packet,
        "findings": [],
    }


def _protocol(subject: Subject, number: int) -> str:
    """What was spoken, as far as it was decoded: ``TLS HTTP WebSocket``."""
    names = []
    exchanges = subject.exchanges_of.get(number)
    if number in subject.facts.tls:
        names.append("TLS")
    if exchanges:
        names.append("HTTP/2" if exchanges[0].stream is not None else "HTTP")
    if number in subject.websockets_of:
        names.append("WebSocket")
    return " ".join(names) or "TCP"
