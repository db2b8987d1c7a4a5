"""DNS messages out of bytes (RFC 1035; types of RFC 2782, 3596, 6891)."""

from __future__ import annotations

import ipaddress
import struct

from inspector.model.anomaly import Anomaly
from inspector.model.dns import DnsMessage, Question, Record
from inspector.refs import Ref

__all__ = ["parse_dns", "split_tcp"]

_HEADER = struct.Struct(">HHHHHH")
_LONGEST_NAME = 255
"""Bytes of a name on the wire (RFC 1035 section 2.3.4)."""
_MOST_POINTERS = 64
"""Compression pointers followed in one name; more than labels fit is a loop."""
_MOST_RECORDS = 4096
"""Records read of one section: more do not fit into 64 KiB (11 bytes each is the least, with a root name)."""
_OPT = 41


class _Unreadable(Exception):
    """The bytes end or loop; args are (code, position)."""


def parse_dns(data: bytes) -> DnsMessage | None:
    """Read a message.

    Args:
        data: From the first byte of the header; may be cut.

    Returns:
        The message with everything that could be read, or None when not even the header fits.
    """
    if len(data) < _HEADER.size:
        return None
    number, flags, *counts = _HEADER.unpack_from(data)
    questions: list[Question] = []
    sections: list[list[Record]] = [[], [], []]
    anomalies: list[Anomaly] = []
    at = _HEADER.size
    try:
        for _ in range(counts[0]):
            name, at = _name(data, at)
            questions.append(Question(name, *_numbers(data, at, ">HH")))
            at += 4
        for section, count in zip(sections, counts[1:], strict=True):
            for _ in range(min(count, _MOST_RECORDS)):
                record, at = _record(data, at)
                section.append(record)
        if at < len(data):
            anomalies.append(Anomaly("dns.trailing_bytes", at, len(data), Ref("RFC 1035", "4.1")))
    except _Unreadable as broken:
        code, where = broken.args
        anomalies.append(Anomaly(code, where, len(data), Ref("RFC 1035", "4.1")))
    extended = next((record.ttl >> 24 for record in sections[2] if record.type == _OPT), 0)
    return DnsMessage(
        id=number,
        opcode=flags >> 11 & 15,
        rcode=extended << 4 | flags & 15,
        response=bool(flags & 0x8000),
        authoritative=bool(flags & 0x0400),
        truncated=bool(flags & 0x0200),
        recursion_desired=bool(flags & 0x0100),
        recursion_available=bool(flags & 0x0080),
        questions=questions,
        answers=sections[0],
        authorities=sections[1],
        additionals=sections[2],
        anomalies=anomalies,
    )


def split_tcp(stream: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """Cut a TCP stream into messages by their two-byte length (RFC 1035 section 4.2.2).

    Returns:
        ([(position, message)], the bytes of a message that is not complete yet).
    """
    messages = []
    at = 0
    while at + 2 <= len(stream):
        size = int.from_bytes(stream[at : at + 2], "big")
        if at + 2 + size > len(stream):
            break
        messages.append((at, stream[at + 2 : at + 2 + size]))
        at += 2 + size
    return messages, stream[at:]


def _numbers(data: bytes, at: int, shape: str) -> tuple[int, ...]:
    try:
        return struct.unpack_from(shape, data, at)
    except struct.error:
        raise _Unreadable("dns.cut", at) from None


def _record(data: bytes, at: int) -> tuple[Record, int]:
    name, at = _name(data, at)
    kind, klass, ttl, size = _numbers(data, at, ">HHIH")
    at += 10
    if at + size > len(data):
        raise _Unreadable("dns.cut", at)
    return Record(name, kind, klass, ttl, _data(data, at, size, kind)), at + size


def _data(data: bytes, at: int, size: int, kind: int) -> str:
    """A record's data for people; in hex where its form is unknown or broken."""
    raw = data[at : at + size]
    try:
        if kind == 1 and size == 4:
            return str(ipaddress.IPv4Address(raw))
        if kind == 28 and size == 16:
            return str(ipaddress.IPv6Address(raw))
        if kind in (2, 5, 12):
            return _name(data, at)[0]
        if kind == 15 and size > 2:
            return f"{int.from_bytes(raw[:2], 'big')} {_name(data, at + 2)[0]}"
        if kind == 33 and size > 6:
            priority, weight, port = struct.unpack_from(">HHH", raw)
            return f"{priority} {weight} {port} {_name(data, at + 6)[0]}"
        if kind == 16:
            return " ".join(f'"{_escape(part)}"' for part in _strings(raw))
    except _Unreadable:
        pass
    return raw.hex()


def _strings(raw: bytes) -> list[bytes]:
    parts = []
    at = 0
    while at < len(raw):
        parts.append(raw[at + 1 : at + 1 + raw[at]])
        at += 1 + raw[at]
    return parts


def _name(data: bytes, at: int) -> tuple[str, int]:
    """The name at ``at`` and the position after it, following compression pointers (RFC 1035 section 4.1.4)."""
    labels: list[bytes] = []
    after = None
    size = 1
    pointers = 0
    while True:
        if at >= len(data):
            raise _Unreadable("dns.cut", at)
        length = data[at]
        if length & 0xC0 == 0xC0:
            (target,) = _numbers(data, at, ">H")
            after = at + 2 if after is None else after
            pointers += 1
            if pointers > _MOST_POINTERS:
                raise _Unreadable("dns.pointer_loop", at)
            at = target & 0x3FFF
        elif length & 0xC0:
            raise _Unreadable("dns.bad_label", at)
        elif not length:
            return ".".join(map(_escape, labels)), at + 1 if after is None else after
        else:
            size += length + 1
            if size > _LONGEST_NAME:
                raise _Unreadable("dns.name_too_long", at)
            if at + 1 + length > len(data):
                raise _Unreadable("dns.cut", at)
            labels.append(data[at + 1 : at + 1 + length])
            at += 1 + length


def _escape(label: bytes) -> str:
    """Printable characters as they are, anything else as in master files (RFC 1035 section 5.1).

    Beyond ASCII that is UTF-8, which multicast DNS has in its names (RFC 6762 section 16).
    """
    if not label.isascii():
        try:
            return "".join(map(_escape_character, label.decode()))
        except UnicodeDecodeError:
            pass
    return "".join(_escape_character(chr(b)) if b < 127 else f"\\{b:03d}" for b in label)


def _escape_character(character: str) -> str:
    if character not in ' ."\\' and character.isprintable():
        return character
    return "".join(f"\\{b:03d}" for b in character.encode())
