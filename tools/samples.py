"""Writes the samples that ship, byte for byte the same each time: ``python -m tools.samples``.

refused.pcap        a SYN answered by a reset
chat-aborted.pcap   a chat in Korean and English over WebSocket that the server breaks off without a Close frame
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tools.api_sample import korean_http
from tools.bench.captures import records
from tools.bench.conversations import ACK, RST, SYN, Conversation, Step, chat_handshake, frame

__all__ = ["SAMPLES", "write_samples"]

_FOLDER = Path(__file__).resolve().parents[1] / "captures" / "samples"
_GAP_NS = 40_000_000
_KEY = bytes.fromhex("37fa213d")


def refused() -> list[Step]:
    """A connection that nobody accepts."""
    return [Step(True, SYN, 0, 0), Step(False, RST | ACK, 0, 1)]


def chat_aborted() -> list[Step]:
    """Three messages, a ping, then the server's process dies."""
    talk = Conversation()
    chat_handshake(talk, compressed=False)
    for text in ("안녕하세요, 패킷 여러분!", "Why did the socket close?"):
        message = f'{{"type":"chat.message","text":"{text}"}}'.encode()
        talk.say(True, frame(message, _KEY, 0x81))
        talk.say(False, frame(message, None, 0x81))
    talk.say(False, frame(b"still there?", None, 0x89))
    talk.say(True, frame(b"still there?", _KEY, 0x8A))
    talk.say(True, frame('{"type":"chat.message","text":"이 메시지는 도착하지 않습니다"}'.encode(), _KEY, 0x81))
    talk.reset(from_client=False)
    return talk.steps


def _pcap(steps: list[Step]) -> bytes:
    parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)]
    for number, step in enumerate(steps):
        parts.append(records(step, np.zeros(1, np.int64), number, gap_ns=_GAP_NS).tobytes())
    return b"".join(parts)


SAMPLES: dict[str, Callable[[], bytes]] = {
    "refused": lambda: _pcap(refused()),
    "chat-aborted": lambda: _pcap(chat_aborted()),
    "korean-http": korean_http,
}
"""Every sample by its file's name."""


def write_samples(folder: Path) -> None:
    """Write every sample into ``folder``."""
    for name, make in SAMPLES.items():
        (folder / f"{name}.pcap").write_bytes(make())


if __name__ == "__main__":
    write_samples(_FOLDER)
