"""WebSocket over HTTP/2 (RFC 8441): a real server (hypercorn) and a real client (h2 with websockets' protocol) talk, both log.

What is decoded from the packets between them equals both logs, byte for byte. tshark 4.0.17 decodes none of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import random
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import inspector
from inspector.cli.export import command as export_command
from inspector.cli.frames import command as frames_command
from inspector.cli.http import command as http_command
from inspector.cli.messages import command as messages_command
from inspector.model.websocket import BINARY, TEXT
from inspector.recording.websocket_control import closing
from inspector.recording.websockets import WebSockets, read_websockets
from tests.certificates import make_certificate
from tests.websockets import KEY, Talk, frame, write_capture

pytest.importorskip("hypercorn", reason="the server whose traffic is decoded is not installed")
pytest.importorskip("websockets", reason="the library that plays the client is not installed")

import h2.config
import h2.connection
import h2.events
import h2.settings
import hypercorn.asyncio
import hypercorn.config
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import Frame
from websockets.protocol import Protocol, Side, State

# Any: ASGI messages and scopes.
_Event = dict[str, Any]
_LIMIT_S = 60

_DEFLATES = {
    None: None,
    "permessage-deflate": (False, False),
    "permessage-deflate; client_no_context_takeover": (False, True),
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover": (True, True),
}
"""Offer of each stream, and (server, client) without context takeover."""


@dataclass
class _Server:
    """An ASGI application that notes what it hears and says; it answers each message twice, in fragments of its own making."""

    heard: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)
    said: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)

    async def __call__(
        self, scope: _Event, receive: Callable[[], Awaitable[_Event]], send: Callable[[_Event], Awaitable[None]]
    ) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
            await send({"type": "http.response.body", "body": b"plain old HTTP"})
            return
        if scope["type"] != "websocket":
            return
        path = scope["path"]
        heard, said = self.heard.setdefault(path, []), self.said.setdefault(path, [])
        await receive()
        if path == "/refused":
            await send({"type": "websocket.close", "code": 1000})
            return
        await send({"type": "websocket.accept", "subprotocol": "chat" if scope["subprotocols"] else None})
        while (event := await receive())["type"] == "websocket.receive":
            text, data = event.get("text"), event.get("bytes") or b""
            heard.append((TEXT, text.encode()) if text is not None else (BINARY, data))
            if text == "close please":
                await send({"type": "websocket.close", "code": 4001, "reason": "부탁대로"})
                return
            for answer in (text, text[::-1]) if text is not None else (data, data[::-1]):
                said.append((TEXT, answer.encode()) if isinstance(answer, str) else (BINARY, answer))
                await send({"type": "websocket.send", "text" if text is not None else "bytes": answer})


@dataclass
class _Socket:
    """The client's end of one WebSocket."""

    protocol: Protocol
    path: str
    waiting: bytearray = field(default_factory=bytearray)
    said: list[tuple[int, bytes]] = field(default_factory=list)
    frames: list[tuple[int, bool, bytes]] = field(default_factory=list)
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    status: bytes = b""
    ended: bool = False


