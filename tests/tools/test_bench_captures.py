"""The large captures of the benchmark are healthy traffic: tshark finds nothing wrong with them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

import inspector
from tools.bench.captures import make_capture
from tools.bench.conversations import SCRIPTS
from tools.bench.large_stream import MESSAGE_BYTES, make_large_stream


@pytest.mark.parametrize("kind", [*SCRIPTS, "large-stream"])
def test_checksums_and_sequence_numbers_are_right(kind: str, tmp_path: Path) -> None:
    if not shutil.which("tshark"):
        pytest.skip("tshark is not installed")
    path = make_large_stream(3, tmp_path) if kind == "large-stream" else make_capture(kind, 3000, tmp_path)
    faults = "tcp.checksum.status==0 || ip.checksum.status==0 || tcp.analysis.flags || _ws.malformed"
    checks = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
    told = subprocess.run(
        ["tshark", "-n", "-r", path, *checks, "-Y", faults], capture_output=True, text=True, check=True
    )
    assert told.stdout == ""


def test_the_same_capture_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "again").mkdir()
    first = make_capture("websocket-chat", 1000, tmp_path)
    second = make_capture("websocket-chat", 1000, tmp_path / "again")
    assert first.read_bytes() == second.read_bytes()


def test_the_large_stream_holds_messages_of_one_mebibyte(tmp_path: Path) -> None:
    found = inspector.open(make_large_stream(5, tmp_path)).websockets
    assert found.messages.length.tolist() == [MESSAGE_BYTES] * 5
    assert [(found.content(row) or b"")[:4] for row in range(5)] == [bytes([0, 0, 0, number]) for number in range(5)]
