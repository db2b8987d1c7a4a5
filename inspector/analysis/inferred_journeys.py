"""Journeys inferred from the wire alone, each with its confidence and the number of rivals.

In a room (one address at one server) a message said and a message received belong together when the received one contains a
text of the said one. When the same text is said again and again, nearest in time is wrong as soon as delivery takes longer than
the gap between messages; so the sequences are aligned: for each receiver and text, the k-th said with the k-th received, and
where their numbers differ, the alignment that leaves as few unmatched as possible and has the most even latencies.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from inspector.analysis.contents import json_of, leaves
from inspector.model.journey import Arrival, Journey, Missing

if TYPE_CHECKING:
    from inspector.analysis.deliveries import Room
    from inspector.analysis.facts import Facts
    from inspector.analysis.sockets import Socket

__all__ = ["align", "inferred_journeys"]

_MOST_MESSAGES = 20_000
"""Messages of a room that are compared."""
_LONGEST_NS = 30 * 10**9
"""A copy that comes later is not taken for this message's."""
_MOST_ALIGNED = 400
"""Repetitions of one text to one receiver that are aligned exactly; more are taken in order."""
_SKIP_COST = 60.0
"""Seconds of unevenness that leaving one message unmatched is worth."""
_SINGLE, _IN_STEP, _REPAIRED, _CROWDED = 0.95, 0.9, 0.6, 0.4
"""Confidence: no rival; as many received as said; numbers differ; numbers differ and rivals are near."""
_RECIPIENTS = ("to", "recipients", "targets", "user_ids", "users")
_MOST_NEAR = 2


def inferred_journeys(facts: Facts) -> list[Journey]:
    """Journeys in all rooms with at least two members; replies to the sender alone are in there as well."""
    return [journey for room in facts.rooms for journey in _of_room(room)]


def _of_room(room: Room) -> list[Journey]:
    said: list[tuple[int, Socket, int, str, bool]] = []
    for member in room.members:
        rows, times = member.messages(False)
        if len(said) + len(rows) > _MOST_MESSAGES:
            return []
        for row, time_ns in zip(rows.tolist(), times.tolist(), strict=True):
            content = member.content(row)
            # One syllable is a whole answer in Korean: 네.
            texts = leaves(content, 1)
            if time_ns >= 0 and texts:
                value = json_of(content)
                aimed = isinstance(value, dict) and any(value.get(key) for key in _RECIPIENTS)
                said.append((time_ns, member, row, max(texts, key=lambda text: (len(text), text)), aimed))
    said.sort(key=lambda item: (item[0], item[2]))
    journeys = [
        Journey(0, False, member.connection, row, member.packet_of(row), time_ns, room.path)
        for time_ns, member, row, _text, _aimed in said
    ]
    by_text: dict[str, list[int]] = defaultdict(list)
    for index, item in enumerate(said):
        by_text[item[3]].append(index)
    for member in room.members:
        _deliver(member, said, by_text, journeys)
    for (time_ns, _sender, _row, _text, aimed), journey in zip(said, journeys, strict=True):
        journey.arrivals.sort(key=lambda arrival: (arrival.at_ns or 0, arrival.connection))
        if not aimed and len(journey.arrivals) >= 2:
            got = {arrival.connection for arrival in journey.arrivals}
            last = max(arrival.at_ns or 0 for arrival in journey.arrivals)
            journey.missing = [
                Missing(member.connection, "not_seen")
                for member in room.members
                if member.connection not in got and member.open_at(time_ns) and member.open_at(last)
            ]
    return [journey for journey in journeys if journey.arrivals]


