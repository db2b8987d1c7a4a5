"""The two legs of a proxied handshake: the proxy passes Sec-WebSocket-Key on, which is random, so it joins them."""

from __future__ import annotations

import itertools
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from inspector.model.ending import Ending

if TYPE_CHECKING:
    from inspector.analysis.facts import Facts
    from inspector.recording.http import HttpExchange

__all__ = ["upstream_legs"]

_ADDED = ("x-forwarded-for", "x-real-ip", "x-forwarded-proto", "forwarded", "via")
_WITHIN_NS = 10 * 10**9
"""A proxy asks the server at once; a key that comes back later is a replay."""


def upstream_legs(facts: Facts) -> dict[int, int]:
    """Connections to a proxy that asked for a WebSocket, and the connection on which the proxy asked for it."""
    by_key: dict[bytes, list[tuple[int, int]]] = {}
    for item in facts.exchanges:
        request = item.exchange.request
        key = request.header("sec-websocket-key") if request is not None else None
        if key and item.request_ns is not None:
            by_key.setdefault(key, []).append((item.request_ns[0], item.connection))
    found = _nested(facts) | _refused(facts)
    for seen in by_key.values():
        seen.sort()
        for (first_ns, first), (second_ns, second) in itertools.pairwise(seen):
            if first != second and second_ns - first_ns <= _WITHIN_NS and _goes_on(facts, first, second):
                found[first] = second
    return found


def _nested(facts: Facts) -> dict[int, int]:
    """Ordinary requests that a known proxy passed on: the same method and target, asked and answered in between."""
    asked: dict[tuple[bytes, bytes], list[HttpExchange]] = {}
    for item in facts.exchanges:
        request = item.exchange.request
        if request is not None and item.request_ns is not None and item.stream is None:
            asked.setdefault((request.method or b"", request.target or b""), []).append(item)
    found: dict[int, int] = {}
    for items in asked.values():
        items.sort(key=lambda item: item.request_ns or (0, 0))
        starts = [item.request_ns[0] for item in items if item.request_ns]
        for front in items:
            if not facts.server(front.connection).proxied or front.connection in found or front.request_ns is None:
                continue
            end = front.response_ns[0] if front.response_ns else facts.table[front.connection].start_ns + _WITHIN_NS
            for back in items[bisect_left(starts, front.request_ns[0]) : bisect_right(starts, end)]:
                inside = back.request_ns is not None and front.request_ns[0] <= back.request_ns[0] <= end
                if (
                    inside
                    and back is not front
                    and _by_proxy(back)
                    and _goes_on(facts, front.connection, back.connection)
                ):
                    found[front.connection] = back.connection
                    break
    return found


def _refused(facts: Facts) -> dict[int, int]:
    """502: the connection that the proxy tried meanwhile and that was refused."""
    answered = [
        (item.request_ns[0], item.response_ns[0], item.connection)
        for item in facts.answered(502)
        if item.request_ns is not None and item.response_ns is not None
    ]
    found: dict[int, int] = {}
    for number in facts.ended_as(Ending.REFUSED) if answered else ():
        start_ns = facts.table[number].start_ns
        # Refused is answered at once: of several open requests it was the one that was answered first.
        near = [
            (end_ns, front)
            for begin_ns, end_ns, front in answered
            if begin_ns <= start_ns <= end_ns and front not in found and _goes_on(facts, front, number)
        ]
        if near:
            found[min(near)[1]] = number
    return found


def _by_proxy(item: HttpExchange) -> bool:
    """Whether a request carries what proxies add."""
    request = item.exchange.request
    return request is not None and any(request.values(name) for name in _ADDED)


def _goes_on(facts: Facts, first: int, second: int) -> bool:
    """Whether the second connection can be opened by who answers the first: not the same server asked again."""
    return facts.server_name(first) != facts.server_name(second)
