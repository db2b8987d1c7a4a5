"""Builds pcap and pcapng files byte by byte, without the project's own writer, so that it does not check itself."""

from __future__ import annotations

import struct

__all__ = [
    "block",
    "custom",
    "epb",
    "idb",
    "isb",
    "name_resolution",
    "obsolete",
    "option",
    "record",
    "secrets",
    "shb",
    "spb",
]


def record(
    data: bytes,
    time: tuple[int, int] = (1, 2),
    length: int | None = None,
    order: str = "<",
    captured: int | None = None,
) -> bytes:
    """A pcap record."""
    captured = len(data) if captured is None else captured
    return struct.pack(f"{order}IIII", *time, captured, len(data) if length is None else length) + data


def header(
    magic: int = 0xA1B2C3D4,
    order: str = "<",
    version: tuple[int, int] = (2, 4),
    snaplen: int = 262144,
    link_type: int = 1,
) -> bytes:
    """A pcap file header."""
    return struct.pack(f"{order}IHHiIII", magic, *version, 0, 0, snaplen, link_type)


def padded(data: bytes) -> bytes:
    """The data and zeros up to a multiple of four."""
    return data + bytes(-len(data) % 4)


def option(code: int, value: bytes, order: str = "<") -> bytes:
    """One option."""
    return struct.pack(f"{order}HH", code, len(value)) + padded(value)


def options(*items: bytes) -> bytes:
    """Options with the option that ends them, or nothing when there are none."""
    return b"".join(items) + bytes(4) if items else b""


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    """Any block."""
    total = len(padded(body)) + 12
    return struct.pack(f"{order}II", kind, total) + padded(body) + struct.pack(f"{order}I", total)


def shb(*items: bytes, order: str = "<", version: tuple[int, int] = (1, 0), length: int = -1) -> bytes:
    """Section header block."""
    body = struct.pack(f"{order}IHHq", 0x1A2B3C4D, *version, length) + options(*items)
    return block(0x0A0D0D0A, body, order)


def idb(*items: bytes, link_type: int = 1, snaplen: int = 0, order: str = "<") -> bytes:
    """Interface description block."""
    return block(1, struct.pack(f"{order}HHI", link_type, 0, snaplen) + options(*items), order)


def epb(
    data: bytes, *items: bytes, interface: int = 0, ticks: int = 0, length: int | None = None, order: str = "<"
) -> bytes:
    """Enhanced packet block."""
    length = len(data) if length is None else length
    head = struct.pack(f"{order}IIIII", interface, ticks >> 32, ticks & 0xFFFFFFFF, len(data), length)
    return block(6, head + padded(data) + options(*items), order)


def spb(data: bytes, length: int | None = None, order: str = "<") -> bytes:
    """Simple packet block."""
    return block(3, struct.pack(f"{order}I", len(data) if length is None else length) + data, order)


def obsolete(
    data: bytes, *items: bytes, interface: int = 0, drops: int = 0xFFFF, ticks: int = 0, order: str = "<"
) -> bytes:
    """The obsolete packet block."""
    head = struct.pack(f"{order}HHIIII", interface, drops, ticks >> 32, ticks & 0xFFFFFFFF, len(data), len(data))
    return block(2, head + padded(data) + options(*items), order)


def isb(*items: bytes, interface: int = 0, ticks: int = 0, order: str = "<") -> bytes:
    """Interface statistics block."""
    return block(5, struct.pack(f"{order}III", interface, ticks >> 32, ticks & 0xFFFFFFFF) + options(*items), order)


def name_resolution(*records: tuple[int, bytes], order: str = "<") -> bytes:
    """Name resolution block from (record type, value) pairs."""
    body = b"".join(option(kind, value, order) for kind, value in records) + bytes(4)
    return block(4, body, order)


def secrets(data: bytes, kind: int = 0x544C534B, order: str = "<") -> bytes:
    """Decryption secrets block; the usual kind is a TLS key log."""
    return block(10, struct.pack(f"{order}II", kind, len(data)) + data, order)


def custom(data: bytes, enterprise: int = 32473, order: str = "<", copy: bool = True) -> bytes:
    """Custom block; the usual enterprise number is the one for examples (RFC 5612)."""
    return block(0x0BAD if copy else 0x40000BAD, struct.pack(f"{order}I", enterprise) + data, order)
