"""Runs a command and tells how long it took and how much memory it held."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

__all__ = ["Measured", "run", "run_and_read"]


@dataclass(frozen=True, slots=True)
class Measured:
    """One run.

    Args:
        seconds: Wall time of the whole process, start-up included.
        peak_bytes: Largest resident set (of the largest process, when it started others); at least that of the parent
            when it was started, as Linux counts.
        scale: Divide the work by this: the part of the capture that was read (1 for all of it).
        cpu_seconds: Processor time of the process and those it started and waited for: what a busy machine changes least.
    """

    seconds: float
    peak_bytes: int
    scale: float = 1.0
    cpu_seconds: float = 0.0

    @property
    def whole_seconds(self) -> float:
        """Seconds for the whole capture, scaled where only a part was read."""
        return self.seconds / self.scale

    @property
    def whole_cpu_seconds(self) -> float:
        """Processor time for the whole capture, scaled likewise."""
        return self.cpu_seconds / self.scale


def run(arguments: Sequence[str], environment: dict[str, str] | None = None) -> Measured:
    """Run a command to its end, its output thrown away.

    Raises:
        subprocess.CalledProcessError: If it fails; a benchmark of a failure would be a lie.
    """
    with Path(os.devnull).open("wb") as nowhere:
        return _run(arguments, environment, nowhere)


def run_and_read(arguments: Sequence[str]) -> tuple[Measured, str]:
    """Run a command likewise, and what it printed."""
    with tempfile.TemporaryFile() as output:
        measured = _run(arguments, None, output)
        output.seek(0)
        return measured, output.read().decode()


def _run(arguments: Sequence[str], environment: dict[str, str] | None, output: IO[bytes]) -> Measured:
    surroundings = {**os.environ, **(environment or {})}
    # As installed, modules are compiled once and not at every start.
    surroundings.pop("PYTHONDONTWRITEBYTECODE", None)
    started = time.perf_counter()
    child = subprocess.Popen(arguments, stdout=output, stderr=subprocess.PIPE, env=surroundings)
    assert child.stderr is not None
    errors = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - started
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.stderr.write(errors.decode("utf-8", "replace"))
        raise subprocess.CalledProcessError(child.returncode, arguments)
    return Measured(seconds, usage.ru_maxrss * 1024, cpu_seconds=usage.ru_utime + usage.ru_stime)
