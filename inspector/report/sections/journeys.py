"""Journeys of messages: those with somebody missing first, then the slowest."""

from __future__ import annotations

from inspector.analysis.journeys import fan_out, journeys_of
from inspector.i18n import _
from inspector.model.journey import Arrival, Hop, Journey
from inspector.report.both import Text, both
from inspector.report.journeys import HOPS, REASONS, lost
from inspector.report.sections.subject import Json, Subject

__all__ = ["fan_out_json", "journeys_json"]

_MOST = 24
"""Journeys in a report: what a person looks at; `inspector journey` has all."""
_MOST_RECIPIENTS = 40


def journeys_json(subject: Subject) -> list[Json]:
    """The journeys that tell the most: that did not reach everybody, then the slowest."""
    journeys = _all(subject)
    worth = sorted(journeys, key=lambda j: (-lost(j), -(j.duration_ns or 0), j.number))[:_MOST]
    return [_journey(subject, journey) for journey in worth]


def fan_out_json(subject: Subject) -> list[Json]:
    """How long messages took to their recipients, by group."""
    return [
        {"source": subject.index, "group": subject.masking.text(group), "deliveries": count, "p50_ns": median,
         "p95_ns": most, "max_ns": worst}
        for group, (count, median, most, worst) in fan_out(_all(subject)).items()
    ]  # fmt: skip


def _all(subject: Subject) -> list[Journey]:
    if not subject.facts.sockets:
        return []
    return journeys_of(subject.facts)


def _journey(subject: Subject, journey: Journey) -> Json:
    return {
        "number": journey.number,
        "source": subject.index,
        "message": _message(subject, journey.message),
        "exact": journey.exact,
        "confidence": round(journey.confidence, 2),
        "connection": subject.key(journey.connection),
        "group": subject.masking.text(journey.group),
        "at_ns": journey.at_ns,
        "duration_ns": journey.duration_ns,
        "hops": [_hop(subject, hop) for hop in journey.hops],
        "recipients": [_arrival(subject, arrival) for arrival in journey.arrivals[:_MOST_RECIPIENTS]],
        "left_out": max(len(journey.arrivals) - _MOST_RECIPIENTS, 0),
        "missing": [
            {
                "connection": None if item.connection is None else subject.key(item.connection),
                "code": item.reason,
                "reason": _both(REASONS[item.reason]),
            }
            for item in journey.missing
        ],
        "sql": None
        if journey.sql is None
        else {"queries": journey.sql.queries, "repeated": journey.sql.repeated, "ns": journey.sql.ns},
    }


def _arrival(subject: Subject, arrival: Arrival) -> Json:
    return {
        "connection": subject.key(arrival.connection),
        "message": _message(subject, arrival.message),
        "packet": subject.key(arrival.packet) if arrival.packet else None,
        "at_ns": arrival.at_ns,
        "latency_ns": arrival.latency_ns,
        "confidence": round(arrival.confidence, 2),
        "rivals": arrival.rivals,
        "hops": [_hop(subject, hop) for hop in arrival.hops],
    }


def _hop(subject: Subject, hop: Hop) -> Json:
    return {
        "code": hop.name,
        "name": _both(HOPS[hop.name]),
        "at_ns": hop.at_ns,
        "duration_ns": hop.duration_ns,
        "packets": [subject.key(hop.packet)] if hop.packet else [],
        "detail": subject.masking.text(hop.detail),
    }


def _message(subject: Subject, row: int) -> str | None:
    """The id of a message in the report; None where the capture does not hold it."""
    if row < 0:
        return None
    websockets = subject.capture.websockets
    number = int(websockets.messages.direction[row])
    direction = websockets.directions[number]
    return f"{subject.socket_of_direction[number]}-{direction.sender}-{row - direction.messages.start + 1}"


def _both(message: str) -> Text:
    return both(lambda: _(message))
