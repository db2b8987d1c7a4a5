"""What facts leave out."""

from __future__ import annotations

from pathlib import Path

import pytest

import inspector
from inspector.analysis import deliveries
from inspector.analysis.facts import Facts
from tests.rules.channels_film import room
from tests.rules.film import Film


def test_pages_are_no_http2_and_no_tls_also_where_the_request_is_missing(tmp_path: Path) -> None:
    film = Film()
    film.tcp().open(0.0).get(0.1).answer(0.2)
    film.tcp().answer(1.0)
    facts = Facts(inspector.open(film.write(tmp_path / "a.pcap")))
    assert [item.exchange.request is None for item in facts.exchanges] == [False, True]
    assert (facts.http2, facts.tls_sessions) == ({}, [])


def test_a_room_is_compared_or_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    film = Film()
    for path, said in (("/ws/chat/small/", 1), ("/ws/chat/large/", 4)):
        for member in room(film, 2, path):
            for number in range(said):
                member.text(1.0 + number, False, f"hello {number}")
    monkeypatch.setattr(deliveries, "MOST_MESSAGES", 4)
    facts = Facts(inspector.open(film.write(tmp_path / "a.pcap")))
    assert [r.path for r in facts.rooms] == ["/ws/chat/small/"]
    assert [r.path for r in facts.large_rooms] == ["/ws/chat/large/"]
