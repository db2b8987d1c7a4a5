"""``inspector doctor``."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = [sys.executable, "-c", "from inspector.cli import main; main()"]


def _doctor(*arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": path} if path is not None else None
    return subprocess.run(
        [*PROGRAM, "doctor", *arguments], capture_output=True, text=True, env=environment, check=False
    )


def test_tells_the_version_that_tshark_itself_tells() -> None:
    if not shutil.which("tshark"):
        pytest.skip("tshark is not installed")
    told = subprocess.run(["tshark", "--version"], capture_output=True, text=True, check=True).stdout.splitlines()[0]
    rows = {row["name"]: row for row in json.loads(_doctor("--json").stdout)}
    assert rows["tshark"]["version"] == told.rstrip(".")


def test_a_missing_program_is_named_with_how_to_get_it_and_is_no_error(tmp_path: Path) -> None:
    done = _doctor(path=str(tmp_path))
    assert done.returncode == 0
    assert "tshark: would enable" in done.stdout
    assert "apt install tshark" in done.stdout
