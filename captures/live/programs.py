"""The three programs that can capture: how each is started, what it says when ready, refused, or done."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

from inspector.i18n import N_

__all__ = ["PROGRAMS", "CaptureRequest", "Drops", "Program", "Ring", "which"]

_BUFFER_MIB = 16
"""Kernel buffer: a second of a busy gigabit line, where dumpcap's own default of 2 MiB loses packets in bursts."""


@dataclass(frozen=True, slots=True)
class Ring:
    """Several files of bounded size, the oldest replaced: ``bytes`` each, ``files`` of them."""

    bytes: int
    files: int


@dataclass(frozen=True, slots=True)
class CaptureRequest:
    """What to capture.

    Args:
        interface: Name of the interface.
        output: The pcapng to write; of a ring, the name from which its files' names are made.
        filter: BPF capture filter, as tcpdump takes it; empty for everything.
        packets: Stop after that many, or None.
        ring: Write a ring of files, or None for one file.
        buffer_mib: The kernel's buffer.
        prefix: Words before the capturing program's own, which run it somewhere else, as in a network namespace.
    """

    interface: str
    output: Path
    filter: str = ""
    packets: int | None = None
    ring: Ring | None = None
    buffer_mib: int = _BUFFER_MIB
    prefix: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drops:
    """Packets that a program saw and lost; None where it does not tell.

    Args:
        received: Packets written.
        kernel: Lost because the program did not read fast enough.
        interface: Lost by the network card or its driver.
    """

    received: int | None
    kernel: int | None
    interface: int | None


class Program(ABC):
    """One way to capture; ``output`` is where it writes, ``suffix`` what it adds to the asked name."""

    name: str
    ready: re.Pattern[str]
    get: str
    suffix = ""
    settle_s = 0.4
    """libpcap hands over packets in blocks, at the latest after a time that the program sets (dumpcap: 250 ms); a block
    not handed over is lost on stopping."""

    @abstractmethod
    def command(self, request: CaptureRequest) -> list[str] | None:
        """The command line, or None where the program is missing."""

    @abstractmethod
    def drops(self, said: str) -> Drops:
        """What it counted, from all it said."""

    def count(self, said: str) -> int | None:
        """Packets so far, where it tells while it runs."""
        return None

    def refusal(self, request: CaptureRequest) -> str | None:
        """Why this program cannot do what is asked (translatable), or None."""
        return None


class _Dumpcap(Program):
    name = "dumpcap"
    get = "apt install tshark"
    ready = re.compile(r"File: (.+)$", re.MULTILINE)

    def command(self, request: CaptureRequest) -> list[str] | None:
        path = which("dumpcap")
        if path is None:
            return None
        command = [path, "-i", request.interface, "-B", str(request.buffer_mib), "-w", str(request.output)]
        if request.filter:
            command += ["-f", request.filter]
        if request.packets is not None:
            command += ["-c", str(request.packets)]
        if request.ring is not None:
            kilobytes = max(request.ring.bytes // 1000, 1)
            command += ["-b", f"filesize:{kilobytes}", "-b", f"files:{request.ring.files}"]
        return command

    def count(self, said: str) -> int | None:
        counts = re.findall(r"Packets: (\d+)", said)
        return int(counts[-1]) if counts else None

    def drops(self, said: str) -> Drops:
        # Packets received/dropped on interface 'lo': 8/0 (pcap:0/dumpcap:0/flushed:0/ps_ifdrop:0) (100.0%)
        found = re.search(
            r"received/dropped on interface .*?: (\d+)/\d+ \(pcap:(\d+)/dumpcap:(\d+)/flushed:(\d+)/ps_ifdrop:(\d+)\)",
            said,
        )
        if found is None:
            return Drops(None, None, None)
        received, pcap, dumpcap, flushed, interface = map(int, found.groups())
        return Drops(received, pcap + dumpcap + flushed, interface)


class _Tcpdump(Program):
    name = "tcpdump"
    get = "apt install tcpdump"
    ready = re.compile(r"listening on ")
    suffix = ".pcap"
    settle_s = 1.2  # it lets libpcap wait for a second

    def command(self, request: CaptureRequest) -> list[str] | None:
        path = which("tcpdump")
        if path is None:
            return None
        command = [
            path,
            "-U",
            "-i",
            request.interface,
            "-B",
            str(request.buffer_mib * 1024),
            "-w",
            f"{request.output}{self.suffix}",
        ]
        command.append("--time-stamp-precision=nano")
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            # Debian's tcpdump would become another user, who may not write here.
            command += ["-Z", "root"]
        if request.packets is not None:
            command += ["-c", str(request.packets)]
        return [*command, *([request.filter] if request.filter else [])]

    def refusal(self, request: CaptureRequest) -> str | None:
        return N_("it does not write rings of pcapng files") if request.ring is not None else None

    def drops(self, said: str) -> Drops:
        return Drops(
            _number(r"(\d+) packets? captured", said),
            _number(r"(\d+) packets? dropped by kernel", said),
            _number(r"(\d+) packets? dropped by interface", said),
        )


class _Scapy(Program):
    name = "scapy"
    get = "pip install 'wire-inspector[craft]'"
    ready = re.compile(r"listening on ")

    def command(self, request: CaptureRequest) -> list[str] | None:
        if importlib.util.find_spec("scapy") is None:
            return None
        command = [
            sys.executable,
            "-m",
            "captures.live.sniffer",
            request.interface,
            str(request.output),
            request.filter,
        ]
        return [*command, *([str(request.packets)] if request.packets is not None else [])]

    def refusal(self, request: CaptureRequest) -> str | None:
        return N_("it does not write rings of pcapng files") if request.ring is not None else None

    def drops(self, said: str) -> Drops:
        return Drops(
            _number(r"(\d+) packets? captured", said), _number(r"(\d+) packets? dropped by kernel", said), None
        )


PROGRAMS: tuple[Program, ...] = (_Dumpcap(), _Tcpdump(), _Scapy())
"""In the order in which they are tried: dumpcap needs no root where it was given the right to capture."""


def which(program: str) -> str | None:
    """Where a program is, or None."""
    # sbin: where Debian keeps tcpdump, and not on every user's path.
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/local/sbin:/sbin")


def _number(pattern: str, said: str) -> int | None:
    found = re.search(pattern, said)
    return int(found.group(1)) if found else None
