"""IP identification and TTL by segment, against tshark."""

from __future__ import annotations

from pathlib import Path

import inspector
from inspector.analysis.ip_columns import ip_columns
from tests.analysis.conversations import fuzzed_pcap
from tests.analysis.wireshark import require_tshark
from tests.tshark import tshark_rows


def test_identification_and_ttl_as_tshark_says(tmp_path: Path) -> None:
    path = tmp_path / "fuzzed.pcap"
    path.write_bytes(fuzzed_pcap(11, 1_000))
    require_tshark()
    printed = tshark_rows(path, ["ip.id", "ip.ttl"], "tcp")
    table = ip_columns(inspector.open(path))
    ours = [[f"0x{number:04x}", f"{ttl}"] for number, ttl in zip(table.identification, table.ttl, strict=True)]
    assert ours == printed
    assert set(table.version.tolist()) == {4}
