"""The optional parts: what each enables, whether it is here, how to get it."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from inspector.i18n import N_

__all__ = ["Found", "Part", "find_parts"]

_PROGRAM_SECONDS = 10
"""A program that has not told its version by then is taken as not working."""


@dataclass(frozen=True, slots=True)
class Part:
    """Something that Inspector can use and can do without.

    Args:
        name: Program or distribution name.
        kind: ``"program"``, ``"package"`` or ``"compiled"``.
        enables: What it is for (translatable).
        get: How to install it, as one command or sentence (translatable).
        version_argument: How the program is asked for its version.
    """

    name: str
    kind: str
    enables: str
    get: str
    version_argument: str = "--version"


@dataclass(frozen=True, slots=True)
class Found:
    """A part and the version that is here; None when it is missing."""

    part: Part
    version: str | None


_PARTS = (
    Part(
        "compiled kernels",
        "compiled",
        N_("reading large captures about thirty times faster"),
        N_("install a C compiler (apt install gcc) and install Inspector again"),
    ),
    Part("tshark", "program", N_("Wireshark's second opinion on any packet"), "apt install tshark"),
    Part("sharkd", "program", N_("the same, a thousand times quicker per packet"), "apt install tshark"),
    Part("dumpcap", "program", N_("live capture"), "apt install tshark"),
    Part("tcpdump", "program", N_("live capture where dumpcap is missing"), "apt install tcpdump"),
    Part("redis-server", "program", N_("the chat server over several processes"), "apt install redis-server"),
    Part("nginx", "program", N_("the chat server's production profile"), "apt install nginx", "-v"),
    Part("mitmproxy", "package", N_("the recording proxy"), "pip install 'wire-inspector[proxy]'"),
    Part(
        "pyshark",
        "package",
        N_("Wireshark's dissection where sharkd is missing"),
        "pip install 'wire-inspector[wireshark]'",
    ),
    Part("scapy", "package", N_("building packets oneself (GPL-2.0 licence)"), "pip install 'wire-inspector[craft]'"),
    Part("channels", "package", N_("the reference chat server"), "pip install 'wire-inspector[chat]'"),
    Part("daphne", "package", N_("the reference chat server"), "pip install 'wire-inspector[chat]'"),
    Part("pandas", "package", N_("tables as data frames"), "pip install pandas"),
    Part("pyarrow", "package", N_("tables as Arrow"), "pip install pyarrow"),
)


def find_parts() -> Iterator[Found]:
    """Look for every part."""
    look = {"program": _program_version, "package": _package_version, "compiled": _kernel_version}
    for part in _PARTS:
        yield Found(part, look[part.kind](part))


def _program_version(part: Part) -> str | None:
    # sbin: where Debian keeps servers, and not on every user's path.
    path = shutil.which(part.name) or shutil.which(part.name, path="/usr/sbin:/usr/local/sbin:/sbin")
    if path is None:
        return None
    try:
        done = subprocess.run(
            [path, part.version_argument],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PROGRAM_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = (done.stdout or done.stderr).strip().splitlines()
    return lines[0].strip().rstrip(".") if lines else None


def _package_version(part: Part) -> str | None:
    try:
        return importlib.metadata.version(part.name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _kernel_version(part: Part) -> str | None:
    spec = importlib.util.find_spec("inspector.recording.scan")
    if spec is None or spec.origin is None or Path(spec.origin).suffix == ".py":
        return None
    return f"Python {sys.version_info.major}.{sys.version_info.minor}"
