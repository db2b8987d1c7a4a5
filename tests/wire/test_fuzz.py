"""Hostile bytes for the decoders that have no such test of their own: documented outcomes only, in any portions."""

from __future__ import annotations

import ssl
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.model.http import HttpMessage
from inspector.model.tls import Decryption
from inspector.wire.http1 import Http1Connection
from inspector.wire.http2 import PREFACE, Http2Connection
from inspector.wire.sse import SseDecoder
from inspector.wire.tls import KeyLog, TlsConnection
from inspector.wire.tls.hello import ja3, ja4
from inspector.wire.websocket.handshake import accept_value, check_extended_connect, check_handshake
from tests.tls_session import Session, talk

_SAID = [(True, b"ask"), (False, b"answer" * 500), (True, b"bye")]
_sessions: dict[tuple[ssl.TLSVersion, str | None], Session] = {}


def _cuts(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


# --- server-sent events ------------------------------------------------------------------------------------------------

_lines = st.lists(
    st.one_of(
        st.sampled_from(
            [b"data: x", b"data", b"event: e", b"id: 1", b"id: \0", b"retry: 10", b"retry: x", b": c", b""]
        ),
        st.binary(max_size=12),
    ),
    max_size=12,
)


@settings(max_examples=200, deadline=None)
@given(_lines, st.sampled_from([b"\n", b"\r", b"\r\n"]), st.lists(st.integers(0, 200), max_size=5))
def test_events_are_the_same_in_any_portions(lines: list[bytes], end: bytes, cuts: list[int]) -> None:
    body = end.join(lines) + end
    whole, portioned = SseDecoder().feed(body), SseDecoder()
    assert [event for part in _cuts(body, cuts) for event in portioned.feed(part)] == whole
    assert all(0 <= event.start < event.end <= len(body) for event in whole)


# --- HTTP/1.x, both directions -----------------------------------------------------------------------------------------

_requests = [
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
    b"CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n", b"HEAD / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n",
]  # fmt: skip
_responses = [
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", b"HTTP/1.1 204 No Content\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n\r\nuntil the end",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_http1_pairs_whatever_comes(data: st.DataObject) -> None:
    http = Http1Connection()
    fed = {True: 0, False: 0}
    for _ in range(data.draw(st.integers(1, 10))):
        from_client = data.draw(st.booleans())
        if data.draw(st.integers(0, 9)) == 0:
            size = data.draw(st.integers(1, 50))
            http.gap(from_client, size)
            fed[from_client] += size
            continue
        known = st.sampled_from(_requests if from_client else _responses)
        part = data.draw(st.one_of(known, st.binary(max_size=30)))
        http.feed(from_client, part)
        fed[from_client] += len(part)
    for from_client in (True, False):
        http.finish(from_client)
    for exchange in http.exchanges:
        for from_client, message in ((True, exchange.request), (False, exchange.response)):
            if message is not None:
                assert 0 <= message.start <= message.head_end <= message.end <= fed[from_client]
                assert all(message.head_end <= a <= b <= message.end for a, b in message.body_spans)
    told = [id(exchange.response) for exchange in http.exchanges if exchange.response is not None]
    assert len(set(told)) == len(told)


# --- HTTP/2 ------------------------------------------------------------------------------------------------------------

_h2_frames = st.builds(
    lambda size, kind, flags, stream, payload: (len(payload) if size is None else size).to_bytes(3, "big")
    + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload,
    st.one_of(st.none(), st.none(), st.integers(0, 70)),
    st.integers(0, 12),
    st.sampled_from([0, 1, 4, 5, 8, 0x0D, 0x2D, 0xFF]),
    st.sampled_from([0, 1, 1, 3, 2, 0x80000001]),
    st.one_of(
        st.binary(max_size=60),
        st.sampled_from([b"\x82\x86\x84", b"\x88", b"\x40\x01a\x01b", b"\x00\x08\x00\x00\x00\x01", b"\x7f\xff\xff\xff"]),
    ),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(_h2_frames, max_size=8), st.lists(_h2_frames, max_size=8), st.lists(st.integers(0, 300), max_size=4))
def test_http2_is_the_same_in_any_portions(client: list[bytes], server: list[bytes], cuts: list[int]) -> None:
    streams = {True: PREFACE + b"".join(client), False: b"".join(server)}
    whole, portioned = Http2Connection(), Http2Connection()
    for from_client, data in streams.items():
        whole.feed(from_client, data)
        for part in _cuts(data, cuts):
            portioned.feed(from_client, part)
    assert whole.streams == portioned.streams
    assert (whole.frames, whole.windows, whole.anomalies) == (portioned.frames, portioned.windows, portioned.anomalies)
    for stream in whole.streams.values():
        for from_client, message in ((True, stream.request), (False, stream.response)):
            if message is not None and stream.pushed_by is None:
                assert all(0 <= a <= b <= len(streams[from_client]) for a, b in message.body_spans)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.one_of(_h2_frames, st.integers(1, 60), st.binary(max_size=20)), max_size=10),
    st.booleans(),
    st.booleans(),
)
def test_http2_with_gaps_never_raises(parts: list[bytes | int], exact: bool, from_start: bool) -> None:
    http2 = Http2Connection()
    if not from_start:
        http2.begin_mid_stream()
    for number, part in enumerate(parts):
        if isinstance(part, int):
            http2.gap(number % 2 == 0, part, exact)
        else:
            http2.feed(number % 2 == 0, part)


