"""Two network namespaces with a TAP device each, which only the link joins."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import struct
import subprocess
import sys
from types import TracebackType
from typing import Self

from inspector.errors import MissingPart
from inspector.i18n import _

__all__ = ["ADDRESSES", "PORT", "Network"]

ADDRESSES = ("198.18.0.1", "198.18.0.2")
"""Of the client and of the server: a range for benchmarks (RFC 2544), which no route leads to."""

PORT = 8000
"""Of the server; nobody else lives in its namespace."""

_PREFIX = 30
_TUNSETIFF = 0x400454CA
_IFF_TAP, _IFF_NO_PI = 0x0002, 0x1000
_SECONDS = 20


class Network:
    """The two namespaces; a context manager that removes what it made.

    Attributes:
        devices: File descriptors on which frames of the client's and the server's device come and go.
        names: Of the namespaces.
        interfaces: Of the devices in them.

    Raises:
        MissingPart: On entering, where this cannot be made: not Linux, not root, or no ``ip`` command.
    """

    def __init__(self) -> None:
        number = os.getpid() % 100_000
        self.names = (f"inspector-{number}-c", f"inspector-{number}-s")
        self.interfaces = (f"ic{number}", f"is{number}")
        self.devices: tuple[int, int] = (-1, -1)

    def __enter__(self) -> Self:
        if sys.platform != "linux" or os.geteuid() != 0 or shutil.which("ip", path=_PATH) is None:
            raise MissingPart(_("the lossy link needs Linux, root, and the ip command (apt install iproute2)"))
        try:
            self._make()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._remove()

    def inside(self, side: int, command: list[str]) -> list[str]:
        """The command line that runs a command in a side's namespace; its process is the command's."""
        return [_ip(), "netns", "exec", self.names[side], *command]

    def _make(self) -> None:
        devices = []
        for name, interface, address in zip(self.names, self.interfaces, ADDRESSES, strict=True):
            _run("netns", "add", name)
            try:
                device = os.open("/dev/net/tun", os.O_RDWR | os.O_CLOEXEC)
            except OSError as error:
                raise MissingPart(_("the lossy link needs TAP devices: {why}").format(why=error)) from error
            devices.append(device)
            self.devices = (devices[0], devices[-1] if len(devices) > 1 else -1)
            fcntl.ioctl(device, _TUNSETIFF, struct.pack("16sH22x", interface.encode(), _IFF_TAP | _IFF_NO_PI))
            _run("link", "set", interface, "netns", name)
            # Before it is up: neighbour discovery would be traffic that nobody asked for.
            quiet = "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6"
            subprocess.run([_ip(), "netns", "exec", name, "sh", "-c", quiet], check=False, timeout=_SECONDS)
            _run("-n", name, "addr", "add", f"{address}/{_PREFIX}", "dev", interface)
            _run("-n", name, "link", "set", interface, "up")
            _run("-n", name, "link", "set", "lo", "up")

    def _remove(self) -> None:
        for device in self.devices:
            if device >= 0:
                with contextlib.suppress(OSError):
                    os.close(device)
        for name in self.names:
            subprocess.run([_ip(), "netns", "del", name], capture_output=True, check=False, timeout=_SECONDS)


_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def _ip() -> str:
    return shutil.which("ip", path=_PATH) or "ip"


def _run(*words: str) -> None:
    done = subprocess.run([_ip(), *words], capture_output=True, text=True, check=False, timeout=_SECONDS)
    if done.returncode:
        raise MissingPart(_("the lossy link cannot be made: {why}").format(why=done.stderr.strip()))
