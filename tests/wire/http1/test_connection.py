"""Pairing requests with responses, and where HTTP ends."""

from __future__ import annotations

from inspector.model.http import Paired
from inspector.wire.http1 import Http1Connection

_GET = b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n"
_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-N: %d\r\n\r\nok"
_UPGRADE = b"GET /ws HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n"
_SWITCHING = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"


def _pairs(http: Http1Connection) -> list[tuple[bytes | None, int | None]]:
    return [
        (e.request.target if e.request else None, e.response.status if e.response else None) for e in http.exchanges
    ]


def test_pipelined_responses_answer_in_order() -> None:
    http = Http1Connection()
    http.feed(True, _GET % 1 + _GET % 2)
    http.feed(False, _OK % 1 + b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
    assert _pairs(http) == [(b"/1", 200), (b"/2", 404)]


def test_a_response_to_head_has_no_body_whatever_its_length_says() -> None:
    http = Http1Connection()
    http.feed(True, b"HEAD /h HTTP/1.1\r\nHost: x\r\n\r\n" + _GET % 2)
    http.feed(False, b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + _OK % 2)
    assert _pairs(http) == [(b"/h", 200), (b"/2", 200)]


def test_interim_responses_belong_to_the_request_that_waits() -> None:
    http = Http1Connection()
    http.feed(True, b"POST /p HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n")
    http.feed(False, b"HTTP/1.1 100 Continue\r\n\r\n")
    http.feed(True, b"x")
    http.feed(False, _OK % 1)
    [exchange] = http.exchanges
    assert [m.status for m in exchange.interim] == [100]
    assert exchange.response is not None
    assert exchange.response.status == 200


def test_after_101_the_bytes_of_both_sides_are_left_for_the_next_protocol() -> None:
    http = Http1Connection()
    http.feed(True, _UPGRADE + b"\x81\x80\x00\x00\x00\x00")
    assert http.waiting_for_server
    http.feed(False, _SWITCHING + b"\x81\x00")
    assert http.switched is not None
    assert (bytes(http.client.rest), bytes(http.server.rest)) == (b"\x81\x80\x00\x00\x00\x00", b"\x81\x00")
    assert (http.client.position, http.server.position) == (len(_UPGRADE), len(_SWITCHING))


def test_a_refused_upgrade_lets_http_go_on() -> None:
    http = Http1Connection()
    http.feed(True, _UPGRADE + _GET % 2)
    http.feed(False, b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n" + _OK % 2)
    assert _pairs(http) == [(b"/ws", 403), (b"/2", 200)]


def test_a_tunnel_begins_after_success_to_connect_and_not_after_refusal() -> None:
    for answer, tunnel in ((b"HTTP/1.1 200 Connection established\r\n\r\n", True),
                           (b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", False)):  # fmt: skip
        http = Http1Connection()
        http.feed(True, b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n")
        http.feed(False, answer)
        assert (http.switched is not None) is tunnel


def test_a_response_body_is_decoded_as_it_comes_also_when_no_request_waits() -> None:
    http = Http1Connection()
    http.feed(True, _GET % 1)
    http.feed(False, b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
    http.feed(False, b"data: 1\n\n")
    [exchange] = http.exchanges
    assert exchange.response is not None
    assert exchange.response.body_length == 9


def test_a_response_seen_before_every_request_answers_none_of_them() -> None:
    http = Http1Connection(earlier=lambda response, request: response == 0)
    http.feed(True, _GET % 1)
    http.feed(False, _OK % 0 + _OK % 1)
    assert _pairs(http) == [(b"/1", 200), (None, 200)]
    assert http.exchanges[0].response is not None
    assert http.exchanges[0].response.header("x-n") == b"1"


def test_a_lost_response_leaves_its_request_unanswered_and_the_pairing_is_marked() -> None:
    http = Http1Connection()
    http.feed(True, b"".join(_GET % n for n in range(4)))
    http.feed(False, _OK % 0)
    http.gap(False, len(_OK % 1))
    http.feed(False, _OK % 2 + _OK % 3)
    answers = [e.response.header("x-n") if e.response else None for e in http.exchanges]
    assert answers == [b"0", None, b"2", b"3"]
    assert [e.paired for e in http.exchanges[2:]] == [Paired.INFERRED, Paired.INFERRED]


def test_responses_without_any_request_are_kept_when_the_client_side_ends() -> None:
    http = Http1Connection()
    http.feed(False, _OK % 0)
    http.finish(True)
    assert _pairs(http) == [(None, 200)]
