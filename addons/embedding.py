"""Runs mitmproxy inside this process, with the recorder."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mitmproxy import options
from mitmproxy.proxy import mode_specs
from mitmproxy.tools.dump import DumpMaster

from addons.limits import STREAM_ABOVE, Limits
from addons.observers import SessionObserver
from addons.recorder import Recorder
from addons.session_file import MOST_MTU
from inspector.errors import UsageError
from inspector.i18n import _

__all__ = ["ProxySettings", "run_proxy"]


_UNUSED = (
    "anticache",
    "anticomp",
    "blocklist",
    "clientplayback",
    "commandhistory",
    "comment",
    "cut",
    "export",
    "keepserving",
    "maplocal",
    "mapremote",
    "modifybody",
    "modifyheaders",
    "proxyauth",
    "readfilestdin",
    "save",
    "savehar",
    "scriptloader",
    "serverplayback",
    "stickyauth",
    "stickycookie",
)
"""Addons of mitmproxy's that do nothing without options that nobody can set here. Every hook asks each of them: for a
message of a WebSocket that is a quarter of what mitmproxy does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxySettings:
    """How the proxy runs.

    Args:
        mode: A mode of mitmproxy, as ``regular`` or ``reverse:http://localhost:8000``.
        host: Address to listen on.
        port: Port to listen on; 0 for any that is free.
        record: File to write.
        folder: For the certificate authority; made, for its owner only.
        insecure: Accept any certificate of a server.
        faithful: Pass WebSockets as bytes that mitmproxy does not look into.
        wanted: Filter in mitmproxy's syntax: only what matches is recorded (``addons.wanted``).
        mtu: Longest recorded packet in bytes.
    """

    mode: str
    host: str
    port: int
    record: str | os.PathLike[str]
    folder: Path
    insecure: bool = False
    faithful: bool = False
    wanted: str | None = None
    mtu: int = MOST_MTU


_NOT_TRUSTED = "Certificate verify failed"
"""In what mitmproxy logs of a server's certificate."""


class _Messages(logging.Handler):
    """Tells warnings and errors of mitmproxy, and keeps the first error, which says why it does not start."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell
        self._last = ""
        self.started = False
        self.first_error: str | None = None

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            text += f" {type(record.exc_info[1]).__name__}: {record.exc_info[1]}"
        if record.levelno >= logging.ERROR and self.first_error is None:
            self.first_error = text
        if _NOT_TRUSTED in text:
            text = _("{what}; --insecure accepts any certificate of a server").format(what=text)
        # A page asks for a hundred things that all fail in the same way.
        if self.started and text != self._last:
            self._last = text
            self._tell(text)


class _Start:
    """Learns when mitmproxy has started, or has failed to and logged why."""

    name = "inspector_start"

    def __init__(self) -> None:
        self.reached = asyncio.Event()  # not ``done``, which is a hook

    def running(self) -> None:
        self.reached.set()


async def run_proxy(
    settings: ProxySettings,
    *,
    started: Callable[[str, int], None],
    tell: Callable[[str], None],
    observers: Sequence[SessionObserver] = (),
    beside: Callable[[str, int], Awaitable[object]] | None = None,
) -> int:
    """Run until SIGINT, SIGTERM or the end of the terminal, or until what runs beside it has ended.

    Args:
        settings: How.
        started: Told the address and port that are listened on.
        tell: Told what mitmproxy warns of.
        observers: Who follows the session.
        beside: What is run while the proxy runs, given the address and port; the proxy ends when it does.

    Returns:
        Number of packets written.

    Raises:
        UsageError: If the proxy cannot start; the message says why.
    """
    recorder = _recorder(settings, observers)
    messages = _Messages(tell)
    logging.getLogger().addHandler(messages)
    loop = asyncio.get_running_loop()
    ends = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # as it is with nohup
        ends.append(signal.SIGHUP)
    try:
        master = _master(settings, recorder)
        for number in ends:
            loop.add_signal_handler(number, master.shutdown)
        file = recorder.file
        assert file is not None  # just added
        start = _Start()
        master.addons.add(start)
        running = loop.create_task(master.run())
        await asyncio.wait([running, loop.create_task(start.reached.wait())], return_when=asyncio.FIRST_COMPLETED)
        if messages.first_error is not None:
            master.shutdown()
            await running
            why = messages.first_error.splitlines()[0]
            raise UsageError(_("the proxy cannot start: {why}").format(why=why))
        messages.started = True
        addresses = master.addons.get("proxyserver").listen_addrs()
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        port = addresses[0][1] if addresses else settings.port
        started(host, port)
        await _until(running, beside and loop.create_task(_wrap(beside, host, port)), master)
        return file.packets
    finally:
        logging.getLogger().removeHandler(messages)
        for number in ends:
            loop.remove_signal_handler(number)


async def _wrap(beside: Callable[[str, int], Awaitable[object]], host: str, port: int) -> None:
    await beside(host, port)


async def _until(running: asyncio.Task[None], beside: asyncio.Task[None] | None, master: Any) -> None:
    """Wait until the proxy or what runs beside it has ended, and end the other."""
    if beside is None:
        await running
        return
    await asyncio.wait([running, beside], return_when=asyncio.FIRST_COMPLETED)
    beside.cancel()
    master.shutdown()
    with suppress(asyncio.CancelledError):
        await beside
    await running


def _recorder(settings: ProxySettings, observers: Sequence[SessionObserver]) -> Recorder:
    try:
        mode = mode_specs.ProxyMode.parse(settings.mode)
    except ValueError as error:
        raise UsageError(
            _("mode {mode} is not one of the proxy: {why}").format(mode=settings.mode, why=error)
        ) from error
    _require_free(mode, settings)
    try:
        settings.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(_("{path} cannot be made: {why}").format(path=settings.folder, why=error.strerror)) from error
    try:
        return Recorder(
            settings.record,
            trim=True,
            wanted=settings.wanted,
            mtu=settings.mtu,
            faithful=settings.faithful,
            limits=Limits(),
            observers=observers,
        )
    except ValueError as error:
        raise UsageError(
            _("{text} is not a filter of mitmproxy's, as ~u /ws or ~d example.org").format(text=settings.wanted)
        ) from error


def _require_free(mode: mode_specs.ProxyMode, settings: ProxySettings) -> None:
    """Before a recording that exists is emptied: the port can be listened on."""
    host, port = mode.listen_host(settings.host), mode.listen_port(settings.port)
    if mode.transport_protocol == "udp" or not port:
        return
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        why = f"{host}:{port}: {os.strerror(error.errno or 0)}"
        raise UsageError(_("the proxy cannot start: {why}").format(why=why)) from error


def _master(settings: ProxySettings, recorder: Recorder) -> DumpMaster:
    chosen = options.Options(
        confdir=str(settings.folder), mode=[settings.mode], listen_host=settings.host, listen_port=settings.port
    )
    master = DumpMaster(chosen, with_termlog=False, with_dumper=False)
    # Host is kept: Django compares it with Origin, and refuses every form otherwise.
    chosen.update(keep_host_header=True, ssl_insecure=settings.insecure, stream_large_bodies=STREAM_ABOVE)
    try:
        master.addons.add(recorder)
    except OSError as error:
        why = error.strerror
        raise UsageError(_("{path} cannot be written: {why}").format(path=settings.record, why=why)) from error
    # It would print, and end the process by SystemExit; what it looks for is looked for here.
    master.addons.remove(master.addons.get("errorcheck"))
    unused = [master.addons.get(name) for name in _UNUSED]
    master.addons.chain = [addon for addon in master.addons.chain if addon not in unused]
    return master
