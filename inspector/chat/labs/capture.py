"""Real packets of a lab's own ports, by dumpcap or tcpdump where that is permitted."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from inspector.chat.external import end_with_parent

__all__ = ["PacketCapture"]

_READY_SECONDS = 10.0
# libpcap hands over packets in blocks, at the latest after this time (dumpcap's CAP_READ_TIMEOUT is 250 ms); packets of
# a block that is not handed over when the program ends are lost.
_SETTLE_SECONDS = 0.4
_STOP_SECONDS = 10.0
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
        self._path = path
        self._interface = interface or _LOOPBACK
        self._prefix = list(prefix)
        self._ports = set(ports)
        self._filter = "tcp and (" + " or ".join(f"port {port}" for port in sorted(self._ports)) + ")"
        self._process: subprocess.Popen[bytes] | None = None
        self._converted: Path | None = None
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
        reasons = []
        buffer = ["-i", self._interface, "-B", str(_BUFFER_MIB)]
        kibibytes = ["-i", self._interface, "-B", str(_BUFFER_MIB * 1024)]
        for program, arguments, ready in (
            ("dumpcap", ["-q", *buffer, "-f", self._filter, "-w", str(self._path)], b"File:"),
            (
                "tcpdump",
                ["--immediate-mode", "-U", *kibibytes, "-w", f"{self._path}.pcap", self._filter],
                b"listening on",
            ),
        ):
            found = self._find(program)
            if found is None:
                reasons.append(f"{program} is not installed")
                continue
            why = self._try([*self._prefix, found, *arguments], ready)
            if why is None:
                self._converted = Path(f"{self._path}.pcap") if program == "tcpdump" else None
                return
            reasons.append(f"{program}: {why}")
        self.refused = "; ".join(reasons)

    @staticmethod
    def _find(program: str) -> str | None:
        return shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")

    def _try(self, command: list[str], ready: bytes) -> str | None:
        """Why this program does not capture, or None when it does."""
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            # A session of its own: Ctrl-C is for the parent, which stops things in order.
            start_new_session=True,
            preexec_fn=end_with_parent,
        )
        ready_now, said = False, b""
        try:
            ready_now, said = _wait_until_ready(process, ready)
        finally:
            # Also when a signal ends the waiting: nobody else knows of the program yet.
            if not ready_now:
                process.kill()
                process.communicate()
        if ready_now:
            self._process = process
            return None
        lines = said.decode(errors="replace").strip().splitlines()
        return lines[0] if lines else "it did not start"

    def stop(self) -> None:
        """Wait for the last packets and end the program. May be called twice."""
        process, self._process = self._process, None
        if process is None:
            return
        time.sleep(_SETTLE_SECONDS)
        process.send_signal(signal.SIGINT)
        try:
            _, said = process.communicate(timeout=_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            _, said = process.communicate()
        self.dropped = _dropped(said.decode(errors="replace"))
        if self._converted is not None:
            _to_pcapng(self._converted, self._path, self._interface)
            with contextlib.suppress(OSError):
                self._converted.unlink()


def _wait_until_ready(process: subprocess.Popen[bytes], ready: bytes) -> tuple[bool, bytes]:
    """Whether a capturing program has said that it captures, and all it said."""
    assert process.stderr is not None
    said = b""
    os.set_blocking(process.stderr.fileno(), False)
    deadline = time.monotonic() + _READY_SECONDS
    while time.monotonic() < deadline:
        ended = process.poll() is not None
        said += process.stderr.read() or b""
        if ready in said or ended:
            return ready in said and not ended, said
        time.sleep(0.02)
    return False, said


def _dropped(said: str) -> int:
    """What dumpcap or tcpdump reports at its end."""
    found = re.search(r"Packets received/dropped on interface .*: \d+/(\d+) |(\d+) packets? dropped by kernel", said)
    return int(found[1] or found[2]) if found else 0


def _wait_until_quiet(ports: set[int]) -> None:
    """Wait for the last packets of whoever used these ports before, where Linux tells of connections."""
    deadline = time.monotonic() + _QUIET_SECONDS
    while time.monotonic() < deadline and _CONNECTIONS.exists():
        rows = [line.split() for line in _CONNECTIONS.read_text().splitlines()[1:]]
        used = {int(end.rpartition(":")[2], 16) for row in rows if row[3] not in _AT_REST for end in row[1:3]}
        if not used & ports:
            return
        time.sleep(0.02)


def _to_pcapng(source: Path, target: Path, interface: str) -> None:
    """tcpdump writes the older format: native byte order, microseconds."""
    from inspector.recording.reader import Interface
    from inspector.recording.writer import PcapngWriter

    data = source.read_bytes()
    magic, _major, _minor, _zone, _sigfigs, snaplen, link_type = struct.unpack_from("=IHHiIII", data)
    assert magic == 0xA1B2C3D4, f"tcpdump wrote {magic:#x}"
    with PcapngWriter(target, application="tcpdump") as writer:
        number = writer.add_interface(Interface(link_type=link_type, snaplen=snaplen, name=interface))
        at = 24
        while at + 16 <= len(data):
            seconds, micros, captured, length = struct.unpack_from("=IIII", data, at)
            packet = data[at + 16 : at + 16 + captured]
            writer.write_packet(number, seconds * 10**9 + micros * 1000, packet, length=length)
            at += 16 + captured
