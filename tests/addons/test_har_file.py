"""HAR becomes a recording: the same exchanges and messages, whatever the file says."""

from __future__ import annotations

import base64
import json
import random
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import inspector
from addons.har_file import read_har
from addons.imported import write_imported
from inspector.errors import CaptureError
from inspector.model.grade import Grade
from inspector.recording.capture import Capture
from inspector.recording.grades import connection_grades
from inspector.recording.http import http_exchanges
from inspector.recording.websockets import read_websockets

_BIG = "가" * 30_000
# As Chromium 130 writes it, abridged: HTTP/2 with pseudo-headers, a decoded body, messages without control frames.
_HAR: dict[str, Any] = {
    "log": {
        "version": "1.2",
        "creator": {"name": "WebInspector", "version": "537.36"},
        "pages": [],
        "entries": [
            {
                "startedDateTime": "2026-11-21T10:00:00.250Z",
                "time": 30.5,
                "serverIPAddress": "203.0.113.7",
                "connection": "12",
                "request": {
                    "method": "POST",
                    "url": "https://chat.example/api/login/?next=%2F&q=가 나",
                    "httpVersion": "h2",
                    "headers": [
                        {"name": ":authority", "value": "chat.example"},
                        {"name": ":method", "value": "POST"},
                        {"name": "content-type", "value": "application/json"},
                        {"name": "content-length", "value": "999"},
                    ],
                    "postData": {"mimeType": "application/json", "text": '{"name":"김"}'},
                },
                "response": {
                    "status": 200,
                    "statusText": "",
                    "headers": [
                        {"name": "content-encoding", "value": "br"},
                        {"name": "content-type", "value": "application/json"},
                        {"name": "set-cookie", "value": "a=1; Path=/\nb=2"},
                    ],
                    "content": {"size": 15, "mimeType": "application/json", "text": '{"ok":"안녕"}'},
                },
                "timings": {"blocked": 1, "dns": -1, "connect": 10, "ssl": 5, "send": 0.5, "wait": 15, "receive": 4},
            },
            {
                "startedDateTime": "2026-11-21T10:00:01.000Z",
                "time": 5,
                "connection": "12",
                "request": {"method": "GET", "url": "https://chat.example/logo.png", "headers": []},
                "response": {
                    "status": 200,
                    "statusText": "OK",
                    "headers": [{"name": "content-type", "value": "image/png"}],
                    "content": {"size": 4, "text": base64.b64encode(b"\x89PNG").decode(), "encoding": "base64"},
                },
                "timings": {"send": 0, "wait": 4, "receive": 1},
            },
            {
                "_resourceType": "websocket",
                "_webSocketMessages": [
                    {"type": "send", "time": 1795255202.5, "opcode": 1, "data": '{"type":"hi"}'},
                    {"type": "receive", "time": 1795255202.6, "opcode": 1, "data": _BIG},
                    {"type": "receive", "time": 1795255202.7, "opcode": 2, "data": "AAH/"},
                ],
                "startedDateTime": "2026-11-21T10:00:02.000Z",
                "time": 800,
                "request": {"method": "GET", "url": "wss://chat.example:8443/ws/room/", "headers": []},
                "response": {"status": 101, "statusText": "Switching Protocols", "headers": [], "content": {}},
                "timings": {"send": 0, "wait": 4, "receive": 1},
            },
        ],
    }
}


def _import(document: object, folder: Path) -> Capture:
    source = folder / "session.har"
    source.write_text(json.dumps(document), encoding="utf-8-sig")
    exchanges, _left_out = read_har(source.read_bytes(), "x")
    write_imported(exchanges, folder / "session.pcapng", "HAR")
    return inspector.open(folder / "session.pcapng")


def test_exchanges_of_a_browser(tmp_path: Path) -> None:
    capture = _import(_HAR, tmp_path)
    login, picture, socket = http_exchanges(capture)
    assert login.exchange.request is not None
    assert login.exchange.request.target == b"/api/login/?next=%2F&q=%EA%B0%80%20%EB%82%98"
    assert login.exchange.request.header("host") == b"chat.example"
    assert login.body(login.exchange.request) == '{"name":"김"}'.encode()
    assert login.exchange.response is not None
    assert login.content(login.exchange.response).data == '{"ok":"안녕"}'.encode()
    assert login.exchange.response.values("set-cookie") == [b"a=1; Path=/", b"b=2"]
    assert login.wait_ns == 15_000_000
    assert login.request_ns is not None
    assert login.request_ns[0] == 1795255200_250_000_000 + 11_000_000
    assert str(capture.connections[0].server) == "203.0.113.7:443"
    assert picture.connection == login.connection
    assert picture.exchange.response is not None
    assert picture.body(picture.exchange.response) == b"\x89PNG"
    assert socket.exchange.response is not None
    assert socket.exchange.response.status == 101
    messages = [
        message for item in (login, picture, socket) for message in (item.exchange.request, item.exchange.response)
    ]
    assert not any(message.anomalies for message in messages if message is not None)
    assert set(connection_grades(capture).tolist()) == {Grade.RECONSTRUCTED}
    assert (tmp_path / "session.pcapng").stat().st_mode & 0o077 == 0


def test_messages_of_a_browser(tmp_path: Path) -> None:
    websockets = read_websockets(_import(_HAR, tmp_path))
    [socket] = websockets.connections
    assert [websockets.content(row) for row in socket.client.messages] == [b'{"type":"hi"}']
    assert [websockets.content(row) for row in socket.server.messages] == [_BIG.encode(), b"\x00\x01\xff"]
    assert socket.handshake is not None
    assert not socket.handshake.request_anomalies
    assert not socket.handshake.response_anomalies
    assert not websockets.frames.faults.any()


