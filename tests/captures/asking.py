"""What the tests of this folder share: Wireshark's programs, stand-ins that misbehave, what a call must leave behind."""

from __future__ import annotations

import gc
import importlib.util
import os
import shutil
import stat
import sys
import tempfile
from pathlib import Path

import pytest

__all__ = ["children", "left_behind", "need_pyshark", "need_sharkd", "stand_in", "usable_ways"]


def need_sharkd() -> None:
    """Skip where there is no sharkd."""
    if shutil.which("sharkd") is None:
        pytest.skip("sharkd is not installed")


def need_pyshark() -> None:
    """Skip where there is no tshark or no pyshark."""
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    if importlib.util.find_spec("pyshark") is None:
        pytest.skip("pyshark is not installed")


def usable_ways(way: str) -> None:
    """Skip where this way of asking is not here."""
    need_sharkd() if way == "sharkd" else need_pyshark()


def stand_in(folder: Path, name: str, code: str) -> None:
    """Put a Python script first on the path under a program's name; it tells its version, then runs ``code``."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(
        f"#!{sys.executable}\nimport os, sys, time\n"
        "if '--version' in sys.argv:\n    print('Stand-in 4.0.17'); sys.exit(0)\n" + code + "\n"
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def children() -> set[str]:
    """Process ids of our children, zombies too."""
    return {
        folder.name for folder in Path("/proc").iterdir() if folder.name.isdecimal() and _parent(folder) == os.getpid()
    }


def _parent(folder: Path) -> int:
    try:
        return int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:  # it has ended meanwhile
        return 0


def left_behind() -> tuple[set[str], set[str], set[str]]:
    """Child processes, open descriptors and temporary files that are here now."""
    gc.collect()  # captures of earlier tests close their files
    descriptors = {
        f"{entry.name} {target}"
        for entry in Path("/proc/self/fd").iterdir()
        if (target := _target(entry)) and not target.startswith("/proc/")
    }
    return children(), descriptors, {entry.name for entry in Path(tempfile.gettempdir()).iterdir()}


def _target(entry: Path) -> str:
    try:
        return str(entry.readlink())
    except OSError:  # the descriptor of the listing itself
        return ""
