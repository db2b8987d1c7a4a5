"""pcapng files of every kind of block, against literal values and against tshark."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

import inspector
from inspector.errors import CaptureError
from inspector.model.damage import DamageKind
from inspector.recording.capture import Capture
from tests.blocks import (
    block,
    custom,
    epb,
    idb,
    isb,
    name_resolution,
    obsolete,
    option,
    options,
    padded,
    secrets,
    shb,
    spb,
)
from tests.packets import SYN, tcp_packet
from tests.recording.reading import agrees_with_tshark, rows_of

PACKET = tcp_packet("10.0.0.1", "10.0.0.2", (40000, 80), 1, 0, SYN)
START = shb() + idb()
ONE = epb(PACKET, ticks=1_000_001)


def opened(tmp_path: Path, content: bytes, *, tshark: bool = True) -> Capture:
    """The capture, after tshark was seen to read the same packets."""
    path = tmp_path / "capture"
    path.write_bytes(content)
    if tshark:
        agrees_with_tshark(path)
    return inspector.open(path)


@pytest.mark.parametrize("order", ["<", ">"])
def test_every_packet_block_in_both_byte_orders(tmp_path: Path, order: str) -> None:
    content = shb(order=order) + idb(order=order, snaplen=60) + idb(order=order, link_type=101)
    content += epb(PACKET, ticks=(1 << 32) + 7, length=99, order=order)
    content += obsolete(PACKET[14:], interface=1, ticks=5, order=order)
    content += spb(PACKET, order=order) + spb(PACKET + bytes(6), 200, order=order)

    capture = opened(tmp_path, content)

    assert rows_of(capture) == [
        (1, 99, 54, ((1 << 32) + 7) * 1000, 0),
        (2, 40, 40, 5000, 1),
        (3, 54, 54, None, 0),
        (4, 200, 60, None, 0),
    ]
    assert [capture.bytes_at(row, 0, 300) for row in range(4)] == [PACKET, PACKET[14:], PACKET, PACKET + bytes(6)]


def test_sections_of_either_byte_order_number_their_interfaces_anew(tmp_path: Path) -> None:
    second = shb(option(4, b"writer", ">"), order=">") + idb(order=">", link_type=101) + idb(order=">")
    content = START + ONE + second + epb(PACKET, interface=1, order=">") + epb(PACKET[14:], order=">")

    capture = opened(tmp_path, content)

    assert [row[4] for row in rows_of(capture)] == [0, 1, 0]
    assert [interface.section for interface in capture.interfaces] == [0, 1, 1]
    assert capture.packets.interface.tolist() == [0, 2, 1]
    assert [(s.big_endian, s.application) for s in capture.metadata.sections] == [(False, None), (True, "writer")]


@pytest.mark.parametrize(
    ("resolution", "ticks", "time_ns"),
    [
        (0, 3, 3_000_000_000),
        (3, 1_000_001, 1_000_001_000_000),
        (6, 2**63, None),
        (9, 1_000_001, 1_000_001),
        (10, 2**64 - 1, 2**64 // 10),
        (12, 1_700_000_000_000_000, 1_700_000_000_000),
        (12, 5_007_000_000_000, 5_007_000_000),
        (15, 1_000_001, 1),
        (28, 2**64 - 1, 1),
        (0x80, 7, 7_000_000_000),
        (0x81, 5, 2_500_000_000),
        (0x8A, 1_000_001, 976_563_476_562),
        (0x9E, 2**64 - 1, None),
        (0xA0, 2**64 - 1, 2**64 * 10**9 >> 32),
        (0xBF, 2**63 + 2**62, 1_500_000_000),
        (0xC0, 2**63, 500_000_000),
        (0xC5, 2**64 - 1, 31_249_999),
        (0xFF, 2**64 - 1, 0),
    ],
)
def test_time_resolutions(tmp_path: Path, resolution: int, ticks: int, time_ns: int | None) -> None:
    content = shb() + idb(option(9, bytes([resolution]))) + epb(PACKET, ticks=ticks)
    # tshark 4.0.17 multiplies fractions beyond 64 bits, so finer resolutions than 2**-34 and 10**-9 are wrong there.
    capture = opened(tmp_path, content, tshark=resolution in (0, 3, 9, 0x80, 0x81, 0x8A))

    exact = ticks * 10**9 // 2 ** (resolution & 0x7F) if resolution & 0x80 else ticks * 10**9 // 10**resolution
    if time_ns is None:
        # Beyond the year 2262: held there.
        assert exact > 2**63
        assert capture.packets.time_ns[0] // 10**9 == 9_223_372_035
    else:
        assert capture.packets.time_ns[0] == exact
        assert exact == pytest.approx(time_ns, abs=1)


@pytest.mark.parametrize("offset", [1000, -1000, 2**62, -(2**62)])
def test_time_offset(tmp_path: Path, offset: int) -> None:
    content = shb() + idb(option(14, struct.pack("<q", offset))) + epb(PACKET, ticks=3_000_000)

    capture = opened(tmp_path, content, tshark=abs(offset) < 2**60)

    seconds = int(capture.packets.time_ns[0]) // 10**9
    # Beyond 64 bits of nanoseconds (the years 1677 and 2262) times are held.
    assert seconds == 3 + offset if abs(offset) < 2**60 else abs(seconds) >= 9_223_372_032


def test_comments_on_packets_interfaces_and_sections(tmp_path: Path) -> None:
    content = shb(option(1, b"section")) + idb(option(1, b"interface"), option(2, b"eth0"), option(3, b"LAN"))
    content += ONE + epb(PACKET, option(2, bytes(4)), option(1, b"one"), option(1, "둘".encode())) + ONE

    capture = opened(tmp_path, content)

    assert dict(capture.comments) == {2: ("one", "둘")}
    assert 1 not in capture.comments
    assert capture.interfaces[0].comments == ("interface",)
    assert (capture.interfaces[0].name, capture.interfaces[0].description) == ("eth0", "LAN")
    assert capture.metadata.sections[0].comments == ("section",)


def test_secrets_names_statistics_and_filter(tmp_path: Path) -> None:
    content = shb() + idb(option(11, b"\0tcp port 80")) + secrets(b"CLIENT_RANDOM 00 11\n") + ONE
    content += name_resolution((1, bytes([10, 0, 0, 1]) + b"a.example\0b.example\0"), (2, bytes(15) + b"\1six\0"))
    content += isb(option(4, struct.pack("<Q", 12)), option(5, struct.pack("<Q", 3))) + isb(interface=9)

    capture = opened(tmp_path, content)

    assert [(secret.kind, secret.data) for secret in capture.metadata.secrets] == [
        (0x544C534B, b"CLIENT_RANDOM 00 11\n")
    ]
    assert "CLIENT_RANDOM" not in repr(capture.metadata.secrets)
    assert capture.metadata.names == {"10.0.0.1": ["a.example", "b.example"], "::1": ["six"]}
    assert (capture.metadata.statistics[0].received, capture.metadata.statistics[0].dropped) == (12, 3)
    assert capture.metadata.statistics[0].delivered is None
    assert list(capture.metadata.statistics) == [0]
    assert capture.interfaces[0].filter == "tcp port 80"


def test_custom_blocks_and_journal_entries_have_numbers_as_in_wireshark_but_are_no_packets(tmp_path: Path) -> None:
    content = START + custom(b"hello") + ONE + custom(b"", copy=False)
    content += block(9, b"__REALTIME_TIMESTAMP=1234567\nA=b\n") + block(9, b"MESSAGE=a journal entry without time\n")

    capture = opened(tmp_path, content)

    assert [row[0] for row in rows_of(capture)] == [1, 2, 3, 4, 5]
    assert capture.packet_count == 1
    assert capture.packets.layer_count.tolist() == [0, 3, 0, 0, 0]
    first, last = capture.metadata.custom_blocks
    assert (first.packet, first.enterprise, first.size, first.copy) == (0, 32473, 8, True)
    assert (last.packet, last.copy) == (2, False)
    assert capture.source.data[first.position : first.position + first.size] == b"hello\0\0\0"


def test_unknown_blocks_are_passed_over_and_counted(tmp_path: Path) -> None:
    content = START + block(0x77, b"hello") + ONE + block(0x80000077, b"") + ONE

    capture = opened(tmp_path, content)

    assert len(capture.packets) == 2
    assert capture.metadata.unknown_blocks == 2


def test_a_long_unknown_block_does_not_end_the_file(tmp_path: Path) -> None:
    capture = opened(tmp_path, START + block(0x77, bytes(40 << 20)) + ONE, tshark=False)

    assert len(capture.packets) == 1


def test_lengths_without_padding_are_rounded_up(tmp_path: Path) -> None:
    claimed = 32 + len(PACKET)
    body = struct.pack("<IIIII", 0, 0, 0, len(PACKET), len(PACKET)) + padded(PACKET)
    odd = struct.pack("<II", 6, claimed) + body + struct.pack("<I", claimed)

    assert len(opened(tmp_path, START + odd + ONE).packets) == 2


_BAD_TRAILER = ONE[:-4] + b"\1\0\0\0"
_CORRUPT = {
    "no interface": (epb(PACKET, interface=1), "no_interface"),
    "no interface for old block": (obsolete(PACKET, interface=3), "no_interface"),
    "zero length": (struct.pack("<III", 6, 0, 0), "block_length"),
    "length 8": (struct.pack("<III", 0x77, 8, 8), "block_length"),
    "length beyond 128 MiB": (struct.pack("<II", 0x77, 0x7FFFFFF0) + bytes(50), "block_length"),
    "trailer": (_BAD_TRAILER, "block_trailer"),
    "trailer of unknown block": (block(0x77, b"abcd")[:-4] + b"\1\0\0\0", "block_trailer"),
    "trailer of interface": (idb()[:-4] + b"\1\0\0\0", "block_trailer"),
    "captured beyond block": (block(6, struct.pack("<IIIII", 0, 0, 0, 500, 500) + PACKET), "record_length"),
    "captured beyond limit": (epb(bytes(262_145)), "record_length"),
    "short data": (spb(PACKET[:20], 54), "record_length"),
    "option beyond block": (
        block(6, struct.pack("<IIIII", 0, 0, 0, 4, 4) + b"data" + struct.pack("<HH", 1, 500) + b"abcd"),
        "option_length",
    ),
    "end of options with a length": (
        block(6, struct.pack("<IIIII", 0, 0, 0, 4, 4) + b"data" + struct.pack("<HH", 0, 768)),
        "option_length",
    ),
    "flags of 3 bytes": (epb(PACKET, option(2, b"abc")), "option_length"),
    "option of interface": (block(1, struct.pack("<HHI", 1, 0, 0) + struct.pack("<HH", 2, 9) + b"ab"), "option_length"),
    "statistics option": (block(5, bytes(12) + struct.pack("<HH", 4, 500)), "option_length"),
    "name record": (block(4, struct.pack("<HH", 1, 500) + b"abcd"), "name_length"),
    "end of names with a length": (block(4, struct.pack("<HH", 0, 3072)), "name_length"),
    "short address": (name_resolution((1, b"\1\2")), "name_length"),
    "endless name": (name_resolution((1, b"\1\2\3\4abc")), "name_end"),
    "secrets": (block(10, struct.pack("<II", 0x544C534B, 500) + b"abcd"), "secrets_length"),
    "section version": (shb(version=(2, 0)), "section_version"),
    "byte order": (block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4E, 1, 0, -1)), "byte_order"),
    "short interface": (block(1, bytes(4)), "block_length"),
    "short custom": (block(0xBAD, b""), "block_length"),
}


@pytest.mark.parametrize(("bad", "code"), _CORRUPT.values(), ids=_CORRUPT.keys())
def test_a_broken_block_ends_the_file_behind_the_packets_before_it(tmp_path: Path, bad: bytes, code: str) -> None:
    capture = opened(tmp_path, START + ONE + bad + ONE, tshark=False)

    assert len(capture.packets) == 1
    assert capture.damage is not None
    assert (capture.damage.kind, capture.damage.packets, capture.damage.code) == (DamageKind.CORRUPT, 1, code)
    assert capture.damage.position == len(START + ONE)
    assert f"1 packet, then cut at byte {len(START + ONE)}: " in capture.damage.sentence


def test_a_file_cut_anywhere_yields_every_whole_packet(tmp_path: Path) -> None:
    content = START + ONE + isb() + ONE
    whole = len(START + ONE)
    for size in range(whole + 1, len(content)):
        capture = opened(tmp_path, content[:size], tshark=False)
        assert len(capture.packets) == 1
        if size == whole + len(isb()):
            assert capture.damage is None
        else:
            assert capture.damage is not None
            assert capture.damage.kind is DamageKind.CUT
            assert capture.damage.position in (whole, whole + len(isb()))


@pytest.mark.parametrize(
    "first",
    [
        shb()[:20],
        shb(version=(7, 0)),
        block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4E, 1, 0, -1)),
        block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + struct.pack("<HH", 4, 500) + b"abcd"),
        block(0x0A0D0D0A, struct.pack("<IHH", 0x1A2B3C4D, 1, 0)),
    ],
)
def test_a_file_whose_first_block_is_broken_is_no_capture(tmp_path: Path, first: bytes) -> None:
    path = tmp_path / "capture"
    path.write_bytes(first)

    with pytest.raises(CaptureError, match="first block"):
        inspector.open(path)


def test_many_interfaces_end_the_file_instead_of_the_memory(tmp_path: Path) -> None:
    capture = opened(tmp_path, shb() + idb() * 65_540, tshark=False)

    assert capture.damage is not None
    assert capture.damage.code == "too_many"
    assert len(capture.interfaces) == 65_535


def test_options_end_at_the_end_of_options(tmp_path: Path) -> None:
    after = option(0, b"") + option(1, b"never read")
    content = START + block(6, struct.pack("<IIIII", 0, 0, 0, 4, 4) + b"data" + after) + epb(b"data", options())

    assert dict(opened(tmp_path, content).comments) == {}
