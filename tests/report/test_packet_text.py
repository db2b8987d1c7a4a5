"""The packet for the terminal: golden text, width, hostile text, every shared capture."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import inspector
from inspector.recording.capture import Capture
from inspector.report.packet import build_packet
from inspector.report.packet_text import render_packet
from tests.packets import pcap, tcp_packet
from tests.proto.test_headers import CASES
from tests.report.sample_packets import PACKETS, open_capture

GOLDEN = Path(__file__).parent / "golden"


def _text(capture: Capture, number: int, width: int, *, bits: bool = False, learn: bool = False) -> str:
    lines = render_packet(build_packet(capture, number), width, bits=bits, learn=learn)
    assert [line.plain for line in lines if line.cell_len > width] == []
    return "\n".join(line.plain.rstrip() for line in lines) + "\n"


@pytest.mark.parametrize(
    ("name", "number", "bits", "learn"),
    [("fields.txt", 5, False, False), ("bits.txt", 1, True, False), ("learn.txt", 3, False, True)],
)
def test_text_is_as_agreed(tmp_path: Path, name: str, number: int, bits: bool, learn: bool) -> None:
    """Golden files hold the output at 100 columns; they were read by a person before they were kept."""
    assert _text(open_capture(tmp_path), number, 100, bits=bits, learn=learn) == (GOLDEN / name).read_text("utf-8")


@pytest.mark.parametrize("width", [74, 80, 100, 119, 200])
def test_nothing_is_wider_than_the_terminal(tmp_path: Path, width: int) -> None:
    capture = open_capture(tmp_path)
    for number in range(1, len(PACKETS) + 1):
        for bits in (False, True):
            _text(capture, number, width, bits=bits, learn=True)


@pytest.mark.parametrize("bits", [False, True])
def test_malformed_option_is_told_within_the_width(tmp_path: Path, bits: bool) -> None:
    path = tmp_path / "broken.pcap"
    path.write_bytes(pcap([tcp_packet("10.0.0.1", "10.0.0.2", (1, 2), 3, 4, 16, options=b"\x02\x01\x05\xb4")]))
    assert "tcp.option_length" in _text(inspector.open(path), 1, 80, bits=bits)


def test_captured_text_cannot_steer_the_terminal(tmp_path: Path) -> None:
    text = _text(open_capture(tmp_path), 6, 100)
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_every_shared_capture_renders(shared_captures: Path) -> None:
    rendered = 0
    for path in sorted(shared_captures.glob("*.pcap*")):
        if path.name.startswith("bad-"):
            continue
        capture = inspector.open(path)
        for number in range(1, len(capture.packets) + 1, max(len(capture.packets) // 3, 1)):
            for width, bits, learn in ((80, False, True), (100, True, False), (130, False, False)):
                assert _text(capture, number, width, bits=bits, learn=learn).count("\n") > 3
            rendered += 1
    assert rendered > 100


@settings(max_examples=25, deadline=None)
@given(
    base=st.sampled_from([case.before + case.data for case in CASES if case.link == 1]),
    changes=st.lists(st.tuples(st.integers(0, 100), st.integers(0, 255)), max_size=6),
)
def test_mutated_packets_render(base: bytes, changes: list[tuple[int, int]]) -> None:
    packet = bytearray(base)
    for position, value in changes:
        packet[position % len(packet)] = value
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "mutated.pcap"
        path.write_bytes(pcap([bytes(packet)]))
        capture = inspector.open(path)
        for bits in (False, True):
            assert "\x1b" not in _text(capture, 1, 90, bits=bits, learn=True)


def test_wide_characters_count_two_columns(tmp_path: Path) -> None:
    packet = build_packet(open_capture(tmp_path), 1)
    for layer in packet["layers"]:
        layer["title"] = layer["short"] = "인터넷 프로토콜"
        for field in layer["fields"]:
            field["title"] = field["meaning"] = "출발지 주소"
    for width in (80, 130):
        for bits in (False, True):
            assert [line.plain for line in render_packet(packet, width, bits=bits) if line.cell_len > width] == []
    boxes = [line for line in render_packet(packet, 80) if line.plain.startswith(("╭", "│", "╰"))]
    assert {line.cell_len for line in boxes} == {80}
