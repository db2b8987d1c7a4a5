"""IP identification and TTL by segment, against tshark."""

from __future__ import annotations

import subprocess
from pathlib import Path

import inspector
from inspector.analysis.ip_columns import ip_columns
from tests.analysis.conversations import fuzzed_pcap
from tests.analysis.wireshark import require_tshark


def test_identification_and_ttl_as_tshark_says(tmp_path: Path) -> None:
    path = tmp_path / "fuzzed.pcap"
    path.write_bytes(fuzzed_pcap(11, 1_000))
    command = [require_tshark(), "-n", "-r", str(path), "-Y", "tcp", "-T", "fields", "-e", "ip.id", "-e", "ip.ttl"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    table = ip_columns(inspector.open(path))
    ours = [f"0x{number:04x}\t{ttl}" for number, ttl in zip(table.identification, table.ttl, strict=True)]
    assert ours == printed
    assert set(table.version.tolist()) == {4}
