"""Damaged conversations through everything that shows them: no exception, and nothing points outside of its stream."""

from __future__ import annotations

import json
import random
import ssl
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import inspector
from inspector.recording.capture import Capture
from inspector.recording.dissect import dissect
from inspector.recording.http import http_exchanges
from inspector.recording.tls_connections import tls_sessions
from inspector.recording.websocket_control import closing, pings
from inspector.report.follow_decoded import (
    http_json,
    http_text,
    http_turns,
    websocket_json,
    websocket_rows,
    websocket_text,
)
from inspector.report.har import build_har
from inspector.report.http import exchange_json, exchange_line, render_exchange
from inspector.report.tls import session_json, session_text
from inspector.report.websocket_connections import connection_json, connection_text
from tests.recording.test_websockets_http2 import _FIELDS, _connect, _cross
from tests.tls_session import talk
from tests.websockets import KEY, Talk, compress, frame, handshake, write_capture


def _over_http1() -> Talk:
    request, response = handshake("permessage-deflate", "permessage-deflate")
    said = Talk().say(True, b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
    said.say(False, b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 9\r\n\r\ndata: x\n\n")
    return _frames(said.say(True, request).say(False, response))


def _frames(said: Talk) -> Talk:
    for from_client in (True, False):
        key, codec = KEY if from_client else None, zlib.compressobj(wbits=-15)
        for number in range(6):
            packed = compress(codec, f"message {number} 안녕".encode() * 5)
            said.say(from_client, frame(1, packed[:9], key, fin=False, rsv=4) + frame(9, b"p", key))
            said.say(from_client, frame(0, packed[9:], key) + frame(2, b"\0" * 130, key))
        said.say(from_client, frame(8, b"\x03\xe8bye", key))
    return said


def _over_http2() -> Talk:
    said, client, server = _connect(
        [*_FIELDS, ("sec-websocket-extensions", "permessage-deflate")],
        [(":status", "200"), ("sec-websocket-extensions", "permessage-deflate")],
    )
    for from_client, _, data in _frames(Talk()).segments:
        (client if from_client else server).send_data(1, data, pad_length=3)
        _cross(said, client, server)
    client.send_headers(
        3, [(":method", "GET"), (":scheme", "http"), (":authority", "x"), (":path", "/")], end_stream=True
    )
    _cross(said, client, server)
    server.send_headers(3, [(":status", "200"), ("content-length", "5")])
    server.send_data(3, b"hello", end_stream=True)
    client.reset_stream(1, 8)
    _cross(said, client, server)
    return said


class _Conversations(dict[str, tuple[Talk, Path | None]]):
    """Their bytes would fill the screen when a test fails."""

    def __repr__(self) -> str:
        return "conversations"


@pytest.fixture(scope="module")
def conversations(tmp_path_factory: pytest.TempPathFactory) -> _Conversations:
    """What is damaged, and the keys where it is encrypted."""
    folder = tmp_path_factory.mktemp("tls")
    inner = [(from_client, data) for from_client, _, data in _over_http1().segments]
    session = talk(folder, ssl.TLSVersion.TLSv1_2, None, inner)
    outer = Talk()
    for from_client, data in session.crossed:
        outer.say(from_client, data)
    (folder / "keys").write_bytes(session.keys)
    return _Conversations(http1=(_over_http1(), None), http2=(_over_http2(), None), tls=(outer, folder / "keys"))


def _show_everything(capture: Capture) -> None:
    found = capture.websockets
    for direction in found.directions:
        assert 0 <= direction.start <= direction.stream.end
        for row in direction.messages:
            found.content(row)
    for websocket in found.connections:
        json.loads(connection_json(found, websocket))
        connection_text(found, websocket)
        closing(found, websocket)
        pings(found, websocket)
    roles = ["client", "server"]
    shown = websocket_rows(found, roles)
    for line in websocket_json(found, shown):
        told = json.loads(line)
        assert told["bytes"][0] <= told["bytes"][1] <= max(d.stream.end for d in found.directions)
    exchanges = list(http_exchanges(capture))
    for item in exchanges:
        json.dumps(exchange_json(item, True))
        exchange_line(item)
        render_exchange(item)
        assert all(stall.duration_ns >= 0 for stall in item.stalls or ())
    json.dumps(build_har(exchanges, found))
    for session in tls_sessions(capture):
        json.dumps(session_json(capture, session))
        session_text(capture, session)
    for number in range(len(capture.connections)):
        connection = capture.connections[number]
        turns = http_turns(capture, number, roles)
        list(http_text(turns, connection))
        list(http_json(turns))
        if found.connections:
            list(websocket_text(found, shown, connection))


@pytest.mark.parametrize("name", ["http1", "http2", "tls"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_damaged_conversations_are_shown(tmp_path: Path, conversations: _Conversations, name: str, seed: int) -> None:
    rng = random.Random(seed)
    original, keys = conversations[name]
    damaged = Talk(sent=dict(original.sent))
    for from_client, position, data in original.segments:
        changed = bytearray(data)
        if rng.random() < 0.15:
            for _ in range(rng.randint(1, 4)):
                changed[rng.randrange(len(changed))] = rng.randrange(256)
        damaged.segments.append((from_client, position, bytes(changed)))
    lost = [index for index in range(len(damaged.segments)) if rng.random() < 0.05]
    packets = damaged.packets(lost=lost, shuffle=rng if rng.random() < 0.5 else None, opening=rng.random() < 0.8)
    capture = inspector.open(write_capture(tmp_path / "damaged.pcap", packets), keys=keys)
    _show_everything(capture)
    if rng.random() < 0.1:
        for number in range(1, len(capture.packets) + 1, 7):
            dissect(capture, number)


@pytest.mark.parametrize("name", ["http1", "http2", "tls"])
def test_whole_conversations_are_shown(tmp_path: Path, conversations: _Conversations, name: str) -> None:
    original, keys = conversations[name]
    capture = inspector.open(write_capture(tmp_path / "whole.pcap", original.packets()), keys=keys)
    assert [len(direction.messages) for direction in capture.websockets.directions] == [12, 12]
    assert not capture.websockets.messages.faults.any()
    assert len(list(http_exchanges(capture))) == 2
    _show_everything(capture)
