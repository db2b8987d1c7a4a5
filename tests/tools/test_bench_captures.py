"""The large captures of the benchmark are healthy traffic: tshark finds nothing wrong with them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tools.bench.captures import make_capture
from tools.bench.conversations import SCRIPTS


@pytest.mark.parametrize("kind", sorted(SCRIPTS))
def test_checksums_and_sequence_numbers_are_right(kind: str, tmp_path: Path) -> None:
    if not shutil.which("tshark"):
        pytest.skip("tshark is not installed")
    path = make_capture(kind, 3000, tmp_path)
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