class _Client:
    """HTTP/2 by h2, WebSocket by the websockets library, joined as RFC 8441 says."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, rng: random.Random) -> None:
        self.http2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding=None))
        self.sockets: dict[int, _Socket] = {}
        self.changed = asyncio.Event()
        self._reader, self._writer, self._rng = reader, writer, rng
        self._authority = "chat.example"

    async def start(self) -> None:
        self.http2.initiate_connection()
        self.send()
        self._listening = asyncio.create_task(self._listen())
        while not self.http2.remote_settings.enable_connect_protocol:
            await self._wait()

    async def _wait(self) -> None:
        self.changed.clear()
        await asyncio.wait_for(self.changed.wait(), _LIMIT_S)

    async def until(self, truth: Callable[[], bool]) -> None:
        while not truth():
            await self._wait()

    def get(self, path: str) -> None:
        fields = [(":method", "GET"), (":scheme", "https"), (":authority", self._authority), (":path", path)]
        self.http2.send_headers(self.http2.get_next_available_stream_id(), fields, end_stream=True)
        self.send()

    async def open(self, path: str, offer: str | None, takeover: tuple[bool, bool] | None) -> _Socket:
        number = self.http2.get_next_available_stream_id()
        fields = [
            (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "https"), (":path", path),
            (":authority", self._authority), ("sec-websocket-version", "13"), ("origin", "https://chat.example"),
            ("sec-websocket-protocol", "chat"),
        ]  # fmt: skip
        extensions = []
        if offer is not None and takeover is not None:
            fields.append(("sec-websocket-extensions", offer))
            extensions = [PerMessageDeflate(*takeover, 15, 15)]
        protocol = Protocol(Side.CLIENT, state=State.OPEN, max_size=None)
        protocol.extensions = list(extensions)
        mine = self.sockets[number] = _Socket(protocol, path)
        self.http2.send_headers(number, fields)
        self.send()
        await self.until(lambda: bool(mine.status))
        return mine

    def send(self) -> None:
        """Whatever is to be sent and fits the windows, in DATA frames cut anywhere, some of them padded."""
        for number, mine in self.sockets.items():
            mine.waiting += b"".join(mine.protocol.data_to_send())
            while mine.waiting and not mine.ended:
                window = min(self.http2.local_flow_control_window(number), self.http2.max_outbound_frame_size)
                padding = self._rng.choice([None, 0, 9])
                room = window - (0 if padding is None else padding + 1)
                size = min(len(mine.waiting), self._rng.choice([1, 5, 100, 5000, 16000]), room)
                if size <= 0:
                    break
                self.http2.send_data(number, bytes(mine.waiting[:size]), pad_length=padding)
                del mine.waiting[:size]
        self._writer.write(self.http2.data_to_send())

    async def _listen(self) -> None:
        while data := await self._reader.read(1 << 16):
            for event in self.http2.receive_data(data):
                mine = self.sockets.get(getattr(event, "stream_id", None) or 0)
                if isinstance(event, h2.events.ResponseReceived) and mine is not None:
                    mine.status = dict(event.headers)[b":status"]
                elif isinstance(event, h2.events.DataReceived):
                    self.http2.acknowledge_received_data(event.flow_controlled_length or 0, event.stream_id or 0)
                    if mine is not None:
                        mine.protocol.receive_data(event.data or b"")
                        for got in mine.protocol.events_received():
                            assert isinstance(got, Frame)
                            mine.frames.append((int(got.opcode), got.fin, bytes(got.data)))
                            # hypercorn 0.18 forgets the stream when it has sent its Close; an answer would crash it.
                            mine.ended = mine.ended or (got.opcode == 8 and mine.said[-1][1] == b"close please")
                elif isinstance(event, (h2.events.StreamEnded, h2.events.StreamReset)) and mine is not None:
                    mine.ended = True
            self.send()
            self.changed.set()

    async def stop(self) -> None:
        self.http2.close_connection()
        self.send()
        self._writer.close()
        with contextlib.suppress(asyncio.CancelledError, OSError):
            await asyncio.wait_for(self._listening, _LIMIT_S)


@dataclass
class _Run:
    """What crossed, and both sides' logs."""

    chunks: list[tuple[bool, bytes]] = field(default_factory=list)
    server: _Server = field(default_factory=_Server)
    sockets: dict[int, _Socket] = field(default_factory=dict)


def _messages_of(frames: list[tuple[int, bool, bytes]]) -> list[tuple[int, bytes]]:
    """Data messages out of frames that websockets' protocol has inflated."""
    found: list[tuple[int, bytes]] = []
    for opcode, _, data in frames:
        if opcode in (TEXT, BINARY):
            found.append((opcode, data))
        elif opcode == 0:
            found[-1] = (found[-1][0], found[-1][1] + data)
    return found


