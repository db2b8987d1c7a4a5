"""What the trace costs: median round trip of /ws/echo/ without it, with it off again, to a file, to a socket.

    python -m tools.trace_cost [--rounds 5] [--messages 1000]

The rounds take turns, so that a busy machine disturbs all of them alike; the median of the rounds' medians is printed.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from inspector.chat.client import Client
from inspector.chat.launch import ChatServer
from inspector.chat.options import ServerOptions


def _median_us(socket: ClientConnection, messages: int) -> float:
    times = []
    for _ in range(messages):
        start = time.perf_counter_ns()
        socket.send("안녕하세요")
        socket.recv()
        times.append(time.perf_counter_ns() - start)
    return statistics.median(times) / 1000


def main() -> None:
    """Print one line per case."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--messages", type=int, default=1000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        cases = {"no trace": None, "off": "", "file": f"{folder}/trace.jsonl", "datagrams": "udp://127.0.0.1:9"}
        sockets = {}
        for name, trace in cases.items():
            server = ServerOptions(data=Path(folder) / name.replace(" ", "-"), port=0, trace=trace)
            client = Client(stack.enter_context(ChatServer(server)).url)
            sockets[name] = stack.enter_context(
                connect(client.socket_url("/ws/echo/"), origin=Origin(client.origin), compression=None)
            )
            _median_us(sockets[name], 200)
        found: dict[str, list[float]] = {name: [] for name in cases}
        for _ in range(options.rounds):
            for name, socket in sockets.items():
                found[name].append(_median_us(socket, options.messages))
        for name, medians in found.items():
            low, high = min(medians), max(medians)
            print(f"{name:10} p50 {statistics.median(medians):6.0f} us  (rounds {low:.0f}-{high:.0f})")


if __name__ == "__main__":
    main()
