"""``inspector import``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from inspector.cli.import_ import command
from inspector.errors import CaptureError, UsageError


def _har(folder: Path) -> Path:
    path = folder / "a.har"
    entry = {"request": {"method": "GET", "url": "http://h/"}, "response": {"status": 200}}
    path.write_text(json.dumps({"log": {"entries": [entry, {}]}}))
    return path


def test_says_what_was_written_and_left_out(tmp_path: Path) -> None:
    target = tmp_path / "a.pcapng"
    done = CliRunner().invoke(command, [str(_har(tmp_path)), "-o", str(target)], standalone_mode=False)
    assert "1 exchange and 0 WebSocket messages" in done.output
    assert "1 entry could not be used" in done.output
    done = CliRunner().invoke(command, [str(_har(tmp_path)), "-o", str(target), "--json"], standalone_mode=False)
    assert json.loads(done.output) == {
        "format": "HAR", "exchanges": 1, "messages": 0, "packets": 5, "left_out": 1, "file": str(target),
    }  # fmt: skip


def test_misuse_is_one_sentence(tmp_path: Path) -> None:
    def run(*words: object) -> None:
        CliRunner().invoke(command, [str(word) for word in words], standalone_mode=False, catch_exceptions=False)

    har = _har(tmp_path)
    with pytest.raises(CaptureError, match="cannot read"):
        run(tmp_path / "none.har", "-o", tmp_path / "x")
    with pytest.raises(UsageError, match="choose another file"):
        run(har, "-o", har)
    with pytest.raises(UsageError, match="cannot write"):
        run(har, "-o", tmp_path / "no" / "x")
    other = tmp_path / "other"
    other.write_bytes(b"\x0a\x0d\x0d\x0a")
    with pytest.raises(CaptureError, match="neither a HAR nor a flow file"):
        run(other, "-o", tmp_path / "x")
