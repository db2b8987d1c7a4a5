"""Evidence only where something was captured."""

from __future__ import annotations

import pytest

from inspector.model.finding import Evidence, Text
from inspector.rules.places import first, place


def test_the_first_of_a_pair() -> None:
    assert (first((7, 9)), first(None)) == (7, None)


@pytest.mark.parametrize(("packet", "packets"), [(3, [3]), (0, []), (None, [])])
def test_a_place_needs_a_packet(packet: int | None, packets: list[int]) -> None:
    assert place(packet, Text("ping")) == tuple(Evidence(number, note=Text("ping")) for number in packets)
