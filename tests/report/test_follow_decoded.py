"""Connections as HTTP and as WebSocket, over HTTP/1.1, HTTP/2 and TLS."""

from __future__ import annotations

import gzip
import json
import ssl
import zlib
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from inspector.cli.follow import command
from tests.packets import pcap
from tests.recording.test_tls import _segments
from tests.tls_session import talk
from tests.websockets import KEY, Talk, compress, frame, handshake, write_capture


def _run(path: Path | str, *arguments: str) -> str:
    done = CliRunner().invoke(command, [str(path), "0", *arguments], catch_exceptions=False)
    assert done.exit_code == 0
    return done.stdout


def _json(path: Path | str, *arguments: str) -> list[dict[str, Any]]:  # Any: JSON
    return [json.loads(line) for line in _run(path, "--json", *arguments).splitlines()]


_PACKED = gzip.compress("안녕하세요\n".encode())
_POST = (
    b"POST /say HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain; charset=euc-kr\r\nContent-Length: 4\r\n\r\n"
    + "안녕".encode("euc-kr")
)
_ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    + b"%x\r\n%s\r\n0\r\nX-Sum: 1\r\n\r\n" % (len(_PACKED), _PACKED)
)


def test_http_with_chunks_compression_and_charset_removed(tmp_path: Path) -> None:
    talk_ = Talk().say(True, _POST).say(False, b"HTTP/1.1 100 Continue\r\n\r\n").say(False, _ANSWER)
    path = write_capture(tmp_path / "http.pcap", talk_.packets())
    assert _run(path, "--as", "http").splitlines() == [
        ">>> client 10.0.0.1:40000, packet 4, 0.003000 s",
        "POST /say HTTP/1.1", "Host: x", "Content-Type: text/plain; charset=euc-kr", "Content-Length: 4", "", "안녕",
        "<<< server 10.0.0.2:80, packet 5, 0.004000 s",
        "HTTP/1.1 100 Continue", "",
        "<<< server 10.0.0.2:80, packet 6, 0.005000 s",
        "HTTP/1.1 200 OK", "Content-Type: text/plain", "Content-Encoding: gzip", "Transfer-Encoding: chunked", "",
        "안녕하세요", "X-Sum: 1",
    ]  # fmt: skip
    rows = _json(path, "--as", "http", "--side", "server")
    assert [(row["side"], row["status"], row["exchange"], row["packets"]) for row in rows] == [
        ("server", 100, 1, [5, 5]), ("server", 200, 1, [6, 6])
    ]  # fmt: skip
    assert (rows[1]["text"], rows[1]["trailers"]) == ("안녕하세요\n", [["X-Sum", "1"]])


def test_websocket_messages_and_control_frames_in_the_order_of_time(tmp_path: Path) -> None:
    request, response = handshake("permessage-deflate", "permessage-deflate")
    packed = compress(zlib.compressobj(wbits=-15), "여러 줄\n둘째 줄".encode())
    talk_ = Talk().say(True, request).say(False, response)
    talk_.say(True, frame(1, b"first", KEY)).say(False, frame(1, packed[:4], fin=False, rsv=4))
    talk_.say(True, frame(9, b"beat", KEY)).say(False, frame(10, b"beat")).say(False, frame(0, packed[4:]))
    talk_.say(False, frame(2, b"\x00\xff")).say(True, frame(8, b"\x03\xe8\x1b[31mbye", KEY))
    path = write_capture(tmp_path / "ws.pcap", talk_.packets())
    assert _run(path, "--as", "websocket").splitlines() == [
        ">>> client 10.0.0.1:40000, packet 6, 0.005000 s  text", "first",
        "<<< server 10.0.0.2:80, packet 7, 0.006000 s  text", "여러 줄", "둘째 줄",
        ">>> client 10.0.0.1:40000, packet 8, 0.007000 s  ping", "beat",
        "<<< server 10.0.0.2:80, packet 9, 0.008000 s  pong", "beat",
        "<<< server 10.0.0.2:80, packet 11, 0.010000 s  binary", "00 ff",
        ">>> client 10.0.0.1:40000, packet 12, 0.011000 s  close", "1000 (normal closure) <U+001B>[31mbye",
    ]  # fmt: skip
    rows = _json(path, "--as", "websocket", "--side", "client")
    assert [(row["type"], row["packets"]) for row in rows] == [("text", [6]), ("ping", [8]), ("close", [12])]
    assert "message" in rows[0] and rows[2]["close_code"] == 1000


def test_both_out_of_tls(tmp_path: Path) -> None:
    request, response = handshake()
    said = [(True, request), (False, response), (True, frame(1, "비밀".encode(), KEY)), (False, frame(9, b"?"))]
    session = talk(tmp_path, ssl.TLSVersion.TLSv1_3, None, said)
    path = tmp_path / "tls.pcap"
    path.write_bytes(pcap(_segments(session.crossed, 700)))
    (tmp_path / "keys").write_bytes(session.keys)
    keys = ["--keys", str(tmp_path / "keys")]
    assert [row["first_line"] for row in _json(path, "--as", "http", *keys)] == [
        "GET /chat HTTP/1.1", "HTTP/1.1 101 Switching Protocols"
    ]  # fmt: skip
    assert [(row["type"], row.get("text")) for row in _json(path, "--as", "websocket", *keys)] == [
        ("text", "비밀"), ("ping", None)
    ]  # fmt: skip
    assert _run(path, "--as", "http") == _run(path, "--as", "websocket") == ""


def test_http2_of_a_real_capture(shared_captures: Path) -> None:
    path = shared_captures / "h2-tls13-dsb.pcapng"
    rows = _json(path, "--as", "http")
    assert {row["stream"] for row in rows} >= {1, 3}
    assert rows[0]["headers"][0] == [":method", "GET"]
    assert [row["packets"][0] for row in rows] == sorted(row["packets"][0] for row in rows)
    assert "  HTTP/2 stream 1\nGET /ajax/libs/scriptaculous/1.8.3/scriptaculous.js HTTP/2\n" in _run(
        path, "--as", "http"
    )


def test_nothing_found_is_said(tmp_path: Path) -> None:
    path = write_capture(tmp_path / "bytes.pcap", Talk().say(True, b"\x00\x01").packets())
    for form in ("http", "websocket"):
        done = CliRunner().invoke(command, [str(path), "0", "--as", form], catch_exceptions=False)
        assert (done.stdout, done.exit_code) == ("", 0)
        assert "--as text" in done.stderr
