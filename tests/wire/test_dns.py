"""DNS messages from literal bytes."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.wire.dns import parse_dns, split_tcp

_QUERY = bytes.fromhex("abcd 0100 0001 0000 0000 0000") + b"\x03www\x07example\x03com\x00" + bytes.fromhex("0001 0001")
_ANSWER = (
    bytes.fromhex("abcd 8180 0001 0002 0000 0000")
    + b"\x03www\x07example\x03com\x00" + bytes.fromhex("0001 0001")
    + bytes.fromhex("c00c 0005 0001 0000003c 0005") + b"\x02cd" + b"\xc0\x10"
    + bytes.fromhex("c02d 0001 0001 0000003c 0004 5db8d822")
)  # fmt: skip


def test_query() -> None:
    message = parse_dns(_QUERY)
    assert message is not None
    assert (message.id, message.response, message.recursion_desired) == (0xABCD, False, True)
    assert [(q.name, q.type, q.klass) for q in message.questions] == [("www.example.com", 1, 1)]
    assert message.anomalies == []


def test_answer_with_compressed_names() -> None:
    message = parse_dns(_ANSWER)
    assert message is not None
    assert (message.response, message.rcode, message.recursion_available) == (True, 0, True)
    assert [(r.name, r.type, r.data) for r in message.answers] == [
        ("www.example.com", 5, "cd.example.com"),
        ("cd.example.com", 1, "93.184.216.34"),
    ]


def test_cut_anywhere_gives_what_was_read_and_says_so() -> None:
    for size in range(12, len(_ANSWER)):
        message = parse_dns(_ANSWER[:size])
        assert message is not None
        assert [a.code for a in message.anomalies] == ["dns.cut"]
    assert parse_dns(_ANSWER[:11]) is None


def test_pointer_to_itself_is_a_loop() -> None:
    message = parse_dns(bytes.fromhex("0001 0100 0001 0000 0000 0000 c00c 0001 0001"))
    assert message is not None
    assert [a.code for a in message.anomalies] == ["dns.pointer_loop"]


def test_extended_response_code_of_edns() -> None:
    # OPT: root name, type 41, UDP size 1232, extended RCODE 1, version 0 (RFC 6891 section 6.1.3): BADVERS is 16.
    message = parse_dns(bytes.fromhex("0001 8100 0000 0000 0000 0001 00 0029 04d0 01000000 0000"))
    assert message is not None
    assert message.rcode == 16


def test_hostile_labels_cannot_act_on_a_terminal() -> None:
    message = parse_dns(
        bytes.fromhex("0001 0100 0001 0000 0000 0000") + b"\x05a\x1b[2J\x00" + bytes.fromhex("0001 0001")
    )
    assert message is not None
    assert message.questions[0].name == "a\\027[2J"


def test_messages_in_a_tcp_stream() -> None:
    stream = struct.pack(">H", len(_QUERY)) + _QUERY + struct.pack(">H", len(_ANSWER)) + _ANSWER[:20]
    messages, rest = split_tcp(stream)
    assert messages == [(0, _QUERY)]
    assert rest == struct.pack(">H", len(_ANSWER)) + _ANSWER[:20]


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=200), st.integers(0, len(_ANSWER) - 1))
def test_any_bytes_never_raise(noise: bytes, at: int) -> None:
    for data in (noise, _ANSWER[:at] + noise + _ANSWER[at + len(noise) :]):
        message = parse_dns(data)
        assert (message is None) == (len(data) < 12)


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("한국".encode(), "한국"),
        ("가\u202e\u00a0.".encode(), "가\\226\\128\\174\\194\\160\\046"),
        (b"\xff\xedA \x7f", "\\255\\237A\\032\\127"),
    ],
)
def test_labels_beyond_ascii_are_shown_where_they_are_printable_utf8(label: bytes, shown: str) -> None:
    # RFC 6762 section 16 has UTF-8 in names; whatever could act on a terminal stays escaped.
    message = parse_dns(bytes(4) + b"\0\1" + bytes(6) + bytes([len(label)]) + label + b"\0\0\1\0\1")
    assert message is not None
    assert message.questions[0].name == shown
