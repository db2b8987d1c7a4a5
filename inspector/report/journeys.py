"""Journeys of messages as JSON-ready values and as lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inspector.analysis.facts import Facts
from inspector.analysis.journeys import FanOut
from inspector.i18n import N_, _, ngettext
from inspector.model.journey import Arrival, Hop, Journey
from inspector.report.clean import clean
from inspector.report.duration import duration_text

__all__ = ["HOPS", "REASONS", "fan_out_lines", "journey_json", "journey_line", "journey_lines", "lost"]

_SHOWN_CHARACTERS = 60

HOPS = {
    "wire": N_("on the wire"),
    "rx": N_("the server has it"),
    "dispatch": N_("the consumer is done with it"),
    "group": N_("group_send"),
    "queue": N_("out of the recipient's queue"),
    "handler": N_("the recipient's handler begins"),
    "tx": N_("handed to the server program"),
}
REASONS = {
    "not_dispatched": N_("its consumer never took it out of the queue"),
    "nothing_sent": N_("its handler sent nothing"),
    "not_on_the_wire": N_("it was sent and is not in the capture"),
    "not_seen": N_("no copy was seen"),
}


def lost(journey: Journey) -> int:
    """Members that should have got it and did not; a handler that sends nothing decided so."""
    return sum(missing.reason != "nothing_sent" for missing in journey.missing)


def journey_json(facts: Facts, journey: Journey, *, payload: bool = True) -> dict[str, Any]:  # Any: JSON
    """A journey: times in nanoseconds since the epoch, connections as in ``inspector connections``."""
    return {
        "number": journey.number,
        "exact": journey.exact,
        "confidence": journey.confidence,
        "connection": journey.connection,
        "message": journey.message,
        "packet": journey.packet,
        "time_ns": journey.at_ns,
        "group": journey.group,
        **({"text": _text(facts, journey)} if payload else {}),
        "hops": [_hop_json(hop) for hop in journey.hops],
        "recipients": [_arrival_json(arrival) for arrival in journey.arrivals],
        "missing": [
            {"connection": item.connection, "reason": item.reason, "channel": item.channel} for item in journey.missing
        ],
        "sql": None
        if journey.sql is None
        else {"queries": journey.sql.queries, "repeated": journey.sql.repeated, "ns": journey.sql.ns},
        "duration_ns": journey.duration_ns,
    }


def _arrival_json(arrival: Arrival) -> dict[str, Any]:  # Any: JSON
    return {
        "connection": arrival.connection,
        "message": arrival.message,
        "packet": arrival.packet,
        "time_ns": arrival.at_ns,
        "latency_ns": arrival.latency_ns,
        "confidence": arrival.confidence,
        "rivals": arrival.rivals,
        "hops": [_hop_json(hop) for hop in arrival.hops],
    }


def _hop_json(hop: Hop) -> dict[str, Any]:  # Any: JSON
    return {
        "name": hop.name,
        "at_ns": hop.at_ns,
        "duration_ns": hop.duration_ns,
        "packet": hop.packet or None,
        "detail": hop.detail,
    }


def journey_line(facts: Facts, journey: Journey) -> str:
    """One line: who said what, how many got it, how long it took, how sure that is."""
    took = duration_text(journey.duration_ns) if journey.duration_ns is not None else "?"
    count = len(journey.arrivals)
    if lost(journey):
        said = ngettext("{count} of {of} recipients in {took}", "{count} of {of} recipients in {took}", count)
    else:
        said = ngettext("{count} recipient in {took}", "{count} recipients in {took}", count)
    parts = [
        f"{journey.number:>5} {journey.packet or '?':>7} {_seconds(facts, journey.at_ns):>11}  #{journey.connection:<3}",
        said.format(count=count, of=count + lost(journey), took=took),
        _sure(journey),
        clean(_text(facts, journey)),
    ]
    return "  ".join(parts)


def journey_lines(facts: Facts, journey: Journey) -> Iterator[str]:
    """Everything about one journey: its hops, those of each recipient, who is missing, the SQL."""
    yield journey_line(facts, journey)
    yield "  " + _("group {name}").format(name=clean(journey.group))
    for hop in journey.hops:
        yield "  " + _hop_line(hop, journey.at_ns)
    if journey.sql is not None and journey.sql.queries:
        yield "  " + _("SQL: {queries} queries, {repeated} of them repeated, {took}").format(
            queries=journey.sql.queries, repeated=journey.sql.repeated, took=duration_text(journey.sql.ns)
        )
    for arrival in journey.arrivals:
        late = duration_text(arrival.latency_ns) if arrival.latency_ns is not None else "?"
        packet = arrival.packet or "?"
        sure = "" if journey.exact else "  " + _confidence(arrival.confidence, arrival.rivals)
        yield f"  > #{arrival.connection}  {late}  " + _("packet {packet}").format(packet=packet) + sure
        for hop in arrival.hops:
            yield "      " + _hop_line(hop, journey.at_ns)
    for missing in journey.missing:
        who = clean(f"#{missing.connection}" if missing.connection is not None else missing.channel)
        mark = "-" if missing.reason == "nothing_sent" else "X"
        yield f"  {mark} {who}  {_(REASONS[missing.reason])}"


def fan_out_lines(groups: FanOut) -> Iterator[str]:
    """Latencies by group."""
    for group, (count, median, most, worst) in groups.items():
        text = ngettext(
            "{group}: {count} delivery, p50 {median}, p95 {most}, max {worst}",
            "{group}: {count} deliveries, p50 {median}, p95 {most}, max {worst}",
            count,
        )
        times = {"median": duration_text(median), "most": duration_text(most), "worst": duration_text(worst)}
        yield text.format(group=clean(group), count=count, **times)


def _hop_line(hop: Hop, start_ns: int) -> str:
    parts = [f"+{duration_text(max(hop.at_ns - start_ns, 0)):>9}", _(HOPS[hop.name])]
    if hop.duration_ns is not None:
        parts.append(f"({duration_text(hop.duration_ns)})")
    if hop.packet:
        parts.append(_("packet {packet}").format(packet=hop.packet))
    return "  ".join([*parts, clean(hop.detail)] if hop.detail else parts)


def _sure(journey: Journey) -> str:
    if journey.exact:
        return _("exact")
    return _confidence(journey.confidence, max((arrival.rivals for arrival in journey.arrivals), default=0))


def _confidence(confidence: float, rivals: int) -> str:
    if not rivals:
        return _("inferred, confidence {percent} %").format(percent=round(100 * confidence))
    text = ngettext(
        "inferred, confidence {percent} %, {rivals} rival", "inferred, confidence {percent} %, {rivals} rivals", rivals
    )
    return text.format(percent=round(100 * confidence), rivals=rivals)


def _text(facts: Facts, journey: Journey) -> str:
    if journey.message < 0:
        return ""
    content = facts.websockets.content(journey.message) or b""
    text = content[: 4 * _SHOWN_CHARACTERS].decode("utf-8", "replace")
    return text[:_SHOWN_CHARACTERS] + ("…" if len(text) > _SHOWN_CHARACTERS else "")


def _seconds(facts: Facts, time_ns: int) -> str:
    start = int(facts.capture.packets.time_ns[0]) if facts.capture.packet_count else 0
    return f"{(time_ns - start) / 1e9:.6f}"
