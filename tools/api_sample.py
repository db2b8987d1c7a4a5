"""The sample korean-http: one HTTP exchange, a resent segment, a lost one, and a reset at the end.

``python -m tools.samples`` writes it. The packets are made here byte by byte, so the sample is free of other
people's data and licences.
"""

from __future__ import annotations

import struct

__all__ = ["korean_http"]

_CLIENT = (bytes([192, 0, 2, 10]), 49152)
_SERVER = (bytes([198, 51, 100, 7]), 80)
_START_NS = 1_760_000_000_000_000_000
_SYN, _RST, _PSH, _ACK = 2, 4, 8, 16


def _sum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    total: int = sum(struct.unpack(f">{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _packet(from_client: bool, seq: int, ack: int, flags: int, payload: bytes = b"") -> bytes:
    """Ethernet, IPv4 and TCP around a payload, checksums right."""
    (source, sport), (destination, dport) = (_CLIENT, _SERVER) if from_client else (_SERVER, _CLIENT)
    tcp = struct.pack(">HHIIBBHHH", sport, dport, seq, ack, 5 << 4, flags, 64240, 0, 0) + payload
    pseudo = source + destination + struct.pack(">BBH", 0, 6, len(tcp))
    tcp = tcp[:16] + struct.pack(">H", _sum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), seq & 0xFFFF, 0x4000, 64, 6, 0) + source + destination
    ip = ip[:10] + struct.pack(">H", _sum(ip)) + ip[12:]
    cards = bytes.fromhex("020000000007 02000000000a" if from_client else "02000000000a 020000000007")
    return cards + b"\x08\x00" + ip + tcp


def korean_http() -> bytes:
    """The file."""
    request = b"GET /greeting HTTP/1.1\r\nHost: example.com\r\n\r\n"
    body = "안녕하세요, 세계!\n".encode() + b"x" * 100
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n\r\n" % len(body)
    answer = head + body
    asked, cut, lost = 1001 + len(request), len(head) + 4, len(answer) - 40
    steps = [
        # (milliseconds, from the client, seq, ack, flags, payload)
        (0, True, 1000, 0, _SYN, b""),
        (20, False, 5000, 1001, _SYN | _ACK, b""),
        (21, True, 1001, 5001, _ACK, b""),
        (22, True, 1001, 5001, _PSH | _ACK, request),
        (45, False, 5001, asked, _ACK, answer[:cut]),  # ends inside of a Korean letter
        (46, True, asked, 5001 + cut, _ACK, b""),
        (66, False, 5001 + cut, asked, _ACK, answer[cut : lost - 20]),
        (270, False, 5001 + cut, asked, _ACK, answer[cut : lost - 20]),  # resent
        (271, False, 5001 + lost, asked, _PSH | _ACK, answer[lost:]),  # 20 bytes before it are not captured
        (272, True, asked, 5001 + len(answer), _ACK, b""),
        (1400, False, 5001 + len(answer), asked, _RST | _ACK, b""),
    ]
    parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)]
    for milliseconds, *fields in steps:
        packet = _packet(*fields)  # type: ignore[arg-type]  # mypy does not follow types through the star
        seconds, rest = divmod(_START_NS + milliseconds * 10**6, 10**9)
        parts.append(struct.pack("<IIII", seconds, rest // 1000, len(packet), len(packet)) + packet)
    return b"".join(parts)
