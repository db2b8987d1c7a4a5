"""Where events go: JSON lines to a loopback datagram socket or a file, never blocking, dropping and counting."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

__all__ = ["VERSION", "Sink", "check_address", "open_sink"]

VERSION = 1

# A line longer than this does not fit a datagram on loopback (65,507 bytes); only payload can make one.
MAX_LINE = 60_000
# Lines that wait for the disk: about 10 MB, two seconds of 20,000 events a second.
MAX_WAITING = 40_000
_FLUSH_SECONDS = 2.0


class Sink:
    """Numbers, times and writes events.

    Args:
        write: Takes a line if it can at once, else returns False.
        payload: Whether events may carry what was said.
        close: Called at the end of the process.
    """

    def __init__(self, write: Callable[[bytes], bool], payload: bool, close: Callable[[], None] = lambda: None) -> None:
        self.payload = payload
        self.dropped = 0
        self._write = write
        self._close = close
        self._sequence = 0
        self._lock = threading.Lock()

    def emit(self, event: str, /, **fields: Any) -> None:
        """Write one event; what cannot be written at once is counted, and the count goes with the next event."""
        now = time.time_ns()
        # Events come from the event loop and from sync threads.
        with self._lock:
            self._sequence += 1
            record = {"v": VERSION, "e": event, "t": now, "pid": os.getpid(), "seq": self._sequence, **fields}
            if self.dropped:
                record["dropped"] = self.dropped
            line = json.dumps(record, separators=(",", ":"), default=str).encode() + b"\n"
            if len(line) > MAX_LINE or not self._write(line):
                self.dropped += 1

    def close(self) -> None:
        """Write out what waits."""
        self._close()


def check_address(address: str) -> None:
    """Find out early whether a destination can be opened.

    Raises:
        ValueError: If it cannot, saying why.
    """
    parts = urlsplit(address)
    if parts.scheme == "udp":
        # Events name users' addresses and paths: they stay on this machine.
        if parts.hostname not in ("127.0.0.1", "localhost", "::1") or not parts.port:
            raise ValueError(f"trace to {address!r}: expected a loopback address and a port")
    elif parts.scheme not in ("", "file"):
        raise ValueError(f"trace to {address!r}: expected a path, file:///path or udp://127.0.0.1:port")
    else:
        try:
            os.close(os.open(parts.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600))
        except OSError as error:
            raise ValueError(f"trace to {address!r}: {error.strerror}") from None


def open_sink(address: str) -> Sink:
    """Open the destination named by a setting.

    Args:
        address: ``udp://127.0.0.1:9400``, ``file:///path`` or a path; ``?payload=1`` lets events carry text.

    Raises:
        ValueError: If the address is none of these, or names another machine.
    """
    check_address(address)
    parts = urlsplit(address)
    payload = parse_qs(parts.query).get("payload") == ["1"]
    if parts.scheme == "udp":
        return _datagrams(parts.hostname or "", parts.port or 0, payload)
    writer = _Writer(Path(parts.path))
    return Sink(writer.write, payload, writer.close)


def _datagrams(host: str, port: int, payload: bool) -> Sink:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    target = ("::1" if family == socket.AF_INET6 else "127.0.0.1", port)
    sender = socket.socket(family, socket.SOCK_DGRAM)
    sender.setblocking(False)

    def write(line: bytes) -> bool:
        try:
            sender.sendto(line, target)
        except OSError:
            return False
        return True

    return Sink(write, payload, sender.close)


class _Writer:
    """A thread that appends to a file; several processes may share it, since a write of whole lines is one append."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._start()
        # A server may load the application first and fork its workers then; threads stay behind in the parent.
        os.register_at_fork(after_in_child=self._start)
        atexit.register(self.close)

    def _start(self) -> None:
        self._waiting: queue.Queue[bytes | None] = queue.Queue(MAX_WAITING)
        self._thread = threading.Thread(target=self._run, name="inspector-trace", daemon=True)
        self._thread.start()

    def write(self, line: bytes) -> bool:
        try:
            self._waiting.put_nowait(line)
        except queue.Full:
            return False
        return True

    def _run(self) -> None:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        ended = False
        while not ended:
            lines = [self._waiting.get()]
            with contextlib.suppress(queue.Empty):
                while len(lines) < 1000:
                    lines.append(self._waiting.get_nowait())
            ended = None in lines
            # A full disk loses the trace, not the server; the gap shows in the sequence numbers.
            with contextlib.suppress(OSError):
                os.write(descriptor, b"".join(line for line in lines if line is not None))
        os.close(descriptor)

    def close(self) -> None:
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait(None)
        self._thread.join(_FLUSH_SECONDS)
