"""Journeys of messages: exact with the server's trace, inferred from the wire without it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from inspector.analysis.inferred_journeys import inferred_journeys
from inspector.analysis.traced_journeys import traced_journeys
from inspector.model.journey import Journey

if TYPE_CHECKING:
    from inspector.analysis.facts import Facts

__all__ = ["FanOut", "fan_out", "journeys_of"]

FanOut = dict[str, tuple[int, int, int, int]]
"""By group: number of deliveries, and their latency p50, p95 and maximum in nanoseconds."""


def journeys_of(facts: Facts) -> list[Journey]:
    """All journeys in order of time: from the trace where there is one, otherwise inferred."""
    found = traced_journeys(facts) if facts.trace is not None else inferred_journeys(facts)
    found.sort(key=lambda journey: (journey.at_ns, journey.connection, journey.message))
    for number, journey in enumerate(found, 1):
        journey.number = number
    return found


def fan_out(journeys: Sequence[Journey]) -> FanOut:
    """How long messages took to their recipients, by group."""
    latencies: dict[str, list[int]] = {}
    for journey in journeys:
        times = [arrival.latency_ns for arrival in journey.arrivals if arrival.latency_ns is not None]
        latencies.setdefault(journey.group, []).extend(times)
    found: FanOut = {}
    for group, times in sorted(latencies.items()):
        if times:
            median, most, worst = (int(value) for value in np.percentile(times, (50, 95, 100), method="lower"))
            found[group] = (len(times), median, most, worst)
    return found
