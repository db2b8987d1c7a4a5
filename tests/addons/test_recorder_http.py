"""HTTP through the ordinary proxy: exchanges on both legs as the client asked and the server answered."""

from __future__ import annotations

import asyncio
import http.client
import json
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import inspector
from inspector.model.grade import Grade
from tests.addons.running import PYTHON, proxy, require_mitmproxy
from tests.certificates import make_certificate
from tests.tshark import require_tshark, tshark_rows


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200)
        if self.path == "/chunks":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"5\r\nhello\r\n6\r\n, you!\r\n0\r\n\r\n")
            return
        self.send_header("Content-Length", "5")
        if self.path == "/last":
            self.send_header("Connection", "close")  # the leg ends before mitmproxy tells this answer
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(b"12345")

    do_HEAD = do_GET

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        pass


async def _exchange(record: Path, port: int) -> None:
    async with proxy(record) as running:

        def speak() -> None:
            client = http.client.HTTPConnection("127.0.0.1", running.port)
            base = f"http://127.0.0.1:{port}"
            for method, path, body in (
                ("GET", "/chunks", None),
                ("HEAD", "/head", None),
                ("POST", "/form", b"text=%EC%95%88"),
                ("GET", "/last", None),
            ):
                client.request(method, base + path, body)
                client.getresponse().read()
            client.close()

        await asyncio.to_thread(speak)
        assert await running.stop() == 0, running.said


def test_exchanges_are_on_both_legs(tmp_path: Path) -> None:
    require_mitmproxy()
    require_tshark()
    path = tmp_path / "session.pcapng"
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        asyncio.run(_exchange(path, server.server_port))
    finally:
        server.shutdown()
        server.server_close()

    requests = [("GET", "/chunks"), ("HEAD", "/head"), ("POST", "/form"), ("GET", "/last")]
    rows = tshark_rows(path, ["frame.interface_name", "http.request.method", "http.request.uri"], "http.request")
    base = f"http://127.0.0.1:{server.server_port}"
    for leg, before in (("client leg", base), ("server leg", "")):
        # An ordinary proxy is asked for the whole URL (RFC 9112 section 3.2.2), and asks for the path.
        assert [row[1:] for row in rows if row[0] == leg] == [[m, before + p] for m, p in requests]
    fields = ["frame.interface_name", "http.response.code", "http.file_data", "frame.comment"]
    answers = tshark_rows(path, fields, "http.response")
    for leg in ("client leg", "server leg"):
        of_leg = [row for row in answers if row[0] == leg]
        assert [row[1] for row in of_leg] == ["200", "200", "201", "200"]
        assert [row[2] for row in of_leg] == ["hello, you!", "", "text=%EC%95%88", "12345"]
        assert all(row[3] == "" for row in of_leg)
    assert {interface.grade for interface in inspector.open(path).interfaces[:2]} == {Grade.TAPPED}
    assert tshark_rows(path, ["frame.number"], "tcp.analysis.flags or _ws.malformed") == []


_INTERIM = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
_ANSWER = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 7\r\n\r\n"
_ASKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Of-Request: 1\r\n\r\n"


async def _trailers(record: Path) -> tuple[bytes, bytes]:
    """What a server gets of a request with trailers, and a client of an answer with hints and trailers."""
    asked = b""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        asked = await reader.readuntil(b"0\r\nX-Of-Request: 1\r\n\r\n")
        for part in (_INTERIM[:30], _INTERIM[30:] + _INTERIM, _ANSWER[:-5], _ANSWER[-5:]):
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.01)

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with proxy(record, "--reverse", f"http://127.0.0.1:{port}") as running:
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        writer.write(_ASKED)
        got = await asyncio.wait_for(reader.readuntil(_ANSWER[-10:]), 20)
        writer.close()
        assert await running.stop() == 0, running.said
        assert "crashed" not in running.said
    server.close()
    return asked, got


def test_interim_answers_and_trailers_pass(tmp_path: Path) -> None:
    require_mitmproxy()
    asked, got = asyncio.run(_trailers(tmp_path / "session.pcapng"))
    assert asked == _ASKED
    assert got == _INTERIM * 2 + _ANSWER


_STUMBLES = """
from types import SimpleNamespace
from mitmproxy.proxy import events
from mitmproxy.test.tflow import tclient_conn
from addons.wire_tap import tap

class Layer:
    def handle_event(self, event):
        yield from ()
        raise NotImplementedError

seen = []
handler = SimpleNamespace(layer=Layer(), transports={})
assert tap(handler, SimpleNamespace(received=lambda conn, data: seen.append(data)))
try:
    list(handler.layer.handle_event(events.DataReceived(tclient_conn(), b"these")))
except NotImplementedError:
    print(seen)
"""


def test_what_mitmproxy_stumbles_over_is_recorded_all_the_same() -> None:
    require_mitmproxy()
    run = subprocess.run([PYTHON, "-c", _STUMBLES], capture_output=True, text=True)
    assert run.stdout == "[b'these']\n", run.stderr


def test_a_certificate_that_is_not_trusted_is_told_once_with_what_to_do(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    require_mitmproxy()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(make_certificate(tmp_path, "localhost"))

    async def run() -> str:
        async with await asyncio.start_server(lambda *_ends: None, "127.0.0.1", 0, ssl=tls) as server:
            url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            async with proxy(tmp_path / "session.pcapng", "--reverse", url, "--json") as running:
                for _request in range(2):
                    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
                    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                    assert b"502" in await asyncio.wait_for(reader.readline(), 20)
                    writer.close()
                assert await running.stop() == 0
                return running.said

    said = asyncio.run(run())
    assert said.count("Certificate verify failed") == said.count("--insecure accepts any certificate") == 1
    events = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    # That the exchange failed is told by its own line, and not by a note besides.
    assert [event["text"].partition(":")[0] for event in events if event["event"] == "note"] == ["TLS failed"] * 2
    assert sum(event["event"] == "exchange" for event in events) == 2
