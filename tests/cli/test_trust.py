"""``inspector trust``."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from inspector.cli import cli
from tests.packets import ACK, PSH, SYN, pcap, tcp_packet

_UP, _DOWN = ("10.0.0.1", "10.0.0.2", (40000, 80)), ("10.0.0.2", "10.0.0.1", (80, 40000))


def _capture(path: Path, acknowledged: int) -> Path:
    path.write_bytes(
        pcap([
            tcp_packet(*_UP, 0, 0, SYN),
            tcp_packet(*_DOWN, 0, 1, SYN | ACK),
            tcp_packet(*_UP, 1, 1, ACK),
            tcp_packet(*_UP, 1, 1, PSH | ACK, b"hello"),
            tcp_packet(*_DOWN, 1, 1 + acknowledged, ACK),
        ])
    )  # fmt: skip
    return path


def test_a_sound_capture_holds_everywhere_and_exits_with_0(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["trust", str(_capture(tmp_path / "a.pcap", 5))])
    assert done.exit_code == 0
    assert [line.split()[1] for line in done.output.splitlines()] == [f"T{n}" for n in range(1, 9)]
    assert "!" not in done.output


def test_bytes_that_were_acknowledged_and_never_seen_are_told_and_exit_with_1(tmp_path: Path) -> None:
    path = _capture(tmp_path / "a.pcap", 1005)
    done = CliRunner().invoke(cli, ["trust", str(path), "--json"])
    assert done.exit_code == 1
    failed = {row["id"]: row for row in map(json.loads, done.output.splitlines()) if row["holds"] is False}
    assert set(failed) == {"T2"}
    assert failed["T2"]["params"]["unseen_bytes"] == 1000
