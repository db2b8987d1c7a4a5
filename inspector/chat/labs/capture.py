"""Real packets of a lab's own ports, by dumpcap or tcpdump where that is permitted."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from captures.live import CaptureRequest, LiveCapture
from inspector.errors import InspectorError

__all__ = ["PacketCapture"]

# The kernel's: segments on loopback have up to 64 kB, and a busy machine reads them late. The default of 2 MiB lost half
# of a 2.7 MB upload.
_BUFFER_MIB = 32
# A proxy may end its leg a while after the browser has gone.
_QUIET_SECONDS = 2.0
_CONNECTIONS = Path("/proc/net/tcp")
# TIME_WAIT, CLOSE and LISTEN (the kernel's tcp_states.h): nothing more is sent.
_AT_REST = ("06", "07", "0A")
_LOOPBACK = "lo" if sys.platform == "linux" else "lo0"


class PacketCapture:
    """A capture of TCP on some ports of an interface; a context manager.

    Args:
        path: Where the pcapng goes.
        ports: The ports to watch.
        interface: On which interface; None for loopback.
        prefix: Words before the capturing program's own, which run it somewhere else, e.g. in a network namespace.

    Attributes:
        refused: Why there is no capture, or None while there is one; known after entering.
        dropped: Packets that the kernel could not keep, known after stopping.
    """

    def __init__(
        self, path: Path, ports: Iterable[int], interface: str | None = None, prefix: Sequence[str] = ()
    ) -> None:
        self._ports = set(ports)
        wanted = "tcp and (" + " or ".join(f"port {port}" for port in sorted(self._ports)) + ")"
        self._request = CaptureRequest(
            interface or _LOOPBACK, path, wanted, buffer_mib=_BUFFER_MIB, prefix=tuple(prefix)
        )
        self._live: LiveCapture | None = None
        self.refused: str | None = None
        self.dropped = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start the first program that can; `refused` says why when none can."""
        _wait_until_quiet(self._ports)
        live = LiveCapture(self._request, ("dumpcap", "tcpdump"))
        try:
            live.start()
        except InspectorError as error:
            self.refused = str(error)
            return
        self._live = live

    def stop(self) -> None:
        """Wait for the last packets and end the program. May be called twice."""
        live, self._live = self._live, None
        if live is not None:
            drops = live.stop().drops
            self.dropped = (drops.kernel or 0) + (drops.interface or 0)


def _wait_until_quiet(ports: set[int]) -> None:
    """Wait for the last packets of whoever used these ports before, where Linux tells of connections."""
    deadline = time.monotonic() + _QUIET_SECONDS
    while time.monotonic() < deadline and _CONNECTIONS.exists():
        rows = [line.split() for line in _CONNECTIONS.read_text().splitlines()[1:]]
        used = {int(end.rpartition(":")[2], 16) for row in rows if row[3] not in _AT_REST for end in row[1:3]}
        if not used & ports:
            return
        time.sleep(0.02)
