"""``inspector legs`` on a session through the real proxy, against what both ends logged."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve

from inspector.cli.legs import command
from inspector.errors import NotObservable, UsageError
from tests.addons.running import LoggedClient, LoggedServer, proxy, require_mitmproxy, settled

_SAMPLE = Path(__file__).parents[2] / "captures" / "samples" / "chat-aborted.pcap"


async def _record(path: Path) -> tuple[LoggedClient, LoggedServer]:
    ended = asyncio.Event()
    servers: list[LoggedServer] = []

    async def echo(websocket: ServerConnection) -> None:
        assert isinstance(websocket, LoggedServer)
        servers.append(websocket)
        async for message in websocket:
            await websocket.send(message)
            if message == "bye":
                await websocket.close(4001, "안녕")
                ended.set()
                return

    async def parts() -> AsyncIterator[str]:
        yield "하나 "
        await client.ping(b"between")
        yield "둘"

    async with serve(echo, "127.0.0.1", 0, create_connection=LoggedServer, compression=None) as server:
        port = server.sockets[0].getsockname()[1]
        async with proxy(path, "--reverse", f"http://127.0.0.1:{port}") as running:
            uri = f"ws://127.0.0.1:{running.port}/ws"
            client = await connect(uri, create_connection=LoggedClient, compression=None)
            await client.send("hi")
            await client.recv()
            await client.send(parts())
            await client.recv()
            await client.send("bye")
            await client.wait_closed()
            await asyncio.wait_for(ended.wait(), 60)
            await settled(running.process.pid)
            assert await running.stop() == 0
    return client, servers[0]  # type: ignore[return-value]


def _json(path: Path) -> list[dict[str, Any]]:
    done = CliRunner().invoke(command, [str(path), "--json"], standalone_mode=False, catch_exceptions=False)
    return [json.loads(line) for line in done.output.splitlines()]


def test_a_real_session(tmp_path: Path) -> None:
    require_mitmproxy()
    path = tmp_path / "session.pcapng"
    client, server = asyncio.run(_record(path))
    [session] = _json(path)
    assert session["client_leg"]["client"].endswith(f":{client.local_address[1]}")
    assert session["server_legs"][0]["client"].endswith(f":{server.remote_address[1]}")
    [socket] = session["websockets"]
    rows = socket["rows"]
    assert [(row["direction"], row["type"], row["differences"]) for row in rows if row["opcode"] != 10] == [
        ("client", "text", ["mask"]),
        ("server", "text", []),
        ("client", "text", ["mask"]),
        ("client", "ping", ["mask", "moved"]),
        ("server", "text", []),
        ("client", "text", ["mask"]),
        ("server", "text", []),
        ("server", "close", []),
        ("client", "close", ["injected"]),
    ]
    # The masking keys are those of the bytes that the ends logged.
    for row in rows:
        for leg, log in (("came", client.bytes_sent), ("went", server.bytes_received)):
            if row["direction"] == "client" and row[leg] is not None:
                assert bytes.fromhex(row[leg]["masking_keys"][0]) in log
        assert row["delay_ns"] is None or row["delay_ns"] >= 0
    close = socket["close"]
    assert (close["cause"], close["how"]) == ("server", "close")
    assert close["server_said"] == close["told_to_client"] == {"code": 4001, "reason": "안녕"}

    text = CliRunner().invoke(command, [str(path), "-c", "1"], standalone_mode=False, catch_exceptions=False).output
    assert "closed by the server with 4001 안녕" in text
    assert "no longer between fragments" in text


def test_misuse_is_one_sentence() -> None:
    with pytest.raises(NotObservable, match="inspector proxy --record"):
        CliRunner().invoke(command, [str(_SAMPLE)], standalone_mode=False, catch_exceptions=False)
    with pytest.raises(UsageError, match="no connection 99"):
        CliRunner().invoke(command, [str(_SAMPLE), "-c", "99"], standalone_mode=False, catch_exceptions=False)
