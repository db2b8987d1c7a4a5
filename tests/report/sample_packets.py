"""A small conversation with everything the packet views show, as a capture."""

from __future__ import annotations

from pathlib import Path

import inspector
from inspector.recording.capture import Capture
from tests.packets import ACK, PSH, SYN, ethernet, ipv4, pcap, tcp_packet

__all__ = ["ASK", "PACKETS", "open_capture"]

CLIENT, SERVER = "10.0.0.1", "10.0.0.2"
UP, DOWN = (40000, 80), (80, 40000)
ASK = (
    b"GET /chat HTTP/1.1\r\nHost: example.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
UPGRADE = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)
TEXT = bytes.fromhex("818537fa213d7f9f4d5158")
"""The masked text frame "Hello" of RFC 6455 section 5.7."""
OPTIONS = bytes.fromhex("020405b4 0402 080a 00000102 00000000 01 030307")

PACKETS = (
    tcp_packet(CLIENT, SERVER, UP, 999, 0, SYN, options=OPTIONS),
    tcp_packet(SERVER, CLIENT, DOWN, 4999, 1000, SYN | ACK, options=OPTIONS),
    tcp_packet(CLIENT, SERVER, UP, 1000, 5000, ACK | PSH, ASK),
    tcp_packet(SERVER, CLIENT, DOWN, 5000, 1000 + len(ASK), ACK | PSH, UPGRADE),
    tcp_packet(CLIENT, SERVER, UP, 1000 + len(ASK), 5000 + len(UPGRADE), ACK | PSH, TEXT),
    ethernet(ipv4(b"\x1b[31mred\xe2\x80\xae" + bytes(8), CLIENT, SERVER, 253)),
    b"",
    bytes(3),
)
"""Handshake, upgrade, a masked frame, hostile text under an unknown protocol, nothing, and too little."""


def open_capture(folder: Path) -> Capture:
    """The packets, read from a file in ``folder``."""
    path = folder / "sample.pcap"
    path.write_bytes(pcap(PACKETS))
    return inspector.open(path)
