"""Packets of every kind that the scan reads, whole and cut, right and wrong; and how tshark names their layers."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from tests import packets as p

__all__ = ["CASES", "Case"]

_TCP = struct.pack(">HHIIBBHHH", 40000, 9999, 1000, 2000, 0x70, 0x18, 512, 0, 0) + bytes.fromhex("020405b401010101")
_TCP += b"hello"
_IP4 = p.ipv4_raw(_TCP)
_IP6 = p.ipv6(_TCP)
_ARP = bytes.fromhex("0001080006040001 020000000001 0a000001 000000000000 0a000002")
_LLC = p.snap(_IP4)
_PADDING = bytes(6)


@dataclass(frozen=True, slots=True)
class Case:
    """A packet.

    Args:
        name: What it shows.
        link: LINKTYPE number.
        packet: Its captured bytes.
        length: Its length on the wire.
    """

    name: str
    link: int
    packet: bytes
    length: int


def _options(next_header: int, words: int = 0) -> bytes:
    """An IPv6 hop-by-hop or destination options header filled with padding."""
    return bytes([next_header, words, 1, 4 + 8 * words]) + bytes(4 + 8 * words)


def _ah(next_header: int, words: int = 4) -> bytes:
    return bytes([next_header, words]) + bytes(10 + 4 * (words - 1))


def _fragment(next_header: int, start: int = 0, more: int = 0) -> bytes:
    return bytes([next_header, 0]) + struct.pack(">HI", start | more, 7)


def _link_layers() -> Iterator[tuple[str, int, bytes]]:
    yield "ethernet", 1, p.ethernet(_IP4) + _PADDING
    yield "ethernet ipv6", 1, p.ethernet(_IP6, 0x86DD)
    yield "ethernet arp", 1, p.ethernet(_ARP, 0x0806)
    yield "ethernet rarp", 1, p.ethernet(_ARP, 0x8035)
    yield "ethernet unknown type", 1, p.ethernet(_IP4, 0x1234)
    yield "ethernet ipv6 under the type of ipv4", 1, p.ethernet(_IP6)
    yield "ethernet ipv4 under the type of ipv6", 1, p.ethernet(_IP4, 0x86DD)
    yield "802.3 snap", 1, p.ethernet(_LLC + _PADDING, len(_LLC))
    yield "802.3 length too long", 1, p.ethernet(_LLC, len(_LLC) + 9)
    yield "802.3 length too short", 1, p.ethernet(_LLC, 30)
    yield "802.3 snap of a bridge tunnel", 1, p.ethernet(bytes.fromhex("aaaa030000f80800") + _IP4, 8 + len(_IP4))
    yield (
        "802.3 snap of an unknown organization",
        1,
        p.ethernet(bytes.fromhex("aaaa031234560800") + _IP4, 8 + len(_IP4)),
    )
    yield "802.3 ip", 1, p.ethernet(bytes.fromhex("060603") + _IP4, 3 + len(_IP4))
    yield "802.3 numbered information", 1, p.ethernet(bytes.fromhex("aaaa0000") + _IP4, 4 + len(_IP4))
    yield "802.3 raw ipx", 1, p.ethernet(b"\xff\xff" + bytes(40), 42)
    for value in (0, 1501, 1535):
        yield f"neither length nor type {value}", 1, p.ethernet(_IP4, value)
    yield "vlan", 1, p.ethernet(p.vlan(_IP4), 0x8100)
    yield "vlan 802.3", 1, p.ethernet(p.vlan(_LLC, len(_LLC)), 0x8100)
    yield "service and customer vlan", 1, p.ethernet(p.vlan(p.vlan(_IP4), 0x8100), 0x88A8)
    yield "service vlan alone", 1, p.ethernet(p.vlan(_IP6, 0x86DD), 0x88A8)
    yield "old service vlan", 1, p.ethernet(p.vlan(p.vlan(_IP4), 0x8100), 0x9100)
    yield "three vlans", 1, p.ethernet(p.vlan(p.vlan(p.vlan(_IP4), 0x8100), 0x8100), 0x8100)
    yield "mpls", 1, p.ethernet(p.mpls(_IP4, 100), 0x8847)
    yield "mpls of three, ipv6", 1, p.ethernet(p.mpls(_IP6, 100, 101, 2), 0x8848)
    yield "mpls associated channel", 1, p.ethernet(p.mpls(bytes.fromhex("10000021") + _IP4, 100), 0x8847)
    yield "mpls unknown channel", 1, p.ethernet(p.mpls(bytes.fromhex("10007fff") + _IP4, 100), 0x8847)
    yield "mpls unknown nibble", 1, p.ethernet(p.mpls(b"\x25" + _IP4[1:], 100), 0x8847)
    yield "mpls maintenance", 1, p.ethernet(p.mpls(_IP4, 14), 0x8847)
    yield "mpls without bottom", 1, p.ethernet(p.mpls(b"", 100, 101)[:4], 0x8847)
    frame = bytes.fromhex("00005e000101 00000c010203 0800") + _IP4
    yield "pseudowire", 1, p.ethernet(p.mpls(frame, 100), 0x8847)
    yield "pseudowire with control word", 1, p.ethernet(p.mpls(bytes.fromhex("00001234") + frame, 100), 0x8847)
    yield "pseudowire of unknown vendors", 1, p.ethernet(p.mpls(bytes(4) + p.ethernet(_IP4), 100), 0x8847)
    yield "pppoe", 1, p.ethernet(p.pppoe(b"\0\x21" + _IP4), 0x8864)
    yield "pppoe ipv6, padded", 1, p.ethernet(p.pppoe(b"\0\x57" + _IP6) + _PADDING, 0x8864)
    yield "pppoe lcp", 1, p.ethernet(p.pppoe(bytes.fromhex("c02101010004")), 0x8864)
    yield "pppoe compressed protocol", 1, p.ethernet(p.pppoe(b"\x21" + _IP4), 0x8864)
    yield "pppoe short length", 1, p.ethernet(p.pppoe(b"\0\x21" + _IP4, 10), 0x8864)
    yield "pppoe long length", 1, p.ethernet(p.pppoe(b"\0\x21" + _IP4, 100), 0x8864)
    yield "pppoe with framing", 1, p.ethernet(p.pppoe(bytes.fromhex("ff030021") + _IP4), 0x8864)
    yield "pppoe mpls", 1, p.ethernet(p.pppoe(bytes.fromhex("0281") + p.mpls(_IP4, 100)), 0x8864)
    yield "pppoe discovery", 1, p.ethernet(p.pppoe(bytes(8), code=9), 0x8863)
    yield "pppoe session capture", 51, p.pppoe(b"\0\x21" + _IP4)
    for link in (9, 50):
        yield "ppp", link, bytes.fromhex("ff030021") + _IP4
        yield "ppp without framing", link, bytes.fromhex("0057") + _IP6
        yield "ppp compressed", link, b"\x21" + _IP4
        yield "ppp lcp", link, bytes.fromhex("ff03c02101010004")
        yield "ppp mpls", link, bytes.fromhex("ff030281") + p.mpls(_IP4, 100)
        yield "ppp with cisco framing", link, bytes.fromhex("0f000800") + _IP4
    yield "chdlc", 104, bytes.fromhex("0f000800") + _IP4
    yield "chdlc multicast", 104, bytes.fromhex("8f0086dd") + _IP6
    yield "chdlc mpls", 104, bytes.fromhex("0f008847") + p.mpls(_IP4, 100)
    yield "chdlc slarp", 104, bytes.fromhex("8f008035") + bytes(14)
    yield "chdlc unknown", 104, bytes.fromhex("0f001234") + _IP4
    for link, cooked in ((113, p.sll), (276, p.sll2)):
        yield "cooked", link, cooked(_IP4)
        yield "cooked ipv6", link, cooked(_IP6, 0x86DD)
        yield "cooked vlan", link, cooked(p.vlan(_IP4), 0x8100)
        yield "cooked arp", link, cooked(_ARP, 0x0806)
        yield "cooked llc", link, cooked(_LLC, 4)
        yield "cooked raw ipx", link, cooked(_IP4, 1)
        yield "cooked length", link, cooked(_IP4, 1500)
        yield "cooked loopback", link, cooked(_IP4, 0x0800, 772)
        yield "cooked tunnel", link, cooked(_IP4, 0x0800, 768)
    yield "cooked netlink", 113, p.sll(bytes(20), 0, 824)
    for family, packet in ((2, _IP4), (24, _IP6), (28, _IP6), (30, _IP6), (10, _IP6), (99, _IP4), (0x0800, _IP4)):
        yield f"null, little-endian {family}", 0, struct.pack("<I", family) + packet
        yield f"null, big-endian {family}", 0, struct.pack(">I", family) + packet
    for family, packet in ((2, _IP4), (24, _IP6), (28, _IP6), (30, _IP6), (10, _IP6), (0x02000000, _IP4)):
        yield f"loop {family}", 108, struct.pack(">I", family) + packet
    yield "null with ppp framing", 0, bytes.fromhex("ff030021") + _IP4
    for link in (12, 14, 101):
        yield "raw ipv4", link, _IP4
        yield "raw ipv6", link, _IP6
        yield "raw with ppp framing", link, bytes.fromhex("ff030021") + _IP4
        yield "raw unknown version", link, b"\x55" + _IP4[1:]
    yield "ipv4", 228, _IP4
    yield "ipv4 of version 5", 228, b"\x55" + _IP4[1:]
    yield "ipv6", 229, _IP6
    yield "ipv6 of version 4", 229, _IP4


def _wireless() -> Iterator[tuple[str, int, bytes]]:
    yield "802.11 to distribution", 105, p.ieee80211(_LLC)
    yield "802.11 from distribution, ipv6", 105, p.ieee80211(p.snap(_IP6, 0x86DD), flags=2)
    yield "802.11 ad hoc", 105, p.ieee80211(_LLC, flags=0)
    yield "802.11 four addresses", 105, p.ieee80211(_LLC, flags=3, extra=bytes(6))
    yield "802.11 qos", 105, p.ieee80211(_LLC, 0x88, extra=bytes(2))
    yield "802.11 qos, four addresses", 105, p.ieee80211(_LLC, 0x88, 3, bytes(8))
    yield "802.11 qos, ht control", 105, p.ieee80211(_LLC, 0x88, 0x81, bytes(6))
    yield "802.11 ordered", 105, p.ieee80211(_LLC, 0x08, 0x81)
    yield "802.11 vlan", 105, p.ieee80211(p.snap(p.vlan(_IP4), 0x8100))
    yield "802.11 no data", 105, p.ieee80211(b"", 0x48)
    yield "802.11 qos no data", 105, p.ieee80211(b"", 0xC8, extra=bytes(2))
    yield "802.11 encrypted", 105, p.ieee80211(bytes.fromhex("0000002000000000") + _LLC, flags=0x41)
    yield "802.11 acknowledgement and data", 105, p.ieee80211(_LLC, 0x18)
    yield "802.11 beacon", 105, p.ieee80211(bytes(12), 0x80, 0)
    yield "802.11 acknowledgement", 105, bytes.fromhex("d4000000 020000000001")
    yield "802.11 request to send", 105, bytes.fromhex("b4000000 020000000001 020000000002")
    yield "802.11 raw ipx", 105, p.ieee80211(b"\xff\xff" + bytes(40))
    yield "802.11 aggregate", 105, p.ieee80211(bytes(12) + struct.pack(">H", len(_LLC)) + _LLC, 0x88, 1, b"\x80\0")
    yield "802.11 first fragment", 105, p.ieee80211(_LLC, flags=5, sequence=0x50)
    yield "radiotap", 127, p.radiotap(p.ieee80211(_LLC))
    yield "radiotap with flags", 127, p.radiotap(p.ieee80211(_LLC), 0)
    yield (
        "radiotap with check sequence",
        127,
        p.radiotap(p.ieee80211(p.snap(p.ipv4_raw(_TCP, total=0))) + b"FCS!", 0x10),
    )
    yield "radiotap with padded header", 127, p.radiotap(p.ieee80211(_LLC, 0x88, extra=bytes(4)), 0x20)
    stamped = struct.pack("<BBHII", 0, 0, 25, 0x80000003, 0) + bytes(4) + bytes(8) + b"\x10"
    yield "radiotap with time and more words", 127, stamped + p.ieee80211(p.snap(p.ipv4_raw(_TCP, total=0))) + b"FCS!"
    yield "radiotap shorter than itself", 127, struct.pack("<BBHI", 0, 0, 4, 0) + p.ieee80211(_LLC)
    yield "radiotap longer than the packet", 127, struct.pack("<BBHI", 0, 0, 200, 0) + p.ieee80211(_LLC)


def _network() -> Iterator[tuple[str, int, bytes]]:
    yield "ipv4 options", 1, p.ethernet(p.ipv4_raw(_TCP, options=bytes.fromhex("94040000")))
    for words in (0, 4, 15):
        yield f"ipv4 header of {words} words", 1, p.ethernet(p.ipv4_raw(_TCP, header_words=words))
    for total in (0, 10, 19, 20, 21, 24, 30, 39, 40, 48, 50, 200, 65535):
        yield f"ipv4 total length {total}", 1, p.ethernet(p.ipv4_raw(_TCP, total=total) + _PADDING)
    for protocol in (50, 59, 254):
        yield f"ipv4 protocol {protocol}", 1, p.ethernet(p.ipv4_raw(bytes(40), protocol))
    yield "ipv4 in ipv4", 1, p.ethernet(p.ipv4_raw(_IP4, 4))
    yield "ipv6 in ipv4", 1, p.ethernet(p.ipv4_raw(_IP6, 41))
    yield "ipv4 said to be ipv6", 1, p.ethernet(p.ipv4_raw(_IP4, 41))
    yield "ipv4 in ipv6", 1, p.ethernet(p.ipv6(_IP4, 4), 0x86DD)
    yield "ipv6 in ipv6", 1, p.ethernet(p.ipv6(_IP6, 41), 0x86DD)
    yield "mpls in ipv4", 1, p.ethernet(p.ipv4_raw(p.mpls(_IP4, 100), 137))
    yield "mpls in ipv6", 1, p.ethernet(p.ipv6(p.mpls(_IP4, 100), 137), 0x86DD)
    yield "ethernet in ipv4", 1, p.ethernet(p.ipv4_raw(p.ethernet(_IP4), 143))
    yield "extension header in ipv4", 1, p.ethernet(p.ipv4_raw(_options(6) + _TCP, 60))
    yield "ah in ipv4", 1, p.ethernet(p.ipv4_raw(_ah(6) + _TCP, 51))
    for length in (0, 10, 28, 40, 200):
        yield f"ipv6 payload length {length}", 1, p.ethernet(p.ipv6(_TCP, 6, length) + _PADDING, 0x86DD)
    routing = bytes([60, 2, 0, 1]) + bytes(20)
    chain = _options(43, 1) + routing + _options(44) + _fragment(51) + _ah(6) + _TCP
    yield "ipv6 chain of extension headers", 1, p.ethernet(p.ipv6(chain, 0), 0x86DD)
    yield "ipv6 options longer than the packet", 1, p.ethernet(p.ipv6(bytes([6, 9]) + bytes(20), 0), 0x86DD)
    for words in (0, 1, 3):
        yield f"ah of {words} words", 1, p.ethernet(p.ipv6(_ah(6, words) + _TCP, 51), 0x86DD)
    yield "ah longer than the packet", 1, p.ethernet(p.ipv6(bytes([6, 250]) + bytes(30), 51), 0x86DD)
    for number in (50, 59, 254):
        yield f"ipv6 next header {number}", 1, p.ethernet(p.ipv6(bytes(40), number), 0x86DD)
    yield "ipv6 no next header, empty", 1, p.ethernet(p.ipv6(b"", 59), 0x86DD)
    for offset in (0, 1, 4, 5, 6, 7, 8, 15):
        segment = _TCP[:12] + bytes([offset << 4]) + _TCP[13:]
        yield f"tcp data offset {offset}", 1, p.ethernet(p.ipv4_raw(segment))
    for length in (0, 1, 7, 8, 9, 13, 14, 50):
        yield f"udp length {length}", 1, p.ethernet(p.ipv4_raw(p.udp(b"hello", length=length), 17))
        yield f"udp length {length} in ipv6", 1, p.ethernet(p.ipv6(p.udp(b"hello", length=length), 17), 0x86DD)


def _icmp() -> Iterator[tuple[str, int, bytes]]:
    for kind in (0, 3, 4, 5, 8, 11, 12, 13):
        yield f"icmp {kind}", 1, p.ethernet(p.ipv4_raw(p.icmp(kind, _IP4), 1))
    for size in (0, 1, 19, 20, 24, 28, 36, 38, 40):
        yield f"icmp quotes {size} bytes", 1, p.ethernet(p.ipv4_raw(p.icmp(3, _IP4[:size]), 1))
    for kind in (0, 1, 2, 3, 4, 5, 128, 129):
        yield f"icmpv6 {kind}", 1, p.ethernet(p.ipv6(p.icmp(kind, _IP6), 58), 0x86DD)
    for size in (1, 39, 40, 44, 48, 56, 58, 60):
        yield f"icmpv6 quotes {size} bytes", 1, p.ethernet(p.ipv6(p.icmp(1, _IP6[:size]), 58), 0x86DD)
    quoted = {
        "udp": p.ipv4_raw(p.udp(b"hello"), 17),
        "8 bytes of udp": p.ipv4_raw(p.udp(b"hello"), 17)[:28],
        "icmp": p.ipv4_raw(p.icmp(8, b"abcd"), 1),
        "icmp that quotes": p.ipv4_raw(p.icmp(3, _IP4), 1),
        "a short datagram": p.ipv4_raw(_TCP[:8]),
        "total length 36": p.ipv4_raw(_TCP[:16]),
        "a later fragment": p.ipv4_raw(_TCP, fragment=0x10),
        "a first fragment": p.ipv4_raw(_TCP, fragment=0x2000),
        "a cut first fragment": p.ipv4_raw(_TCP, fragment=0x2000)[:40],
        "options": p.ipv4_raw(_TCP, options=bytes.fromhex("94040000"))[:32],
        "vxlan": p.ipv4_raw(p.udp(p.vxlan(p.ethernet(_IP4)), (50000, 4789)), 17),
        "gre": p.ipv4_raw(p.gre(_IP4), 47),
        "ipv6": _IP6,
        "nonsense": b"\x15" * 40,
        "a header too long": p.ipv4_raw(_TCP[:12] + b"\xf0" + _TCP[13:]),
    }
    for name, datagram in quoted.items():
        yield f"icmp quotes {name}", 1, p.ethernet(p.ipv4_raw(p.icmp(3, datagram), 1))
    quoted6 = {
        "hop-by-hop options": p.ipv6(_options(6) + _TCP, 0),
        "a later fragment": p.ipv6(_fragment(6, 24) + _TCP, 44),
        "a first fragment": p.ipv6(_fragment(6, 0, 1) + _TCP, 44),
        "ipv4": _IP4,
    }
    for name, datagram in quoted6.items():
        yield f"icmpv6 quotes {name}", 1, p.ethernet(p.ipv6(p.icmp(1, datagram), 58), 0x86DD)
    option = bytes([4, 10, 0, 0, 0, 0, 0, 0]) + (_IP6 + bytes(80))[:72]
    yield "icmpv6 redirect", 1, p.ethernet(p.ipv6(p.icmp(137, bytes(32) + option), 58), 0x86DD)
    yield "icmp in ipv6", 1, p.ethernet(p.ipv6(p.icmp(8, b"abcd"), 1), 0x86DD)
    yield "icmpv6 in ipv4", 1, p.ethernet(p.ipv4_raw(p.icmp(128, b"abcd"), 58))


def _tunnels() -> Iterator[tuple[str, int, bytes]]:
    def in_gre(payload: bytes, protocol: int = 0x0800, flags: int = 0, optional: bytes = b"") -> bytes:
        return p.ethernet(p.ipv4_raw(p.gre(payload, protocol, flags, optional), 47))

    def in_udp(payload: bytes, port: int, source: int = 50000) -> bytes:
        return p.ethernet(p.ipv4_raw(p.udp(payload, (source, port)), 17))

    for flags, words in ((0x8000, 1), (0x2000, 1), (0x1000, 1), (0xB000, 3)):
        yield f"gre flags {flags:04x}", 1, in_gre(_IP4, 0x0800, flags, bytes(4 * words))
    yield "gre routing", 1, in_gre(_IP4, 0x0800, 0x4000, bytes(4) + bytes.fromhex("08000004") + b"abcd" + bytes(4))
    framed = bytes.fromhex("ff030021") + _IP4
    yield "gre version 1", 1, in_gre(framed, 0x880B, 0x3001, struct.pack(">HHI", len(framed), 1, 0))
    yield "gre version 1 acknowledging", 1, in_gre(framed, 0x880B, 0x3081, struct.pack(">HHII", len(framed), 1, 0, 0))
    yield "gre version 1, nothing in it", 1, in_gre(b"", 0x880B, 0x2081, bytes(8))
    yield "gre ppp without framing", 1, in_gre(bytes.fromhex("0021") + _IP4, 0x880B)
    yield "gre ethernet", 1, in_gre(p.ethernet(_IP4), 0x6558)
    yield "gre ipv6", 1, in_gre(_IP6, 0x86DD)
    yield "gre mpls", 1, in_gre(p.mpls(_IP4, 100), 0x8847)
    yield "gre arp", 1, in_gre(_ARP, 0x0806)
    yield "gre vlan", 1, in_gre(p.vlan(_IP4), 0x8100)
    yield "gre unknown", 1, in_gre(_IP4, 0x1234)
    yield "gre keepalive", 1, in_gre(b"", 0)
    yield "gre in ipv6", 1, p.ethernet(p.ipv6(p.gre(_IP4), 47), 0x86DD)
    yield "gre erspan", 1, in_gre(b"\x10" + bytes(7) + p.ethernet(_IP4), 0x88BE, 0x1000, bytes(4))
    yield "vxlan", 1, in_udp(p.vxlan(p.ethernet(_IP4)), 4789)
    yield "vxlan answered", 1, in_udp(p.vxlan(p.ethernet(p.vlan(_IP6, 0x86DD), 0x8100)), 50000, 4789)
    yield "vxlan empty", 1, in_udp(p.vxlan(b""), 4789)
    yield "dns to a client on the port of vxlan", 1, in_udp(p.vxlan(p.ethernet(_IP4)), 4789, 53)
    yield "geneve", 1, in_udp(p.geneve(p.ethernet(_IP4)), 6081)
    yield (
        "geneve options",
        1,
        in_udp(p.geneve(p.ethernet(_IP6, 0x86DD), options=bytes.fromhex("0102800100000000")), 6081),
    )
    yield "geneve ipv4", 1, in_udp(p.geneve(_IP4, 0x0800), 6081)
    yield "geneve unknown", 1, in_udp(p.geneve(_IP4, 0x1234), 6081)
    yield "geneve options longer than the packet", 1, in_udp(b"\x3f" + p.geneve(b"")[1:], 6081)
    yield "gtp", 1, in_udp(p.gtpu(_IP4), 2152, 2152)
    yield "gtp ipv6, one port", 1, in_udp(p.gtpu(_IP6), 2152)
    yield "gtp sequence", 1, in_udp(p.gtpu(_IP4, 0x32, optional=bytes.fromhex("00010000")), 2152)
    yield "gtp extension", 1, in_udp(p.gtpu(_IP4, 0x34, optional=bytes.fromhex("0000008501100900")), 2152)
    yield "gtp two extensions", 1, in_udp(p.gtpu(_IP4, 0x36, optional=bytes.fromhex("000100850110098501000100")), 2152)
    yield "gtp empty extension", 1, in_udp(p.gtpu(_IP4, 0x34, optional=bytes.fromhex("0000008500100900")), 2152)
    yield "gtp echo", 1, in_udp(p.gtpu(b"", 0x32, 1, bytes.fromhex("00010000")), 2152)
    yield "gtp end marker", 1, in_udp(p.gtpu(b"", 0x30, 254), 2152)
    yield "gtp ethernet", 1, in_udp(p.gtpu(p.ethernet(_IP4)), 2152)
    yield "gtp unknown payload", 1, in_udp(p.gtpu(b"\x99" * 30), 2152)
    yield "gtp length too short", 1, in_udp(p.gtpu(_IP4, length=10), 2152)
    yield "gtp length too long", 1, in_udp(p.gtpu(_IP4, length=1000), 2152)
    deep = _IP4
    for _ in range(30):
        deep = p.ipv4_raw(deep, 4)
    yield "thirty tunnels", 1, p.ethernet(deep)


def _whole() -> Iterator[tuple[str, int, bytes]]:
    yield from _link_layers()
    yield from _wireless()
    yield from _network()
    yield from _icmp()
    yield from _tunnels()


_CUT = (
    "ethernet",
    "802.3 snap",
    "service and customer vlan",
    "mpls of three, ipv6",
    "pppoe",
    "ppp",
    "chdlc",
    "cooked",
    "null, little-endian 30",
    "802.11 qos, four addresses",
    "ipv6 chain of extension headers",
    "ipv4 options",
    "udp length 13",
    "icmp 3",
    "icmpv6 1",
    "gre flags b000",
    "vxlan",
    "geneve options",
    "gtp extension",
)
"""These are also cut to every length, once by the capture and once on the wire."""


def _cases() -> Iterator[Case]:
    for name, link, packet in _whole():
        yield Case(name, link, packet, len(packet))
        if name in _CUT:
            for size in range(1, len(packet)):
                yield Case(f"{name}, captured to {size}", link, packet[:size], len(packet))
                yield Case(f"{name}, ends at {size}", link, packet[:size], size)


CASES = tuple(_cases())
