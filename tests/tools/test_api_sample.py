"""The bundled sample is what its script writes, and valid to others."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tools.api_sample import korean_http

SAMPLE = Path(__file__).resolve().parents[2] / "captures" / "samples" / "korean-http.pcap"


def test_the_sample_is_up_to_date() -> None:
    assert SAMPLE.read_bytes() == korean_http()


def test_tshark_finds_its_checksums_right() -> None:
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    command = ["tshark", "-n", "-r", str(SAMPLE), "-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
    command += ["-T", "fields", "-e", "tcp.checksum.status", "-e", "ip.checksum.status"]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert lines == ["1\t1"] * 11
