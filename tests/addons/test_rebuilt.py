"""Where the bytes cannot be had, exchanges and messages are recorded anew, graded so, and it is said."""

from __future__ import annotations

import asyncio
import http.client
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

import inspector
from inspector.model.grade import Grade
from inspector.recording.grades import connection_grades
from inspector.recording.http import http_exchanges
from inspector.recording.websockets import read_websockets
from tests.addons import running
from tests.tshark import require_tshark, tshark_rows

_WITHOUT_TAP = """
import addons.recorder
addons.recorder.tap = lambda handler, observer: False  # as if mitmproxy had another shape
from inspector.cli import main
main()
"""


async def _session(record: Path) -> str:
    async def echo(websocket: ServerConnection) -> None:
        try:
            async for message in websocket:
                await websocket.send(message)
        except ConnectionClosed:
            pass

    def answer(_connection: ServerConnection, request: Request) -> Response | None:
        if request.path == "/ws":
            return None
        return Response(200, "OK", Headers({"Content-Length": "6", "Connection": "close"}), "안녕".encode())

    def ask(port: int) -> None:
        client = http.client.HTTPConnection("127.0.0.1", port)
        client.request("GET", "/page", headers={"Cookie": "a=b"})
        assert client.getresponse().read() == "안녕".encode()

    async with serve(echo, "127.0.0.1", 0, process_request=answer) as server:
        port = server.sockets[0].getsockname()[1]
        async with running.proxy(record, "--reverse", f"http://127.0.0.1:{port}", "--quiet") as proxied:
            await asyncio.to_thread(ask, proxied.port)
            async with connect(f"ws://127.0.0.1:{proxied.port}/ws", compression=None) as websocket:
                for message in ("하나", b"\x00" * 70_000, "둘" * 100):
                    await websocket.send(message)
                    assert await websocket.recv() == message
            await running.settled(proxied.process.pid)
            assert await proxied.stop() == 0, proxied.said
            return proxied.said


def test_it_is_graded_reconstructed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    running.require_mitmproxy()
    require_tshark()
    monkeypatch.setattr(running, "command", lambda *words: [running.PYTHON, "-c", _WITHOUT_TAP, *words])
    path = tmp_path / "session.pcapng"
    said = asyncio.run(_session(path))

    assert said.count("HTTP is recorded anew") == 1
    capture = inspector.open(path)
    assert set(connection_grades(capture).tolist()) == {Grade.RECONSTRUCTED}
    assert {interface.name for interface in capture.interfaces if interface.name} == {
        "client leg (reconstructed)",
        "server leg (reconstructed)",
    }
    found = read_websockets(capture)
    assert len(found.connections) == 2
    for direction in found.directions:
        contents = [found.content(row) for row in direction.messages]
        assert contents == ["하나".encode(), b"\x00" * 70_000, ("둘" * 100).encode()]
    pages = [found for found in http_exchanges(capture) if (r := found.exchange.request) and r.target == b"/page"]
    assert len(pages) == 2
    for page in pages:
        request, response = page.exchange.request, page.exchange.response
        assert request is not None
        assert response is not None
        assert request.header("cookie") == b"a=b"
        assert page.body(response) == "안녕".encode()
    assert tshark_rows(path, ["frame.number"], "tcp.analysis.flags or _ws.malformed") == []
