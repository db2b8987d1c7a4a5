"""Which connections meet what a rule needs."""

from __future__ import annotations

import pytest

import inspector
from inspector.analysis.facts import Facts
from inspector.analysis.trace_events import TraceEvents
from inspector.model.grade import Grade
from inspector.rules.needs import Need, eligible, missing
from tests.packets import ACK, SYN
from tests.rules.film import Film
from tests.rules.websocket_cases import over_http2

_KINDS = ("page", "http2", "syn", "answer", "socket", "middle", "made")


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Facts:
    """A connection of each of ``_KINDS``; the last one was recorded by a proxy."""
    film = Film(beside=Film(grade=Grade.TAPPED, _ports=50000))
    assert film.beside is not None
    film.tcp().open(0.0).get(0.1).answer(0.2)
    over_http2(film, (":method", "GET"))
    film.tcp().packet(1.0, True, SYN, ack=0)
    film.tcp().packet(2.0, False, SYN | ACK)
    film.tcp().socket(3.0)
    film.tcp().say(5.0, True, b"x").say(5.1, False, b"y")
    film.beside.tcp().open(6.0).say(6.1, True, b"z")
    return Facts(inspector.open(film.write(tmp_path_factory.mktemp("needs") / "a.pcapng")))


@pytest.mark.parametrize(
    ("needs", "kinds"),
    [
        ((), "page http2 syn answer socket middle made"),
        ((Need.TCP,), "page http2 syn answer socket middle made"),
        ((Need.CAPTURED,), "page http2 syn answer socket middle"),
        ((Need.AS_SENT,), "page http2 syn answer socket middle made"),
        ((Need.BOTH_DIRECTIONS,), "page http2 socket middle made"),
        ((Need.HANDSHAKE,), "page http2 socket made"),
        ((Need.HTTP,), "page http2 socket"),
        ((Need.HTTP2,), "http2"),
        ((Need.WEBSOCKET,), "socket"),
        ((Need.UPGRADE,), "socket"),
        ((Need.TLS,), ""),
        ((Need.HANDSHAKE, Need.CAPTURED), "page http2 socket"),
        ((Need.DNS, Need.TRACE, Need.WEBSOCKET), "socket"),
    ],
)
def test_which_connections_meet_needs(facts: Facts, needs: tuple[Need, ...], kinds: str) -> None:
    assert [_KINDS[number] for number in eligible(facts, needs).nonzero()[0]] == kinds.split()


def test_what_is_missing_is_the_first_that_no_connection_meets_beside_those_before(facts: Facts) -> None:
    assert missing(facts, (Need.TCP, Need.WEBSOCKET)) is None
    assert str(missing(facts, (Need.WEBSOCKET, Need.HTTP2, Need.TLS))) == Need.HTTP2.value
    assert str(missing(facts, (Need.TCP, Need.DNS))) == Need.DNS.value
    assert str(missing(facts, (Need.TRACE,))) == Need.TRACE.value
    assert missing(Facts(facts.capture, trace=TraceEvents(())), (Need.TRACE,)) is None
