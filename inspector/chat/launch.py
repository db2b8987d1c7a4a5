"""Start and stop a chat server: sockets here, Django in child processes.

The parent binds the port, so a busy port is one clear error and port 0 has a number at once. Each child holds the
reading end of a pipe; when the parent is gone, however it went, the pipe ends and so does the child.
"""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from inspector.chat.external import messages
from inspector.chat.options import ServerOptions
from inspector.errors import InspectorError, UsageError
from inspector.i18n import _

__all__ = ["ChatServer", "StartFailed", "make_folder"]

# Importing Django, Channels and a server takes 1-3 s each on a busy two-core machine, migrations 2 s more.
READY_SECONDS = 60.0
STOP_SECONDS = 5.0
_BACKLOG = 512


class StartFailed(InspectorError):
    """A server process ended before it was ready."""


def _listen(host: str, port: int, count: int) -> list[socket.socket]:
    """As many listening sockets on one port as there are processes; the kernel spreads connections over them."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sockets: list[socket.socket] = []
    try:
        if count > 1:
            # SO_REUSEPORT would also share a port with somebody else's server: look without it first.
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
                port = probe.getsockname()[1]
        for _listener in range(count):
            listener = socket.socket(family)
            sockets.append(listener)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if count > 1:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            listener.bind((host, port))
            listener.listen(_BACKLOG)
            port = listener.getsockname()[1]
    except OSError as error:
        for listener in sockets:
            listener.close()
        raise UsageError(
            _("cannot listen on {host} port {port}: {why}; choose another with --port, 0 takes a free one").format(
                host=host, port=port, why=error.strerror
            )
        ) from None
    return sockets


def _check_redis(layer: str) -> None:
    parts = urlsplit(layer.removeprefix("pubsub+"))
    try:
        socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 6379), timeout=3).close()
    except OSError as error:
        raise UsageError(
            _("no Redis at {address}: {why}; start one, or use --layer memory").format(
                address=parts.netloc, why=error.strerror or error
            )
        ) from None


def make_folder(folder: Path) -> None:
    """Make the data folder.

    Raises:
        UsageError: If it cannot be made or written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            _("cannot use the data folder {folder}: {why}; choose another with --data").format(
                folder=folder, why=error.strerror
            )
        ) from None
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(
            _("the data folder {folder} cannot be written; choose another with --data").format(folder=folder)
        )


class ChatServer:
    """A running chat server; a context manager that stops it.

    Attributes:
        url: Where it answers, known after `start`.
        port: Its port.
        ports: The port of each process, when they have one of their own (see ``separate_ports``).
    """

    def __init__(self, options: ServerOptions, *, separate_ports: bool = False, log: Path | None = None) -> None:
        """Prepare; nothing runs yet.

        Args:
            options: What to run.
            separate_ports: Give each process its own port, for a reverse proxy in front.
            log: Where the processes' messages go; None for the same as here.
        """
        self.options = options
        self.port = 0
        self.ports: list[int] = []
        self.url = ""
        self._separate = separate_ports
        self._log = log
        self._children: list[subprocess.Popen[bytes]] = []
        self._alive: int | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pids(self) -> list[int]:
        """The server processes."""
        return [child.pid for child in self._children]

    def start(self) -> None:
        """Bind, migrate, create demo users, and wait until every process is ready.

        Raises:
            UsageError: If the port is taken, Redis does not answer, or options contradict.
            MissingPart: If a package is missing.
            StartFailed: If a process ends early or takes more than a minute.
        """
        options = self.options
        options.check()
        if options.layer != "memory":
            _check_redis(options.layer)
        make_folder(options.data)
        if self._separate:
            sockets = [_listen(options.host, 0, 1)[0] for _ in range(options.processes)]
        else:
            sockets = _listen(options.host, options.port, options.processes)
        self.ports = [listener.getsockname()[1] for listener in sockets]
        self.port = self.ports[0]
        host = f"[{options.host}]" if ":" in options.host else options.host
        self.url = f"{'https' if options.tls else 'http'}://{host}:{self.port}/"
        reading, self._alive = os.pipe()
        try:
            # The first one migrates; the others start when the tables are there.
            self._start_children(sockets[:1], reading, prepare=True)
            self._start_children(sockets[1:], reading, prepare=False)
        except BaseException:
            self.stop()
            raise
        finally:
            os.close(reading)
            for listener in sockets:
                listener.close()

    def _start_children(self, sockets: list[socket.socket], alive: int, prepare: bool) -> None:
        options = self.options
        waiting: dict[int, subprocess.Popen[bytes]] = {}
        try:
            for listener in sockets:
                ready, report = os.pipe()
                plan = {
                    "server": options.server,
                    "listen": listener.fileno(),
                    "ready": report,
                    "alive": alive,
                    "prepare": prepare,
                    "scripted_users": options.scripted_users,
                    "ping_interval": options.ping_interval,
                    "ping_timeout": options.ping_timeout,
                    "tls": options.tls,
                }
                # A session of its own: Ctrl-C reaches the parent only, which then stops the children in order.
                with messages(self._log) as stderr:
                    child = subprocess.Popen(
                        [sys.executable, "-m", "inspector.chat.serve", json.dumps(plan)],
                        env=options.variables(),
                        pass_fds=(listener.fileno(), report, alive),
                        stdin=subprocess.DEVNULL,
                        stderr=stderr,
                        start_new_session=True,
                    )
                os.close(report)
                self._children.append(child)
                waiting[ready] = child
            self._await_ready(waiting)
        finally:
            for ready in waiting:
                os.close(ready)

    def _await_ready(self, waiting: dict[int, subprocess.Popen[bytes]]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        open_pipes = set(waiting)
        while open_pipes:
            readable, _, _ = select.select(list(open_pipes), [], [], max(0.0, deadline - time.monotonic()))
            if not readable:
                raise StartFailed(f"the chat server was not ready after {READY_SECONDS:.0f} s; try again")
            for ready in readable:
                if os.read(ready, 1) != b"1":
                    code = waiting[ready].wait()
                    raise StartFailed(f"the chat server ended while starting (exit code {code}); its message is above")
                open_pipes.discard(ready)

    def failed(self) -> int | None:
        """The exit code of a process that ended by itself, or None while all run."""
        return next((child.returncode for child in self._children if child.poll() is not None), None)

    def stop(self) -> None:
        """End all processes: politely, after `STOP_SECONDS` by force. May be called twice."""
        if self._alive is not None:
            os.close(self._alive)
            self._alive = None
        for child in self._children:
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in self._children:
            try:
                child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self._children.clear()
