"""Small captures made byte by byte, each full of one kind of header in every state that tshark treats on its own."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Callable, Iterable
from ipaddress import ip_address

from tests.packets import ACK, FIN, PSH, RST, SYN, checksum

__all__ = ["CRAFTED"]

_Record = bytes | tuple[bytes, int]
"""A packet, and its length on the wire where that is more than was captured."""

_A, _B, _ROUTER = "10.0.0.1", "10.0.0.2", "10.0.0.9"
_A6, _B6, _ROUTER6 = "2001:db8::1", "2001:db8::2", "2001:db8::9"
_DATA = b"0123456789abcdef"
_URG, _ECE, _CWR, _AE = 0x20, 0x40, 0x80, 0x100


def _pcap(records: Iterable[_Record]) -> bytes:
    """A microsecond pcap file of Ethernet, one packet per second and a bit."""
    parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1)]
    for number, record in enumerate(records):
        packet, length = record if isinstance(record, tuple) else (record, len(record))
        parts.append(struct.pack("<IIII", 1_700_000_000 + number, number * 999 % 10**6, len(packet), length) + packet)
    return b"".join(parts)


def _cuts(packet: bytes) -> list[_Record]:
    """The packet as captured with every snapshot length."""
    return [(packet[:size], len(packet)) for size in range(1, len(packet) + 1)]


def _ethernet(payload: bytes, ethertype: int = 0x0800, destination: str = "020000000002") -> bytes:
    return bytes.fromhex(destination + "020000000001") + struct.pack(">H", ethertype) + payload


def _ipv4(
    payload: bytes,
    source: str = _A,
    destination: str = _B,
    protocol: int = 6,
    *,
    flags: int = 0x4000,
    identification: int = 1,
    total: int | None = None,
    first: int | None = None,
    options: bytes = b"",
) -> bytes:
    """An IPv4 datagram; ``first`` is the byte of version and header length."""
    head = struct.pack(
        ">BBHHHBBH",
        0x45 + len(options) // 4 if first is None else first,
        0xB9,
        20 + len(options) + len(payload) if total is None else total,
        identification,
        flags,
        64,
        protocol,
        0,
    )
    head += ip_address(source).packed + ip_address(destination).packed + options
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + payload


def _ipv6(
    payload: bytes, source: str = _A6, destination: str = _B6, following: int = 6, length: int | None = None
) -> bytes:
    size = len(payload) if length is None else length
    head = struct.pack(">IHBB", 6 << 28 | 0xB9 << 20 | 0xABCDE, size, following, 64)
    return head + ip_address(source).packed + ip_address(destination).packed + payload


def _segment(
    ports: tuple[int, int] = (40000, 80),
    flags: int = SYN,
    seq: int = 1000,
    ack: int = 0,
    data: bytes = b"",
    options: bytes = b"",
    offset: int | None = None,
) -> bytes:
    words = 5 + len(options) // 4 if offset is None else offset
    numbers = struct.pack(">HHII", *ports, seq % 2**32, ack % 2**32)
    return numbers + struct.pack(">HHHH", words << 12 | flags, 1000, 0xABCD, 5) + options + data


class _Talk:
    """Both directions of a TCP connection between A and B, told by A's port."""

    def __init__(self, port: int) -> None:
        self.port = port

    def a(self, flags: int, seq: int, ack: int = 0, **rest: bytes | int) -> bytes:
        """A segment from A to B."""
        return _ethernet(_ipv4(_segment((self.port, 80), flags, seq, ack, **rest)))  # type: ignore[arg-type]

    def b(self, flags: int, seq: int, ack: int = 0, **rest: bytes | int) -> bytes:
        """A segment from B to A."""
        return _ethernet(_ipv4(_segment((80, self.port), flags, seq, ack, **rest), _B, _A))  # type: ignore[arg-type]

    def quoted(self, flags: int, seq: int, ack: int = 0, *, cut: int | None = None, **rest: bytes) -> bytes:
        """An ICMP error about a segment from A, of which ``cut`` bytes of the datagram are quoted."""
        datagram = _ipv4(_segment((self.port, 80), flags, seq, ack, **rest))  # type: ignore[arg-type]
        return _ethernet(_ipv4(_icmp(3, 1, bytes(4), datagram[:cut]), _ROUTER, _A, 1))


