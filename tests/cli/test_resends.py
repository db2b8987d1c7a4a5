"""``inspector resends``."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from inspector.cli import cli
from tests.packets import ACK, PSH, SYN, ethernet, ipv4, pcap, tcp, tcp_packet

_UP, _DOWN = ("10.0.0.1", "10.0.0.2", (40000, 80)), ("10.0.0.2", "10.0.0.1", (80, 40000))


def _from_client(identification: int, seq: int, flags: int, payload: bytes = b"") -> bytes:
    return ethernet(
        ipv4(tcp(payload, *_UP, seq, 1 if flags & ACK else 0, flags), *_UP[:2], identification=identification)
    )


def _capture(path: Path) -> Path:
    packets = [
        _from_client(5, 0, SYN),
        tcp_packet(*_DOWN, 0, 1, SYN | ACK),
        _from_client(6, 1, ACK),
        _from_client(7, 1, PSH | ACK, b"hello"),
        _from_client(7, 1, PSH | ACK, b"hello"),  # the same packet, recorded twice
        _from_client(8, 1, PSH | ACK, b"hello"),  # sent again so soon that nothing tells it from a late first copy
    ]
    path.write_bytes(pcap(packets))
    return path


def test_a_copy_made_by_the_capture_is_told_from_what_cannot_be_told(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["resends", str(_capture(tmp_path / "a.pcap")), "--json"])
    rows = [json.loads(line) for line in done.output.splitlines()]
    assert [(row["packet"], row["verdict"], row["bytes"]) for row in rows] == [
        (5, "capture_duplicate", 5),
        (6, "undecided", 5),
    ]
    assert done.exit_code == 0


def test_totals_count_every_segment(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["resends", str(_capture(tmp_path / "a.pcap")), "--totals", "--json"])
    counts = json.loads(done.output)
    assert {verdict: sum(flags.values()) for verdict, flags in counts.items()} == {
        "capture_duplicate": 1,
        "undecided": 1,
    }


def test_a_connection_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["resends", str(_capture(tmp_path / "a.pcap")), "-c", "9"])
    assert "there is no connection 9" in str(done.exception)
