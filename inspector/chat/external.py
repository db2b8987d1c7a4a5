"""Programs that are not Python: found, started, and ended with this process."""

from __future__ import annotations

import contextlib
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from captures.parent import end_with_parent
from inspector.errors import MissingPart, ProgramError
from inspector.i18n import _

__all__ = ["External", "find", "free_port", "messages"]

_READY_SECONDS = 30.0
_STOP_SECONDS = 10.0
_PORTS = range(28_000, 32_768)
"""Below those that Linux gives to clients: nobody's connection takes one before its server listens there."""


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        # SystemRandom: programs that were seeded alike do not choose alike.
        for port in random.SystemRandom().sample(_PORTS, 50):
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def find(program: str) -> str:
    """The path of a program.

    Raises:
        MissingPart: If it is not installed.
    """
    # nginx lives where only root's search path looks.
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin:/sbin")
    if path is None:
        raise MissingPart(
            _("{program} is not installed: on Debian and Ubuntu, apt-get install {program}").format(program=program)
        )
    return path


def messages(log: Path | None) -> AbstractContextManager[IO[bytes] | None]:
    """What a child process gets as standard error: the end of a file, or the same as here."""
    return nullcontext() if log is None else log.open("ab")


class External:
    """A running program; a context manager that stops it.

    Args:
        name: How errors call it.
        command: What to run; it must stay in the foreground.
        ready: Whether it answers yet.
        environment: Its environment variables; None for the same as here.
        log: Where its messages go; None for the same as here.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        ready: Callable[[], bool],
        environment: Mapping[str, str] | None = None,
        log: Path | None = None,
    ) -> None:
        self._name = name
        self._command = command
        self._ready = ready
        self._environment = environment
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            ProgramError: If it ends early or does not answer.
        """
        with messages(self._log) as stderr:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                env=self._environment,
                # A session of its own: Ctrl-C is for the parent, which stops things in order.
                start_new_session=True,
                preexec_fn=end_with_parent,
            )
        answers = False
        try:
            answers = self._came_up()
        finally:
            # Also when a signal ends the waiting: the caller has no context to leave yet.
            if not answers:
                self.stop()
        if not answers:
            raise ProgramError(
                _("{program} ended early or does not answer; its message is above").format(program=self._name)
            )

    def _came_up(self) -> bool:
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline and self.failed() is None:
            if self._ready():
                return True
            time.sleep(0.05)
        return False

    def failed(self) -> int | None:
        """The exit code if it ended by itself, or None while it runs."""
        return self._process.poll() if self._process is not None else None

    def stop(self) -> None:
        """End it: politely, after ten seconds by force. May be called twice."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
