"""``inspector proxy --packets``: real packets beside the recording, and from each frame to its packets."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

import inspector
from captures.live import CaptureRequest, LiveCapture
from inspector.analysis.beside import Beside, join_connections
from inspector.cli.packets_beside import PacketsBeside, packets_path
from inspector.errors import MissingPart
from inspector.recording.websockets import WebSockets, read_websockets
from tests.addons.running import Proxy, proxy, require_mitmproxy, settled


def _require_capturing(folder: Path) -> None:
    try:
        with LiveCapture(CaptureRequest("lo", folder / "probe.pcapng", "tcp port 1")):
            pass
    except MissingPart as error:
        pytest.skip(str(error))


async def _record(path: Path, compression: str | None) -> Proxy:
    async def echo(websocket: ServerConnection) -> None:
        async for message in websocket:
            await websocket.send(message)

    async with serve(echo, "127.0.0.1", 0, compression=compression, max_size=None) as server:
        port = server.sockets[0].getsockname()[1]
        async with proxy(path, "--reverse", f"http://127.0.0.1:{port}", "--packets", "--quiet") as running:
            uri = f"ws://127.0.0.1:{running.port}/ws"
            async with connect(uri, compression=compression, max_size=None) as websocket:
                for message in ("안녕하세요", b"\x00" * 70_000, "글 " * 30_000, ""):
                    await websocket.send(message)
                    assert await websocket.recv() == message
                await (await websocket.ping(b"?"))
            await settled(running.process.pid)
            assert await running.stop() == 0, running.said
    return running


def _frames(websockets: WebSockets, connection: int) -> list[list[tuple[int, ...]]]:
    """Frames of the client and of the server."""
    table = websockets.frames
    columns = (table.start, table.end, table.first_byte, table.mask_key, table.length, table.faults)
    return [
        [tuple(int(column[row]) for column in columns) for row in direction.frames]
        for direction in websockets.directions
        if direction.connection == connection
    ]


@pytest.mark.parametrize("compression", [None, "deflate"])
def test_the_same_frames_and_messages_and_each_frame_leads_to_its_packets(
    tmp_path: Path, compression: str | None
) -> None:
    require_mitmproxy()
    _require_capturing(tmp_path)
    path = tmp_path / "session.pcapng"
    running = asyncio.run(_record(path, compression))
    assert "of 2 of 2 connections are in" in running.said
    assert packets_path(path).stat().st_mode & 0o077 == 0
    recording, real = inspector.open(path), inspector.open(packets_path(path))
    joined = join_connections(recording, real)
    assert len(joined) == len(recording.connections) == 2
    ours, theirs = read_websockets(recording), read_websockets(real)
    for ours_number, real_number in joined.items():
        for recorded, seen in zip(_frames(ours, ours_number), _frames(theirs, real_number), strict=True):
            assert seen[: len(recorded)] == recorded
            # mitmproxy does not read the answer to a Close that it passed on.
            assert [frame[2] for frame in seen[len(recorded) :]] in ([], [0x88])
    assert [ours.content(row) for row in range(len(ours.messages))] == [
        theirs.content(row) for row in range(len(theirs.messages))
    ]
    beside = Beside(ours, real)
    for row in range(len(ours.frames)):
        numbers = beside.packets_of(row)
        assert numbers
        direction = ours.directions[int(ours.frames.direction[row])]
        wire = direction.stream.read(int(ours.frames.start[row]), int(ours.frames.end[row]))
        payload = b"".join(real.packet(number).data[66:] for number in numbers)  # Ethernet, IPv4, TCP with time stamps
        assert wire in payload


def test_who_may_not_capture_is_told_and_the_session_is_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(_self: LiveCapture) -> None:
        raise MissingPart("you may not capture on lo")

    monkeypatch.setattr(LiveCapture, "start", refuse)
    beside = PacketsBeside(tmp_path / "session.pcapng", "127.0.0.1", "http://localhost:8000")
    beside.start(8080)
    beside.stop()
    assert capsys.readouterr().err == "packets are not captured: you may not capture on lo\n"
    assert list(tmp_path.iterdir()) == []