@pytest.mark.parametrize("unit", [1, 1000])
def test_times_of_messages_are_seconds_or_milliseconds(tmp_path: Path, unit: int) -> None:
    document = json.loads(json.dumps(_HAR))
    for message in document["log"]["entries"][2]["_webSocketMessages"]:
        message["time"] *= unit
    websockets = read_websockets(_import(document, tmp_path))
    assert websockets.frame_times[0].tolist() == [
        1795255202_500_000_000,
        1795255202_600_000_000,
        1795255202_700_000_000,
    ]


@pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")
def test_tshark_reads_the_same(tmp_path: Path) -> None:
    _import(_HAR, tmp_path)
    told = subprocess.run(
        ["tshark", "-n", "-r", tmp_path / "session.pcapng",
         "-o", "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-T", "fields", "-e", "http.request.full_uri",
         "-e", "http.response.code", "-e", "websocket.opcode", "-Y", "http or websocket",
         "-e", "_ws.expert.message"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    rows = [line.split("\t") for line in told.splitlines()]
    assert [row[1] for row in rows if row[1]] == ["200", "200", "101"]
    assert [row[2] for row in rows if row[2]] == ["1", "1", "2"]
    assert [row[0].partition("?")[0] for row in rows if row[0]] == [
        "http://chat.example/api/login/", "http://chat.example/logo.png", "http://chat.example:8443/ws/room/",
    ]  # fmt: skip
    said = {text for row in rows for text in row[3].split(",") if "HTTP/1.1" not in text}
    # That TLS is missing, and that a picture of four bytes is none, is true.
    assert said <= {"", "Unencrypted HTTP protocol detected over encrypted port", " could indicate a dangerous misconfiguration.",
                    "HTTP body subdissector failed", " trying heuristic subdissector"}  # fmt: skip


def test_exchanges_at_the_same_time_have_connections_of_their_own(tmp_path: Path) -> None:
    entry = {**_HAR["log"]["entries"][1], "startedDateTime": "2026-11-21T10:00:01.001Z"}
    capture = _import({"log": {"entries": [_HAR["log"]["entries"][1], entry]}}, tmp_path)
    assert [item.connection for item in http_exchanges(capture)] == [0, 1]


def test_a_body_that_was_not_kept_is_missing(tmp_path: Path) -> None:
    entry = json.loads(json.dumps(_HAR["log"]["entries"][1]))
    entry["response"]["content"] = {"size": 5000}
    capture = _import({"log": {"entries": [entry, {**entry, "startedDateTime": "2026-11-21T10:01:01.001Z"}]}}, tmp_path)
    first, second = http_exchanges(capture)
    assert first.exchange.response is not None
    assert (first.exchange.response.missing, first.exchange.response.body_length) == (5000, 0)
    assert second.exchange.response is not None


def test_a_file_cannot_smuggle_messages(tmp_path: Path) -> None:
    entry = json.loads(json.dumps(_HAR["log"]["entries"][1]))
    entry["request"]["method"] = "GET / HTTP/1.1\r\nHost: evil\r\n\r\nGET"
    entry["request"]["url"] = "http://chat.example/a\u2028b/ HTTP/1.1%0d%0a"
    entry["request"]["headers"] = [
        {"name": "A\r\nB", "value": "x"},
        {"name": "C", "value": "x\r\n\r\nGET /evil HTTP/1.1\r\n\r\n"},
    ]
    entry["response"]["statusText"] = "OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK"
    entry["response"]["headers"] = [
        {"name": "Transfer-Encoding", "value": "chunked"},
        {"name": "Content-Length", "value": "1"},
    ]
    [item] = http_exchanges(_import({"log": {"entries": [entry]}}, tmp_path))
    assert item.exchange.request is not None
    assert item.exchange.request.method == b"UNKNOWN"
    assert {name for name, _value in item.exchange.request.headers} == {b"Host", b"C"}
    assert item.exchange.response is not None
    assert item.body(item.exchange.response) == b"\x89PNG"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"log": {"entries": 5}}', "\ufeff{}", "[" * 100_000, '{"log":' * 50_000]
)
def test_what_is_no_har_is_said(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.har"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CaptureError, match="is not a HAR"):
        read_har(path.read_bytes(), "x")


def test_any_value_in_any_place(tmp_path: Path) -> None:
    """Every value of a good file is replaced by bad ones: an exchange is read or left out, and the result is readable."""
    rng = random.Random(3)
    bad: list[Any] = [
        None,
        True,
        -1,
        1e999,
        float("nan"),
        10**400,
        "",
        "\x00\r\n",
        "\ud800",
        [],
        {},
        [[]],
        "x" * 100,
        65536,
        "9" * 30,
    ]

    def spoil(value: Any) -> Any:
        if rng.random() < 0.15:
            return rng.choice(bad)
        if isinstance(value, dict):
            return {name: spoil(item) for name, item in value.items()}
        return [spoil(item) for item in value] if isinstance(value, list) else value

    for _round in range(150):
        document = {"log": {"entries": spoil(_HAR["log"]["entries"])}}
        if not isinstance(document["log"]["entries"], list):
            continue
        capture = _import(document, tmp_path)
        list(http_exchanges(capture))
        read_websockets(capture)
        assert capture.damage is None
