"""Builds packets byte by byte, without the project's own declarations, so that tests do not check them by themselves."""

from __future__ import annotations

import struct
from collections.abc import Iterable

__all__ = ["ACK", "FIN", "PSH", "RST", "SYN", "ethernet", "ipv4", "pcap", "tcp", "tcp_packet"]

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total: int = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ethernet(payload: bytes, ethertype: int = 0x0800) -> bytes:
    """An Ethernet II frame without its check sequence."""
    return bytes.fromhex("020000000002 020000000001") + struct.pack(">H", ethertype) + payload


def ipv4(payload: bytes, source: str, destination: str, protocol: int = 6, identification: int = 1) -> bytes:
    """An IPv4 datagram with a valid header checksum."""
    addresses = bytes(int(part) for part in f"{source}.{destination}".split("."))
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), identification, 0x4000, 64, protocol, 0) + addresses
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + payload


def tcp(
    payload: bytes,
    source: str,
    destination: str,
    ports: tuple[int, int],
    seq: int,
    ack: int,
    flags: int,
    window: int = 65535,
    options: bytes = b"",
) -> bytes:
    """A TCP segment with a valid checksum over its pseudo-header."""
    options += b"\0" * (-len(options) % 4)
    offset = 5 + len(options) // 4
    head = struct.pack(">HHIIBBHHH", *ports, seq % 2**32, ack % 2**32, offset << 4, flags, window, 0, 0) + options
    addresses = bytes(int(part) for part in f"{source}.{destination}".split("."))
    pseudo = addresses + struct.pack(">HH", 6, len(head) + len(payload))
    value = checksum(pseudo + head + payload)
    return head[:16] + struct.pack(">H", value) + head[18:] + payload


def tcp_packet(
    source: str,
    destination: str,
    ports: tuple[int, int],
    seq: int,
    ack: int,
    flags: int,
    payload: bytes = b"",
    window: int = 65535,
    options: bytes = b"",
) -> bytes:
    """Ethernet, IPv4 and TCP around a payload."""
    segment = tcp(payload, source, destination, ports, seq, ack, flags, window, options)
    return ethernet(ipv4(segment, source, destination))


def pcap(
    packets: Iterable[bytes], link_type: int = 1, start_ns: int = 1_700_000_000_000_000_000, step_ns: int = 1_000_000
) -> bytes:
    """A little-endian microsecond pcap file, one packet per ``step_ns``."""
    parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link_type)]
    for number, packet in enumerate(packets):
        time_ns = start_ns + number * step_ns
        parts.append(struct.pack("<IIII", time_ns // 10**9, time_ns % 10**9 // 1000, len(packet), len(packet)))
        parts.append(packet)
    return b"".join(parts)
