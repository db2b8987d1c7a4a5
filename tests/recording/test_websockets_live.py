"""A chat captured from the loopback interface by tcpdump, as a user would."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from pathlib import Path

import pytest

import inspector

pytest.importorskip("websockets", reason="the library whose traffic is captured is not installed")

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from tests.addons.running import settled


async def _echo(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


async def _chat(path: Path, sent: list[str | bytes]) -> None:
    async with serve(_echo, "127.0.0.1", 0, max_size=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        command = [
            "tcpdump",
            "-i",
            "lo",
            "-U",
            "--immediate-mode",
            "-B",
            "65536",
            "-w",
            str(path),
            "tcp",
            "port",
            str(port),
        ]
        capturing = subprocess.Popen(command, stderr=subprocess.PIPE)
        assert capturing.stderr is not None
        try:
            if b"listening" not in await asyncio.to_thread(capturing.stderr.readline):
                capturing.kill()
                pytest.skip("tcpdump cannot capture from the loopback interface here")
            async with connect(f"ws://127.0.0.1:{port}/", max_size=None, proxy=None) as client:
                for message in sent:
                    await client.send(message)
                    assert await client.recv() == message
            await settled(capturing.pid)
        finally:
            capturing.terminate()
            capturing.wait(60)


@pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0 or shutil.which("tcpdump") is None, reason="needs tcpdump and root"
)
def test_what_was_said_is_what_was_captured(tmp_path: Path) -> None:
    sent: list[str | bytes] = ["안녕하세요", "", b"\x00\xff" * 500, "x" * 70_000, os.urandom(300_000)]
    asyncio.run(_chat(tmp_path / "live.pcap", sent))
    found = inspector.open(tmp_path / "live.pcap").websockets
    expected = [message.encode() if isinstance(message, str) else message for message in sent]
    for direction in (found.connections[0].client, found.connections[0].server):
        assert [found.content(row) for row in direction.messages] == expected
        assert direction.agreed is not None
        assert not found.messages.faults.any() and not found.frames.faults.any()
