"""Rooms with too many messages are counted and not compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from inspector.analysis import deliveries
from tests.rules.cases import facts_of
from tests.rules.channels_film import json, room
from tests.rules.film import Film


def _two_rooms(film: Film) -> None:
    for path, count in (("/ws/chat/small/", 1), ("/ws/chat/large/", 4)):
        for member in room(film, 2, path):
            for number in range(count):
                json(member, 2.0 + number, False, text="news")


def test_the_smallest_rooms_are_compared_first_and_the_others_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliveries, "MOST_MESSAGES", 9)
    facts = facts_of(tmp_path / "rooms.pcap", _two_rooms)
    assert [(r.path, r.messages) for r in facts.rooms] == [("/ws/chat/small/", 2)]
    assert [(r.path, r.messages) for r in facts.large_rooms] == [("/ws/chat/large/", 8)]
    monkeypatch.setattr(deliveries, "MOST_MESSAGES", 10)
    assert len(facts_of(tmp_path / "rooms.pcap", _two_rooms).rooms) == 2
