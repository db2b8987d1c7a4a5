"""What is compared: units of a protocol, ours and Wireshark's, put side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

__all__ = ["ONLY_OURS", "ONLY_WIRESHARK", "Comparison", "Difference", "Unit", "Value", "compare"]

Value = int | str | bytes | bool | tuple["Value", ...] | None
"""What a field of a unit may be."""

ONLY_OURS, ONLY_WIRESHARK = "only ours", "only Wireshark's"
"""``Difference.field`` of units that only one side has."""

_LONGEST_ALIGNED = 4000
"""Units of one direction that are aligned as a whole; longer rows are aligned packet by packet."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One thing that both sides should have: a frame, a message, a header block.

    Args:
        kind: Which, e.g. ``websocket.frame``.
        where: Connection or flow number, the sending endpoint (0 = A, 1 = B), and in HTTP/2 the stream: units of one
            place come in the same order on both sides.
        packet: Number of the packet in which it was complete.
        values: Its fields; a field that only one side has is not compared.
        source: The object it was made from.
        identity: Names of the fields by which units of the two sides are matched.
    """

    kind: str
    where: tuple[int, ...]
    packet: int
    values: dict[str, Value]
    source: object = None
    identity: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[Value, ...]:
        """What it is matched by."""
        return tuple(self.values.get(name) for name in self.identity)


@dataclass(slots=True)
class Difference:
    """A field that is not the same on both sides.

    Args:
        kind: Of the unit, or ``field`` for columns.
        field: Which; ``ONLY_OURS`` or ``ONLY_WIRESHARK`` when a side lacks the unit.
        packet: Number of the packet, ours where both have one.
        ours, wireshark: The values.
        unit, other: The units they are in: ours and Wireshark's.
        reason: Id of the reason why it is Wireshark's fault or choice, None when it is not explained.
    """

    kind: str
    field: str
    packet: int
    ours: Value
    wireshark: Value
    unit: Unit | None = None
    other: Unit | None = None
    reason: str | None = None


@dataclass(slots=True)
class Comparison:
    """What came out of comparing.

    Args:
        agreements: Number of equal values by kind and field.
        units: Number of units by kind that both sides have.
        differences: What was not equal.
    """

    agreements: Counter[tuple[str, str]] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)

    def add(self, other: Comparison) -> None:
        """Join the results of another comparison."""
        self.agreements += other.agreements
        self.units += other.units
        self.differences += other.differences


def compare(ours: Iterable[Unit], theirs: Iterable[Unit]) -> Comparison:
    """Match units by kind, place and identity in their order, and compare their fields."""
    found = Comparison()
    rows: dict[tuple[str, tuple[int, ...]], tuple[list[Unit], list[Unit]]] = {}
    for side, units in enumerate((ours, theirs)):
        for unit in units:
            rows.setdefault((unit.kind, unit.where), ([], []))[side].append(unit)
    for mine, other in rows.values():
        for one, two in _pairs(mine, other):
            _compare_pair(one, two, found)
    found.differences.sort(key=lambda item: (item.packet, item.kind, item.field))
    return found


def _pairs(ours: list[Unit], theirs: list[Unit]) -> Iterator[tuple[Unit | None, Unit | None]]:
    if max(len(ours), len(theirs)) > _LONGEST_ALIGNED:
        packets = sorted({unit.packet for unit in (*ours, *theirs)})
        by_packet: dict[int, tuple[list[Unit], list[Unit]]] = {packet: ([], []) for packet in packets}
        for side, units in enumerate((ours, theirs)):
            for unit in units:
                by_packet[unit.packet][side].append(unit)
        for mine, other in by_packet.values():
            yield from _aligned(mine, other)
    else:
        yield from _aligned(ours, theirs)


def _aligned(ours: Sequence[Unit], theirs: Sequence[Unit]) -> Iterator[tuple[Unit | None, Unit | None]]:
    keys = [unit.key for unit in ours], [unit.key for unit in theirs]
    if keys[0] == keys[1]:
        yield from zip(ours, theirs, strict=True)
        return
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, keys[0], keys[1], autojunk=False).get_opcodes():
        mine, other = ours[i1:i2], theirs[j1:j2]
        both = min(len(mine), len(other)) if tag != "replace" or len(mine) == len(other) else 0
        yield from zip(mine[:both], other[:both], strict=True)
        yield from ((unit, None) for unit in mine[both:])
        yield from ((None, unit) for unit in other[both:])


def _compare_pair(ours: Unit | None, theirs: Unit | None, found: Comparison) -> None:
    if ours is None or theirs is None:
        unit = ours or theirs
        assert unit is not None  # one of them is
        name = ONLY_OURS if theirs is None else ONLY_WIRESHARK
        key = unit.key
        mine, other = (key, None) if theirs is None else (None, key)
        found.differences.append(Difference(unit.kind, name, unit.packet, mine, other, ours, theirs))
        return
    found.units[ours.kind] += 1
    both: dict[str, tuple[Value, Value]] = {
        "packet": (ours.packet, theirs.packet),
        **{name: (ours.values[name], theirs.values[name]) for name in ours.values if name in theirs.values},
    }
    for name, (one, two) in both.items():
        if one == two:
            found.agreements[ours.kind, name] += 1
        else:
            found.differences.append(Difference(ours.kind, name, ours.packet, one, two, ours, theirs))
