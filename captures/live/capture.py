"""A capture that runs in another program: started, watched, stopped, its losses told."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from captures.live.convert import to_pcapng
from captures.live.programs import PROGRAMS, CaptureRequest, Drops, Program, Ring
from captures.parent import end_with_parent
from inspector.errors import MissingPart, UsageError
from inspector.i18n import _

__all__ = ["CaptureRequest", "CaptureResult", "LiveCapture", "Ring"]

_READY_SECONDS = 30.0
"""A program that has not begun by then never will."""
_STOP_SECONDS = 10.0
_CATCH_UP_SECONDS = 1.0
"""For a program that waits for a processor; on a link that is never quiet there is always one more packet."""
_MOST_SAID = 256 * 1024
"""Of a program's messages the end is kept: dumpcap writes a counter several times a second."""

_BAD_FILTER = re.compile(
    r"invalid capture filter|can't parse filter|syntax error|isn't a valid capture filter", re.IGNORECASE
)
_NO_INTERFACE = re.compile(r"no device named|no such device|no interface|interface .* not found", re.IGNORECASE)
_NO_RIGHT = re.compile(r"permission|not permitted|operation not permitted|eperm|root", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CaptureResult:
    """What a capture came to.

    Args:
        program: Who captured.
        files: What was written, oldest first.
        drops: Packets counted and lost.
        refused: Why programs that were tried before could not, by name.
    """

    program: str
    files: tuple[Path, ...]
    drops: Drops
    refused: dict[str, str]


@dataclass(slots=True)
class _Running:
    program: Program
    process: subprocess.Popen[bytes]
    said: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)
    reader: threading.Thread | None = None

    def listen(self) -> None:
        self.reader = threading.Thread(target=self._read, name="capture-messages", daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        # os.read: what is there now; a buffered read would wait for more.
        while chunk := os.read(self.process.stderr.fileno(), 65536):
            with self.lock:
                self.said = (self.said + chunk.decode(errors="replace").replace("\r", "\n"))[-_MOST_SAID:]

    def heard(self) -> str:
        with self.lock:
            return self.said


class LiveCapture:
    """Captures packets of an interface until stopped; a context manager.

    Args:
        request: What to capture, and where to.
        programs: Names of the programs that may be tried, in order.

    Raises:
        UsageError: On entering, if the interface or the filter is wrong.
        MissingPart: On entering, if no program is installed, or none may capture.
    """

    def __init__(self, request: CaptureRequest, programs: tuple[str, ...] = ("dumpcap", "tcpdump", "scapy")) -> None:
        self._request = request
        self._programs = [program for program in PROGRAMS if program.name in programs]
        self._running: _Running | None = None
        self._result: CaptureResult | None = None
        self._refused: dict[str, str] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def program(self) -> str:
        """Who captures."""
        assert self._running is not None
        return self._running.program.name

    @property
    def growing(self) -> Path:
        """The file being written; not of a ring."""
        assert self._running is not None
        return Path(f"{self._request.output}{self._running.program.suffix}")

    def start(self) -> None:
        """Start the first program that can."""
        may_not = False
        for program in self._programs:
            command = program.command(self._request)
            if command is None:
                self._refused[program.name] = _("not installed; get it: {how}").format(how=program.get)
                continue
            unfit = program.refusal(self._request)
            if unfit is not None:
                self._refused[program.name] = _(unfit)
                continue
            said = self._try(program, [*self._request.prefix, *command])
            if said is None:
                return
            self._complain(said)
            may_not |= bool(_NO_RIGHT.search(said))
            self._refused[program.name] = _first_complaint(said)
        reasons = "; ".join(f"{name}: {why}" for name, why in self._refused.items())
        if may_not:
            raise MissingPart(
                _(
                    "you may not capture on {interface} ({reasons}); run as root, or let your user capture: "
                    "sudo dpkg-reconfigure wireshark-common, then sudo usermod -aG wireshark $USER and log in again"
                ).format(interface=self._request.interface, reasons=reasons)
            )
        raise MissingPart(_("no program can capture ({reasons})").format(reasons=reasons))

    def _complain(self, said: str) -> None:
        """What no other program would do better is an error at once."""
        if self._request.filter and _BAD_FILTER.search(said):
            raise UsageError(
                _(
                    "{filter} is no capture filter; write it as tcpdump does, e.g. 'tcp port 8000 and host 10.0.0.1'"
                ).format(filter=self._request.filter)
            )
        if _NO_INTERFACE.search(said):
            raise UsageError(
                _("there is no interface {name}; inspector interfaces lists them").format(name=self._request.interface)
            )

    def _try(self, program: Program, command: list[str]) -> str | None:
        """What the program said when it refused; None when it captures."""
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            # A session of its own: Ctrl-C is for the parent, which stops things in order.
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
        running = _Running(program, process)
        try:
            running.listen()
            if _ready(running):
                self._running = running
                return None
        finally:
            # Also when a signal ends the waiting: nobody else knows of the program yet.
            if self._running is None:
                process.kill()
                _finish(running)
        return running.heard() or _("it did not start within {seconds:.0f} s").format(seconds=_READY_SECONDS)

    def running(self) -> bool:
        """Whether it still captures; it ends by itself after the asked number of packets."""
        return self._running is not None and self._running.process.poll() is None

    def count(self) -> int | None:
        """Packets so far, where the program tells."""
        return self._running.program.count(self._running.heard()) if self._running else None

    def stop(self) -> CaptureResult:
        """Wait for the last packets, end the program, tell what came of it. May be called twice."""
        running, self._running = self._running, None
        if running is None:
            assert self._result is not None, "stop() before start()"
            return self._result
        if running.process.poll() is None:
            time.sleep(running.program.settle_s)
            _let_catch_up(running.process.pid)
            running.process.send_signal(signal.SIGINT)
            try:
                running.process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                running.process.kill()
        _finish(running)
        said = running.heard()
        drops = running.program.drops(said)
        self._result = CaptureResult(running.program.name, self._files(running, said, drops), drops, self._refused)
        return self._result

    def _files(self, running: _Running, said: str, drops: Drops) -> tuple[Path, ...]:
        if running.program.suffix:
            source = Path(f"{self._request.output}{running.program.suffix}")
            to_pcapng(source, self._request.output, self._request, running.program.name, drops)
            source.unlink()
            return (self._request.output,)
        if self._request.ring is not None:
            names = [Path(name.strip()) for name in running.program.ready.findall(said)]
            return tuple(name for name in names if name.exists())
        return (self._request.output,)


def _ready(running: _Running) -> bool:
    """Whether the program has said that it captures."""
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        if running.program.ready.search(running.heard()):
            return True
        if running.process.poll() is not None:
            return False
        time.sleep(0.02)
    return False


def _let_catch_up(pid: int) -> None:
    """On a busy machine packets handed over may not have been taken yet: wait until the program waits for more."""
    deadline = time.monotonic() + _CATCH_UP_SECONDS
    while time.monotonic() < deadline and not all(_waits(path) for path in Path(f"/proc/{pid}/task").glob("*/stat")):
        time.sleep(0.02)


def _waits(stat: Path) -> bool:
    """Whether a thread sleeps (proc(5), field 3)."""
    try:
        return stat.read_text("utf-8").rpartition(")")[2].split()[0] == "S"
    except OSError:  # it has ended
        return True


def _finish(running: _Running) -> None:
    running.process.wait()
    if running.reader is not None:
        running.reader.join(_STOP_SECONDS)
    if running.process.stderr is not None:
        running.process.stderr.close()


def _first_complaint(said: str) -> str:
    """The line that tells the reason: the first that is not the program's greeting."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    telling = [line for line in lines if not line.startswith(("Capturing on", "File:", "Packets"))]
    return (telling or lines or [""])[0]
