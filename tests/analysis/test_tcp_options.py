"""TCP options as columns: RFC layouts, damaged ones, and tshark."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

import inspector
from inspector.analysis.tcp_options import Present, TcpOptions, tcp_options
from tests.analysis.conversations import fuzzed_pcap
from tests.analysis.wireshark import require_tshark
from tests.packets import ACK, SYN, pcap, tcp_packet
from tests.tshark import tshark_rows

ENDS = ("10.0.0.1", "10.0.0.2", (40000, 80))


def _options(path: Path, *options: bytes) -> TcpOptions:
    path.write_bytes(pcap([tcp_packet(*ENDS, 1, 0, SYN, options=option) for option in options]))
    return tcp_options(inspector.open(path))


def test_the_options_of_a_syn(tmp_path: Path) -> None:
    """As Linux sends them: RFC 9293 3.2 (MSS), RFC 2018 2 (SACK permitted), RFC 7323 2.2 and 3.2."""
    table = _options(tmp_path / "x.pcap", bytes.fromhex("020405b4 0402 080a 0a0b0c0d 00000000 01 030307"))
    expected = Present.MSS | Present.SACK_PERMITTED | Present.TIMESTAMPS | Present.WINDOW_SCALE
    assert table.present.tolist() == [expected]
    assert (table.mss[0], table.window_scale[0], table.tsval[0], table.tsecr[0]) == (1460, 7, 0x0A0B0C0D, 0)


def test_sack_blocks_of_several_segments(tmp_path: Path) -> None:
    """RFC 2018 section 3."""
    one = bytes.fromhex("0101 050a 00000001 00000005")
    three = bytes.fromhex("0101 051a") + struct.pack(">6I", 10, 20, 30, 40, 2**32 - 5, 5)
    table = _options(tmp_path / "x.pcap", one, b"", three)
    assert [table.blocks(row) for row in range(3)] == [[(1, 5)], [], [(10, 20), (30, 40), (2**32 - 5, 5)]]


@pytest.mark.parametrize(
    ("option", "present"),
    [
        ("", 0),
        ("01010101", 0),
        ("00 020405b4", 0),  # nothing counts after the end of the list
        ("0101 0204", Present.MALFORMED),  # cut by the end of the header
        ("0200 05b4", Present.MALFORMED),  # length 0 would never end
        ("0201 05b4", Present.MALFORMED),
        ("02ff 05b4", Present.MALFORMED),
        ("02030000", Present.MALFORMED),  # an MSS of one byte
        ("0506 00000001 0000", Present.MALFORMED),  # half a block
        ("0304 0700", Present.MALFORMED),
        ("fe0605050505 0101 020405b4", Present.MSS),  # unknown kinds are stepped over
        ("0304 0700 020405b4", Present.MALFORMED | Present.MSS),
    ],
)
def test_damaged_options_are_marked_and_nothing_is_read_beyond(tmp_path: Path, option: str, present: int) -> None:
    assert _options(tmp_path / "x.pcap", bytes.fromhex(option)).present.tolist() == [present]


def test_a_header_cut_by_the_snap_length_keeps_its_whole_options(tmp_path: Path) -> None:
    packet = tcp_packet(*ENDS, 1, 0, ACK, options=bytes.fromhex("030307 01 080a0000000100000002"))
    path = tmp_path / "x.pcap"
    whole = pcap([packet])
    cut = len(whole) - len(packet) + 14 + 20 + 20 + 8
    path.write_bytes(whole[:32] + struct.pack("<II", 14 + 48, len(packet)) + whole[40:cut])
    assert tcp_options(inspector.open(path)).present.tolist() == [Present.WINDOW_SCALE | Present.MALFORMED]


def test_fuzzed_options_as_tshark_says(tmp_path: Path) -> None:
    names = ("mss_val", "wscale.shift", "timestamp.tsval", "timestamp.tsecr", "sack_le", "sack_re")
    path = tmp_path / "fuzzed.pcap"
    path.write_bytes(fuzzed_pcap(7, 3_000))
    require_tshark()
    options = ["-o", "tcp.relative_sequence_numbers:FALSE"]
    printed = tshark_rows(path, [f"tcp.options.{name}" for name in names], options=options)
    capture = inspector.open(path)
    table = tcp_options(capture)
    lines = [[""] * 6 for _ in printed]
    for row, packet in enumerate(capture.segments.packet.tolist()):
        present, blocks = Present(int(table.present[row])), table.blocks(row)
        lines[packet] = [
            str(table.mss[row]) if present & Present.MSS else "",
            str(table.window_scale[row]) if present & Present.WINDOW_SCALE else "",
            str(table.tsval[row]) if present & Present.TIMESTAMPS else "",
            str(table.tsecr[row]) if present & Present.TIMESTAMPS else "",
            ",".join(str(left) for left, _ in blocks),
            ",".join(str(right) for _, right in blocks),
        ]
    assert lines == printed
