"""The labs' clients against the `websockets` library's server, and plain TCP."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve

from inspector.chat.labs.peers import CLOSE, PING, PONG, TEXT, LabFailed, NotConnected, Peer, open_peer, open_raw, tcp


@asynccontextmanager
async def _server(handler: Callable[[ServerConnection], Awaitable[None]]) -> AsyncIterator[str]:
    async with serve(handler, "127.0.0.1", 0, compression=None) as running:
        yield "{}:{}".format(*next(iter(running.sockets)).getsockname()[:2])


async def _echo(connection: ServerConnection) -> None:
    async for message in connection:
        await connection.send(message)


def _run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 30))


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536])
def test_frames_by_hand_are_those_of_the_library(size: int) -> None:
    async def work() -> None:
        async with _server(_echo) as front:
            peer = await open_raw(front)
            await peer.upgrade("/")
            assert await peer.answer() == 101 and b"Sec-WebSocket-Accept" in peer.head
            await peer.send(TEXT, b"x" * size)
            assert await peer.frame() == (TEXT, b"x" * size)
            await peer.send(TEXT, b"a" * size, first=0)
            await peer.send(0, b"b")
            assert await peer.frame() == (TEXT, b"a" * size + b"b")
            await peer.send(PING, b"12")
            assert await peer.frame() == (PONG, b"12")
            await peer.send(CLOSE, (4005).to_bytes(2, "big") + b"bye")
            ended = await peer.until_end()
            assert (ended.how, ended.code, ended.reason) == ("close", 4005, "bye")
            peer.finish()

    _run(work())


def test_pings_are_answered_as_asked() -> None:
    async def pinging(connection: ServerConnection) -> None:
        await asyncio.wait_for(await connection.ping(b"second"), 10)
        await connection.close(4001)

    async def work() -> None:
        async with _server(pinging) as front:
            peer = await open_raw(front)
            await peer.upgrade("/")
            await peer.answer()
            ended = await peer.until_end(pong=lambda payload: payload == b"second")
            assert (ended.how, ended.code) == ("close", 4001)
            peer.finish()

    _run(work())


def test_both_clients_tell_how_a_connection_ended() -> None:
    async def closing(connection: ServerConnection) -> None:
        how = str(await connection.recv())
        if how == "close":
            await connection.close(4002, "enough")
        elif how == "fin":
            connection.transport.close()
        else:
            raw: socket.socket = connection.transport.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.transport.abort()

    async def work() -> None:
        async with _server(closing) as front:
            for how, code in (("close", 4002), ("fin", None), ("rst", None)):
                peer = await open_peer(front, "/")
                assert isinstance(peer, Peer) and peer.open
                await peer.send(how)
                ended = await peer.ended()
                assert (ended.how, ended.code) == (how, code)
                raw = await open_raw(front)
                await raw.upgrade("/")
                await raw.answer()
                await raw.send(TEXT, how.encode())
                ended = await raw.until_end()
                assert (ended.how, ended.code) == (how, code)

    _run(work())


def test_waiting_in_vain_fails_and_names_what_for() -> None:
    async def work() -> None:
        async with _server(_echo) as front:
            peer = await open_peer(front, "/")
            assert isinstance(peer, Peer)
            with pytest.raises(LabFailed, match="in vain for message 1"):
                await peer.wait_for(1, 0.1)
            with pytest.raises(LabFailed, match="still stands"):
                await peer.ended(0.1)
            assert await peer.ask("네") < 20 and peer.texts == ["네"]
            ended = await peer.close()
            assert (ended.how, ended.code) == ("close", 1000)
            with pytest.raises(LabFailed, match=r"ended .* before message 2"):
                await peer.wait_for(2)

    _run(work())


def test_a_refused_connection_has_its_address_all_the_same() -> None:
    async def work() -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            front = f"127.0.0.1:{probe.getsockname()[1]}"
            with pytest.raises(NotConnected) as refused:
                await tcp(front)
            host, _, port = refused.value.pair.client.rpartition(":")
            assert refused.value.pair.server == front and host == "127.0.0.1" and 0 < int(port) < 65536

    _run(work())
