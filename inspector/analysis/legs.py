"""The two legs of a proxied handshake: the proxy passes Sec-WebSocket-Key on, which is random, so it joins them."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inspector.analysis.facts import Facts

__all__ = ["upstream_legs"]

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
    found: dict[int, int] = {}
    for seen in by_key.values():
        seen.sort()
        for (first_ns, first), (second_ns, second) in itertools.pairwise(seen):
            if first != second and second_ns - first_ns <= _WITHIN_NS and _goes_on(facts, first, second):
                found[first] = second
    return found


def _goes_on(facts: Facts, first: int, second: int) -> bool:
    """Whether the second connection can be opened by who answers the first: not the same server asked again."""
    return facts.table[first].server != facts.table[second].server
