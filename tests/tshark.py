"""tshark as the source of expected values: one run per file, its columns as lists of text."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

__all__ = ["ORACLE", "require_tshark", "tshark_rows"]

ORACLE = "4.0"
"""The series whose output is the expected one: later series print some fields differently."""


def require_tshark() -> None:
    """Skip the test where there is no tshark of the expected series."""
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    words = _run(["--version"]).split()
    if not words[2].startswith(f"{ORACLE}."):
        pytest.skip(f"expected values come from tshark {ORACLE}; this is {words[2]}")


def tshark_rows(
    path: Path, names: Sequence[str], display_filter: str | None = None, options: Sequence[str] = ()
) -> list[list[str]]:
    """What ``tshark -T fields`` prints: for each packet one text per field.

    Args:
        path: A capture; of a damaged one the packets that tshark could read.
        names: Fields.
        display_filter: Only packets that match.
        options: Further options of tshark.
    """
    arguments = ["-n", "-r", str(path), "-T", "fields", *(part for name in names for part in ("-e", name)), *options]
    if display_filter is not None:
        arguments += ["-Y", display_filter]
    return [line.split("\t") for line in _run(arguments).split("\n")[:-1]]


def _run(arguments: list[str]) -> str:
    """Standard output; a personal Wireshark profile must not change what is expected."""
    profile = str(Path(tempfile.gettempdir()) / "no-wireshark-profile")
    environment = {**os.environ, "WIRESHARK_CONFIG_DIR": profile, "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(["tshark", *arguments], capture_output=True, env=environment, check=False, timeout=300)
    if done.returncode not in (0, 2):
        raise RuntimeError(f"tshark {arguments}: exit code {done.returncode}: {done.stderr.decode()}")
    return done.stdout.decode("utf-8", "surrogateescape")