async def _chat(client: _Client, mine: _Socket, rng: random.Random) -> None:
    """Say texts and bytes, whole and in fragments, with pings between fragments, and wait for all answers."""
    protocol = mine.protocol
    for number, size in enumerate((0, 1, 125, 126, 3000, 65535, 65536, 70000)):
        text = ("안녕하세요 hello " * (size // 22 + 1)).encode()[:size].decode("utf-8", "ignore")
        for opcode, data in ((TEXT, text.encode()), (BINARY, rng.randbytes(size))):
            say = protocol.send_text if opcode == TEXT else protocol.send_binary
            mine.said.append((opcode, data))
            if number % 2:
                cuts = sorted(rng.randrange(len(data) + 1) for _ in range(3))
                parts = [data[a:b] for a, b in itertools.pairwise([0, *cuts, len(data)])]
                say(parts[0], False)
                for index, part in enumerate(parts[1:], 2):
                    if (
                        not protocol.extensions
                    ):  # wsproto 1.3 loses the rest of a compressed message at a ping inside it
                        protocol.send_ping(rng.randbytes(rng.randrange(126)))
                    client.send()
                    protocol.send_continuation(part, index == len(parts))
            else:
                say(data)
                protocol.send_ping(rng.randbytes(rng.randrange(126)))
            client.send()
        await asyncio.sleep(0)
    expected = 2 * len(mine.said)
    await client.until(lambda: len(_messages_of(mine.frames)) >= expected)


async def _talk(folder: Path, *, tls: bool) -> _Run:
    run, rng = _Run(), random.Random(8441)
    stop, config = asyncio.Event(), hypercorn.config.Config()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        config.bind = [f"fd://{listener.detach()}"]
    config.accesslog = config.errorlog = None
    config.graceful_timeout = 1
    if tls:
        config.certfile = config.keyfile = str(make_certificate(folder))
    serving = asyncio.create_task(hypercorn.asyncio.serve(run.server, config, shutdown_trigger=stop.wait))

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)

        async def pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter, from_client: bool) -> None:
            with contextlib.suppress(OSError):
                while data := await source.read(1 << 16):
                    run.chunks.append((from_client, data))
                    target.write(data)
                    await target.drain()
            target.close()

        await asyncio.gather(pass_on(reader, there_writer, True), pass_on(there_reader, writer, False))

    async with await asyncio.start_server(relay, "127.0.0.1", 0) as between:
        context = None
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            context.set_alpn_protocols(["h2"])
            context.keylog_filename = str(folder / "keys.log")
        client = _Client(
            *await asyncio.open_connection("127.0.0.1", between.sockets[0].getsockname()[1], ssl=context), rng
        )
        await client.start()
        sockets = [await client.open(f"/room/{n}", offer, _DEFLATES[offer]) for n, offer in enumerate(_DEFLATES)]
        refused = await client.open("/refused", None, None)
        client.get("/plain")
        await asyncio.wait_for(asyncio.gather(*(_chat(client, mine, rng) for mine in sockets)), 4 * _LIMIT_S)
        await client.until(lambda: refused.status == b"403")
        # Four ends: closed by the client, on demand by the server, reset, and ended without a word.
        sockets[0].protocol.send_close(1000, "끝")
        sockets[1].said.append((TEXT, b"close please"))
        sockets[1].protocol.send_text(b"close please")
        client.send()
        await client.until(lambda: all(any(f[0] == 8 for f in mine.frames) for mine in sockets[:2]))
        for number, mine in list(client.sockets.items()):
            if mine is sockets[2]:
                client.http2.reset_stream(number, 8)
            elif mine is sockets[3]:
                client.http2.end_stream(number)
        client.send()
        await asyncio.sleep(0.2)
        await client.stop()
        run.sockets = client.sockets
    stop.set()
    await asyncio.wait_for(serving, _LIMIT_S)
    return run


