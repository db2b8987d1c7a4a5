"""One packet taken apart: places, links, sequence arithmetic, hostile bytes."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import inspector
from inspector.errors import UsageError
from inspector.proto import LayerKind, Span
from inspector.recording.capture import Capture
from inspector.recording.dissect import Dissection, dissect
from tests.packets import ACK, FIN, PSH, SYN, pcap, tcp_packet
from tests.proto.test_headers import CASES
from tests.proto.tshark_values import IN_UNITS, SHOWN_WHEN_SET, SPOKEN_OTHERWISE, as_number
from tests.tshark import require_tshark, tshark_rows

CLIENT, SERVER = "10.0.0.1", "10.0.0.2"
UP, DOWN = (40000, 80), (80, 40000)
PACKETS = [
    tcp_packet(CLIENT, SERVER, UP, 0xFFFFFFF0, 0, SYN, options=bytes.fromhex("020405b4")),
    tcp_packet(SERVER, CLIENT, DOWN, 5000, 0xFFFFFFF1, SYN | ACK),
    tcp_packet(CLIENT, SERVER, UP, 0xFFFFFFF1, 5001, ACK),
    tcp_packet(CLIENT, SERVER, UP, 0xFFFFFFF1, 5001, ACK | PSH, b"x" * 517),
    tcp_packet(SERVER, CLIENT, DOWN, 5001, 0xFFFFFFF1 + 517, ACK | FIN, b"bye"),
]


def _open(tmp_path: Path, packets: list[bytes]) -> Capture:
    path = tmp_path / "made.pcap"
    path.write_bytes(pcap(packets))
    return inspector.open(path)


def test_layers_stand_where_they_are(tmp_path: Path) -> None:
    found = dissect(_open(tmp_path, PACKETS), 4)
    assert [(layer.name, layer.offset, layer.header_size) for layer in found.layers] == [
        ("ethernet", 0, 14),
        ("ipv4", 14, 20),
        ("tcp", 34, 20),
    ]
    assert found.payload == (54, 517)
    assert found.trailer == (571, 0)
    assert found.overhead == 54


def test_each_layer_names_the_next(tmp_path: Path) -> None:
    links = [layer.link for layer in dissect(_open(tmp_path, PACKETS), 4).layers]
    named = [(link.span.field.name, link.span.value, link.kind) for link in links if link and link.span]
    assert named == [
        ("type", 0x0800, LayerKind.IPV4),
        ("protocol", 6, LayerKind.TCP),
        ("destination_port", 80, LayerKind.NONE),
    ]


def test_relative_numbers_add_up_across_the_wrap(tmp_path: Path) -> None:
    capture = _open(tmp_path, PACKETS)
    places = [dissect(capture, number).tcp for number in range(1, 6)]
    assert [(p.seq, p.length, p.next_seq, p.ack, p.from_client) for p in places if p is not None] == [
        (0, 0, 1, None, True),
        (0, 0, 1, 1, False),
        (1, 0, 1, 1, True),
        (1, 517, 518, 1, True),
        (1, 3, 5, 518, False),
    ]


def test_padding_behind_the_packet_is_told_apart(tmp_path: Path) -> None:
    found = dissect(_open(tmp_path, [PACKETS[2] + bytes(6)]), 1)
    assert (found.payload[1], found.trailer) == (0, (54, 6))


@pytest.mark.parametrize("number", [0, -1, 6])
def test_wrong_number_is_misuse(tmp_path: Path, number: int) -> None:
    with pytest.raises(UsageError, match=f"no packet {number}; this capture has 5"):
        dissect(_open(tmp_path, PACKETS), number)


def test_relative_numbers_are_tsharks(shared_captures: Path) -> None:
    require_tshark()
    names = ["tcp.stream", "tcp.seq", "tcp.nxtseq", "tcp.ack"]
    compared = 0
    for name in ("tcp-sequence-wraparound.pcap", "http1-missing-response.pcap", "ws-carrying-tls.pcap"):
        capture = inspector.open(shared_captures / name)
        for number, row in enumerate(tshark_rows(shared_captures / name, names), 1):
            place = dissect(capture, number).tcp
            if place is None or place.next_seq is None or place.ack is None:
                continue
            assert [str(place.connection), str(place.seq), str(place.next_seq), str(place.ack)] == row, (name, number)
            compared += 1
    assert compared > 100


@pytest.mark.parametrize("pattern", ["tunnel-*", "link-*", "ipv6-*", "tcp-gap*", "ws-text*"])
def test_values_are_tsharks(shared_captures: Path, pattern: str) -> None:
    """Every declared field of every header of real packets; tshark counts those of quoted and inner headers too."""
    require_tshark()
    compared = 0
    for path in sorted(shared_captures.glob(pattern)):
        capture = inspector.open(path)
        chosen = range(1, len(capture.packets) + 1, max(len(capture.packets) // 20, 1))
        spans = {n: _by_filter([span for layer in dissect(capture, n).layers for span in layer.spans]) for n in chosen}
        names = sorted({name for found in spans.values() for name in found} - SPOKEN_OTHERWISE.keys() - _RELATIVE)
        if not names:
            continue  # nothing in it is decoded, as in the capture of a USB bus
        rows = tshark_rows(path, names)
        for chosen_number, found in spans.items():
            for name, printed in zip(names, rows[chosen_number - 1], strict=True):
                theirs = printed.split(",") if printed else []
                ours = found.get(name, [])
                if name in SHOWN_WHEN_SET or not ours:
                    continue
                expected = [span.value * (1 if name in IN_UNITS else span.field.scale) for span in ours]
                values = [as_number(text, span) for text, span in zip(theirs, ours, strict=False)]
                assert values == expected, (path.name, chosen_number, name, printed)
                compared += len(ours)
    assert compared > 200


_RELATIVE = {"tcp.options.sack_le", "tcp.options.sack_re", "llc.oui"}
"""Printed relative to the connection's start, or as a name."""