def _udp(data: bytes, ports: tuple[int, int] = (5000, 6000), length: int | None = None, sum_: int = 0x1234) -> bytes:
    return struct.pack(">HHHH", *ports, 8 + len(data) if length is None else length, sum_) + data


def _icmp(kind: int, code: int, rest: bytes, data: bytes) -> bytes:
    body = struct.pack(">BBH", kind, code, 0) + rest + data
    return body[:2] + struct.pack(">H", checksum(body)) + body[4:]


def _icmpv6(kind: int, rest: bytes, data: bytes) -> bytes:
    return struct.pack(">BBH", kind, 0, 0x1234) + rest + data


def _option(text: str) -> bytes:
    data = bytes.fromhex(text)
    return data + bytes(-len(data) % 4)


def _scale(shift: int) -> bytes:
    return bytes([1, 3, 3, shift])


_FULL_SEGMENT = _segment(data=_DATA, options=_option("020405b4 01030307 0402 080a 00000001 00000000 0101"))


def _cut_tcp() -> bytes:
    return _pcap(_cuts(_ethernet(_ipv4(_FULL_SEGMENT))))


def _cut_ipv6() -> bytes:
    hop_by_hop = bytes.fromhex("0600 0104 00000000")
    return _pcap(_cuts(_ethernet(_ipv6(hop_by_hop + _segment(data=_DATA), following=0), 0x86DD)))


def _cut_udp() -> bytes:
    return _pcap(_cuts(_ethernet(_ipv4(_udp(_DATA), protocol=17))))


def _cut_icmp() -> bytes:
    echo = _ethernet(_ipv4(_icmp(8, 0, b"\0\1\0\2", _DATA), protocol=1))
    error = _Talk(40000).quoted(PSH | ACK, 5, 9, data=_DATA)
    echo6 = _ethernet(_ipv6(_icmpv6(128, b"\0\1\0\2", _DATA), following=58), 0x86DD)
    return _pcap(_cuts(echo) + _cuts(error) + _cuts(echo6))


def _cut_vlan_and_arp() -> bytes:
    tagged = _ethernet(struct.pack(">HH", 0xB00A, 0x0800) + _ipv4(_segment(data=_DATA)), 0x8100)
    return _pcap(_cuts(tagged) + _cuts(_arp(1, "0.0.0.0", "10.0.0.2")))


def _arp(
    operation: int,
    sender: str,
    target: str,
    hardware: int = 1,
    sizes: tuple[int, int] = (6, 4),
    ethertype: int = 0x0800,
) -> bytes:
    head = struct.pack(">HHBBH", hardware, ethertype, *sizes, operation)
    addresses = bytes.fromhex("020000000001") + ip_address(sender).packed + bytes(6) + ip_address(target).packed
    return _ethernet(head + addresses + bytes(18), 0x0806, "ffffffffffff")


def _arps() -> bytes:
    return _pcap(
        [
            _arp(1, _A, _B),
            _arp(2, _B, _A),
            _arp(1, _A, _A),
            _arp(8, _A, _B),
            _arp(1, _A, _B, hardware=6),
            _arp(1, _A, _B, hardware=15),
            _arp(1, _A, _B, ethertype=0x86DD),
            _arp(1, _A, _B, sizes=(8, 4)),
            _arp(1, _A, _B, sizes=(6, 16)),
            _arp(1, _A, _B, sizes=(0, 4)),
            _arp(1, _A, _B, sizes=(6, 0)),
        ]
    )


def _ethernets() -> bytes:
    inner = _ipv4(_segment(data=_DATA))

    def tag(number: int, ethertype: int, payload: bytes) -> bytes:
        return struct.pack(">HH", number, ethertype) + payload

    return _pcap(
        [
            _ethernet(inner, destination="ffffffffffff"),
            _ethernet(bytes.fromhex("aaaa03 000000 0800") + inner, 64),
            _ethernet(bytes.fromhex("424203") + bytes(35), 38),
            _ethernet(_DATA * 3, 0x1234),
            _ethernet(_DATA * 3, 0x0600),
            _ethernet(_DATA * 3, 0x05FF),
            _ethernet(tag(0xF00A, 0x0800, inner), 0x8100),
            _ethernet(tag(1, 0x8100, tag(0x1002, 0x0800, inner)), 0x88A8),
            _ethernet(tag(1, 0x9100, tag(0x1002, 0x0800, inner)), 0x9100),
            _ethernet(tag(1, 0x88A8, tag(2, 0x0800, inner)), 0x88A8),
            _ethernet(tag(1, 0x86DD, _ipv6(_segment(data=_DATA))), 0x8100),
            _ethernet(tag(1, 38, bytes.fromhex("424203") + bytes(35)), 0x8100),
            _ethernet(tag(1, 0x8847, bytes.fromhex("00010140") + inner), 0x8100),
            _ethernet(bytes.fromhex("00010040 00020140") + inner, 0x8847),
            _ethernet(bytes.fromhex("11000001") + struct.pack(">HH", len(inner) + 2, 0x21) + inner, 0x8864),
        ]
    )