def _captured(path: Path, run: _Run, *, shuffled: bool = False) -> str:
    rng, talk = random.Random(3), Talk()
    for from_client, data in run.chunks:
        talk.say(from_client, data, (rng.randint(1, 1460) for _ in itertools.count()))
    return str(write_capture(path, talk.packets(shuffle=rng if shuffled else None)))


@pytest.fixture(scope="module", params=[False, True], ids=["h2c", "tls"])
def talked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[_Run, str, list[str]]:
    """The talk, the capture, and the options that name its keys."""
    folder = tmp_path_factory.mktemp("h2")
    run = asyncio.run(_talk(folder, tls=request.param))
    return run, _captured(folder / "chat.pcap", run), ["--keys", str(folder / "keys.log")] if request.param else []


def _open(talked: tuple[_Run, str, list[str]]) -> WebSockets:
    return inspector.open(talked[1], keys=talked[2][1] if talked[2] else None).websockets


@pytest.mark.parametrize("shuffled", [False, True])
def test_every_message_and_frame_equals_both_logs(
    talked: tuple[_Run, str, list[str]], tmp_path: Path, shuffled: bool
) -> None:
    run, path, keys = talked
    found = _open((run, _captured(tmp_path / "shuffled.pcap", run, shuffled=True) if shuffled else path, keys))
    accepted = {number: mine for number, mine in run.sockets.items() if mine.status == b"200"}
    assert [ws.stream for ws in found.connections] == list(accepted)
    for websocket, mine in zip(found.connections, accepted.values(), strict=True):
        assert websocket.handshake is not None
        assert websocket.handshake.request_anomalies == websocket.handshake.response_anomalies == []
        assert websocket.handshake.subprotocol == "chat"
        logs = {True: mine.said, False: run.server.said[mine.path]}
        assert logs[True] == run.server.heard[mine.path]  # the two peers agree
        assert logs[False] == _messages_of(mine.frames)
        for direction in (websocket.client, websocket.server):
            rows = direction.messages
            told = [(int(found.messages.opcode[row]), found.content(row)) for row in rows]
            assert told == logs[direction.is_client]
            assert direction.anomalies == []
            assert not found.messages.faults[rows.start : rows.stop].any()
        frames = [found.frame(row) for row in websocket.server.frames]
        assert [(f.opcode, f.fin) for f in frames] == [f[:2] for f in mine.frames]
        assert [f.payload for f in frames if f.opcode >= 8] == [f[2] for f in mine.frames if f[0] >= 8]
    deflated = [ws.client.agreed is not None for ws in found.connections]
    assert deflated == [False, True, True, True]
    assert found.messages.compressed.any()


def test_each_end_is_told(talked: tuple[_Run, str, list[str]]) -> None:
    found = _open(talked)
    ends = [closing(found, websocket) for websocket in found.connections]
    assert [end.first for end in ends] == ["client", "server", None, None]
    assert ends[0].client is not None and ends[0].client.reason.decode() == "끝"
    assert ends[1].server is not None and (ends[1].server.code, ends[1].server.reason.decode()) == (4001, "부탁대로")
    streams = [end.stream for end in ends]
    assert streams[2] is not None and (streams[2].ending, streams[2].by, streams[2].error_code) == (
        "reset",
        "client",
        8,
    )
    assert streams[3] is not None and streams[3].ending in ("closed", "half_closed") and streams[3].by == "client"
    for end in ends[2:]:
        assert end.stream is not None and end.stream.packet is not None
        assert [anomaly.code for _, anomaly in end.anomalies] == ["ws.closed_without_close_frame"]


