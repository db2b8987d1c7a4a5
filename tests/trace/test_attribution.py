"""Every frame that reaches a client is traced to the message that caused it; the clients know the truth."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from inspector.chat.drive import Script, run
from inspector.chat.launch import ChatServer
from inspector.chat.options import ServerOptions
from inspector.chat.redis import Redis

Json = dict[str, Any]


@contextmanager
def _served(tmp_path: Path, layer: str, processes: int, **more: Any) -> Iterator[ChatServer]:
    def options(address: str) -> ServerOptions:
        trace = str(tmp_path / "trace.jsonl")
        return ServerOptions(
            data=tmp_path / "chat", port=0, layer=address, processes=processes, trace=trace, scripted_users=24, **more
        )

    if layer == "memory":
        with ChatServer(options("memory")) as server:
            yield server
        return
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed")
    with Redis(tmp_path) as redis, ChatServer(options(layer.replace("redis:", redis.url))) as server:
        yield server


def _lines(text: str) -> list[Json]:
    return [json.loads(line) for line in text.splitlines()]


def attributed(log: list[Json], events: list[Json]) -> tuple[int, int, int]:
    """Follow each received message back through the trace; returns (received, right, wrong).

    Join keys: the client's TCP port and the ordinal of the data message on its connection.
    """
    port = {e["conn"]: e["client"][1] for e in events if e["e"] == "open" and e["kind"] == "websocket"}
    caused = {(port[e["conn"]], e["n"]): e["cause"] for e in events if e["e"] == "tx"}
    group = {e["id"]: e["cause"] for e in events if e["e"] == "group"}
    arrived = {e["cause"]: (port[e["conn"]], e["n"]) for e in events if e["e"] == "rx"}
    truth = {(e["port"], e["n"]): e["ref"] for e in log if e["e"] == "sent"}
    received = [e for e in log if e["e"] == "received" and e["type"] == "chat.message"]
    right = wrong = 0
    for frame in received:
        source = arrived.get(group.get(caused.get((frame["port"], frame["n"])) or "") or "")
        if source is None:
            continue
        if truth.get(source) == frame["ref"]:
            right += 1
        else:
            wrong += 1
    return len(received), right, wrong


@pytest.mark.parametrize(
    ("layer", "processes", "kind", "server"),
    [
        ("memory", 1, "chat", "daphne"),
        ("redis:", 2, "chat", "daphne"),
        ("pubsub+redis:", 2, "chat", "uvicorn"),
        ("memory", 1, "sync", "daphne"),
    ],
)
def test_every_delivery_is_attributed_to_its_cause(
    tmp_path: Path, layer: str, processes: int, kind: str, server: str
) -> None:
    pytest.importorskip(server)
    log = io.StringIO()
    # 24 users in 3 rooms of 8; ten texts, so that most are said many times.
    rate, seconds = (6.0, 3.0) if kind == "chat" else (2.0, 3.0)
    with _served(tmp_path, layer, processes, server=server) as running:
        summary = run(Script(running.url, 24, 3, rate, seconds, kind=kind), log)
    assert (summary["lost"], summary["duplicate"], summary["closed"]) == (0, 0, 0)
    events = _lines((tmp_path / "trace.jsonl").read_text(encoding="utf-8"))
    received, right, wrong = attributed(_lines(log.getvalue()), events)
    assert received == summary["expected"] >= (3000 if kind == "chat" else 1000)
    assert (right, wrong) == (received, 0)
    # Nothing was dropped on the way, and no statement belongs to nobody.
    for pid in {e["pid"] for e in events}:
        numbers = [e["seq"] for e in events if e["pid"] == pid]
        assert numbers == list(range(1, len(numbers) + 1))
    serving = {e["pid"] for e in events if e["e"] == "rx"}
    assert len(serving) == processes
    assert all("dropped" not in e for e in events)
    assert "안녕" not in json.dumps(events, ensure_ascii=False)