def _ipv4s() -> bytes:
    segment = _segment(data=_DATA)
    return _pcap(
        [
            _ethernet(_ipv4(segment, total=0)),
            _ethernet(_ipv4(segment, total=10)),
            _ethernet(_ipv4(segment, total=20)),
            _ethernet(_ipv4(segment, total=30)),
            _ethernet(_ipv4(segment, total=40)),
            _ethernet(_ipv4(segment, total=2000)),
            _ethernet(_ipv4(segment, first=0x44)),
            _ethernet(_ipv4(segment, first=0x4F)),
            _ethernet(_ipv4(segment, first=0x55)),
            _ethernet(_ipv4(segment, options=bytes.fromhex("94040000"))),
            _ethernet(_ipv4(segment, flags=0x8000)),
            _ethernet(_ipv4(_DATA, protocol=253)),
            _ethernet(_ipv4(b"")),
            _ethernet(_ipv4(segment) + b"trailer"),
            _ethernet(_ipv4(segment, _A, _A)),
            _ethernet(_ipv4(_ipv4(segment), protocol=4)),
            _ethernet(_ipv4(_ipv6(segment), protocol=41)),
        ]
    )


def _ipv6s() -> bytes:
    segment = _segment(data=_DATA)
    whole = struct.pack(">BBHI", 6, 0, 0, 7)
    pieces = [struct.pack(">BBHI", 17, 0, place, 8) for place in (1, 16)]
    options, destination = bytes.fromhex("3c00 0104 00000000"), bytes.fromhex("0600 0104 00000000")
    routing = bytes.fromhex("0602 0000 00000000") + ip_address("2001:db8::77").packed
    packets = [
        _ipv6(segment),
        _ipv6(segment, length=10),
        _ipv6(segment, length=1000),
        _ipv6(segment, length=20) + b"pad",
        _ipv6(whole + segment, following=44),
        _ipv6(pieces[0] + _udp(_DATA)[:16], following=44),
        _ipv6(pieces[1] + _udp(_DATA)[16:], following=44),
        _ipv6(options + destination + segment, following=0),
        _ipv6(routing + segment, following=43),
        _ipv6(b"", following=59),
        _ipv6(_DATA, following=253),
        _ipv6(segment, "::ffff:1.2.3.4", "::1.2.3.4"),
        _ipv6(segment, "fe80::211:22ff:fe33:4455", "ff02::1"),
        _ipv6(segment, "1:0:0:2:0:0:0:3", "0:0:1::"),
        _ipv6(_ipv4(segment), following=4),
    ]
    return _pcap(_ethernet(packet, 0x86DD) for packet in packets)


def _fragments() -> bytes:
    datagram, segment = _udp(b"A" * 100), _segment((41000, 80), PSH | ACK, 1, 1, b"B" * 100)

    def piece(data: bytes, first: int, end: int, identification: int, protocol: int = 17) -> bytes:
        flags = first // 8 | (0x2000 if end < len(data) else 0)
        return _ethernet(_ipv4(data[first:end], protocol=protocol, flags=flags, identification=identification))

    return _pcap(
        [
            piece(datagram, 0, 48, 5),
            piece(datagram, 48, 96, 5),
            piece(datagram, 96, 108, 5),
            piece(datagram, 96, 108, 6),
            piece(datagram, 48, 96, 6),
            piece(datagram, 0, 48, 6),
            piece(datagram, 0, 48, 7),
            piece(segment, 0, 48, 8, 6),
            piece(segment, 48, 120, 8, 6),
            piece(segment, 0, 48, 9, 6),
            piece(segment, 48, 120, 10, 6),
            piece(datagram, 0, 8, 13),
            piece(datagram, 8, 108, 13),
        ]
    )