def test_packets_carry_what_they_are_said_to(talked: tuple[_Run, str, list[str]]) -> None:
    _, _, keys = talked
    found = _open(talked)
    capture = found.capture
    plain = found.connections[0].server
    for row in plain.frames:
        frame_row = found.frame(row)
        if 40 < len(frame_row.payload) < 1000:
            numbers = found.packets(1, frame_row.start, frame_row.end)
            assert numbers and numbers == sorted(set(numbers))  # nothing was shuffled
            sent = b"".join(capture.bytes_at(number - 1, 54, 65535) for number in numbers)
            assert (frame_row.payload[:20] in sent) is (not keys)
    # The frames fill their streams to the last byte.
    sizes = {d: d.stream.end for ws in found.connections for d in (ws.client, ws.server)}
    assert all(found.frames.end[d.frames.stop - 1] == size for d, size in sizes.items())


def test_what_commands_show(talked: tuple[_Run, str, list[str]]) -> None:
    run, path, keys = talked
    first = next(number for number, mine in run.sockets.items() if mine.path == "/room/0")

    def lines(command: Any, *arguments: str) -> list[_Event]:  # Any: click.Command is not generic in its callback
        done = CliRunner().invoke(command, [path, "--json", *keys, *arguments], catch_exceptions=False)
        assert done.exit_code == 0
        return [json.loads(line) for line in done.output.splitlines()]

    rows = [row for row in lines(messages_command) if row["stream"] == first and row["direction"] == "client"]
    assert [row["opcode"] for row in rows] == [opcode for opcode, _ in run.sockets[first].said]
    assert all(row["packets"] and row["time_ns"] for row in rows)
    assert {row["stream"] for row in lines(frames_command, "--no-payload")} == {
        number for number, mine in run.sockets.items() if mine.status == b"200"
    }
    connects = {row["target"]: row for row in lines(http_command)}
    assert (connects["/room/0"]["method"], connects["/room/0"]["protocol"]) == ("CONNECT", "websocket")
    assert connects["/refused"]["status"] == 403
    assert (connects["/plain"]["status"], connects["/plain"]["protocol"]) == (200, None)
    done = CliRunner().invoke(export_command, ["har", path, *keys], catch_exceptions=False)
    entries = {
        entry["request"]["url"].rpartition("example")[2]: entry for entry in json.loads(done.output)["log"]["entries"]
    }
    sent = [m for m in entries["/room/0"]["_webSocketMessages"] if m["type"] == "send" and m["opcode"] in (1, 2)]
    assert [m["opcode"] for m in sent] == [opcode for opcode, _ in run.sockets[first].said]
    assert "_webSocketMessages" not in entries["/plain"]
    title = CliRunner().invoke(messages_command, [path, *keys, "--connections"], catch_exceptions=False).output
    assert f"#0/{first}" in title and "stream reset by the client" in title and "CANCEL" in title


# --- what no peer does -------------------------------------------------------------------------------------------------


def _connect(
    fields: list[tuple[str, str]], answer: list[tuple[str, str]], enabled: bool = True
) -> tuple[Talk, Any, Any]:
    """A conversation in which stream 1 asked for WebSocket, and the ends (Any: h2's connections) that go on with it."""
    client, server = (
        h2.connection.H2Connection(
            h2.config.H2Configuration(
                client_side=is_client,
                validate_outbound_headers=False,
                normalize_outbound_headers=False,
                validate_inbound_headers=False,
            )
        )
        for is_client in (True, False)
    )
    client.initiate_connection()
    server.initiate_connection()
    server.update_settings({h2.settings.SettingCodes.ENABLE_CONNECT_PROTOCOL: int(enabled)})
    talk = Talk()
    _cross(talk, client, server)
    client.send_headers(1, fields)
    _cross(talk, client, server)
    server.send_headers(1, answer)
    _cross(talk, client, server)
    return talk, client, server


def _cross(talk: Talk, client: Any, server: Any) -> None:  # Any: h2 has no types for both roles
    for _ in range(4):
        for from_client, mine, other in ((True, client, server), (False, server, client)):
            if data := mine.data_to_send():
                talk.say(from_client, data)
                other.receive_data(data)


_FIELDS = [
    (":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http"), (":path", "/"), (":authority", "x"),
    ("sec-websocket-version", "13"),
]  # fmt: skip