# --- TLS ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "ciphers"),
    [
        (ssl.TLSVersion.TLSv1_3, None),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-RSA-AES128-GCM-SHA256"),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-RSA-AES128-SHA"),
    ],
)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_damaged_tls_of_both_sides(
    tmp_path_factory: pytest.TempPathFactory, version: ssl.TLSVersion, ciphers: str | None, data: st.DataObject
) -> None:
    if (version, ciphers) not in _sessions:
        _sessions[version, ciphers] = talk(tmp_path_factory.mktemp("tls"), version, ciphers, _SAID)
    session = _sessions[version, ciphers]
    keys, plain = KeyLog(), {True: b"", False: b""}
    keys.add(session.keys)

    def take(from_client: bool, part: object) -> None:
        assert hasattr(part, "data")
        plain[from_client] += part.data

    tls = TlsConnection(keys, take)
    for from_client in (True, False):
        stream = bytearray(session.stream(from_client))
        for _ in range(data.draw(st.integers(0, 3))):
            stream[data.draw(st.integers(0, min(len(stream) - 1, 400)))] = data.draw(st.integers(0, 255))
        cut = data.draw(st.integers(0, len(stream)))
        tls.feed(from_client, bytes(stream[:cut]))
        if data.draw(st.booleans()):
            tls.gap(from_client, data.draw(st.integers(1, 100)))
        tls.feed(from_client, bytes(stream[cut:]))
    for from_client in (True, False):
        tls.finish(from_client)
    assert tls.decryption in Decryption
    for hello in tls.client_hellos:
        assert len(ja3(hello)) == 32 and len(ja4(hello).split("_")) == 3
    truth = {side: b"".join(text for who, text in _SAID if who is side) for side in (True, False)}
    # Records are authenticated: what comes out is what went in, whatever is missing between.
    assert all(len(plain[side]) <= len(truth[side]) for side in (True, False))
    assert plain[False].replace(b"answer", b"") == b"" and plain[True] in (b"", b"ask", b"bye", b"askbye")


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_as_a_hello(body: bytes, from_client: bool) -> None:
    tls = TlsConnection(KeyLog())
    message = bytes([1 if from_client else 2]) + len(body).to_bytes(3, "big") + body
    tls.feed(from_client, b"\x16\x03\x01" + len(message).to_bytes(2, "big") + message)
    assert len(tls.client_hellos) + len(tls.server_hellos) == 1
    for hello in tls.client_hellos:
        assert len(ja3(hello)) == 32 and ja4(hello)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_as_a_key_log(text: bytes) -> None:
    keys = KeyLog()
    assert keys.add(text) == len(keys) == 0
    line = b"CLIENT_RANDOM " + b"ab" * 32 + b" " + b"cd" * 48
    assert keys.add(text + b"\n" + line + b"\r\n" + text) == 1
    assert keys.secret("CLIENT_RANDOM", b"\xab" * 32) == b"\xcd" * 48


# --- WebSocket handshakes ----------------------------------------------------------------------------------------------

_names = st.sampled_from(
    [b"Upgrade", b"Connection", b"Sec-WebSocket-Key", b"Sec-WebSocket-Accept", b"Sec-WebSocket-Version", b"Host",
     b"Sec-WebSocket-Extensions", b"Sec-WebSocket-Protocol", b"x"]
)  # fmt: skip
_values = st.one_of(
    st.binary(max_size=40),
    st.sampled_from([
        b"websocket", b"Upgrade", b"13", b"AAAAAAAAAAAAAAAAAAAAAA==", accept_value(b"AAAAAAAAAAAAAAAAAAAAAA=="),
        b"permessage-deflate", b"permessage-deflate; server_max_window_bits=9", b'a; b="c\\"', b"permessage-deflate; x=1",
        b"permessage-deflate; client_max_window_bits", b"chat, chat", b"permessage-deflate; server_max_window_bits=99999",
    ]),
)  # fmt: skip
_headers = st.lists(st.tuples(_names, _values), max_size=8)


@settings(max_examples=300, deadline=None)
@given(_headers, _headers, st.sampled_from([b"101", b"200", b"404", b"x", b""]), st.booleans())
def test_any_headers_as_a_handshake(
    asked: list[tuple[bytes, bytes]], answered: list[tuple[bytes, bytes]], status: bytes, over_http2: bool
) -> None:
    request = HttpMessage(b"GET / HTTP/1.1", asked, 10, 20, 20)
    response = HttpMessage(b"HTTP/1.1 " + status, answered, 30, 40, 40)
    shake = check_extended_connect(request, response, None) if over_http2 else check_handshake(request, response)
    assert shake.accepted is (status == (b"200" if over_http2 else b"101"))
    for agreed in (shake.client_deflate, shake.server_deflate):
        assert agreed is None or 8 <= agreed.window_bits <= 15
    assert all((a.start, a.end) == (10, 20) and a.code.startswith("ws.") for a in shake.request_anomalies)
    assert all((a.start, a.end) == (30, 40) and a.code.startswith("ws.") for a in shake.response_anomalies)
