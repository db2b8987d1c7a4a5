"""Broken options become marked spans; nothing raises, nothing overlaps, nothing reaches beyond the bytes."""

from __future__ import annotations

from struct import pack

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.proto import HEADERS, Header, Span
from inspector.proto.geneve import GENEVE
from inspector.proto.gtpu import GTPU
from inspector.proto.icmpv6 import ICMPV6
from inspector.proto.ipv4 import IPV4
from inspector.proto.ipv6_hopopts import IPV6_HOPOPTS
from inspector.proto.radiotap import RADIOTAP
from inspector.proto.tcp import TCP


def _tcp(options: str) -> bytes:
    raw = bytes.fromhex(options)
    return bytes(12) + bytes(((5 + len(raw) // 4) << 4, 0)) + bytes(6) + raw


def _ipv4(options: str) -> bytes:
    raw = bytes.fromhex(options)
    return bytes((0x40 | (5 + len(raw) // 4),)) + bytes(19) + raw


@pytest.mark.parametrize(
    ("header", "data", "anomaly", "byte"),
    [
        (TCP, _tcp("0100 0001 0200 0000"), None, 0),
        (TCP, _tcp("01 02 00 00"), "tcp.option_length", 21),
        (TCP, _tcp("02 01 05 b4"), "tcp.option_length", 20),
        (TCP, _tcp("08 0a 00 00"), "tcp.option_length", 20),
        (TCP, _tcp("02 03 05 01"), "tcp.option_length", 22),
        (TCP, _tcp("03 04 07 00"), "tcp.option_length", 22),
        (TCP, _tcp("05 06 00 00 00 01 01 01"), "tcp.option_length", 22),
        (TCP, _tcp("01 01 01 1e"), "tcp.option_length", 23),
        (IPV4, _ipv4("07 00 04 00"), "ipv4.option_length", 20),
        (IPV4, _ipv4("07 27 04 00"), "ipv4.option_length", 20),
        (IPV6_HOPOPTS, bytes.fromhex("3b00 05ff 0000 0000"), "ipv6.option_length", 2),
        (ICMPV6, bytes.fromhex("85000000 00000000 0100 000000000000"), "icmpv6.option_length", 8),
        (GENEVE, pack(">BBHI", 1, 0, 0x6558, 0) + bytes.fromhex("0100011f"), "geneve.option_length", 8),
        (GTPU, bytes.fromhex("34ff0004 00000001 00000085 00"), "gtpu.extension_length", 12),
        (RADIOTAP, bytes.fromhex("00000400 00000000"), "radiotap.length", 2),
    ],
)
def test_impossible_lengths_are_named(header: Header, data: bytes, anomaly: str | None, byte: int) -> None:
    broken = [span for span in _flat(header.decode(data)) if span.anomaly]
    assert [(span.anomaly, span.start // 8) for span in broken] == ([(anomaly, byte)] if anomaly else [])


def _flat(spans: list[Span]) -> list[Span]:
    return [item for span in spans for item in (span, *_flat(list(span.children)))]


@pytest.mark.parametrize("header", HEADERS, ids=lambda header: header.name)
@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_become_spans_in_order_within_them(header: Header, data: bytes) -> None:
    known = {id(item) for top in (*header.fields, *header.optional) for item, _start in top.walk(0)}
    _check(header.decode(data), 0, len(data) * 8, known)


def _check(spans: list[Span] | tuple[Span, ...], start: int, end: int, known: set[int]) -> None:
    for span in spans:
        assert id(span.field) in known, span.field.name
        assert start <= span.start < span.end <= end
        assert 0 <= span.value < 1 << span.bits
        _check(span.children, span.start, span.end, known)
        start = span.end