def test_a_handshake_that_breaks_rfc_8441_is_named(tmp_path: Path) -> None:
    fields = [*_FIELDS[:2], *_FIELDS[3:5], ("sec-websocket-version", "12"), ("upgrade", "websocket")]
    talk, *_ = _connect(fields, [(":status", "200"), ("sec-websocket-protocol", "other")], enabled=False)
    [websocket] = inspector.open(write_capture(tmp_path / "bad.pcap", talk.packets())).websockets.connections
    assert websocket.handshake is not None
    assert {(a.code, str(a.ref), a.detail) for a in websocket.handshake.request_anomalies} == {
        ("ws.connect_not_enabled", "RFC 8441 §3", ""),
        ("ws.header_missing", "RFC 8441 §4", ":scheme"),
        ("ws.upgrade_header", "RFC 9113 §8.2.2", "websocket"),
        ("ws.version", "RFC 6455 §4.1", "12"),
    }
    assert [a.code for a in websocket.handshake.response_anomalies] == ["ws.subprotocol_not_offered"]


def test_after_an_upgrade_to_h2c(tmp_path: Path) -> None:
    opened, client, server = _connect(_FIELDS, [(":status", "200")])
    client.send_data(1, frame(1, "업그레이드 뒤".encode(), KEY))
    server.send_data(1, frame(2, b"\x01\x02", None) + frame(8, b"\x03\xe8"), end_stream=True)
    _cross(opened, client, server)
    upgrade = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: \r\n"
    talk = Talk().say(True, b"GET / HTTP/1.1\r\nHost: x\r\n" + upgrade + b"\r\n")
    talk.say(False, b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
    for from_client, _, data in opened.segments:
        talk.say(from_client, data)
    found = inspector.open(write_capture(tmp_path / "h2c.pcap", talk.packets())).websockets
    [websocket] = found.connections
    assert websocket.stream == 1
    assert [found.content(row) for row in (*websocket.client.messages, *websocket.server.messages)] == [
        "업그레이드 뒤".encode(), b"\x01\x02"
    ]  # fmt: skip
    end = closing(found, websocket)
    assert end.stream is not None and (end.stream.ending, end.stream.by) == ("half_closed", "server")
    assert [anomaly.code for _, anomaly in end.anomalies] == ["ws.close_not_answered"]


def test_after_lost_frames_nothing_is_shown_that_was_not_sent(tmp_path: Path) -> None:
    talk, client, server = _connect(_FIELDS, [(":status", "200")])
    first = len(talk.segments)
    texts = [f"message {number} ".encode() * 20 for number in range(40)]
    for text in texts:
        client.send_data(1, frame(1, text, KEY))
        server.send_data(1, frame(1, text))
        _cross(talk, client, server)
    for lost in range(first + 2, first + 60, 9):
        capture = inspector.open(write_capture(tmp_path / "lost.pcap", talk.packets(lost=[lost])))
        found = read_websockets(capture)
        [websocket] = found.connections
        for direction in (websocket.client, websocket.server):
            shown = [found.content(row) for row in direction.messages]
            shown = [content for content in shown if content is not None]
            assert set(shown) <= set(texts)
            assert len(shown) >= len(texts) - 4


def test_bytes_missing_inside_one_data_frame_leave_the_framing_whole(tmp_path: Path) -> None:
    talk, client, server = _connect(_FIELDS, [(":status", "200")])
    first = len(talk.segments)
    client.send_data(1, frame(2, b"x" * 8000, KEY))
    client.send_data(1, frame(1, b"after", KEY))
    _cross(talk, client, server)
    found = inspector.open(write_capture(tmp_path / "hole.pcap", talk.packets(lost=[first + 2]))).websockets
    [websocket] = found.connections
    told = [(found.content(row), bool(found.messages.faults[row])) for row in websocket.client.messages]
    assert told == [(None, True), (b"after", False)]
