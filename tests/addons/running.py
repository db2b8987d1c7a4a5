"""The proxy as a user runs it, between peers of the ``websockets`` library that log every byte."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.server import ServerConnection

__all__ = [
    "PYTHON",
    "LoggedClient",
    "LoggedServer",
    "Proxy",
    "command",
    "proxy",
    "require_mitmproxy",
    "settled",
    "wait_for_port",
]

PYTHON = os.environ.get("INSPECTOR_PROXY_PYTHON", sys.executable)
"""mitmproxy 11.0.2, the last for Python 3.11, does not go into one environment with Channels and Hypercorn."""
_START_S = 60


@cache
def _has_mitmproxy() -> bool:
    return subprocess.run([PYTHON, "-c", "import mitmproxy.tools.dump"], capture_output=True).returncode == 0


def require_mitmproxy() -> None:
    """Skip the test where there is no mitmproxy."""
    if not _has_mitmproxy():
        pytest.skip("mitmproxy is not installed (INSPECTOR_PROXY_PYTHON may name a Python that has it)")


def command(*arguments: str) -> list[str]:
    """The command line that runs ``inspector``."""
    return [PYTHON, "-c", "from inspector.cli import main; main()", *arguments]


async def wait_for_port(port: int) -> None:
    """Wait until somebody listens."""
    until = time.monotonic() + _START_S
    while True:
        try:
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            return
        except OSError:
            assert time.monotonic() < until
            await asyncio.sleep(0.1)


def _waits(stat: Path) -> bool:
    """Whether a thread sleeps (proc(5), field 3)."""
    with contextlib.suppress(OSError):  # it has ended
        return stat.read_text("utf-8").rpartition(")")[2].split()[0] == "S"
    return True


async def settled(pid: int) -> None:
    """Wait until a process has done what it has to do: for a while all of its threads only waited.

    On a busy machine a fixed time is too short: who waits for a processor has not waited for input yet.
    """
    until, quiet = time.monotonic() + _START_S, 0
    while quiet < 4 and time.monotonic() < until:
        await asyncio.sleep(0.1)
        quiet = quiet + 1 if all(map(_waits, Path(f"/proc/{pid}/task").glob("*/stat"))) else 0


class Proxy:
    """A proxy that runs."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.process = process
        self.port = port
        self.said = ""

    async def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """End it; its exit code."""
        if self.process.returncode is None:
            self.process.send_signal(number)
        assert self.process.stderr is not None
        self.said += (await self.process.stderr.read()).decode()
        return await self.process.wait()


@asynccontextmanager
async def proxy(record: Path, *arguments: str) -> AsyncIterator[Proxy]:
    """Run ``inspector proxy`` on a free port."""
    words = command("proxy", "--listen", "127.0.0.1:0", "--record", str(record), *arguments)  # the last one counts
    words += ["--confdir", str(record.parent / "authority")]
    process = await asyncio.create_subprocess_exec(*words, stderr=asyncio.subprocess.PIPE)
    assert process.stderr is not None
    said, found = "", None
    while found is None:
        line = (await asyncio.wait_for(process.stderr.readline(), _START_S)).decode()
        said += line
        assert line, said
        found = re.match(r"listening on 127\.0\.0\.1:(\d+), ", line)
    running = Proxy(process, int(found[1]))
    try:
        yield running
    finally:
        await running.stop(signal.SIGKILL)


def _log(connection: Any, transport: asyncio.BaseTransport) -> None:
    original = transport.write  # type: ignore[attr-defined]  # both kinds of the selector loop have it

    def write(data: bytes) -> None:
        connection.bytes_sent += bytes(data)
        original(data)

    transport.write = write  # type: ignore[attr-defined]


class LoggedClient(ClientConnection):
    """A client that logs its bytes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.bytes_sent = self.bytes_received = b""
        _log(self, transport)
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        self.bytes_received += data
        super().data_received(data)


class LoggedServer(ServerConnection):
    """A server's connection that logs its bytes."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.bytes_sent = self.bytes_received = b""
        _log(self, transport)
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        self.bytes_received += data
        super().data_received(data)
