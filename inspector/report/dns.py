"""DNS lookups for people and programs."""

from __future__ import annotations

from typing import Any

from inspector.i18n import _, ngettext
from inspector.model.dns import RCODES, TYPES
from inspector.recording.dns import Lookup
from inspector.report.clean import clean

__all__ = ["lookup_json", "lookup_line"]


# Any: JSON.
def lookup_json(lookup: Lookup) -> dict[str, Any]:
    """A lookup as JSON-ready values."""
    answer = lookup.answer
    return {
        "name": lookup.name,
        "type": _type(lookup.type),
        "transport": "tcp" if lookup.tcp else "udp",
        "query_packets": lookup.queries,
        "answer_packet": lookup.answer_packet,
        "time_ns": lookup.query_ns if lookup.query_ns is not None else lookup.answer_ns,
        "latency_ns": lookup.latency_ns,
        "rcode": None if answer is None else RCODES.get(answer.rcode, str(answer.rcode)),
        "truncated": None if answer is None else answer.truncated,
        "answers": None
        if answer is None
        else [{"name": r.name, "type": _type(r.type), "ttl": r.ttl, "data": r.data} for r in answer.answers],
        "anomalies": [] if answer is None else [anomaly.code for anomaly in answer.anomalies],
    }


def lookup_line(lookup: Lookup) -> str:
    """A lookup on one line."""
    first = lookup.queries[0] if lookup.queries else lookup.answer_packet
    parts = [f"{first:>6}  {clean(lookup.name or '.')} {_type(lookup.type)}"]
    if lookup.answer is None:
        parts.append(_("no answer"))
    else:
        data = ", ".join(clean(record.data) for record in lookup.answer.answers)
        parts.append(data or RCODES.get(lookup.answer.rcode, str(lookup.answer.rcode)))
    if lookup.latency_ns is not None:
        parts.append(f"{lookup.latency_ns / 1e6:.1f} ms")
    if len(lookup.queries) > 1:
        count = len(lookup.queries)
        parts.append(ngettext("asked {count} time", "asked {count} times", count).format(count=count))
    return "  ".join(parts)


def _type(number: int) -> str:
    return TYPES.get(number, f"TYPE{number}")
