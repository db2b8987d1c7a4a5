"""Joining of IP fragments: by hand, and in captures against what tshark joins."""

from __future__ import annotations

import struct
from pathlib import Path

import inspector
from inspector.model.tables import ASSEMBLED, SEGMENT_FRAGMENT
from inspector.proto import LayerKind
from inspector.recording.fragments import Fragments
from tests.packets import ethernet, icmp, ipv4_raw, ipv6, pcap, udp, vlan
from tests.tshark import require_tshark, tshark_rows

_BODY = b"abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH"
_SEGMENT = struct.pack(">HHIIBBHHH", 40000, 9999, 1000, 2000, 0x50, 0x18, 512, 0, 0) + _BODY


def _piece(data: bytes, start: int, more: bool, identification: int = 7, protocol: int = 6) -> bytes:
    flags = (0x2000 if more else 0) | start // 8
    return ethernet(ipv4_raw(data, protocol, identification=identification, fragment=flags))


def _three(identification: int = 7) -> list[bytes]:
    cuts = ((0, 24), (24, 40), (40, 64))
    return [_piece(_SEGMENT[a:b], a, b < 64, identification) for a, b in cuts]


def test_any_order_makes_the_datagram_whole() -> None:
    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
        fragments = Fragments()
        pieces = [(0, True, b"aaaaaaaa"), (8, True, b"bbbbbbbb"), (16, False, b"cc")]
        results = [fragments.add("key", *pieces[index]) for index in order]
        assert results == [None, None, b"aaaaaaaabbbbbbbbcc"]


def test_keys_do_not_mix() -> None:
    fragments = Fragments()
    assert fragments.add("one", 0, True, b"aaaaaaaa") is None
    assert fragments.add("two", 8, False, b"b") is None
    assert fragments.add("one", 8, False, b"c") == b"aaaaaaaac"


def test_a_finished_datagram_is_forgotten() -> None:
    fragments = Fragments()
    for _ in range(2):
        assert fragments.add("key", 0, True, b"aaaaaaaa") is None
        assert fragments.add("key", 8, False, b"b") == b"aaaaaaaab"


def test_a_datagram_longer_than_any_is_never_made() -> None:
    fragments = Fragments()
    assert fragments.add("key", 65528, False, b"12345678") is None
    assert fragments.add("key", 0, True, bytes(65528)) is None
    assert fragments.add("key", 65528, False, b"1234567") == bytes(65528) + b"1234567"


def test_a_flood_of_first_fragments_holds_a_bounded_number() -> None:
    fragments = Fragments()
    for key in range(10_000):
        fragments.add(key, 0, True, bytes(1480))
    assert fragments.add(0, 1480, False, b"x") is None
    assert fragments.add(9_999, 1480, False, b"x") == bytes(1480) + b"x"


def test_a_flood_of_short_fragments_holds_a_bounded_number() -> None:
    fragments = Fragments()
    fragments.add("first", 0, True, b"aaaaaaaa")
    for _ in range(600_000):
        fragments.add("key", 8, True, b"b")
    assert fragments.add("first", 8, False, b"b") is None


_CASES = {
    "in order": _three(),
    "backwards": _three()[::-1],
    "first one twice": [_three()[0], *_three()],
    "last one again": [*_three(), _three()[2]],
    "all again": _three() * 2,
    "one missing": _three()[::2],
    "interleaved": [packet for pair in zip(_three(7), _three(8), strict=True) for packet in pair],
    "first copy kept": [_three()[0], _piece(b"#" * 16, 24, True), *_three()[1:]],
    "later start gives way": [_piece(_SEGMENT[:32], 0, True), _piece(b"#" * 24, 24, True), _three()[2]],
    "covered by an earlier start": [
        _three()[0],
        _piece(b"#" * 8, 32, True),
        _piece(_SEGMENT[24:40], 24, True),
        _three()[2],
    ],
    "overlaps past the end": [_three()[0], _three()[2], _piece(b"#" * 80, 24, True)],
    "two ends": [_three()[0], _three()[2], _piece(b"#" * 8, 160, False), _three()[1]],
    "a nearer end later": [_three()[0], _piece(b"#" * 8, 32, False), _three()[2], _three()[1]],
    "another protocol": [_three()[0], _piece(b"#" * 16, 24, True, protocol=17), *_three()[1:]],
    "another vlan": [_three()[0], ethernet(vlan(_three()[1][14:]), 0x8100), _three()[2]],
    "an empty piece": [_three()[0], _piece(b"", 24, True), *_three()[1:]],
    "not a multiple of eight": [_piece(_SEGMENT[:20], 0, True), _piece(_SEGMENT[24:], 24, False)],
    "beyond the longest datagram": [_piece(bytes(1000), 64800, True), _piece(bytes(1400), 65440, False)],
    "padded frames": [packet + bytes(3) for packet in _three()],
}


