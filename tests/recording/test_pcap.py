"""pcap files of every variant, against literal values and against tshark."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

import inspector
from inspector.errors import CaptureError
from tests.blocks import header, record
from tests.packets import SYN, tcp_packet
from tests.recording.reading import agrees_with_tshark, rows_of

PACKET = tcp_packet("10.0.0.1", "10.0.0.2", (40000, 80), 1, 0, SYN)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(("magic", "time_ns"), [(0xA1B2C3D4, 1_000_002_000), (0xA1B23C4D, 1_000_000_002)])
def test_byte_orders_and_resolutions(tmp_path: Path, order: str, magic: int, time_ns: int) -> None:
    path = tmp_path / "capture"
    path.write_bytes(header(magic, order) + record(PACKET, (1, 2), order=order, length=99))

    capture = inspector.open(path)

    assert rows_of(capture) == [(1, 99, 54, time_ns, None)]
    assert capture.bytes_at(0, 0, 100) == PACKET
    agrees_with_tshark(path)


@pytest.mark.parametrize(
    ("magic", "extra"), [(0xA1B2CD34, 8), (0xA1B2CD34, 12), (0xA1B2C3D4, 8), (0xA1B2C3D4, 4), (0xA1B2C3D4, 0)]
)
def test_records_of_modified_formats_carry_more_in_their_headers(tmp_path: Path, magic: int, extra: int) -> None:
    path = tmp_path / "capture"
    one = struct.pack("<IIII", 1, 2, len(PACKET), len(PACKET)) + b"\x07" * extra + PACKET
    path.write_bytes(header(magic) + one * 4)

    assert [row[:3] for row in rows_of(inspector.open(path))] == [(n, 54, 54) for n in range(1, 5)]
    agrees_with_tshark(path)


@pytest.mark.parametrize(("version", "swapped"), [((2, 2), True), ((2, 3), True), ((2, 3), False), ((543, 0), True)])
def test_old_versions_swap_the_two_lengths(tmp_path: Path, version: tuple[int, int], swapped: bool) -> None:
    path = tmp_path / "capture"
    lengths = (len(PACKET) + 7, len(PACKET)) if swapped else (len(PACKET), len(PACKET) + 7)
    path.write_bytes(header(version=version) + (struct.pack("<IIII", 1, 2, *lengths) + PACKET) * 3)

    assert [row[:3] for row in rows_of(inspector.open(path))] == [(n, 61, 54) for n in (1, 2, 3)]
    agrees_with_tshark(path)


def test_aix_files_have_their_own_link_types_and_nanoseconds(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_bytes(header(version=(2, 2), link_type=6) + record(PACKET, (1, 2)))

    capture = inspector.open(path)

    assert capture.interfaces[0].link_type == 1
    assert rows_of(capture)[0][3] == 1_000_000_002
    agrees_with_tshark(path)


@pytest.mark.parametrize(
    "content",
    [
        header(snaplen=10) + record(PACKET) * 2,
        header(snaplen=0) + record(PACKET) * 2,
        header() + record(PACKET, length=10) + record(PACKET),
        header() + record(PACKET, length=0xFFFFFFFF) * 4,
        header() + record(b"") + record(b"", length=5),
        header() + record(PACKET, (0xFFFFFFFF, 999_999)),
        header(link_type=0xF4000001) + record(PACKET),
        header() + record(PACKET) + record(bytes(262_144)) + record(PACKET),
        header(link_type=231) + record(bytes(300_000)) + record(PACKET),
        header(link_type=147) + record(PACKET),
        header(version=(2, 9)) + record(PACKET),
        header(),
    ],
    ids=[
        "snaplen",
        "no-snaplen",
        "captured>length",
        "huge-length",
        "nothing",
        "2106",
        "FCS",
        "long",
        "D-Bus",
        "user",
        "version",
        "no-packet",
    ],
)
def test_unusual_files_are_read_as_tshark_reads_them(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "capture"
    path.write_bytes(content)

    assert inspector.open(path).damage is None
    agrees_with_tshark(path)


def test_a_file_cut_anywhere_yields_every_whole_packet(tmp_path: Path) -> None:
    path = tmp_path / "capture"
    content = header() + record(PACKET) * 4
    for size in range(24, len(content) + 1):
        path.write_bytes(content[:size])

        capture = inspector.open(path)

        whole, rest = divmod(size - 24, 70)
        assert len(capture.packets) == whole
        if rest:
            position = 24 + 70 * whole
            assert capture.damage is not None
            assert (capture.damage.kind, capture.damage.packets, capture.damage.position) == ("cut", whole, position)
            count = "1 packet" if whole == 1 else f"{whole} packets"
            assert capture.damage.sentence.startswith(f"{count}, then cut at byte {position}: ")
        else:
            assert capture.damage is None


@pytest.mark.parametrize("good", range(1, 6))
def test_a_silly_length_ends_the_file_behind_the_last_good_packet(tmp_path: Path, good: int) -> None:
    path = tmp_path / "capture"
    path.write_bytes(header() + record(PACKET) * good + record(PACKET, captured=0x7FFFFFFF) + record(PACKET))

    capture = inspector.open(path)

    assert len(capture.packets) == good
    assert capture.damage is not None
    assert (capture.damage.kind, capture.damage.code) == ("corrupt", "record_length")
    assert capture.damage.position == 24 + 70 * good
    assert "2147483647" in capture.damage.sentence


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (header()[:23], "cut in its file header"),
        (header(version=(1, 0)), "version 1.0"),
        (header(link_type=0x00300001), "0x00300001"),
    ],
)
def test_file_headers_that_cannot_be(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "capture"
    path.write_bytes(content)

    with pytest.raises(CaptureError, match=message):
        inspector.open(path)
