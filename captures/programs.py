"""Wireshark's programs: where they are and how new."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from inspector.errors import MissingPart, ProgramError
from inspector.i18n import _

__all__ = ["OLDEST", "TRIED", "Program", "environment", "find_program", "need_program"]

OLDEST = (4, 0)
"""Older ones have another filter grammar and lack fields that are asked for."""
TRIED = ("4.0.17",)
"""Versions that the tests were run with."""

_VERSION_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Program:
    """A program of Wireshark's.

    Args:
        name: ``tshark`` or ``sharkd``.
        path: Where it is.
        version: As it says, e.g. ``4.0.17``.
    """

    name: str
    path: str
    version: str

    @property
    def tried(self) -> bool:
        """Whether our tests were run with this version."""
        return self.version in TRIED


def find_program(name: str) -> Program | None:
    """The program, if it is here and new enough."""
    path = shutil.which(name)
    if path is None:
        return None
    version = _version_of(path, Path(path).stat().st_mtime_ns)
    return Program(name, path, version) if version and _series(version) >= OLDEST else None


def need_program(name: str) -> Program:
    """The program.

    Raises:
        MissingPart: If it is not here, or older than ``OLDEST``.
    """
    found = find_program(name)
    if found is None:
        raise MissingPart(
            _("{name} {oldest} or newer is needed for Wireshark's opinion; get it with: apt install tshark").format(
                name=name, oldest=".".join(map(str, OLDEST))
            )
        )
    return found


def environment(profile: Path) -> dict[str, str]:
    """Environment variables under which Wireshark's programs say the same for every user.

    Args:
        profile: Folder with the preferences to use instead of the user's own.
    """
    return {**os.environ, "WIRESHARK_CONFIG_DIR": str(profile), "TZ": "UTC", "LC_ALL": "C.UTF-8"}


def _series(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])


@lru_cache(maxsize=8)
def _version_of(path: str, _changed_ns: int) -> str:
    try:
        done = subprocess.run(
            [path, "--version"],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_VERSION_SECONDS,
            check=False,
            env=environment(Path(os.devnull)),
        )
    except subprocess.TimeoutExpired as error:
        raise ProgramError(
            _("{name} did not tell its version within {seconds} s").format(name=path, seconds=_VERSION_SECONDS)
        ) from error
    except OSError as error:
        raise ProgramError(_("cannot start {name}: {why}").format(name=path, why=error.strerror or error)) from error
    found = re.search(rb"\d+\.\d+(\.\d+)?", done.stdout)
    return found[0].decode() if found else ""