def _v6_piece(data: bytes, start: int, more: int, next_header: int = 6) -> bytes:
    return ethernet(ipv6(struct.pack(">BBHI", next_header, 0, start | more, 9) + data, 44), 0x86DD)


_CASES["ipv6"] = [_v6_piece(_SEGMENT[:24], 0, 1), _v6_piece(_SEGMENT[24:], 24, 0)]
_CASES["ipv6, the last piece names another protocol"] = [
    _v6_piece(_SEGMENT[:24], 0, 1),
    _v6_piece(_SEGMENT[24:], 24, 0, 17),
]


def _from_another_host(packet: bytes, host: int) -> bytes:
    """The packet with another source address, so that cases of one file do not meet."""
    packet = packet.replace(bytes([10, 0, 0, 1]), bytes([10, 0, host, 1]), 1)
    return packet.replace(bytes.fromhex("20010db80000"), bytes.fromhex("20010db800") + bytes([host]), 1)


def test_datagrams_are_joined_as_tshark_joins_them(tmp_path: Path) -> None:
    require_tshark()
    path = tmp_path / "fragments.pcap"
    names = [name for name, packets in _CASES.items() for _ in packets]
    hosts = {name: host for host, name in enumerate(_CASES, 1)}
    packets = [_from_another_host(packet, hosts[name]) for name in _CASES for packet in _CASES[name]]
    path.write_bytes(pcap(packets))
    capture = inspector.open(path)
    found: list[list[str]] = [["", ""] for _ in packets]
    rows = capture.segments
    for packet, offset, length in zip(rows.packet.tolist(), rows.offset.tolist(), rows.captured.tolist(), strict=True):
        assert offset & ASSEMBLED
        found[packet] = [str(length), capture.bytes_at(packet, offset, length).hex()]
    expected = tshark_rows(path, ["tcp.len", "tcp.payload"])
    wrong = [name for name, ours, theirs in zip(names, found, expected, strict=True) if ours != theirs]
    assert wrong == []
    assert len(rows) > len(_CASES) // 2


def test_layers_of_a_joined_datagram(tmp_path: Path) -> None:
    path = tmp_path / "fragments.pcap"
    inner = ipv4_raw(udp(b"hello"), 17)
    path.write_bytes(pcap([_piece(inner[:24], 0, True, protocol=4), _piece(inner[24:], 24, False, protocol=4)]))

    capture = inspector.open(path)

    assert capture.layers.kind.tolist() == [
        LayerKind.ETHERNET,
        LayerKind.IPV4,
        LayerKind.FRAGMENT,
        LayerKind.ETHERNET,
        LayerKind.IPV4,
        LayerKind.IPV4,
        LayerKind.UDP,
    ]
    assert capture.layers.offset.tolist() == [0, 14, 34, 0, 14, ASSEMBLED, ASSEMBLED + 20]
    assert capture.layers.size.tolist() == [58, 44, 24, 43, 29, 33, 13]
    assert capture.assembled == inner


def test_a_first_fragment_cut_by_the_capture_is_read_and_marked(tmp_path: Path) -> None:
    path = tmp_path / "fragments.pcap"
    first = _piece(_SEGMENT, 0, True)
    path.write_bytes(pcap([(first[:60], len(first)), _piece(b"12345678", 64, False)]))

    capture = inspector.open(path)

    assert capture.segments.marks.tolist() == [SEGMENT_FRAGMENT]
    assert capture.assembled == b""


def test_quoted_fragments_are_not_joined(tmp_path: Path) -> None:
    path = tmp_path / "fragments.pcap"
    quoted = ipv4_raw(_SEGMENT[24:], fragment=3, identification=7)
    path.write_bytes(pcap([_three()[0], ethernet(ipv4_raw(icmp(11, quoted), 1))]))

    capture = inspector.open(path)

    assert capture.layers.kind.tolist()[-3:] == [LayerKind.ICMP, LayerKind.IPV4, LayerKind.FRAGMENT]
    assert len(capture.segments) == 0
