"""The interfaces of this machine that could be captured on."""

from __future__ import annotations

import socket
import subprocess
from dataclasses import dataclass

from captures.live.programs import which

__all__ = ["NetworkInterface", "interfaces"]

_SECONDS = 15


@dataclass(frozen=True, slots=True)
class NetworkInterface:
    """An interface.

    Args:
        name: What ``inspector capture -i`` takes.
        description: What the system calls it, or empty.
        addresses: Its IP addresses; empty where they are not known.
        loopback: Whether it carries the machine's traffic to itself; None where it is not known.
    """

    name: str
    description: str
    addresses: tuple[str, ...]
    loopback: bool | None


def interfaces() -> list[NetworkInterface]:
    """All interfaces; by dumpcap, which also knows those that are no network cards, otherwise by the system."""
    path = which("dumpcap")
    if path is not None:
        try:
            done = subprocess.run(
                [path, "-D", "-M"], capture_output=True, text=True, errors="replace", timeout=_SECONDS,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired):
            return _of_system()
        found = [_of_dumpcap(line) for line in done.stdout.splitlines() if "\t" in line]
        if done.returncode == 0 and found:
            return found
    return _of_system()


def _of_dumpcap(line: str) -> NetworkInterface:
    # number and name, friendly name, description, kind, addresses, "loopback" or "network", extcap
    name, *rest = line.split("\t")
    rest += [""] * 5
    addresses = tuple(text for text in rest[3].split(",") if text)
    return NetworkInterface(name.partition(". ")[2], rest[1] or rest[0], addresses, rest[4] == "loopback")


def _of_system() -> list[NetworkInterface]:
    return [NetworkInterface(name, "", (), name == "lo" or None) for _number, name in socket.if_nameindex()]
