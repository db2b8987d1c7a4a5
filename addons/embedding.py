"""Runs mitmproxy inside this process, with the recorder."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Callable
from pathlib import Path

from mitmproxy import options
from mitmproxy.proxy import mode_specs
from mitmproxy.tools.dump import DumpMaster

from addons.recorder import Recorder
from inspector.errors import UsageError
from inspector.i18n import _

__all__ = ["configuration_folder", "run_proxy"]


def configuration_folder() -> Path:
    """Where the proxy's certificate authority is kept: apart from mitmproxy's own."""
    base = os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config"
    return Path(base) / "inspector" / "proxy"


class _Messages(logging.Handler):
    """Tells warnings and errors of mitmproxy, and keeps the first error, which says why it does not start."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._tell = tell
        self.started = False
        self.first_error: str | None = None

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if record.levelno >= logging.ERROR and self.first_error is None:
            self.first_error = text
        if self.started:
            self._tell(text)


class _Start:
    """Learns when mitmproxy has started, or has failed to and logged why."""

    name = "inspector_start"

    def __init__(self) -> None:
        self.reached = asyncio.Event()  # not ``done``, which is a hook

    def running(self) -> None:
        self.reached.set()


async def run_proxy(
    mode: str,
    host: str,
    port: int,
    record: str | os.PathLike[str],
    folder: Path,
    *,
    insecure: bool,
    started: Callable[[str, int], None],
    tell: Callable[[str], None],
) -> int:
    """Run until SIGINT or SIGTERM.

    Args:
        mode: A mode of mitmproxy, as ``regular`` or ``reverse:http://localhost:8000``.
        host: Address to listen on.
        port: Port to listen on; 0 for any that is free.
        record: File to write.
        folder: For the certificate authority; made, for its owner only.
        insecure: Accept any certificate of a server.
        started: Told the address and port that are listened on.
        tell: Told what mitmproxy warns of.

    Returns:
        Number of packets written.

    Raises:
        UsageError: If the proxy cannot start; the message says why.
    """
    try:
        mode_specs.ProxyMode.parse(mode)
    except ValueError as error:
        raise UsageError(_("mode {mode} is not one of the proxy: {why}").format(mode=mode, why=error)) from error
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(_("{path} cannot be made: {why}").format(path=folder, why=error.strerror)) from error
    recorder = Recorder(record, trim=True)
    messages = _Messages(tell)
    logging.getLogger().addHandler(messages)
    loop = asyncio.get_running_loop()
    try:
        chosen = options.Options(confdir=str(folder), mode=[mode], listen_host=host, listen_port=port)
        master = DumpMaster(chosen, with_termlog=False, with_dumper=False)
        # Host is kept: Django compares it with Origin, and refuses every form otherwise.
        chosen.update(keep_host_header=True, ssl_insecure=insecure)
        try:
            master.addons.add(recorder)
        except OSError as error:
            raise UsageError(_("{path} cannot be written: {why}").format(path=record, why=error.strerror)) from error
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, master.shutdown)
        file = recorder.file
        assert file is not None  # just added
        start = _Start()
        master.addons.add(start)
        # It would print, and end the process by SystemExit; what it looks for is looked for here.
        master.addons.remove(master.addons.get("errorcheck"))
        running = loop.create_task(master.run())
        await asyncio.wait([running, loop.create_task(start.reached.wait())], return_when=asyncio.FIRST_COMPLETED)
        if messages.first_error is not None:
            master.shutdown()
            await running
            why = messages.first_error.splitlines()[0]
            raise UsageError(_("the proxy cannot start: {why}").format(why=why))
        messages.started = True
        addresses = master.addons.get("proxyserver").listen_addrs()
        started(f"[{host}]" if ":" in host else host, addresses[0][1] if addresses else port)
        await running
        return file.packets
    finally:
        logging.getLogger().removeHandler(messages)
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
