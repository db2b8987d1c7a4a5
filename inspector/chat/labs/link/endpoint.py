"""The two ends that talk over the link, each a process of its own: ``python -m inspector.chat.labs.link.endpoint``.

The server echoes text and sends so many bytes on ``bulk N``. The client says a few things, asks for bytes, sends bytes, and
closes; at the end it prints what happened as one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
import time

from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import WebSocketException

from inspector.chat.labs.link.network import PORT

_PIECE = 32_768
_OPEN_SECONDS = 8


async def run_server(address: str) -> None:
    """Answer until ended."""

    async def answer(socket: ServerConnection) -> None:
        async for message in socket:
            if isinstance(message, bytes):
                await socket.send(f"got {len(message)}")
            elif message.startswith("bulk "):
                left = int(message.removeprefix("bulk "))
                while left > 0:
                    await socket.send(bytes(min(left, _PIECE)))
                    left -= _PIECE
            else:
                await socket.send(message)

    async with serve(answer, address, PORT, compression=None, ping_interval=None, max_size=None):
        print("ready", flush=True)
        await asyncio.Event().wait()


async def run_client(address: str, seed: int, size: int, seconds: float) -> dict[str, object]:
    """Talk; what came of it."""
    chance = random.Random(seed)
    done: dict[str, object] = {"opened": False, "completed": False, "client": None, "server": f"{address}:{PORT}"}
    try:
        async with asyncio.timeout(seconds):
            async with connect(
                f"ws://{address}:{PORT}/",
                compression=None,
                ping_interval=None,
                open_timeout=_OPEN_SECONDS,
                close_timeout=1,
                max_size=None,
            ) as socket:
                done["opened"], done["opened_ns"] = True, time.time_ns()
                done["client"] = "{}:{}".format(*socket.local_address[:2])
                for number in range(10):
                    text = chance.choice(("안녕하세요", "hello", "점심 먹었어요?", "see you")) + f" {number}"
                    await socket.send(text)
                    assert await socket.recv() == text
                await socket.send(f"bulk {size}")
                got = 0
                while got < size:
                    got += len(await socket.recv())
                for _piece in range(size // _PIECE):
                    await socket.send(chance.randbytes(_PIECE))
                    await socket.recv()
                done["completed"] = True
    except (TimeoutError, OSError, WebSocketException) as error:
        done["why"] = f"{type(error).__name__}: {error}"
    done["ended_ns"] = time.time_ns()
    return done


def main(arguments: list[str]) -> None:
    """server ADDRESS, or client ADDRESS SEED BYTES SECONDS."""
    if arguments[0] == "server":
        asyncio.run(run_server(arguments[1]))
    else:
        result = run_client(arguments[1], int(arguments[2]), int(arguments[3]), float(arguments[4]))
        print(json.dumps(asyncio.run(result)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
