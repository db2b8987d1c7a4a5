"""``inspector messages`` and ``inspector frames`` as a user runs them."""

from __future__ import annotations

import base64
import json
import re
import zlib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from inspector.cli.frames import command as frames
from inspector.cli.messages import command as messages
from inspector.errors import UsageError
from inspector.model.websocket import FAULTS
from tests.websockets import KEY, Talk, compress, frame, handshake, write_capture

# Any: JSON.
Json = dict[str, Any]
_HOSTILE = "\x1b[31m\u202eevil\u200b 안녕\x9b"


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Connection 0: chat with compression from the server; connection 1: plain, with things that are wrong."""
    request, response = handshake("permessage-deflate", "permessage-deflate; client_no_context_takeover")
    codec = zlib.compressobj(wbits=-15)
    packed = compress(codec, "안녕하세요, 반갑습니다".encode())
    first = Talk()
    first.say(True, request).say(False, response)
    first.say(True, frame(1, "안녕하세요".encode(), KEY))
    first.say(False, frame(1, packed[:5], fin=False, rsv=4))
    first.say(True, frame(9, b"beat", KEY))
    first.say(False, frame(10, b"beat") + frame(0, packed[5:]))
    first.say(True, frame(8, b"\x03\xe8bye", KEY)).say(False, frame(8, b"\x03\xe8bye"))
    request, response = handshake(path="/plain")
    second = Talk()
    second.say(True, request).say(False, response)
    second.say(True, frame(2, b"\x00\x01\xff", KEY) + frame(1, b"not masked"))
    second.say(False, frame(1, _HOSTILE.encode()) + frame(1, b"\xff") + frame(8, b"\x03\xee"))
    path = tmp_path_factory.mktemp("messages") / "two.pcap"
    return str(write_capture(path, first.packets(), second.packets(ports=(40001, 80))))


def _run(command: Any, *arguments: str) -> Result:  # Any: click.Command is not generic in its callback
    return CliRunner().invoke(command, arguments, catch_exceptions=False)


def _lines(done: Result) -> list[Json]:
    assert done.exit_code == 0
    return [json.loads(line) for line in done.output.splitlines()]


def test_messages_as_json(capture: str) -> None:
    rows = _lines(_run(messages, capture, "--json"))
    told = [(r["connection"], r["direction"], r["opcode"], r["length"], r["compressed"], r["frames"]) for r in rows]
    assert told == [
        (0, "client", 1, 15, False, 1),
        (0, "server", 1, 32, True, 2),
        (1, "client", 2, 3, False, 1),
        (1, "client", 1, 10, False, 1),
        (1, "server", 1, len(_HOSTILE.encode()), False, 1),
        (1, "server", 1, 1, False, 1),
    ]
    assert [row.get("text") for row in rows] == [
        "안녕하세요", "안녕하세요, 반갑습니다", None, "not masked", _HOSTILE, None
    ]  # fmt: skip
    assert base64.b64decode(rows[2]["payload_base64"]) == b"\x00\x01\xff"
    assert base64.b64decode(rows[5]["payload_base64"]) == b"\xff"
    assert [[a["code"] for a in row["anomalies"]] for row in rows] == [
        [], [], [], ["ws.unmasked_client_frame"], [], ["ws.text_not_utf8"]
    ]  # fmt: skip
    assert rows[1]["packets"] == [7, 9]
    assert rows[0]["time_ns"] == 1_700_000_000_005_000_000
    assert (rows[1]["time_ns"], rows[1]["last_time_ns"]) == (1_700_000_000_006_000_000, 1_700_000_000_008_000_000)


def test_frames_as_json(capture: str) -> None:
    rows = _lines(_run(frames, capture, "--json", "-c", "0"))
    told = [(r["direction"], r["opcode"], r["fin"], r["rsv1"], r["mask_key"], r["packets"]) for r in rows]
    assert told == [
        ("client", 1, True, False, "37fa213d", [6]),
        ("server", 1, False, True, None, [7]),
        ("client", 9, True, False, "37fa213d", [8]),
        ("server", 10, True, False, None, [9]),
        ("server", 0, True, False, None, [9]),
        ("client", 8, True, False, "37fa213d", [10]),
        ("server", 8, True, False, None, [11]),
    ]
    assert [row["type"] for row in rows] == ["text", "text", "ping", "pong", "continuation", "close", "close"]
    assert rows[0]["text"] == "안녕하세요"
    assert base64.b64decode(rows[2]["payload_base64"]) == b"beat"
    assert (rows[5]["close_code"], rows[5]["close_reason"]) == (1000, "bye")
    assert (rows[0]["header_length"], rows[0]["wire_length"]) == (6, 15)


def test_nothing_that_a_terminal_acts_on_is_printed(capture: str) -> None:
    for command in (messages, frames):
        for arguments in ([capture], [capture, "--json"]):
            output = _run(command, *arguments).output
            assert "안녕" in output
            assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e]", output)


def test_no_payload(capture: str) -> None:
    for command in (messages, frames):
        for row in _lines(_run(command, capture, "--json", "--no-payload")):
            assert "text" not in row and "payload_base64" not in row
        assert "안녕" not in _run(command, capture, "--no-payload").output


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["-c", "1", "--direction", "client"], [3, 4]),
        (["--direction", "server"], [2, 5, 6]),
        (["--opcode", "binary"], [3]),
        (["--opcode", "2", "--opcode", "text", "-c", "1"], [3, 4, 5, 6]),
        (["--text", "반갑"], [2]),
        (["--regex", "^안녕하세요$"], [1]),
        (["--regex", "안녕|masked", "--direction", "client"], [1, 4]),
        (["--since", "0.006"], [2, 3, 4, 5, 6]),
        (["--until", "0.006"], [1]),
        (["--since", "2023-11-14T22:13:20.006Z", "--until", "2023-11-15T07:13:20.007+09:00"], [2]),
    ],
)
def test_filters(capture: str, arguments: list[str], expected: list[int]) -> None:
    everything = _run(messages, capture, "--json").output.splitlines()
    assert _run(messages, capture, "--json", *arguments).output.splitlines() == [everything[i - 1] for i in expected]


def test_frames_of_messages_with_a_text(capture: str) -> None:
    rows = _lines(_run(frames, capture, "--json", "--text", "반갑"))
    assert [(row["opcode"], row["message"]) for row in rows] == [(1, 1), (0, 1)]


def test_a_pattern_that_takes_exponential_time_is_given_up(tmp_path: Path) -> None:
    request, response = handshake()
    talk = Talk().say(True, request).say(False, response).say(False, frame(1, b"a" * 60 + b"!"))
    path = write_capture(tmp_path / "a.pcap", talk.packets())
    with pytest.raises(UsageError, match=r"took more than 2\.0 s"):
        _run(messages, str(path), "--regex", "^(a+)+$")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--regex", "("], "does not parse"),
        (["--regex", "a" * 1001], "1001 characters"),
        (["-c", "7"], "no connection 7"),
    ],
)
def test_what_cannot_be_asked(capture: str, arguments: list[str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        _run(messages, capture, *arguments)


@pytest.mark.parametrize("arguments", [["--opcode", "16"], ["--opcode", "hello"], ["--since", "yesterday"]])
def test_what_does_not_parse_ends_with_2(capture: str, arguments: list[str]) -> None:
    assert _run(messages, capture, *arguments).exit_code == 2


def test_connections(capture: str) -> None:
    first, second = _lines(_run(messages, capture, "--connections", "--json"))
    assert first["extensions"] == ["permessage-deflate; client_no_context_takeover"]
    assert first["sent"]["client"]["deflate"] == {"window_bits": 15, "context_takeover": False}
    assert first["sent"]["server"]["deflate"] == {"window_bits": 15, "context_takeover": True}
    assert first["pings"] == [
        {"direction": "client", "packet": 8, "answered_in": 9, "rtt_ns": 1_000_000, "skipped": False}
    ]
    assert first["closing"]["first"] == "client"
    assert first["closing"]["server"] == {"code": 1000, "reason": "bye"}
    assert (first["closing"]["tcp"], first["closing"]["tcp_by"]) == ("closed", "server")
    assert first["anomalies"] == []
    assert second["target"] == "/plain"
    assert [(a["direction"], a["code"]) for a in second["anomalies"]] == [("server", "ws.close_not_answered")]
    text = _run(messages, capture, "--connections").output
    assert "client closed: 1000 normal closure bye" in text


def test_the_manual_names_every_key_and_anomaly(capture: str) -> None:
    manual = (Path(__file__).resolve().parents[2] / "docs" / "websocket.md").read_text("utf-8")
    for command in (messages, frames):
        for row in _lines(_run(command, capture, "--json")):
            for key in row:
                assert f"`{key}`" in manual
    for row in _lines(_run(messages, capture, "--connections", "--json")):
        for key in (*row, *row["closing"], *row["sent"]["client"]):
            assert f"`{key}`" in manual
    named = {code for code, _ in FAULTS.values()}
    for module in ("wire/websocket/handshake.py", "wire/websocket/decoder.py", "recording/websocket_control.py"):
        source = (Path(__file__).resolve().parents[2] / "inspector" / module).read_text("utf-8")
        named |= set(re.findall(r'"(ws\.[a-z0-9_]+)"', source))
    for code in named:
        assert f"`{code}`" in manual


def test_a_capture_without_websockets(tmp_path: Path) -> None:
    path = write_capture(tmp_path / "none.pcap", Talk().say(True, b"GET / HTTP/1.1\r\n\r\n").packets())
    assert _run(messages, str(path)).output == "No WebSocket connection was found in this capture.\n"
    assert _run(messages, str(path), "--json").output == ""
