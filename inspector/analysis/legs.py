"""The two legs of a proxied handshake: the proxy passes Sec-WebSocket-Key on, which is random, so it joins them."""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from inspector.model.ending import Ending

if TYPE_CHECKING:
    from inspector.analysis.facts import Facts
    from inspector.model.http import HttpMessage
    from inspector.recording.http import HttpExchange

__all__ = ["upstream_legs"]

_ADDED = ("x-forwarded-for", "x-real-ip", "x-forwarded-proto", "forwarded", "via")
_WITHIN_NS = 10 * 10**9
"""A proxy asks the server at once; a key that comes back later is a replay."""


def upstream_legs(facts: Facts) -> dict[int, int]:
    """Connections to a proxy that asked for a WebSocket, and the connection on which the proxy asked for it."""
    by_key: dict[bytes, list[tuple[int, int]]] = {}
    for time_ns, item, request in _requests(facts):
        for key in request.values("sec-websocket-key")[:1]:
            by_key.setdefault(key, []).append((time_ns, item.connection))
    found = _nested(facts) | _refused(facts)
    for seen in by_key.values():
        seen.sort()
        for (first_ns, first), (second_ns, second) in itertools.pairwise(seen):
            if second_ns - first_ns <= _WITHIN_NS and _goes_on(facts, first, second):
                found[first] = second
    return found


def _requests(facts: Facts) -> Iterator[tuple[int, HttpExchange, HttpMessage]]:
    """Exchanges whose request was captured, with its time."""
    for item in facts.exchanges:
        if item.request_ns is not None:
            assert item.exchange.request is not None  # it has a time
            yield item.request_ns[0], item, item.exchange.request


def _nested(facts: Facts) -> dict[int, int]:
    """Ordinary requests that a known proxy passed on: the same method and target, asked and answered in between."""
    asked: dict[tuple[bytes | None, bytes | None], list[tuple[int, HttpExchange, HttpMessage]]] = {}
    for seen in _requests(facts):
        asked.setdefault((seen[2].method, seen[2].target), []).append(seen)
    found: dict[int, int] = {}
    for items in asked.values():
        items.sort(key=lambda seen: seen[0])
        times = [time_ns for time_ns, _, _ in items]
        for begin, front, _ in items:
            if not facts.server(front.connection).proxied:
                continue
            end = front.response_ns[0] if front.response_ns else begin + _WITHIN_NS
            for _, back, request in items[bisect_left(times, begin) : bisect_right(times, end)]:
                if any(map(request.values, _ADDED)) and _goes_on(facts, front.connection, back.connection):
                    found.setdefault(front.connection, back.connection)
                    break
    return found


def _refused(facts: Facts) -> dict[int, int]:
    """502: the connection that the proxy tried meanwhile and that was refused."""
    refused = np.array(facts.ended_as(Ending.REFUSED), np.int64)
    found: dict[int, int] = {}
    # Refused is answered at once: of several open requests it was the one that was answered first.
    for answer in sorted(facts.answered(502), key=lambda answer: answer.answered_ns):
        starts = facts.table.first_time_ns[refused]
        for number in refused[(answer.asked_ns <= starts) & (starts <= answer.answered_ns)].tolist():
            if _goes_on(facts, answer.connection, number):
                found.setdefault(answer.connection, number)
                refused = refused[refused != number]
                break
    return found


def _goes_on(facts: Facts, first: int, second: int) -> bool:
    """Whether the second connection can be opened by who answers the first: not the same server asked again."""
    return facts.server_name(first) != facts.server_name(second)
