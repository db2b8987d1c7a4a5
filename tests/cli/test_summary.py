"""``inspector summary`` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from inspector.cli.summary import command
from tests.packets import pcap
from tests.recording.test_connections import HANDSHAKE


def test_text_and_json(tmp_path: Path) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap(HANDSHAKE))
    text = CliRunner().invoke(command, [str(path)])
    assert text.exit_code == 0
    assert "3 packets" in text.stdout
    assert json.loads(CliRunner().invoke(command, [str(path), "--json"]).stdout)["tcp"]["connections"] == 1
