"""HTTP/2 against what the h2 library's client and server said to each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

import h2.config
import h2.connection
import h2.events
import h2.settings
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.model.http2 import Ending
from inspector.wire.http2 import PREFACE, Http2Connection

_GET = [(":method", "GET"), (":scheme", "https"), (":authority", "x"), (":path", "/rooms?a=1"), ("cookie", "s=1")]


@dataclass
class _Talk:
    """Two real endpoints; every byte that crosses is kept in order."""

    crossed: list[tuple[bool, bytes]] = field(default_factory=list)
    client: h2.connection.H2Connection = field(
        default_factory=lambda: h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
    )
    server: h2.connection.H2Connection = field(
        default_factory=lambda: h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
    )

    def __post_init__(self) -> None:
        self.client.initiate_connection()
        self.server.initiate_connection()
        self.cross()

    def cross(self) -> None:
        while True:
            up, down = self.client.data_to_send(), self.server.data_to_send()
            if not up and not down:
                return
            if up:
                self.crossed.append((True, up))
                self.server.receive_data(up)
            if down:
                self.crossed.append((False, down))
                self.client.receive_data(down)

    def stream(self, from_client: bool) -> bytes:
        return b"".join(data for side, data in self.crossed if side is from_client)


def _conversation() -> _Talk:
    talk = _Talk()
    for stream_id in (1, 3):
        talk.client.send_headers(stream_id, _GET, end_stream=True)
        talk.cross()
        talk.server.send_headers(
            stream_id, [(":status", "200"), ("content-type", "text/plain"), ("x-long", "v" * 20000)]
        )
        talk.server.send_data(stream_id, b"hello ", pad_length=7)
        talk.server.send_data(stream_id, b"world")
        talk.server.send_headers(stream_id, [("x-sum", "1")], end_stream=True)
        talk.cross()
    talk.client.send_headers(5, [*_GET[:3], (":path", "/slow")], end_stream=True)
    talk.cross()
    talk.client.reset_stream(5, 8)
    talk.cross()
    talk.server.close_connection(0, last_stream_id=5)
    talk.cross()
    return talk


_TALK = _conversation()


def _decode(client: bytes, server: bytes, cuts: tuple[int, ...] = ()) -> Http2Connection:
    connection = Http2Connection()
    for from_client, data in ((True, client), (False, server)):
        inside = [cut for cut in cuts if cut < len(data)]
        for start, end in pairwise((0, *inside, len(data))):
            connection.feed(from_client, data[start:end])
    return connection


def _check(connection: Http2Connection, server: bytes) -> None:
    for stream_id in (1, 3):
        stream = connection.streams[stream_id]
        assert stream.request is not None
        assert stream.response is not None
        assert stream.request.first_line == b"GET /rooms?a=1 HTTP/2"
        assert stream.request.pseudo == [(name.encode(), value.encode()) for name, value in _GET[:4]]
        assert stream.request.headers == [(b"cookie", b"s=1")]
        assert stream.request.header("host") == b"x"
        assert stream.response.status == 200
        assert stream.response.header("x-long") == b"v" * 20000
        assert stream.response.trailers == [(b"x-sum", b"1")]
        assert b"".join(server[start:end] for start, end in stream.response.body_spans) == b"hello world"
        assert stream.ending is Ending.COMPLETE
    reset = connection.streams[5]
    assert (reset.reset_by_client, reset.error_code, reset.ending) == (True, 8, Ending.RESET)
    assert [(side, frame.detail["error_code"]) for side, frame in connection.goaways] == [(False, 0)]
    assert connection.anomalies == []


def test_whole_conversation() -> None:
    connection = _decode(_TALK.stream(True), _TALK.stream(False))
    _check(connection, _TALK.stream(False))
    announced = connection.settings[True]
    assert announced[h2.settings.SettingCodes.INITIAL_WINDOW_SIZE] == _TALK.client.local_settings.initial_window_size
    assert connection.settings_acknowledged == {True: True, False: True}


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_in_portions(step: int) -> None:
    server = _TALK.stream(False)
    cuts = tuple(range(step, len(server), step))
    _check(_decode(_TALK.stream(True), server, cuts), server)


def test_a_promised_response_belongs_to_its_promised_request() -> None:
    talk = _Talk()
    talk.client.send_headers(1, _GET, end_stream=True)
    talk.cross()
    talk.server.push_stream(1, 2, [*_GET[:3], (":path", "/pushed.css")])
    talk.server.send_headers(2, [(":status", "200")], end_stream=True)
    talk.cross()
    stream = _decode(talk.stream(True), talk.stream(False)).streams[2]
    assert stream.pushed_by == 1
    assert stream.request is not None
    assert stream.request.target == b"/pushed.css"
    assert stream.response is not None


def test_extended_connect_names_its_protocol() -> None:
    talk = _Talk()
    talk.client.send_headers(1, [(":method", "CONNECT"), (":protocol", "websocket"), *_GET[1:4]])
    talk.cross()
    talk.server.send_headers(1, [(":status", "200")])
    talk.server.send_data(1, b"\x81\x02hi")
    talk.cross()
    stream = _decode(talk.stream(True), talk.stream(False)).streams[1]
    assert stream.protocol == b"websocket"
    assert stream.response is not None
    assert stream.response.body_length == 4


def test_windows_change_by_data_and_updates() -> None:
    talk = _Talk()
    talk.client.send_headers(1, _GET, end_stream=True)
    talk.cross()
    talk.server.send_headers(1, [(":status", "200")])
    talk.server.send_data(1, b"x" * 100)
    talk.cross()
    talk.client.increment_flow_control_window(100, 1)
    talk.cross()
    changes = _decode(talk.stream(True), talk.stream(False)).windows
    assert [(c.from_client, c.stream_id, c.amount) for c in changes if c.stream_id == 1] == [
        (True, 1, 100),
        (False, 1, -100),
    ]


def test_beginning_in_the_middle_says_which_headers_are_unknown_and_never_invents_one() -> None:
    up = [data for side, data in _TALK.crossed if side]
    first_request = next(i for i, data in enumerate(up) if data[3:4] == b"\x01")
    connection = Http2Connection()
    connection.begin_mid_stream()
    connection.feed(True, b"".join(up[first_request + 1 :]))
    later = connection.streams[3]
    assert not later.tables_known
    assert later.request is not None
    true_fields = {(name.encode(), value.encode()) for name, value in _GET}
    fields = later.request.pseudo + later.request.headers
    assert all(f in true_fields or f[0].startswith(b"(unknown header ") for f in fields)


def test_a_gap_inside_data_is_counted_and_the_rest_goes_on() -> None:
    server = _TALK.stream(False)
    at = server.index(b"hello ")
    connection = Http2Connection()
    connection.feed(True, _TALK.stream(True))
    connection.feed(False, server[:at])
    connection.gap(False, 6)
    connection.feed(False, server[at + 6 :])
    first = connection.streams[1].response
    assert first is not None
    assert (first.missing, first.complete) == (6, True)
    assert connection.streams[3].ending is Ending.COMPLETE
    assert connection.anomalies == []


def test_after_a_gap_between_frames_the_next_frames_are_found() -> None:
    server = _TALK.stream(False)
    at = server.index(b"hello ") + 40
    connection = Http2Connection()
    connection.feed(True, _TALK.stream(True))
    connection.feed(False, server[:at])
    connection.gap(False, 200)
    connection.feed(False, server[at + 200 :])
    assert [anomaly.code for _, anomaly in connection.anomalies] == ["h2.bytes_missing"]
    assert len(connection.goaways) == 1


_BROKEN = {
    "h2.wrong_frame_size": b"\x00\x00\x03\x03\x00\x00\x00\x00\x01\x00\x00\x08",
    "h2.wrong_stream": b"\x00\x00\x00\x04\x00\x00\x00\x00\x01",
    "h2.continuation_of_nothing": b"\x00\x00\x01\x09\x04\x00\x00\x00\x01\x82",
    "h2.header_block_interrupted": b"\x00\x00\x01\x01\x00\x00\x00\x00\x01\x82\x00\x00\x00\x04\x00\x00\x00\x00\x00",
    "h2.bad_header_block": b"\x00\x00\x02\x01\x04\x00\x00\x00\x01\xff\x00",
    "h2.padding_too_long": b"\x00\x00\x02\x00\x08\x00\x00\x00\x01\xff\x00",
    "h2.zero_window_update": b"\x00\x00\x04\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00",
    "h2.push_from_client": b"\x00\x00\x05\x05\x04\x00\x00\x00\x01\x00\x00\x00\x02\x82",
}


@pytest.mark.parametrize("code", _BROKEN)
def test_violations_are_named(code: str) -> None:
    connection = Http2Connection()
    connection.feed(True, PREFACE + _BROKEN[code])
    assert code in {anomaly.code for _, anomaly in connection.anomalies}


def test_a_stream_without_the_preface_is_named() -> None:
    connection = Http2Connection()
    connection.feed(True, b"GET / HTTP/1.1\r\n\r\n")
    assert "h2.no_preface" in {anomaly.code for _, anomaly in connection.anomalies}


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damaged_frames_never_raise_and_spans_stay_inside(data: st.DataObject) -> None:
    server = bytearray(_TALK.stream(False))
    for _ in range(data.draw(st.integers(1, 4))):
        server[data.draw(st.integers(0, len(server) - 1))] = data.draw(st.integers(0, 255))
    connection = Http2Connection()
    connection.feed(True, _TALK.stream(True))
    cut = data.draw(st.integers(0, len(server)))
    connection.feed(False, bytes(server[:cut]))
    connection.gap(False, data.draw(st.integers(1, 50)))
    connection.feed(False, bytes(server[cut:]))
    for stream in connection.streams.values():
        if stream.response:
            assert all(0 <= a <= b <= len(server) + 50 for a, b in stream.response.body_spans)
