"""What other tools are asked to do, as small scripts run in their own process."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path

from tools.bench.measure import Measured, run, run_and_read

__all__ = ["CONNECTIONS", "LARGE_BOUND", "LARGE_STREAM", "PACKETS", "WEBSOCKETS"]

_PYTHON = sys.executable
_UNCOMPILED = {"INSPECTOR_UNCOMPILED": "1"}

_DPKT = """
import dpkt, sys
with open(sys.argv[1], "rb") as file:
    for time, data in dpkt.pcap.Reader(file):
        segment = dpkt.ethernet.Ethernet(data).data.data
        segment.seq, segment.flags, len(segment.data)
"""
_SCAPY = """
import sys
from scapy.layers.inet import TCP
from scapy.layers.l2 import Ether
from scapy.utils import PcapReader
for number, packet in enumerate(PcapReader(sys.argv[1]), 1):
    packet[TCP].seq
    if number == int(sys.argv[2]):
        break
"""
_PYSHARK = """
import sys, pyshark
with pyshark.FileCapture(sys.argv[1], keep_packets=False, custom_parameters=["-c", sys.argv[2]]) as capture:
    for packet in capture:
        packet.tcp.seq
"""
_NFSTREAM = """
import sys
from nfstream import NFStreamer
if __name__ == "__main__":
    print(sum(1 for flow in NFStreamer(source=sys.argv[1], n_dissections=0, statistical_analysis=False)))
"""
_OURS = """
import sys, inspector
capture = inspector.open(sys.argv[1])
print(len(capture.packets), int(capture.segments.length.sum()))
"""

_WEBSOCKETS = """
import sys, inspector
found = inspector.open(sys.argv[1]).websockets
print(len(found.frames), len(found.messages), int(found.messages.length.sum()))
"""

# The call alone, as a program makes it that has long been running: what was imported and grown before is not in it.
_WEBSOCKETS_CALL = """
import sys, time, inspector
def call():
    wall, processor = time.perf_counter(), time.process_time()
    found = inspector.open(sys.argv[1]).websockets
    assert len(found.messages)
    return time.perf_counter() - wall, time.process_time() - processor
print(*min(call() for _ in range(3)))
"""

_SCAPY_SLICE = 20_000
_PYSHARK_SLICE = 2_000

Work = Callable[[Path, int], Measured]
"""From a capture and its number of packets to a measurement."""


def _script(code: str, environment: dict[str, str] | None = None) -> Work:
    return lambda path, packets: run([_PYTHON, "-c", code, str(path)], environment)


def _call(code: str) -> Work:
    """What a script says it took, wall and processor seconds on one line, in place of what its process took."""

    def work(path: Path, packets: int) -> Measured:
        measured, said = run_and_read([_PYTHON, "-c", code, str(path)])
        wall, processor = map(float, said.split())
        return dataclasses.replace(measured, seconds=wall, cpu_seconds=processor)

    return work


def _slice(code: str, most: int) -> Work:
    def work(path: Path, packets: int) -> Measured:
        part = min(most, packets)
        measured = run([_PYTHON, "-c", code, str(path), str(part)])
        return dataclasses.replace(measured, scale=part / packets)

    return work


def _inspector(*arguments: str, environment: dict[str, str] | None = None) -> Work:
    program = "from inspector.cli import main; main()"
    return lambda path, packets: run([_PYTHON, "-c", program, *arguments, str(path)], environment)


def _command(*arguments: str) -> Work:
    return lambda path, packets: run([*arguments, str(path)])


CONNECTIONS: dict[str, Work] = {
    "inspector connections": _inspector("connections"),
    "inspector connections, uncompiled": _inspector("connections", environment=_UNCOMPILED),
    "tshark -q -z conv,tcp": _command("tshark", "-n", "-q", "-z", "conv,tcp", "-r"),
    "nfstream flow list": _script(_NFSTREAM),
}
"""Task: list every TCP connection with its packets and bytes."""

WEBSOCKETS: dict[str, Work] = {
    "inspector.open(…).websockets, the call alone": _call(_WEBSOCKETS_CALL),
    "inspector.open(…).websockets": _script(_WEBSOCKETS),
    "inspector messages --json": _inspector("messages", "--json"),
    "inspector frames --json": _inspector("frames", "--json"),
    "tshark -Y websocket -T fields": _command(
        *("tshark", "-n", "-Y", "websocket", "-T", "fields", "-e", "frame.number", "-e", "websocket.opcode"),
        *("-e", "websocket.payload_length", "-e", "websocket.payload.text", "-r"),
    ),
}
"""Task: decode every WebSocket frame and message, unmasked and decompressed."""

LARGE_BOUND = 600_000_000
"""Bytes of memory for one stream of 1 GiB: 100 a packet for the tables, 256 MiB of content that is kept, 64 MiB of the
file before its pages are given back, and what Python and NumPy need; half of the stream itself, and no more for a longer
one than its packets."""


def _bounded(work: Work) -> Work:
    def checked(path: Path, packets: int) -> Measured:
        measured = work(path, packets)
        if measured.peak_bytes > LARGE_BOUND:
            raise MemoryError(f"{measured.peak_bytes:,} bytes of memory; the bound is {LARGE_BOUND:,}")
        return measured

    return checked


LARGE_STREAM: dict[str, Work] = {
    "inspector.open(…).websockets": _bounded(WEBSOCKETS["inspector.open(…).websockets"]),
    "inspector messages --json": _bounded(WEBSOCKETS["inspector messages --json"]),
    "tshark -Y websocket -T fields": WEBSOCKETS["tshark -Y websocket -T fields"],
}
"""Task: the same for one long stream of large messages; fails when it needs more memory than is stated."""

PACKETS: dict[str, Work] = {
    "inspector.open": _script(_OURS),
    "inspector.open, uncompiled": _script(_OURS, _UNCOMPILED),
    "tcpdump -r (copies, decodes nothing)": _command("tcpdump", "-n", "-w", "/dev/null", "-r"),
    "dpkt": _script(_DPKT),
    "tshark -T fields -e tcp.seq": _command("tshark", "-n", "-T", "fields", "-e", "tcp.seq", "-r"),
    f"scapy PcapReader (first {_SCAPY_SLICE:,}, scaled)": _slice(_SCAPY, _SCAPY_SLICE),
    f"pyshark (first {_PYSHARK_SLICE:,}, scaled)": _slice(_PYSHARK, _PYSHARK_SLICE),
}
"""Task: read every packet's TCP header."""
