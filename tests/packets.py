"""Builds packets byte by byte, without the project's own declarations, so that tests do not check them by themselves."""

from __future__ import annotations

import struct
from collections.abc import Iterable

__all__ = [
    "ACK",
    "FIN",
    "PSH",
    "RST",
    "SYN",
    "ethernet",
    "geneve",
    "gre",
    "gtpu",
    "icmp",
    "ieee80211",
    "ipv4",
    "ipv4_raw",
    "ipv6",
    "mpls",
    "pcap",
    "pppoe",
    "radiotap",
    "sll",
    "sll2",
    "snap",
    "tcp",
    "tcp_packet",
    "udp",
    "vlan",
    "vxlan",
]

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
    packets: Iterable[bytes | tuple[bytes, int]],
    link_type: int = 1,
    start_ns: int = 1_700_000_000_000_000_000,
    step_ns: int = 1_000_000,
) -> bytes:
    """A little-endian microsecond pcap file, one packet per ``step_ns``; a pair tells the length on the wire too."""
    parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link_type)]
    for number, item in enumerate(packets):
        packet, length = item if isinstance(item, tuple) else (item, len(item))
        time_ns = start_ns + number * step_ns
        parts.append(struct.pack("<IIII", time_ns // 10**9, time_ns % 10**9 // 1000, len(packet), length))
        parts.append(packet)
    return b"".join(parts)


# What follows builds other headers, right or wrong as asked for; checksums are left zero (not computed by the sender).


def ipv4_raw(
    payload: bytes,
    protocol: int = 6,
    source: str = "10.0.0.1",
    destination: str = "10.0.0.2",
    *,
    identification: int = 1,
    fragment: int = 0x4000,
    options: bytes = b"",
    version: int = 4,
    header_words: int | None = None,
    total: int | None = None,
) -> bytes:
    """An IPv4 datagram whose header may lie; ``fragment`` holds the flags and the offset in 8 bytes."""
    addresses = bytes(int(part) for part in f"{source}.{destination}".split("."))
    words = 5 + len(options) // 4 if header_words is None else header_words
    length = 20 + len(options) + len(payload) if total is None else total
    head = struct.pack(">BBHHHBBH", version << 4 | words, 0, length, identification, fragment, 64, protocol, 0)
    return head + addresses + options + payload


def ipv6(payload: bytes, next_header: int = 6, length: int | None = None) -> bytes:
    """An IPv6 packet between two documentation addresses (RFC 3849)."""
    size = len(payload) if length is None else length
    addresses = bytes.fromhex("20010db8000000000000000000000001 20010db8000000000000000000000002")
    return struct.pack(">IHBB", 6 << 28, size, next_header, 64) + addresses + payload


def udp(payload: bytes, ports: tuple[int, int] = (50000, 9999), length: int | None = None) -> bytes:
    """A UDP datagram."""
    return struct.pack(">HHHH", *ports, 8 + len(payload) if length is None else length, 0) + payload


def icmp(kind: int, payload: bytes, rest: bytes = bytes(4)) -> bytes:
    """An ICMP or ICMPv6 message; ``rest`` is the second word of its header."""
    return bytes([kind, 0, 0, 0]) + rest + payload


def vlan(payload: bytes, ethertype: int = 0x0800, identifier: int = 100) -> bytes:
    """A VLAN tag behind its EtherType, and what it carries."""
    return struct.pack(">HH", identifier, ethertype) + payload


def snap(payload: bytes, ethertype: int = 0x0800) -> bytes:
    """IEEE 802.2 LLC and SNAP."""
    return bytes.fromhex("aaaa03000000") + struct.pack(">H", ethertype) + payload


def mpls(payload: bytes, *labels: int) -> bytes:
    """A label stack."""
    stack = [label << 12 | (position == len(labels) - 1) << 8 | 64 for position, label in enumerate(labels)]
    return b"".join(struct.pack(">I", entry) for entry in stack) + payload


def pppoe(payload: bytes, length: int | None = None, code: int = 0) -> bytes:
    """A PPPoE header, without the PPP protocol that a session's payload begins with."""
    return bytes([0x11, code, 0, 1]) + struct.pack(">H", len(payload) if length is None else length) + payload


def sll(payload: bytes, protocol: int = 0x0800, hardware: int = 1) -> bytes:
    """A Linux cooked header."""
    return (
        struct.pack(">HHH", 0, hardware, 6) + bytes.fromhex("0200000000010000") + struct.pack(">H", protocol) + payload
    )


def sll2(payload: bytes, protocol: int = 0x0800, hardware: int = 1) -> bytes:
    """A Linux cooked header of version 2."""
    head = struct.pack(">HHIHBB", protocol, 0, 1, hardware, 0, 6)
    return head + bytes.fromhex("0200000000010000") + payload


def gre(payload: bytes, protocol: int = 0x0800, flags: int = 0, optional: bytes = b"") -> bytes:
    """A GRE header, with the optional words that its flags announce."""
    return struct.pack(">HH", flags, protocol) + optional + payload


def vxlan(payload: bytes) -> bytes:
    """A VXLAN header."""
    return bytes.fromhex("0800000000000100") + payload


def geneve(payload: bytes, protocol: int = 0x6558, options: bytes = b"") -> bytes:
    """A GENEVE header."""
    return bytes([len(options) // 4, 0]) + struct.pack(">H", protocol) + bytes.fromhex("00000500") + options + payload


def gtpu(
    payload: bytes, flags: int = 0x30, message: int = 255, optional: bytes = b"", length: int | None = None
) -> bytes:
    """A GTP-U header, with the optional word and extension headers that its flags announce."""
    size = len(payload) + len(optional) if length is None else length
    return bytes([flags, message]) + struct.pack(">HI", size, 0x1234) + optional + payload


def ieee80211(payload: bytes, control: int = 0x08, flags: int = 1, extra: bytes = b"", sequence: int = 0x10) -> bytes:
    """An 802.11 header with three addresses; ``extra`` holds the fourth, QoS and HT control."""
    addresses = b"".join(bytes([2, 0, 0, 0, 0, last]) for last in (1, 2, 3))
    return bytes([control, flags, 0, 0]) + addresses + struct.pack("<H", sequence) + extra + payload


def radiotap(payload: bytes, flags: int | None = None) -> bytes:
    """A radiotap header with nothing or with its flags field."""
    if flags is None:
        return struct.pack("<BBHI", 0, 0, 8, 0) + payload
    return struct.pack("<BBHIBB", 0, 0, 10, 2, flags, 0) + payload