def _by_filter(spans: list[Span] | tuple[Span, ...]) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = {}
    for span in spans:
        if span.field.filter is not None:
            found.setdefault(span.field.filter, []).append(span)
        for name, inner in _by_filter(span.children).items():
            found.setdefault(name, []).extend(inner)
    return found


def test_every_shared_capture_comes_apart_cleanly(shared_captures: Path) -> None:
    for path in sorted(shared_captures.glob("*.pcap*")):
        if path.name.startswith("bad-"):
            continue
        capture = inspector.open(path)
        for number in range(1, len(capture.packets) + 1, max(len(capture.packets) // 25, 1)):
            check_spans(dissect(capture, number))


def check_spans(found: Dissection) -> None:
    """Spans lie within their layer's header, in order, without overlap; layers lie within the packet."""
    for layer in found.layers:
        assert 0 <= layer.header_size <= layer.size
        assert layer.assembled or layer.offset + layer.size <= found.captured
        _check(layer.spans, 0, layer.header_size * 8)
    for piece in found.inside:
        assert piece.offset + piece.size <= found.captured
        _check(piece.spans, 0, piece.size * 8)
    start, size = found.payload
    assert size >= 0
    assert found.payload_assembled or start + size <= found.captured
    assert 0 <= found.overhead <= found.captured


def _check(spans: tuple[Span, ...], start: int, end: int) -> None:
    for span in spans:
        assert start <= span.start < span.end <= end
        _check(span.children, span.start, span.end)
        start = span.end


@settings(max_examples=150, deadline=None)
@given(
    base=st.sampled_from([*PACKETS, *(case.before + case.data for case in CASES if case.link == 1)]),
    changes=st.lists(st.tuples(st.integers(0, 100), st.integers(0, 255)), max_size=8),
    size=st.integers(0, 600),
)
def test_mutated_packets_come_apart(base: bytes, changes: list[tuple[int, int]], size: int) -> None:
    packet = bytearray(base)
    for position, value in changes:
        packet[position % len(packet)] = value
    with tempfile.TemporaryDirectory() as folder:
        capture = _open(Path(folder), [bytes(packet[:size]), *PACKETS[:2]])
        check_spans(dissect(capture, 1))