def _icmps() -> bytes:
    first, second, third = _Talk(100), _Talk(101), _Talk(102)

    def error(kind: int, rest: bytes, quoted: bytes) -> bytes:
        return _ethernet(_ipv4(_icmp(kind, 0, rest, quoted), _ROUTER, _A, 1))

    segment = _ipv4(_segment((100, 80)))
    return _pcap(
        [
            *(_ethernet(_ipv4(_icmp(kind, 0, b"\0\1\0\2", _DATA), protocol=1)) for kind in (8, 0, 13, 17, 42, 43)),
            _ethernet(_ipv4(_icmp(10, 0, bytes(4), b""), protocol=1)),
            first.quoted(SYN, 50, cut=28),
            first.a(SYN, 50),
            first.a(ACK, 51, 1),
            first.quoted(ACK, 51, 1, data=_DATA),
            second.quoted(ACK, 70, 6, data=_DATA),
            second.a(ACK, 80, 7),
            second.b(ACK, 8, 90),
            third.quoted(SYN, 70),
            third.a(SYN, 80),
            third.quoted(SYN, 99),
            third.a(ACK, 81, 1),
            error(3, bytes(4), _ipv4(_udp(_DATA), protocol=17)),
            _ethernet(_ipv4(_udp(_DATA), protocol=17)),
            error(11, bytes(4), _ipv4(_udp(_DATA, (7, 6000)), protocol=17)[:28]),
            error(3, bytes(4), _ipv4(_icmp(8, 0, b"\0\1\0\2", _DATA), protocol=1)),
            error(5, ip_address("10.0.0.7").packed, segment[:28]),
            error(12, bytes.fromhex("14000000"), segment[:28]),
        ]
    )


def _icmpv6s() -> bytes:
    def packet(kind: int, rest: bytes, data: bytes) -> bytes:
        return _ethernet(_ipv6(_icmpv6(kind, rest, data), _ROUTER6, _A6, 58), 0x86DD)

    segment, datagram = _ipv6(_segment((200, 80), data=_DATA)), _ipv6(_udp(_DATA), following=17)
    return _pcap(
        [
            packet(128, b"\0\1\0\2", _DATA),
            packet(129, b"\0\1\0\2", _DATA),
            packet(1, bytes(4), segment),
            packet(2, struct.pack(">I", 1280), _ipv6(_segment((201, 80)))),
            packet(3, bytes(4), datagram),
            packet(4, struct.pack(">I", 6), datagram),
            _ethernet(segment, 0x86DD),
            packet(135, bytes(4), ip_address(_B6).packed),
        ]
    )


def _udps() -> bytes:
    bodies = [_udp(_DATA, length=length, sum_=value) for length, value in ((24, 0), (8, 1), (7, 1), (0, 1), (30, 1))]
    more = [_udp(_DATA, (1, 2)), _udp(b"", (1, 2)), _udp(_DATA, (1, 2)), _udp(_DATA, (0, 0))]
    packets = [_ethernet(_ipv4(body, protocol=17)) for body in bodies + more]
    packets.append(_ethernet(_ipv4(_udp(_DATA, (2, 1)), _B, _A, 17)))
    packets += [_ethernet(_ipv6(_udp(_DATA, sum_=value), following=17), 0x86DD) for value in (0, 1)]
    return _pcap(packets)


_OPTIONS = """
020405b4 | 020405b4010303 07 | 03030e | 03030f | 0303ff | 0402 | 0402080a0000000100000002
0101050a00000bb800000fa0 | 0101051200000bb800000fa00000138800001770
0101052200000bb800000fa0000013880000177000002000000021000000300000003100 | 0101050a0000000100000002
131200112233445566778899aabbccddeeff | 2202 | 220a0011223344556677 | 1c048005 | 1e0c00810011223344556677
00 | 00010203 | 01010101 | 0204 | 0205010203 | 0300 | 0301 | 03040707 | 080b0000000100000002 01
080900000001000000 | ff040102 | 4c0a01010000000000 00 | 0303070303020101
"""


