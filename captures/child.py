"""One worker process per call: lines in, lines out, a hard time limit, nothing left behind."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from captures.profile import Profile
from captures.programs import environment
from inspector.errors import ProgramError
from inspector.i18n import _

__all__ = ["Child"]

_CHUNK = 1 << 16
_LONGEST_LINE = 256 << 20
"""Bytes of one answer: a packet's tree is some tens of kilobytes, a reassembled 64 MB body as text four times that."""
_GRACE_SECONDS = 2.0
"""A worker that was asked to end gets this long to end what it started itself."""
_POLL_SECONDS = 0.005
_MOST_COMPLAINT = 2000
"""Characters of stderr looked at."""


class Child:
    """A process that answers in lines. Use as a context manager: when the block ends the process has ended too.

    Args:
        name: What messages call it.
        command: What to run; in a session of its own, so that all of it can be ended.
        profile: Preferences for it.
        seconds: How long the whole call may take.
        folder: Where its files go; its parent removes them.

    Raises:
        ProgramError: Where it cannot be started; from ``line`` when time is over or it ended too early.
    """

    def __init__(self, name: str, command: Sequence[str], profile: Profile, seconds: float, folder: Path) -> None:
        self.name = name
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds
        self._buffer = bytearray()
        self._searched = 0
        settings = folder / "profile"
        if not settings.exists():
            profile.write(settings)
        self._errors = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  # closed by close()
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env=environment(settings),
                start_new_session=True,
            )
        except OSError as error:
            self._errors.close()
            raise ProgramError(
                _("cannot start {name}: {why}").format(name=name, why=error.strerror or error)
            ) from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._stdin, self._stdout = self._process.stdin, self._process.stdout
        os.set_blocking(self._stdout.fileno(), False)

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End it and what it started, and wait until it has gone."""
        with contextlib.suppress(BrokenPipeError):
            self._stdin.close()
        self._stdout.close()
        if self._ended_within(0) is None:
            # A worker ends its own child and waits for it, so that not even the system's first process inherits one.
            self._process.send_signal(signal.SIGTERM)
            self._ended_within(_GRACE_SECONDS)
        # It has not been waited for yet, so that its number and group are still its own.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._errors.close()

    def send(self, text: str) -> None:
        """Write one line to it; a process that has gone is noticed by ``line``."""
        with contextlib.suppress(BrokenPipeError):
            self._stdin.write(text.encode("utf-8", "surrogateescape") + b"\n")
            self._stdin.flush()

    def end_input(self) -> None:
        """Nothing more is sent."""
        with contextlib.suppress(BrokenPipeError):
            self._stdin.close()

    def line(self) -> bytes | None:
        """The next line without its end; None when the output has ended."""
        while True:
            end = self._buffer.find(b"\n", self._searched)
            if end >= 0:
                line = bytes(self._buffer[:end])
                del self._buffer[: end + 1]
                self._searched = 0
                return line
            self._searched = len(self._buffer)
            if self._searched > _LONGEST_LINE:
                raise ProgramError(
                    _("{name} gave an answer of more than {most} bytes").format(name=self.name, most=_LONGEST_LINE)
                )
            data = self._read()
            if not data:
                rest = bytes(self._buffer)
                self._buffer.clear()
                self._searched = 0
                return rest or None
            self._buffer += data

    def answer(self) -> bytes:
        """The next line of a process that owes one."""
        line = self.line()
        if line is None:
            raise self.gone()
        return line

    def exit_code(self) -> int | None:
        """How a process ended that has closed its output, a signal as its negative number; None when it has not yet."""
        return self._ended_within(_GRACE_SECONDS)

    def gone(self) -> ProgramError:
        """The error that says how it ended before it had answered."""
        code = self.exit_code()
        if code is not None and code < 0:
            how = _("it was ended by signal {number}").format(number=-code)
        else:
            how = _("exit code {code}").format(code=code)
        return ProgramError(
            _("{name} ended before it had answered ({how}); {said}").format(
                name=self.name, how=how, said=self.complaint or _("it said nothing about the reason")
            )
        )

    @property
    def complaint(self) -> str:
        """What it wrote to stderr, without the warning about being root."""
        self._errors.seek(0)
        text = self._errors.read(_MOST_COMPLAINT).decode("utf-8", "replace")
        lines = [line.strip() for line in text.splitlines()]
        return " ".join(line for line in lines if line and not line.startswith(_NOISE))

    def _ended_within(self, seconds: float) -> int | None:
        """How it ended (a signal as its negative number), leaving it to be waited for; None when it still runs."""
        end = time.monotonic() + seconds
        while True:
            found = os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if found is not None:
                return found.si_status if found.si_code == os.CLD_EXITED else -found.si_status
            if time.monotonic() >= end:
                return None
            time.sleep(_POLL_SECONDS)

    def _read(self) -> bytes:
        left = self._deadline - time.monotonic()
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._stdout, selectors.EVENT_READ)
            if left <= 0 or not waiting.select(left):
                raise ProgramError(
                    _("{name} did not answer within {seconds:g} s; give it longer with --timeout").format(
                        name=self.name, seconds=self._seconds
                    )
                )
        return os.read(self._stdout.fileno(), _CHUNK)


_NOISE = ("Running as user", "Hello in child", "load: filename", " ** ", "** (")
"""Lines that say nothing about a failure."""
