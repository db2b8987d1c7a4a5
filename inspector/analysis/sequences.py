"""Messages that number themselves: what each member of a room got, and which numbers it missed."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inspector.analysis.contents import json_of

if TYPE_CHECKING:
    from inspector.analysis.deliveries import Room
    from inspector.analysis.sockets import Socket

__all__ = ["Losses", "numbered_losses"]

_LEAST_NUMBERED = 20
"""Rising numbers that make a key a sequence number and not something that happens to rise."""


@dataclass(frozen=True, slots=True)
class Losses:
    """What one member missed of a numbered burst.

    Args:
        socket: The member.
        missing: Numbers that it missed, ascending.
        first, last: Of the burst.
        before_packet, after_packet: Packets around the first gap.
        time_ns: When the burst began.
        rate: Most messages per second that the room was sent.
    """

    socket: Socket
    missing: tuple[int, ...]
    first: int
    last: int
    before_packet: int
    after_packet: int
    time_ns: int
    rate: int


def numbered_losses(room: Room) -> list[Losses]:
    """Members of a room that missed numbers which the numbers around them, or other members, show to exist."""
    seen: list[tuple[Socket, list[tuple[int, int, int]]]] = []
    for member in room.members:
        numbers = _numbers(member)
        if numbers:
            seen.append((member, numbers))
    if not seen:
        return []
    first = min(numbers[0][0] for _, numbers in seen)
    last = max(numbers[-1][0] for _, numbers in seen)
    start = min(numbers[0][1] for _, numbers in seen)
    found = []
    for member, numbers in seen:
        have = {number for number, _, _ in numbers}
        missing = tuple(number for number in range(first, last + 1) if number not in have)
        if not missing:
            continue
        before = max((n for n in numbers if n[0] < missing[0]), default=numbers[0])
        after = min((n for n in numbers if n[0] > missing[0]), default=numbers[-1])
        rate = max(_rate([time_ns for _, time_ns, _ in other]) for _, other in seen)
        found.append(Losses(member, missing, first, last, before[2], after[2], start, rate))
    return found


def _numbers(member: Socket) -> list[tuple[int, int, int]]:
    """(number, time, packet) of the member's numbered messages; empty when it got none."""
    rows, times = member.messages(True)
    values = [(json_of(member.content(row)), int(t), row) for row, t in zip(rows.tolist(), times.tolist(), strict=True)]
    dicts = [(v, t, row) for v, t, row in values if isinstance(v, dict)]
    for key in dicts[len(dicts) // 2][0] if dicts else ():
        numbered = [(v[key], t, member.packet_of(row)) for v, t, row in dicts if type(v.get(key)) is int]
        rising = all(a[0] < b[0] for a, b in itertools.pairwise(numbered))
        if len(numbered) >= _LEAST_NUMBERED and rising and numbered[-1][0] - numbered[0][0] < 50 * len(numbered):
            return numbered
    return []


def _rate(times: list[int]) -> int:
    """Most messages within one second."""
    most = start = 0
    for end, time_ns in enumerate(times):
        while time_ns - times[start] > 10**9:
            start += 1
        most = max(most, end - start + 1)
    return most