def _tcp_options() -> bytes:
    packets = []
    for number, text in enumerate(_OPTIONS.replace("\n", "|").strip("|").split("|")):
        talk, options = _Talk(41000 + number), _option(text)
        packets += [
            talk.a(SYN, 1000, options=options),
            talk.b(SYN | ACK, 2000, 1001, options=options),
            talk.a(ACK, 1001, 2001, options=options),
            talk.b(ACK, 2001, 1001),
        ]
    return _pcap(packets)


def _tcp_states() -> bytes:
    one, two, three, four, five, six = (_Talk(port) for port in range(1, 7))
    return _pcap(
        [
            one.a(RST, 77, 88),
            one.a(RST, 77),
            one.b(RST | ACK, 0, 78),
            one.b(ACK, 5, 79),
            one.a(RST, 78, 99),
            two.a(ACK, 500, 600),
            two.b(ACK, 600, 500),
            two.b(SYN | ACK, 700, 500),
            two.a(ACK, 500, 701),
            two.b(SYN | ACK, 710, 500),
            two.a(SYN, 499),
            two.a(SYN, 600),
            three.a(SYN | FIN, 1, data=_DATA),
            three.a(0, 1),
            three.a(0xFFF, 1),
            three.a(_URG | ACK, 1, 1),
            four.a(SYN, 2**32 - 1),
            four.a(ACK, 0, data=_DATA),
            four.a(PSH | ACK, 2**32 - 16, data=_DATA * 2),
            five.a(ACK, 500, 900, offset=15, data=_DATA),
            five.a(ACK, 600, 1000),
            five.b(ACK, 1100, 601),
            five.a(ACK, 610, 1200, offset=3, data=_DATA),
            six.a(SYN, 500, offset=4, data=_DATA),
            six.a(SYN, 600),
            six.a(SYN, 700, offset=15),
            six.a(ACK, 701, 1),
        ]
    )


def _window_scales() -> bytes:
    """Every order of three SYNs or SYN-ACKs with and without the option, then a segment each way."""
    events = [
        (side, flags, option) for side, flags in (("a", SYN), ("b", SYN | ACK), ("b", SYN)) for option in (3, None)
    ]
    packets = []
    for number, order in enumerate(itertools.product(events, repeat=3)):
        talk = _Talk(100 + number)
        for side, flags, shift in order:
            options = b"" if shift is None else _scale(shift)
            ack = 0 if flags == SYN else 6
            packets.append(
                talk.a(flags, 5, ack, options=options) if side == "a" else talk.b(flags, 9, ack, options=options)
            )
        packets += [talk.a(ACK, 6, 10), talk.b(ACK, 10, 6)]
    return _pcap(packets)


def _accurate_ecn() -> bytes:
    """Every answer to every kind of ECN request, with and without the option of accurate ECN."""
    packets = []
    asks = (0, _ECE | _CWR, _AE | _ECE | _CWR)
    answers = (0, _ECE, _CWR, _AE, _AE | _CWR, _CWR | _ECE, _AE | _CWR | _ECE)
    for number, (ask, answer, option) in enumerate(itertools.product(asks, answers, ("", "ac02", "ae02"))):
        talk = _Talk(100 + number)
        packets += [
            talk.a(SYN | ask, 5, options=_option(option)),
            talk.b(SYN | ACK | answer, 9, 6),
            talk.a(ACK, 6, 10),
            talk.b(ACK | _AE | _ECE, 10, 6),
            talk.b(ACK, 10, 6, options=_option("ac08000001000002")),
            talk.a(ACK | _AE | _CWR, 6, 10),
        ]
    return _pcap(packets)


CRAFTED: dict[str, Callable[[], bytes]] = {
    "cut tcp": _cut_tcp,
    "cut ipv6": _cut_ipv6,
    "cut udp": _cut_udp,
    "cut icmp": _cut_icmp,
    "cut vlan and arp": _cut_vlan_and_arp,
    "arp": _arps,
    "ethernet": _ethernets,
    "ipv4": _ipv4s,
    "ipv6": _ipv6s,
    "fragments": _fragments,
    "icmp": _icmps,
    "icmpv6": _icmpv6s,
    "udp": _udps,
    "tcp options": _tcp_options,
    "tcp states": _tcp_states,
    "window scales": _window_scales,
    "accurate ecn": _accurate_ecn,
}
"""Captures by what they are full of."""
