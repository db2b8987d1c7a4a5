"""What is in the sources and not in the report, counted."""

from __future__ import annotations

from inspector.i18n import N_, _
from inspector.report.both import Text, both
from inspector.report.sections.subject import Json

__all__ = ["left_out_json"]

_SENTENCES = {
    "connections": N_("{kept} of {total} connections are listed"),
    "exchanges": N_("{kept} of {total} HTTP exchanges are listed"),
    "exchange_details": N_("Headers and bodies of {kept} of {total} HTTP exchanges are in this file"),
    "message_rows": N_("{kept} of {total} WebSocket messages are listed"),
    "message_text": N_("The content of {kept} of {total} WebSocket messages is in this file"),
    "message_frames": N_("{kept} of {total} WebSocket messages are taken apart frame by frame"),
    "packet_rows": N_("{kept} of {total} packets are listed"),
    "packet_bytes": N_("The bytes of {kept} of {total} packets are in this file"),
}


def left_out_json(sections: list[Json]) -> list[Json]:
    """What was left out, for each source; nothing where all is there."""
    rows: list[Json] = []
    for index, section in enumerate(sections):
        for what, (kept, total) in _counts(section).items():
            if kept < total:
                text = _text(what, kept, total)
                rows.append({"what": what, "source": index, "kept": kept, "total": total, "text": text})
    return rows


def _counts(section: Json) -> dict[str, tuple[int, int]]:
    connections, exchanges = section["connections"], section["exchanges"]
    messages, packets = section["websockets"]["messages"], section["packets"]["table"]
    return {
        "connections": (len(connections["rows"]), connections["total"]),
        "exchanges": (len(exchanges["rows"]), exchanges["total"]),
        "exchange_details": (exchanges["detailed"], exchanges["total"]),
        "message_rows": (messages["rows"], messages["total"]),
        "message_text": (messages["with_text"], messages["total"]),
        "message_frames": (len(section["websockets"]["details"]), messages["total"]),
        "packet_rows": (packets["rows"], packets["total"]),
        "packet_bytes": (len(section["packets"]["views"]), packets["total"]),
    }


def _text(what: str, kept: int, total: int) -> Text:
    return both(lambda: _(_SENTENCES[what]).format(kept=f"{kept:,}", total=f"{total:,}"))
