"""What is decoded from packets equals, byte for byte, what a websockets client and server received.

The two talk over loopback through a relay that notes every chunk; the chunks are cut into segments at random, put out of
order and repeated, and written as a capture.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

import inspector
from inspector.model.websocket import BINARY, TEXT
from inspector.recording.websockets import Direction, WebSockets
from tests.certificates import make_certificate
from tests.websockets import Talk, write_capture

websockets = pytest.importorskip("websockets", reason="the library whose traffic is decoded is not installed")

from websockets.asyncio.client import ClientConnection, connect  # noqa: E402
from websockets.asyncio.connection import Connection  # noqa: E402
from websockets.asyncio.server import ServerConnection, serve  # noqa: E402
from websockets.extensions.permessage_deflate import (  # noqa: E402
    ClientPerMessageDeflateFactory,
    ServerPerMessageDeflateFactory,
)
from websockets.frames import Frame, Opcode  # noqa: E402

_Connection = TypeVar("_Connection", bound=Connection)
_SIZES = (0, 1, 124, 125, 126, 127, 65534, 65535, 65536, 65537)
"""Sizes around those at which the form of the length changes (RFC 6455 section 5.2)."""

Data = str | bytes
Script = Sequence[Data | list[str] | list[bytes]]
"""Messages to send; a list is a message in fragments."""
LoggedFrame = tuple[int, bool, bytes]


@dataclass
class _Log:
    """What one side received."""

    messages: list[tuple[int, bytes]] = field(default_factory=list)
    frames: list[LoggedFrame] = field(default_factory=list)


@dataclass
class _Run:
    """One connection: what went through the relay, and what each side received."""

    chunks: list[tuple[bool, bytes]] = field(default_factory=list)
    client: _Log = field(default_factory=_Log)
    server: _Log = field(default_factory=_Log)


def _logging(kind: type[_Connection], log: _Log) -> type[_Connection]:
    """A connection class that notes the frames it receives, decompressed by the library."""

    class Logged(kind):  # type: ignore[misc, valid-type]  # the base is chosen at run time
        def process_event(self, event: object) -> None:
            if isinstance(event, Frame):
                log.frames.append((int(event.opcode), event.fin, bytes(event.data)))
            super().process_event(event)

    return Logged


async def _talk(
    client_script: Script,
    server_script: Script,
    client_deflate: ClientPerMessageDeflateFactory | None,
    server_deflate: ServerPerMessageDeflateFactory | None,
    rng: random.Random,
    tls: tuple[ssl.SSLContext, ssl.SSLContext] | None = None,
    pings: float = 0.2,
) -> _Run:
    """Talk both scripts; ``pings`` is the part of messages after which a side pings."""
    run = _Run()

    async def speak(connection: Connection, script: Script, log: _Log, expected: int) -> None:
        async def listen() -> None:
            for _ in range(expected):
                message = await connection.recv()
                data = (TEXT, message.encode()) if isinstance(message, str) else (BINARY, bytes(message))
                log.messages.append(data)

        listening = asyncio.create_task(listen())
        for message in script:
            await connection.send(message)
            if rng.random() < pings:
                await (await connection.ping(rng.randbytes(rng.randrange(126))))
        await listening

    async def handler(connection: ServerConnection) -> None:
        await speak(connection, server_script, run.server, len(client_script))
        await connection.wait_closed()

    async with serve(
        handler,
        "127.0.0.1",
        0,
        compression=None,
        extensions=[server_deflate] if server_deflate else None,
        create_connection=_logging(ServerConnection, run.server),
        max_size=None,
        ping_interval=None,
        ssl=tls[1] if tls else None,
    ) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        relay = await asyncio.start_server(lambda r, w: _relay(r, w, port, run.chunks), "127.0.0.1", 0)
        async with (
            relay,
            connect(
                f"{'wss' if tls else 'ws'}://127.0.0.1:{relay.sockets[0].getsockname()[1]}/",
                ssl=tls[0] if tls else None,
                server_hostname="chat.example" if tls else None,
                compression=None,
                extensions=[client_deflate] if client_deflate else None,
                create_connection=_logging(ClientConnection, run.client),
                max_size=None,
                ping_interval=None,
                proxy=None,
            ) as client,
        ):
            await speak(client, client_script, run.client, len(server_script))
            await client.close(4000, "다 했어요")
    return run


async def _relay(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, chunks: list[tuple[bool, bytes]]
) -> None:
    there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)

    async def pass_on(source: asyncio.StreamReader, target: asyncio.StreamWriter, from_client: bool) -> None:
        while data := await source.read(1 << 16):
            chunks.append((from_client, data))
            target.write(data)
            await target.drain()
        target.close()

    await asyncio.gather(pass_on(reader, there_writer, True), pass_on(there_reader, writer, False))


def _capture(path: Path, runs: Sequence[_Run], rng: random.Random, keys: Path | None = None) -> WebSockets:
    captured = []
    for number, run in enumerate(runs):
        talk = Talk()
        for from_client, data in run.chunks:
            few = len(data) < 2000
            talk.say(from_client, data, (rng.randint(1, 60 if few else 1460) for _ in itertools.count()))
        captured.append(talk.packets(shuffle=rng, ports=(20000 + number, 80)))
    write_capture(path, *captured)
    return inspector.open(path, keys=keys).websockets


def _check(found: WebSockets, runs: Sequence[_Run]) -> None:
    assert len(found.connections) == len(runs)
    opcodes = {opcode for run in runs for log in (run.client, run.server) for opcode, _, _ in log.frames}
    assert opcodes == {Opcode.CONT, Opcode.TEXT, Opcode.BINARY, Opcode.CLOSE, Opcode.PING, Opcode.PONG}
    for websocket, run in zip(found.connections, runs, strict=True):
        assert websocket.handshake is not None
        assert websocket.handshake.request_anomalies == websocket.handshake.response_anomalies == []
        _check_side(found, websocket.client, run.server)
        _check_side(found, websocket.server, run.client)


def _check_side(found: WebSockets, sent: Direction, received: _Log) -> None:
    assert sent.anomalies == []
    rows = sent.messages
    assert [(int(found.messages.opcode[row]), found.content(row)) for row in rows] == received.messages
    assert not found.messages.faults[rows.start : rows.stop].any()
    frames = [found.frame(row) for row in sent.frames]
    assert [(frame.opcode, frame.fin) for frame in frames] == [frame[:2] for frame in received.frames]
    for frame, (opcode, _, data) in zip(frames, received.frames, strict=True):
        assert frame.anomalies == []
        owner = int(found.frames.message[frame.row])
        if opcode >= Opcode.CLOSE or not found.messages.compressed[owner]:
            assert frame.payload == data
        elif found.messages.frames[owner] == 1:
            assert found.content(owner) == data
    assert {opcode for opcode, _, _ in received.frames} >= {Opcode.CONT, Opcode.TEXT, Opcode.BINARY}


def _script(rng: random.Random, sizes: Sequence[int]) -> Script:
    """Text and binary messages of these sizes, every third one in fragments."""
    script: list[Data | list[str] | list[bytes]] = []
    for number, size in enumerate(sizes):
        text = ("안녕하세요 hello " * (size // 20 + 1)).encode()[:size].decode("utf-8", "ignore")
        text += "x" * (size - len(text.encode()))
        binary = rng.randbytes(size // 2) + bytes(size - size // 2)
        script += [text, binary]
        if number % 3 == 0:
            cuts = sorted(rng.randrange(len(text) + 1) for _ in range(3))
            script.append([text[a:b] for a, b in itertools.pairwise([0, *cuts, len(text)])])
            cuts = sorted(rng.randrange(size + 1) for _ in range(5))
            script.append([binary[a:b] for a, b in itertools.pairwise([0, *cuts, size])])
    rng.shuffle(script)
    return script


def test_every_size_uncompressed(tmp_path: Path) -> None:
    rng = random.Random(6455)
    scripts = _script(rng, _SIZES), _script(rng, _SIZES)
    runs = [asyncio.run(_talk(*scripts, None, None, rng))]
    _check(_capture(tmp_path / "plain.pcap", runs, rng), runs)


def test_every_size_compressed(tmp_path: Path) -> None:
    rng = random.Random(7692)
    scripts = _script(rng, _SIZES), _script(rng, _SIZES)
    factories = ClientPerMessageDeflateFactory(), ServerPerMessageDeflateFactory()
    runs = [asyncio.run(_talk(*scripts, *factories, rng))]
    _check(_capture(tmp_path / "deflate.pcap", runs, rng), runs)


@pytest.mark.parametrize("deflate", [False, True])
def test_split_at_every_byte(tmp_path: Path, deflate: bool) -> None:
    rng = random.Random(6)
    script: Script = ["가나다", b"\x00\xff", ["한", "글", ""], b"x" * 126]
    client = ClientPerMessageDeflateFactory() if deflate else None
    server = ServerPerMessageDeflateFactory() if deflate else None
    run = asyncio.run(_talk(script, script[::-1], client, server, rng, pings=1.0))
    captured: list[list[bytes]] = []
    for from_client in (True, False):
        for cut in range(sum(len(data) for side, data in run.chunks if side is from_client)):
            talk = Talk()
            for side, data in run.chunks:
                here = cut - talk.sent[side]
                talk.say(side, data, [here] if side is from_client and 0 < here < len(data) else ())
            captured.append(talk.packets(ports=(20000 + len(captured), 80)))
    write_capture(tmp_path / "cut.pcap", *captured)
    _check(inspector.open(tmp_path / "cut.pcap").websockets, [run] * len(captured))


@pytest.mark.parametrize("size", [(1 << 20) - 1, 1 << 20, (1 << 20) + 1])
@pytest.mark.parametrize("compressed", [False, True])
def test_one_mebibyte(tmp_path: Path, compressed: bool, size: int) -> None:
    rng = random.Random(1)
    binary = (rng.randbytes(size // 4) * 5)[:size]
    text = "가" * (size // 3)
    script: Script = [
        text + "x" * (size - len(text.encode())),
        binary,
        [binary[: size // 3], binary[size // 3 :]],
        "끝",
    ]
    client = ClientPerMessageDeflateFactory() if compressed else None
    server = ServerPerMessageDeflateFactory() if compressed else None
    runs = [asyncio.run(_talk(script, script[::-1], client, server, rng, pings=1.0))]
    _check(_capture(tmp_path / "large.pcap", runs, rng), runs)


_BITS = (None, *range(9, 16))
"""Every window there is but 8, with which zlib cannot compress."""


@pytest.mark.parametrize(("server_bits", "client_bits"), list(itertools.product(_BITS, _BITS)))
def test_every_combination_of_deflate_parameters(
    tmp_path: Path, server_bits: int | None, client_bits: int | None
) -> None:
    rng = random.Random(7692)
    runs = []
    for server_no_takeover, client_no_takeover in itertools.product((False, True), repeat=2):
        client = ClientPerMessageDeflateFactory(
            server_no_context_takeover=server_no_takeover,
            client_no_context_takeover=client_no_takeover,
            server_max_window_bits=server_bits,
            client_max_window_bits=client_bits or True,
        )
        server = ServerPerMessageDeflateFactory(client_max_window_bits=client_bits)
        scripts = _script(rng, (0, 1, 125, 126, 3000)), _script(rng, (0, 1, 125, 126, 3000))
        runs.append(asyncio.run(_talk(*scripts, client, server, rng)))
    found = _capture(tmp_path / "deflate.pcap", runs, rng)
    _check(found, runs)
    for websocket, (server_no_takeover, client_no_takeover) in zip(
        found.connections, itertools.product((False, True), repeat=2), strict=True
    ):
        agreed = websocket.server.agreed, websocket.client.agreed
        assert agreed[0] is not None and agreed[1] is not None
        assert (agreed[0].takeover, agreed[1].takeover) == (not server_no_takeover, not client_no_takeover)
        assert (agreed[0].window_bits, agreed[1].window_bits) == (server_bits or 15, client_bits or 15)
        assert found.messages.compressed.any()


@pytest.mark.parametrize(
    ("version", "cipher"),
    [
        (ssl.TLSVersion.TLSv1_3, None),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-RSA-AES128-GCM-SHA256"),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-RSA-CHACHA20-POLY1305"),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-RSA-AES256-SHA384"),
    ],
)
def test_wss_with_the_secrets_that_the_client_logged(
    tmp_path: Path, version: ssl.TLSVersion, cipher: str | None
) -> None:
    rng = random.Random(443)
    client, server = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    client.load_verify_locations(make_certificate(tmp_path))
    server.load_cert_chain(tmp_path / "certificate.pem")
    client.minimum_version = client.maximum_version = version
    if cipher is not None:
        client.set_ciphers(cipher)
    client.keylog_filename = str(tmp_path / "keys.log")
    runs = []
    for compressed in (True, False):
        scripts = _script(rng, _SIZES), _script(rng, _SIZES)
        offer = ClientPerMessageDeflateFactory(client_max_window_bits=True) if compressed else None
        answer = ServerPerMessageDeflateFactory() if compressed else None
        runs.append(asyncio.run(_talk(*scripts, offer, answer, rng, (client, server))))
    found = _capture(tmp_path / "wss.pcap", runs, rng, tmp_path / "keys.log")
    _check(found, runs)
    assert not _capture(tmp_path / "without.pcap", runs, rng).connections
    for number, direction in enumerate(found.directions):
        rows = slice(direction.frames.start, direction.frames.stop)
        assert (found.frames.first_packet[rows] > 0).all() and (found.frame_times[0][rows] > 0).all()
        assert found.packets(number, 0, 1) == [int(direction.stream.packets_at(np.array([0]))[0])]
