"""Part of ``make bench``: what recording costs a proxy, beside mitmdump without it; what its live view costs; memory; what
a kill loses.

python -m tools.bench.proxy [--only overhead|view|memory|kills] [--rounds N]

INSPECTOR_PROXY_PYTHON names a Python that has mitmproxy.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

import inspector
from inspector.recording.websockets import read_websockets

_PYTHON = os.environ.get("INSPECTOR_PROXY_PYTHON", sys.executable)
_CONNECTIONS = 10
_ROUND_TRIPS = 4_000
_REQUESTS = 3_000
_PACE = 500
"""WebSocket messages per second while the live view is measured: each is sent, comes back, and both are shown."""
_PACED_S = 8
_MOST_SLOWER_MS = 0.5
"""Of a round trip, by the view: as much as mitmproxy itself adds to one on an idle machine."""
_MEMORY_MESSAGES = 100_000
_KILLS = 20
_TICKS = os.sysconf("SC_CLK_TCK")
_BODY = b"x" * 1024


class _Proxy:
    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self.process = process
        self.port = port

    def cpu_seconds(self) -> float:
        """Of the process, in user and system mode (proc(5), fields 14 and 15)."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def resident_bytes(self) -> int:
        """What of the process is in memory."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text("ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


@asynccontextmanager
async def _recording(target: int, folder: Path, terminal: int | None = None) -> AsyncIterator[_Proxy]:
    """The proxy; its live view on a terminal, or none."""
    code = "from inspector.cli import main; main()"
    words = ["proxy", "--reverse", f"http://127.0.0.1:{target}", "--listen", "127.0.0.1:0"]
    words += ["--record", str(folder / "session.pcapng"), "--confdir", str(folder / "authority")]
    words += ["--quiet"] if terminal is None else []
    process = await asyncio.create_subprocess_exec(
        _PYTHON, "-c", code, *words, stdout=terminal, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    found = re.match(rb"listening on 127\.0\.0\.1:(\d+),", await process.stderr.readline())
    assert found
    try:
        yield _Proxy(process, int(found[1]))
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@asynccontextmanager
async def _shown(target: int, folder: Path) -> AsyncIterator[_Proxy]:
    """The proxy with its live view on a terminal of 40 lines of 120 characters, which is read at once."""
    import fcntl
    import pty
    import struct
    import termios

    reads, writes = pty.openpty()
    fcntl.ioctl(writes, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    loop = asyncio.get_running_loop()
    loop.add_reader(reads, lambda: os.read(reads, 1 << 16))
    try:
        async with _recording(target, folder, writes) as proxy:
            yield proxy
    finally:
        loop.remove_reader(reads)
        os.close(writes)
        os.close(reads)


@asynccontextmanager
async def _plain(target: int, folder: Path) -> AsyncIterator[_Proxy]:
    code = "import sys; from mitmproxy.tools.main import mitmdump; sys.exit(mitmdump())"
    words = ["-q", "--mode", f"reverse:http://127.0.0.1:{target}", "--listen-host", "127.0.0.1"]
    words += ["--set", f"confdir={folder / 'authority'}"]
    port = _free_port()
    process = await asyncio.create_subprocess_exec(_PYTHON, "-c", code, *words, "--listen-port", str(port))
    while True:
        try:
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            break
        except OSError:
            await asyncio.sleep(0.1)
    try:
        yield _Proxy(process, port)
    finally:
        process.kill()
        await process.wait()


def _free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


async def _echo(websocket: ServerConnection) -> None:
    try:
        async for message in websocket:
            await websocket.send(message)
    except ConnectionClosed:
        pass


async def _talk(port: int, round_trips: int) -> None:
    async def one() -> None:
        async with connect(f"ws://127.0.0.1:{port}/", compression=None, ping_interval=None) as websocket:
            for _number in range(round_trips // _CONNECTIONS):
                await websocket.send("x" * 64)
                await websocket.recv()

    await asyncio.gather(*(one() for _number in range(_CONNECTIONS)))


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1024\r\n\r\n" + _BODY)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def _ask(port: int, requests: int) -> None:
    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in range(requests // _CONNECTIONS):
            writer.write(b"GET /page/%d HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n" % number)
            await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(len(_BODY))
        writer.close()

    await asyncio.gather(*(one() for _number in range(_CONNECTIONS)))


_Load = Callable[[int, int], Awaitable[None]]


async def _cost(make: Callable[[int, Path], object], target: int, load: _Load, amount: int, unit: int) -> float:
    """CPU milliseconds of the proxy per unit of load, after a tenth of it as a start."""
    with tempfile.TemporaryDirectory() as name:
        async with make(target, Path(name)) as proxy:  # type: ignore[attr-defined]  # both are context managers
            await load(proxy.port, amount // 10)
            before = proxy.cpu_seconds()
            await load(proxy.port, amount)
            used: float = proxy.cpu_seconds() - before
            return used * 1000 / (amount * unit)


async def _overhead(rounds: int) -> bool:
    """The two proxies in turn, so that the machine is the same for both."""
    good = True
    async with serve(_echo, "127.0.0.1", 0, compression=None, ping_interval=None) as websockets:
        http = await asyncio.start_server(_answer, "127.0.0.1", 0)
        tasks: list[tuple[str, int, _Load, int, int]] = [
            ("WebSocket message", websockets.sockets[0].getsockname()[1], _talk, _ROUND_TRIPS, 2),
            ("HTTP request", http.sockets[0].getsockname()[1], _ask, _REQUESTS, 1),
        ]
        for name, target, load, amount, unit in tasks:
            plain, recorded = [], []
            for _round in range(rounds):
                plain.append(await _cost(_plain, target, load, amount, unit))
                recorded.append(await _cost(_recording, target, load, amount, unit))
            ratio = statistics.median(recorded) / statistics.median(plain)
            good &= ratio <= 1.15
            print(
                f"{name}: mitmdump {statistics.median(plain):.3f} ms, recording {statistics.median(recorded):.3f} ms "
                f"of CPU, {(ratio - 1) * 100:+.0f} % (median of {rounds})",
                flush=True,
            )
        http.close()
    return good


async def _paced(make: Callable[[int, Path], object], target: int) -> tuple[float, list[float]]:
    """CPU milliseconds of the proxy per message, and milliseconds of each round trip, at a steady pace."""
    with tempfile.TemporaryDirectory() as name:
        async with (
            make(target, Path(name)) as proxy,  # type: ignore[attr-defined]  # both are context managers
            connect(f"ws://127.0.0.1:{proxy.port}/", compression=None, ping_interval=None) as websocket,
        ):
            trips = []
            begin, before = time.perf_counter(), proxy.cpu_seconds()
            for number in range(_PACE // 2 * _PACED_S):
                await asyncio.sleep(begin + number / (_PACE // 2) - time.perf_counter())
                sent = time.perf_counter()
                await websocket.send(f'{{"type":"chat.message","number":{number},"text":"안녕하세요"}}')
                await websocket.recv()
                trips.append((time.perf_counter() - sent) * 1000)
            used: float = proxy.cpu_seconds() - before
            return used * 1000 / (2 * len(trips)), trips


async def _view(rounds: int) -> bool:
    """What the live view costs while messages come as fast as it must bear."""
    costs: dict[str, list[float]] = {"quiet": [], "shown": []}
    trips: dict[str, list[float]] = {"quiet": [], "shown": []}
    async with serve(_echo, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        port = server.sockets[0].getsockname()[1]
        for _round in range(rounds):
            for name, make in (("quiet", _recording), ("shown", _shown)):
                cost, times = await _paced(make, port)
                costs[name].append(cost)
                trips[name] += times
    for name, found in trips.items():
        cuts = statistics.quantiles(found, n=100)
        print(
            f"{_PACE} messages/s, {name}: {statistics.median(costs[name]):.3f} ms of CPU per message, round trip "
            f"{cuts[49]:.2f} ms (median), {cuts[98]:.2f} ms (99 of 100), {rounds} times {_PACED_S} s",
            flush=True,
        )
    return statistics.median(trips["shown"]) - statistics.median(trips["quiet"]) <= _MOST_SLOWER_MS


async def _memory(messages: int) -> bool:
    """Resident memory of the proxy over many messages on one socket."""
    with tempfile.TemporaryDirectory() as name:
        async with (
            serve(_echo, "127.0.0.1", 0, ping_interval=None) as server,
            _recording(server.sockets[0].getsockname()[1], Path(name)) as proxy,
            connect(f"ws://127.0.0.1:{proxy.port}/", ping_interval=None) as websocket,
        ):
            seen = []
            for number in range(messages // 2):  # each comes back
                await websocket.send(f"{number} " + "민" * 300)
                await websocket.recv()
                if number % (messages // 20) == messages // 20 - 1:
                    seen.append(proxy.resident_bytes())
            text = ", ".join(f"{size / 1e6:.1f}" for size in seen)
            print(f"memory over {messages:,} messages on one socket: {text} MB", flush=True)
            return max(seen) - seen[0] <= 10e6


async def _kill(number: int) -> int:
    """Kill the proxy while it passes messages; how many of those that the peers had received are not in the file."""
    received: list[str] = []
    ended = asyncio.Event()

    async def echo(websocket: ServerConnection) -> None:
        try:
            async for message in websocket:
                received.append(str(message))
                await websocket.send(message)
        except ConnectionClosed:
            pass
        finally:
            ended.set()

    echoed: list[str] = []

    async def listen(websocket: ClientConnection) -> None:
        try:
            async for message in websocket:
                echoed.append(str(message))
        except ConnectionClosed:
            pass

    with tempfile.TemporaryDirectory() as name:
        async with serve(echo, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            async with _recording(port, Path(name)) as proxy:
                websocket = await connect(f"ws://127.0.0.1:{proxy.port}/")
                listening = asyncio.create_task(listen(websocket))
                until = time.monotonic() + 0.3 + 0.05 * number
                sent = 0
                while time.monotonic() < until:
                    await websocket.send(f"{sent} 번째 " + "x" * (sent % 3000))
                    sent += 1
                    if sent % 10 == 0:
                        await asyncio.sleep(0.002)  # so that echoes are read, too
                proxy.process.send_signal(signal.SIGKILL)
                await proxy.process.wait()
                await asyncio.wait_for(ended.wait(), 20)
                await listening
        capture = inspector.open(Path(name) / "session.pcapng")
        found = read_websockets(capture)
        lost = 0
        for socket in found.connections:
            to_server = capture.connections[socket.connection].server.port == port
            direction = socket.client if to_server else socket.server
            kept = [found.content(row) for row in direction.messages]
            expected = [text.encode() for text in (received if to_server else echoed)]
            lost += sum(1 for index, text in enumerate(expected) if index >= len(kept) or kept[index] != text)
        if len(found.connections) != 2:
            lost += len(received)
        print(
            f"kill {number + 1}: {sent} sent, {len(received)} received, {len(echoed)} echoed, {lost} lost", flush=True
        )
        return lost


async def _main(only: str | None, rounds: int) -> bool:
    good = True
    if only in (None, "overhead"):
        good &= await _overhead(rounds)
    if only in (None, "view"):
        good &= await _view(rounds)
    if only in (None, "memory"):
        good &= await _memory(_MEMORY_MESSAGES)
    if only in (None, "kills"):
        lost = sum([await _kill(number) for number in range(_KILLS)])
        print(f"{_KILLS} kills: {lost} messages lost")
        good &= lost == 0
    return good


def main() -> None:
    """Measure, print, and end with 1 where a bound is not kept."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench.proxy")
    parser.add_argument("--only", choices=("overhead", "view", "memory", "kills"))
    parser.add_argument("--rounds", type=int, default=5, help="runs of each proxy (default %(default)s)")
    options = parser.parse_args()
    sys.exit(0 if asyncio.run(_main(options.only, options.rounds)) else 1)


if __name__ == "__main__":
    main()
