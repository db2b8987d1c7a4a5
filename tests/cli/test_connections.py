"""``inspector connections`` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from inspector.cli.connections import _SORTS, command
from inspector.report.connections import SORTS
from tests.packets import pcap
from tests.recording.test_connections import HANDSHAKE


def test_prints_headings_and_one_line_per_connection(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap(HANDSHAKE))
    result = CliRunner().invoke(command, [str(path)])
    assert result.exit_code == 0
    headings, line = result.stdout.splitlines()
    assert len(headings.split("\t")) == len(line.split("\t")) == 12


def test_json_is_one_object_per_line(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap(HANDSHAKE))
    result = CliRunner().invoke(command, [str(path), "--json"])
    assert json.loads(result.stdout)["number"] == 0


def test_offers_every_order_there_is() -> None:
    assert _SORTS == SORTS
