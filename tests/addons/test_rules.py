"""What other addons do to the traffic is in the recording: as bytes on each leg, as comments, and as notes."""

from __future__ import annotations

import asyncio
import http.client
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

import inspector
from inspector.chat.external import free_port
from inspector.model.proxy_note import NoteKind
from inspector.recording.proxy_notes import proxy_notes
from inspector.recording.websockets import read_websockets
from tests.addons.running import PYTHON, require_mitmproxy, settled, wait_for_port
from tests.tshark import require_tshark

_ROOT = Path(__file__).resolve().parents[2]
_LONG = "바뀐 글" * 2000

_RULES = f"""
import asyncio
from mitmproxy import ctx, http

def request(flow):
    if flow.request.path == "/answered":
        flow.response = http.Response.make(418, b"teapot")
    if flow.request.path == "/changed":
        flow.request.headers["X-Rule"] = "1"

def response(flow):
    if flow.request.path == "/changed":
        flow.response.text = "another text"

async def websocket_message(flow):
    message = flow.websocket.messages[-1]
    if message.injected or not message.from_client:
        return
    if message.text == "drop me":
        message.drop()
    elif message.text == "change me":
        message.text = {_LONG!r}
    elif message.text == "hold me":
        await asyncio.sleep(0.2)
    elif message.text == "inject":
        ctx.master.commands.call("inject.websocket", flow, True, "끼워 넣음".encode(), True)
"""


@asynccontextmanager
async def _mitmdump(folder: Path, target: int) -> AsyncIterator[tuple[asyncio.subprocess.Process, int]]:
    """mitmdump with the recorder and rules as scripts."""
    (folder / "rules.py").write_text(_RULES, "utf-8")
    port = free_port()
    code = "import sys; from mitmproxy.tools.main import mitmdump; sys.exit(mitmdump())"
    words = ["-q", "--mode", f"reverse:http://127.0.0.1:{target}", "--listen-host", "127.0.0.1"]
    words += ["--listen-port", str(port), "--set", f"confdir={folder / 'authority'}"]
    words += ["-s", str(folder / "rules.py"), "-s", str(_ROOT / "addons" / "recorder.py")]
    words += ["--set", f"inspector_record={folder / 'session.pcapng'}"]
    process = await asyncio.create_subprocess_exec(PYTHON, "-c", code, *words, stderr=subprocess.PIPE, cwd=_ROOT)
    try:
        await wait_for_port(port)
        yield process, port
    finally:
        process.terminate()
        await process.communicate()


async def _session(folder: Path) -> tuple[list[str | bytes], list[str | bytes]]:
    at_server: list[str | bytes] = []
    at_client: list[str | bytes] = []

    async def echo(websocket: ServerConnection) -> None:
        try:
            async for message in websocket:
                at_server.append(message)
                await websocket.send(message)
        except ConnectionClosed:
            pass

    def answer(_connection: ServerConnection, request: Request) -> Response | None:
        if request.path == "/ws":
            return None
        body = f"rule {request.headers.get('X-Rule')}".encode()
        return Response(200, "OK", Headers({"Content-Length": str(len(body)), "Connection": "close"}), body)

    def ask(port: int, path: str) -> tuple[int, bytes]:
        client = http.client.HTTPConnection("127.0.0.1", port)
        client.request("GET", path)
        response = client.getresponse()
        return response.status, response.read()

    async with (
        serve(echo, "127.0.0.1", 0, process_request=answer) as server,
        _mitmdump(folder, server.sockets[0].getsockname()[1]) as (process, port),
    ):
        assert await asyncio.to_thread(ask, port, "/answered") == (418, b"teapot")
        assert await asyncio.to_thread(ask, port, "/changed") == (200, b"another text")
        async with connect(f"ws://127.0.0.1:{port}/ws", compression=None) as websocket:
            for text in ("drop me", "change me", "hold me", "inject", "last"):
                await websocket.send(text)
            async for message in websocket:
                at_client.append(message)
                if message == "last":
                    break
        await settled(process.pid)
    return at_server, at_client


def test_each_is_told_where_it_happened(tmp_path: Path) -> None:
    require_mitmproxy()
    require_tshark()
    at_server, at_client = asyncio.run(_session(tmp_path))

    assert at_server == [_LONG, "hold me", "inject", "last"]  # not cut within characters
    assert sorted(map(str, at_client)) == sorted([_LONG, "hold me", "inject", "끼워 넣음", "last"])
    path = tmp_path / "session.pcapng"
    capture = inspector.open(path)
    notes = proxy_notes(capture)
    told = [(note.kind, note.leg, note.from_client) for note in notes if note.kind != NoteKind.OPENED]
    assert told == [
        (NoteKind.INJECTED, "client", False),
        (NoteKind.CHANGED, "client", True),
        (NoteKind.CHANGED, "client", False),
        (NoteKind.DROPPED, "client", True),
        (NoteKind.CHANGED, "server", True),
        (NoteKind.HELD, "server", True),
        (NoteKind.INJECTED, "client", False),
        (NoteKind.ENDED, "client", True),
    ]
    texts = [note.text for note in notes if note.kind != NoteKind.OPENED]
    assert texts[0] == "a rule answered GET /answered with 418; the server was not asked"
    assert texts[1:3] == [
        "the proxy or a rule changed the head of GET /changed",
        "the proxy or a rule changed the head and body of the answer to GET /changed",
    ]
    assert texts[4] == f"a rule changed this message: 9 bytes came, {len(_LONG.encode())} go on"
    for note in notes:
        if note.kind == NoteKind.OPENED:
            assert note.leg == "server"
            assert note.other_server is not None
    found = read_websockets(capture)
    sides = {}
    for socket in found.connections:
        direction = socket.client
        leg = capture.interfaces[
            int(capture.packets.interface[capture.connections[socket.connection].first_packet - 1])
        ]
        sides[leg.name] = [(found.content(row) or b"").decode() for row in direction.messages]
    assert sides == {
        "client leg": ["drop me", "change me", "hold me", "inject", "last"],
        "server leg": [_LONG, "hold me", "inject", "last"],
    }
    comments = [comment for number in capture.comments for comment in capture.comments[number]]
    assert f"changed: {texts[4]}" in comments
    assert texts[3] in comments
    assert any(comment.startswith("injected: this message was injected") for comment in comments)
    done = subprocess.run(
        ["tshark", "-n", "-r", str(path), "-z", "expert,warn", "-q"], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""
