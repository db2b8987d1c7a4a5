"""One WebSocket on which the server sends messages of 1 MiB without end: what shows whether memory is bounded."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tools.bench.captures import FILE_HEADER, checksummed, records
from tools.bench.conversations import ACK, PSH, Conversation, Step, chat_handshake

__all__ = ["MESSAGE_BYTES", "make_large_stream"]

MESSAGE_BYTES = 1 << 20
_MSS = 1448
_BURST = 1024
"""Segments before an acknowledgment: within the window of 64,240 * 128 bytes that the handshake agreed on."""
_ONE = np.zeros(1, np.int64)


def make_large_stream(messages: int, folder: Path) -> Path:
    """Write (once) a pcap of one connection with that many messages of 1 MiB from the server.

    Args:
        messages: How many; 1024 are 1 GiB.
        folder: Where it is kept between runs.
    """
    path = folder / f"large-stream-{messages}.pcap"
    if path.exists():
        return path
    talk = Conversation()
    chat_handshake(talk, compressed=False)
    client, server = talk.sent(True), talk.sent(False)
    content = random.Random(6455).randbytes(MESSAGE_BYTES - 4)
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        file.write(FILE_HEADER)
        written = 0
        for step in talk.steps:
            file.write(records(step, _ONE, written).tobytes())
            written += 1
        rest = b""
        for number in range(messages):
            rest += struct.pack(">BBQI", 0x82, 127, MESSAGE_BYTES, number) + content
            while len(rest) >= _BURST * _MSS or (rest and number == messages - 1):
                burst, rest = rest[: _BURST * _MSS], rest[_BURST * _MSS :]
                whole = len(burst) // _MSS * _MSS
                parts = np.frombuffer(burst[:whole], np.uint8).reshape(-1, _MSS)
                tail = np.frombuffer(burst[whole:], np.uint8).reshape(1, -1)
                for rows in (parts, tail):
                    if rows.size:
                        file.write(_segments(rows, client, server, written).tobytes())
                        server += rows.size
                        written += len(rows)
                file.write(records(Step(True, ACK, client, server), _ONE, written).tobytes())
                written += 1
        for step in talk.close(server - talk.sent(False))[-3:]:
            file.write(records(step, _ONE, written).tobytes())
            written += 1
    partial.rename(path)
    return path


def _segments(payload: NDArray[np.uint8], client: int, server: int, before: int) -> NDArray[np.uint8]:
    """Records of segments that follow each other, one row of ``payload`` each."""
    count, size = payload.shape
    step = Step(False, PSH | ACK, server & 0xFFFFFFFF, client, bytes(size))
    rows = records(step, np.zeros(count, np.int64), before)
    rows[:, -size:] = payload
    seq = (server + np.arange(count, dtype=np.int64) * size) & 0xFFFFFFFF
    rows[:, 54:58] = seq.astype(">u4").view(np.uint8).reshape(count, 4)
    return checksummed(rows)
