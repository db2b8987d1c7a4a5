from __future__ import annotations

import json
import os
import socket
import threading
import time
from pathlib import Path

import pytest

from inspector.trace import sink as sink_module
from inspector.trace.sink import Sink, open_sink


def test_lines_go_to_a_file(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    sink = open_sink(str(path))
    for number in range(5000):
        sink.emit("rx", n=number)
    sink.close()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["n"] for line in lines] == list(range(5000))
    assert [line["seq"] for line in lines] == list(range(1, 5001))
    assert lines[0].keys() == {"v", "e", "t", "pid", "seq", "n"}
    assert path.stat().st_mode & 0o077 == 0


def test_lines_go_to_a_loopback_socket() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(5)
        sink = open_sink(f"udp://127.0.0.1:{receiver.getsockname()[1]}?payload=1")
        assert sink.payload
        sink.emit("open", path="/ws/한글/")
        assert json.loads(receiver.recv(65536))["path"] == "/ws/한글/"


def test_nobody_listening_costs_nothing() -> None:
    sink = open_sink("udp://127.0.0.1:9")
    start = time.perf_counter()
    for _ in range(1000):
        sink.emit("rx")
    assert time.perf_counter() - start < 30  # each would wait for good


def test_what_does_not_fit_is_dropped_counted_and_said(tmp_path: Path) -> None:
    lines: list[bytes] = []
    full = [False, True, True, False]
    sink = Sink(lambda line: (not full.pop(0)) and not lines.append(line), payload=False)  # type: ignore[func-returns-value]
    for number in range(4):
        sink.emit("rx", n=number)
    assert [(e["n"], e["seq"], e.get("dropped")) for e in map(json.loads, lines)] == [(0, 1, None), (3, 4, 2)]


def test_a_disk_that_hangs_does_not_hold_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sink_module, "MAX_WAITING", 10)
    released = threading.Event()
    write = os.write

    def hang(descriptor: int, data: bytes) -> int:
        if threading.current_thread().name == "inspector-trace":
            released.wait()
        return write(descriptor, data)

    monkeypatch.setattr(os, "write", hang)
    path = tmp_path / "trace.jsonl"
    sink = open_sink(str(path))
    for number in range(5000):  # with a disk that never answers: whoever waited for it would wait for good
        sink.emit("rx", n=number)
    assert sink.dropped > 0
    released.set()
    deadline = time.monotonic() + 60
    while len(path.read_bytes().splitlines()) < 5000 - sink.dropped and time.monotonic() < deadline:
        time.sleep(0.01)
    sink.emit("rx", n=5000)
    sink.close()
    last = json.loads(path.read_text().splitlines()[-1])
    assert last["n"] == 5000 and last["dropped"] == sink.dropped


def test_an_event_too_long_for_a_datagram_is_dropped() -> None:
    lines: list[bytes] = []
    sink = Sink(lambda line: not lines.append(line), payload=True)  # type: ignore[func-returns-value]
    sink.emit("rx", text="x" * 100_000)
    assert (lines, sink.dropped) == ([], 1)


@pytest.mark.parametrize(
    "address",
    ["udp://192.0.2.1:9400", "udp://127.0.0.1", "udp://example.com:1", "http://127.0.0.1/", "/no/such/folder/x"],
)
def test_wrong_addresses_are_refused(address: str) -> None:
    with pytest.raises(ValueError, match="trace to"):
        open_sink(address)
