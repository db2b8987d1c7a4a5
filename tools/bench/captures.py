"""Stamps a conversation out into a large capture: many clients at once, all checksums right, deterministic."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.bench.conversations import SCRIPTS, Step

__all__ = ["FILE_HEADER", "checksummed", "make_capture", "records"]

FILE_HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)
"""Of a pcap with microseconds and Ethernet."""

_AT_ONCE = 500
"""Connections that run side by side; their packets are interleaved."""
_GAP_NS = 2_000
"""Time between two packets of the file."""
_START_NS = 1_760_000_000_000_000_000

Matrix = NDArray[np.uint8]


def make_capture(kind: str, packets: int, folder: Path) -> Path:
    """Write (once) a pcap of at least ``packets`` packets.

    Args:
        kind: A name in ``SCRIPTS``.
        packets: How many at least; rounded up to whole connections.
        folder: Where it is kept between runs.
    """
    path = folder / f"{kind}-{packets}.pcap"
    if path.exists():
        return path
    steps = SCRIPTS[kind]()
    connections = -(-packets // len(steps))
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        file.write(FILE_HEADER)
        written = 0
        for first in range(0, connections, _AT_ONCE):
            numbers = np.arange(first, min(first + _AT_ONCE, connections))
            for step in steps:
                rows = records(step, numbers, written)
                file.write(rows.tobytes())
                written += len(rows)
    partial.rename(path)
    return path


def records(step: Step, numbers: NDArray[np.int64], before: int, gap_ns: int = _GAP_NS) -> Matrix:
    """The pcap records of one step for every connection in ``numbers``, one row each.

    Args:
        step: The packet.
        numbers: Connections.
        before: Packets written before these.
        gap_ns: Time between two packets.
    """
    count = len(numbers)
    tcp_size = 20 + len(step.options)
    size = 14 + 20 + tcp_size + len(step.payload)
    rows = np.zeros((count, 16 + size), np.uint8)
    time_ns = _START_NS + (before + np.arange(count, dtype=np.int64)) * gap_ns
    _put(rows, 0, time_ns // 10**9, "<u4")
    _put(rows, 4, time_ns % 10**9 // 1000, "<u4")
    _put(rows, 8, np.full(count, size), "<u4")
    _put(rows, 12, np.full(count, size), "<u4")
    ethernet = bytes.fromhex("020000000002 020000000001 0800")
    rows[:, 16:30] = np.frombuffer(
        ethernet if step.from_client else ethernet[6:12] + ethernet[:6] + ethernet[12:], np.uint8
    )
    _ipv4(rows[:, 30:50], step, numbers, size - 14)
    _tcp(rows[:, 50:], step, numbers)
    return checksummed(rows)


def checksummed(rows: Matrix) -> Matrix:
    """Records whose TCP header or payload was changed, with right checksums again."""
    addresses, segment = rows[:, 42:50], rows[:, 50:]
    segment[:, 16:18] = 0
    pseudo = np.zeros((len(rows), 12), np.uint8)
    pseudo[:, :8] = addresses
    pseudo[:, 9] = 6
    _put(pseudo, 10, np.full(len(rows), segment.shape[1]), ">u2")
    _put(segment, 16, _checksum(np.concatenate([pseudo, segment], axis=1)), ">u2")
    return rows


def _ipv4(rows: Matrix, step: Step, numbers: NDArray[np.int64], length: int) -> None:
    rows[:, :12] = np.frombuffer(struct.pack(">BBHHHBBH", 0x45, 0, length, 0, 0x4000, 64, 6, 0), np.uint8)
    _put(rows, 4, (numbers * 7 + step.seq + step.ack) & 0xFFFF, ">u2")
    client = 0x0A000000 + numbers // 20000
    server = np.full(len(numbers), 0xC6336401)
    _put(rows, 12, client if step.from_client else server, ">u4")
    _put(rows, 16, server if step.from_client else client, ">u4")
    _put(rows, 10, _checksum(rows), ">u2")


def _tcp(rows: Matrix, step: Step, numbers: NDArray[np.int64]) -> None:
    port = 20000 + numbers % 20000
    service = np.full(len(numbers), 80)
    initial = {True: numbers * 40503 & 0xFFFFFFFF, False: numbers * 69069 & 0xFFFFFFFF}
    _put(rows, 0, port if step.from_client else service, ">u2")
    _put(rows, 2, service if step.from_client else port, ">u2")
    _put(rows, 4, initial[step.from_client] + step.seq & 0xFFFFFFFF, ">u4")
    if step.flags & 16:
        _put(rows, 8, initial[not step.from_client] + step.ack & 0xFFFFFFFF, ">u4")
    rows[:, 12] = (5 + len(step.options) // 4) << 4
    rows[:, 13] = step.flags
    _put(rows, 14, np.full(len(numbers), 64240), ">u2")
    rest = step.options + step.payload
    rows[:, 20:] = np.frombuffer(rest, np.uint8)


def _put(rows: Matrix, at: int, values: NDArray[np.int64], dtype: str) -> None:
    width = np.dtype(dtype).itemsize
    rows[:, at : at + width] = values.astype(dtype).view(np.uint8).reshape(len(values), width)


def _checksum(rows: Matrix) -> NDArray[np.int64]:
    """The Internet checksum of each row (RFC 1071); its own field is still zero."""
    if rows.shape[1] % 2:
        rows = np.pad(rows, ((0, 0), (0, 1)))
    total: NDArray[np.int64] = np.ascontiguousarray(rows).view(">u2").sum(axis=1, dtype=np.int64)
    for _ in range(2):
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
