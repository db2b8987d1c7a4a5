"""tshark as the source of expected values: one run per file, its columns as lists of text.

``INSPECTOR_TSHARK_ANSWERS`` may name a folder in which answers are kept, so that the second run of the same tests (with
uncompiled kernels) need not wait for tshark once more: by what was asked and what is in the files, never by their names.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

__all__ = ["ORACLE", "require_tshark", "tshark_rows", "version"]

ORACLE = "4.0"
"""The series whose output is the expected one: later series print some fields differently."""


def require_tshark() -> None:
    """Skip the test where there is no tshark of the expected series."""
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    if not version().startswith(f"{ORACLE}."):
        pytest.skip(f"expected values come from tshark {ORACLE}; this is {version()}")


@cache
def version() -> str:
    """Which tshark this is."""
    return _run(["--version"]).split()[2]


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
    return [line.split("\t") for line in _answer(arguments).split("\n")[:-1]]


def _answer(arguments: list[str]) -> str:
    """Standard output, kept where a folder for that is named."""
    folder = os.environ.get("INSPECTOR_TSHARK_ANSWERS")
    if not folder:
        return _run(arguments)
    asked = [version(), *(_content(argument) for argument in arguments)]
    kept = Path(folder) / hashlib.sha256(repr(asked).encode()).hexdigest()
    if kept.exists():
        return kept.read_bytes().decode("utf-8", "surrogateescape")
    answer = _run(arguments)
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as unfinished:
        unfinished.write(answer.encode("utf-8", "surrogateescape"))
    Path(unfinished.name).replace(kept)
    return answer


def _content(argument: str) -> str:
    """A file's content in place of its name, alone or as the value of a preference."""
    name = re.sub(r"^[a-z_.]+:(?=/)", "", argument)
    path = Path(name)
    if not path.is_absolute():
        return argument
    return argument.removesuffix(name) + hashlib.sha256(path.read_bytes()).hexdigest()


def _run(arguments: list[str]) -> str:
    """Standard output; a personal Wireshark profile must not change what is expected."""
    profile = str(Path(tempfile.gettempdir()) / "no-wireshark-profile")
    environment = {**os.environ, "WIRESHARK_CONFIG_DIR": profile, "TZ": "UTC", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(["tshark", *arguments], capture_output=True, env=environment, check=False, timeout=300)
    if done.returncode not in (0, 2):
        raise RuntimeError(f"tshark {arguments}: exit code {done.returncode}: {done.stderr.decode()}")
    return done.stdout.decode("utf-8", "surrogateescape")
