"""Fields, byte orders and spans."""

from __future__ import annotations

import pytest

from inspector.proto import ByteOrder, Field, Header, Show, Span
from inspector.refs import Ref

_REF = Ref("RFC 791", "3.1")


def _field(name: str, bits: int, parts: tuple[Field, ...] = (), order: ByteOrder = ByteOrder.BIG) -> Field:
    return Field(name, bits, name, "A field.", _REF, None, Show.DECIMAL, parts=parts, order=order)


GROUP = _field("group", 8, (_field("high", 3), _field("low", 5)))
HEADER = Header("test", None, "Test", "A header.", 2, 3, _REF, (_field("first", 4), _field("second", 12), GROUP))


def test_fields_are_read_most_significant_bit_first() -> None:
    assert [span.value for span in HEADER.decode(bytes.fromhex("abcd71"))] == [0xA, 0xBCD, 0x71]


def test_parts_of_a_group_lie_within_it() -> None:
    group = HEADER.decode(bytes.fromhex("abcd71"))[2]
    assert [(part.field.name, part.start, part.bits, part.value) for part in group.children] == [
        ("high", 16, 3, 0b011),
        ("low", 19, 5, 0b10001),
    ]


@pytest.mark.parametrize(("size", "fields"), [(0, 0), (1, 1), (2, 2), (3, 3), (9, 3)])
def test_fields_that_do_not_fit_are_left_out(size: int, fields: int) -> None:
    assert len(HEADER.decode(bytes(size))) == fields


def test_walk_tells_where_every_field_begins() -> None:
    assert [(item.name, start) for item, start in HEADER.walk()] == [
        ("first", 0),
        ("second", 4),
        ("group", 16),
        ("high", 16),
        ("low", 19),
    ]


@pytest.mark.parametrize(
    ("order", "data", "value"),
    [
        (ByteOrder.BIG, "0102", 0x0102),
        (ByteOrder.LITTLE, "0102", 0x0201),
        (ByteOrder.HOST, "00000002", 2),
        (ByteOrder.HOST, "02000000", 2),
    ],
)
def test_byte_orders(order: ByteOrder, data: str, value: int) -> None:
    raw = bytes.fromhex(data)
    span = Span.read(_field("number", len(raw) * 8, order=order), raw, 0)
    assert span is not None
    assert span.value == value
