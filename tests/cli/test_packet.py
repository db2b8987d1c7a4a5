"""``inspector packet`` as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from inspector.cli import cli
from inspector.errors import UsageError
from tests.report.sample_packets import open_capture


def _run(folder: Path, *arguments: str) -> Result:
    open_capture(folder)
    return CliRunner().invoke(cli, ["packet", str(folder / "sample.pcap"), *arguments])


def test_plain_text_without_escapes_when_not_a_terminal(tmp_path: Path) -> None:
    result = _run(tmp_path, "1")
    assert result.exit_code == 0
    assert "\x1b" not in result.output
    assert "Transmission Control Protocol" in result.output


def test_bits(tmp_path: Path) -> None:
    assert "+-+-+-+" in _run(tmp_path, "1", "--bits").output


def test_learn_names_filters(tmp_path: Path) -> None:
    assert "ip.ttl" not in _run(tmp_path, "1").output
    assert "ip.ttl" in _run(tmp_path, "1", "--level", "learn").output


def test_json(tmp_path: Path) -> None:
    packet = json.loads(_run(tmp_path, "5", "--json").output)
    assert (packet["schema"], packet["number"]) == ("packet/1", 5)


@pytest.mark.parametrize("number", ["0", "9"])
def test_no_such_packet(tmp_path: Path, number: str) -> None:
    error = _run(tmp_path, number).exception
    assert isinstance(error, UsageError)
    assert str(error) == f"there is no packet {number}; this capture has 8, numbered from 1"


def test_not_a_number_is_misuse(tmp_path: Path) -> None:
    assert _run(tmp_path, "first").exit_code == 2