def _deliver(
    member: Socket,
    said: list[tuple[int, Socket, int, str, bool]],
    by_text: dict[str, list[int]],
    journeys: list[Journey],
) -> None:
    """Match what one member received with what was said while it was there."""
    rows, times = member.messages(True)
    received: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for row, time_ns in zip(rows.tolist(), times.tolist(), strict=True):
        if time_ns < 0:
            continue
        for text in leaves(member.content(row), 1):
            if text in by_text:
                received[text].append((time_ns, row))
    taken: set[int] = set()
    # Longer texts tell more: a copy goes to the first that claims it.
    for text in sorted(received, key=lambda text: (-len(text), text)):
        candidates = [index for index in by_text[text] if member.open_at(said[index][0])]
        copies = [(time_ns, row) for time_ns, row in received[text] if row not in taken]
        asked = [said[index][0] for index in candidates]
        pairs = align(asked, [time_ns for time_ns, _row in copies])
        in_step = len(asked) == len(copies)
        for one, other in pairs:
            time_ns, row = copies[other]
            latency = time_ns - asked[one]
            rivals = sum(0 <= time_ns - start <= _LONGEST_NS for start in asked) - 1
            near = sum(abs(start - asked[one]) <= max(latency, 1) for start in asked) - 1
            confidence = (
                _SINGLE if rivals == 0 else _IN_STEP if in_step else _REPAIRED if near < _MOST_NEAR else _CROWDED
            )
            taken.add(row)
            journeys[candidates[one]].arrivals.append(
                Arrival(
                    member.connection,
                    row,
                    member.packet_of(row),
                    time_ns,
                    latency,
                    confidence=confidence,
                    rivals=rivals,
                )
            )


def align(said: list[int], received: list[int]) -> list[tuple[int, int]]:
    """Pairs (index said, index received), both ascending, that explain the most copies with the most even latencies.

    Args:
        said, received: Times in nanoseconds, ascending. A copy is never before what it is a copy of.
    """
    fits = [(s, r) for s, r in zip(said, received, strict=False) if 0 <= r - s <= _LONGEST_NS]
    if len(said) == len(received) == len(fits):
        return [(index, index) for index in range(len(said))]
    if len(said) > _MOST_ALIGNED or len(received) > _MOST_ALIGNED:
        return _in_order(said, received)
    usual = _usual_latency(said, received)
    # Least cost over prefixes: skip one of either, or pair both.
    cost = [[_SKIP_COST * other for other in range(len(received) + 1)]]
    for one, start in enumerate(said):
        row = [cost[one][0] + _SKIP_COST]
        for other, end in enumerate(received):
            best = min(cost[one][other + 1], row[other]) + _SKIP_COST
            if 0 <= end - start <= _LONGEST_NS:
                best = min(best, cost[one][other] + abs(end - start - usual) / 1e9)
            row.append(best)
        cost.append(row)
    return _read_back(cost, said, received, usual)


def _read_back(cost: list[list[float]], said: list[int], received: list[int], usual: int) -> list[tuple[int, int]]:
    pairs = []
    one, other = len(said), len(received)
    while one and other:
        gap = received[other - 1] - said[one - 1]
        paired = cost[one - 1][other - 1] + abs(gap - usual) / 1e9
        if 0 <= gap <= _LONGEST_NS and cost[one][other] == paired:
            pairs.append((one - 1, other - 1))
            one, other = one - 1, other - 1
        elif cost[one][other] == cost[one - 1][other] + _SKIP_COST:
            one -= 1
        else:
            other -= 1
    return pairs[::-1]


def _in_order(said: list[int], received: list[int]) -> list[tuple[int, int]]:
    """Each copy with the earliest that is still free: for very long repetitions."""
    pairs, one = [], 0
    for other, end in enumerate(received):
        while one < len(said) and end - said[one] > _LONGEST_NS:
            one += 1
        if one < len(said) and said[one] <= end:
            pairs.append((one, other))
            one += 1
    return pairs


def _usual_latency(said: list[int], received: list[int]) -> int:
    """The median distance of a copy from the latest before it: an estimate that a few losses do not spoil."""
    distances = []
    one = 0
    for end in received:
        while one + 1 < len(said) and said[one + 1] <= end:
            one += 1
        if said and said[one] <= end:
            distances.append(end - said[one])
    return sorted(distances)[len(distances) // 2] if distances else 0
