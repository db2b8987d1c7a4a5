"""The decoder on literal bytes: RFC 6455 section 5.7, RFC 7692 section 7.2.3, and every violation by name."""

from __future__ import annotations

import zlib

import pytest

from inspector.model.websocket import FAULTS, Fault
from inspector.wire.websocket import Deflate, Limits, WebSocketDecoder
from tests.websockets import KEY, compress, frame

_HELLO_MASKED = bytes.fromhex("818537fa213d7f9f4d5158")
_HELLO = bytes.fromhex("810548656c6c6f")


class _Seen:
    """What a decoder found, as plain values."""

    def __init__(self, decoder: WebSocketDecoder) -> None:
        tables, reader = decoder.tables, decoder.tables.reader
        columns, count = reader.message_columns, reader.messages
        self.messages: list[tuple[int, bytes | None]] = []
        self.message_faults: list[list[str]] = []
        for row in range(count):
            length, at = int(columns["length"][row]), int(columns["content"][row])
            content = None if length < 0 else bytes(tables.kept[at : at + length])
            self.messages.append((int(columns["opcode"][row]), content))
            self.message_faults.append(_codes(int(columns["faults"][row])))
        frames = reader.frame_columns
        self.frames = [
            (int(frames["start"][row]), int(frames["first_byte"][row]), int(frames["length"][row]))
            for row in range(reader.frames)
        ]
        self.frame_faults = [_codes(int(frames["faults"][row])) for row in range(reader.frames)]
        self.complete = [bool(columns["complete"][row]) for row in range(count)]
        self.anomalies = [(a.code, a.start, a.end) for a in decoder.anomalies]
        self.notes = tables.notes
        self.closes = [(c.code, c.reason) for c in tables.closes.values()]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Seen) and vars(self) == vars(other)


def _codes(faults: int) -> list[str]:
    return [code for fault, (code, _) in FAULTS.items() if faults & fault]


def _decode(
    data: bytes, *, is_client: bool = False, agreed: Deflate | None = None, limits: Limits | None = None, step: int = 0
) -> _Seen:
    decoder = WebSocketDecoder(is_client, agreed, limits=limits)
    for at in range(0, len(data), step or max(len(data), 1)):
        decoder.feed(data[at : at + (step or len(data))])
    decoder.finish()
    return _Seen(decoder)


def test_single_frame_unmasked() -> None:
    assert _decode(_HELLO).messages == [(1, b"Hello")]


def test_single_frame_masked() -> None:
    assert _decode(_HELLO_MASKED, is_client=True).messages == [(1, b"Hello")]


def test_fragmented_text() -> None:
    seen = _decode(bytes.fromhex("010348656c80026c6f"))
    assert seen.messages == [(1, b"Hello")]
    assert seen.frames == [(0, 0x01, 3), (5, 0x80, 2)]


def test_ping_between_fragments_leaves_the_message_whole() -> None:
    seen = _decode(bytes.fromhex("010348656c 890548656c6c6f 80026c6f"))
    assert seen.messages == [(1, b"Hello")]
    assert not any(seen.frame_faults)


@pytest.mark.parametrize(("header", "size"), [("827E0100", 256), ("827F0000000000010000", 65536)])
def test_extended_lengths(header: str, size: int) -> None:
    data = bytes(index % 251 for index in range(size))
    assert _decode(bytes.fromhex(header) + data).messages == [(2, data)]


@pytest.mark.parametrize(
    "payloads",
    [
        ["f248cdc9c90700"],
        ["f248cdc9c90700", "f200110000"],
        # A block without compression, and one with BFINAL set.
        ["000500faff48656c6c6f00"],
        ["f348cdc9c9070000"],
        ["f348cdc9c9070000", "f200110000"],
        # Two blocks.
        ["f24805000000ffffcac9c90700"],
    ],
)
def test_compressed_examples_of_rfc_7692(payloads: list[str]) -> None:
    data = b"".join(frame(1, bytes.fromhex(payload), rsv=4) for payload in payloads)
    seen = _decode(data, agreed=Deflate())
    assert seen.messages == [(1, b"Hello")] * len(payloads)
    assert not any(seen.message_faults)


def test_compressed_in_fragments() -> None:
    seen = _decode(bytes.fromhex("4103f248cd8004c9c90700"), agreed=Deflate())
    assert seen.messages == [(1, b"Hello")]


def test_final_block_without_anything_after_it() -> None:
    codec = zlib.compressobj(wbits=-15)
    finished = codec.compress(b"Hello") + codec.flush(zlib.Z_FINISH)
    seen = _decode(frame(1, finished, rsv=4) + frame(1, bytes.fromhex("f200110000"), rsv=4), agreed=Deflate())
    assert seen.messages == [(1, b"Hello"), (1, b"Hello")]


@pytest.mark.parametrize("is_client", [True, False])
@pytest.mark.parametrize("agreed", [None, Deflate(), Deflate(takeover=False), Deflate(window_bits=9)])
def test_any_portions_give_the_same(is_client: bool, agreed: Deflate | None) -> None:
    key = KEY if is_client else None
    codec = zlib.compressobj(wbits=-(agreed.window_bits if agreed else 15))
    data, expected = b"", []
    for text in ("안녕하세요", "", "Hello " * 40, "안녕하세요"):
        expected.append((1, text.encode()))
        if agreed is None:
            data += frame(1, text.encode(), key)
            continue
        if not agreed.takeover:
            codec = zlib.compressobj(wbits=-15)
        packed = compress(codec, text.encode())
        data += frame(1, packed[:3], key, fin=False, rsv=4) + frame(9, b"?", key) + frame(0, packed[3:], key)
        data += frame(2, text.encode(), key)
        expected.append((2, text.encode()))
    data += frame(8, b"\x03\xe8bye", key)
    whole = _decode(data, is_client=is_client, agreed=agreed)
    assert whole.messages == expected
    assert whole.closes == [(1000, b"bye")]
    assert not any(whole.frame_faults) and not any(whole.message_faults)
    for step in range(1, len(data)):
        assert _decode(data, is_client=is_client, agreed=agreed, step=step) == whole
    for cut in range(len(data)):
        decoder = WebSocketDecoder(is_client, agreed)
        decoder.feed(data[:cut])
        decoder.feed(data[cut:])
        decoder.finish()
        assert _Seen(decoder) == whole


@pytest.mark.parametrize(
    ("data", "is_client", "code"),
    [
        (_HELLO, True, "ws.unmasked_client_frame"),
        (_HELLO_MASKED, False, "ws.masked_server_frame"),
        (frame(1, b"a", rsv=4), False, "ws.rsv1_not_agreed"),
        (frame(1, b"a", rsv=2), False, "ws.rsv2_rsv3"),
        (frame(1, b"a", rsv=1), False, "ws.rsv2_rsv3"),
        (frame(3, b"a"), False, "ws.reserved_opcode"),
        (frame(7, b"a"), False, "ws.reserved_opcode"),
        (frame(11, b"a"), False, "ws.reserved_opcode"),
        (frame(15), False, "ws.reserved_opcode"),
        (frame(9, b"a", fin=False), False, "ws.control_fragmented"),
        (frame(9, b"a" * 126), False, "ws.control_too_long"),
        (frame(1, b"a" * 125, form=16), False, "ws.length_not_minimal"),
        (frame(1, b"a" * 65535, form=64), False, "ws.length_not_minimal"),
        (frame(0, b"a"), False, "ws.continuation_without_start"),
        (frame(8, b"\x03"), False, "ws.close_one_byte"),
        (frame(8, b"\x03\xee"), False, "ws.close_code_illegal"),
        (frame(8, b"\x03\xe8\xff"), False, "ws.close_reason_not_utf8"),
        (frame(8, b"\x03\xe8\xed\x95"), False, "ws.close_reason_not_utf8"),
    ],
)
def test_a_violation_is_named(data: bytes, is_client: bool, code: str) -> None:
    assert _decode(data, is_client=is_client).frame_faults == [[code]]


@pytest.mark.parametrize("size", [0, 1, 125])
def test_near_misses_are_not_violations(size: int) -> None:
    for opcode in (1, 2, 9, 10):
        assert _decode(frame(opcode, b"a" * size)).frame_faults == [[]]


@pytest.mark.parametrize(
    ("code", "legal"),
    [
        *((code, False) for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535)),
        *((code, True) for code in (1000, 1003, 1007, 1014, 3000, 4999)),
    ],
)
def test_close_codes(code: int, legal: bool) -> None:
    seen = _decode(frame(8, code.to_bytes(2, "big")))
    assert seen.frame_faults == [[] if legal else ["ws.close_code_illegal"]]
    assert seen.closes == [(code, b"")]


def test_a_message_interrupted_by_another() -> None:
    seen = _decode(frame(1, b"one", fin=False) + frame(2, b"two"))
    assert seen.frame_faults == [[], ["ws.message_interrupted"]]
    assert seen.message_faults == [["ws.message_interrupted"], []]
    assert seen.messages == [(1, b"one"), (2, b"two")]
    assert seen.complete == [False, True]


def test_data_after_close_but_not_a_pong() -> None:
    seen = _decode(frame(8) + frame(10) + frame(1, b"late"))
    assert seen.frame_faults == [[], [], ["ws.data_after_close"]]


def test_a_length_with_its_top_bit_set_ends_nothing() -> None:
    seen = _decode(b"\x82\x7f\xff" + b"\xff" * 7 + b"rest")
    assert seen.frame_faults == [["ws.length_top_bit", "ws.cut"]]
    assert seen.messages == [(2, b"rest")]


@pytest.mark.parametrize(
    ("payload", "bad"),
    [
        (b"\xff", True),
        (b"\xc0\xaf", True),
        (b"\xed\xa0\x80", True),
        (b"\xf4\x90\x80\x80", True),
        ("한".encode()[:2], True),
        ("한".encode(), False),
        (b"\xf4\x8f\xbf\xbf", False),
    ],
)
def test_text_must_be_utf8(payload: bytes, bad: bool) -> None:
    data = frame(1, b"before") + frame(1, payload) + frame(1, b"\xed\x95\x9c after")
    expected: list[list[str]] = [[], ["ws.text_not_utf8"] if bad else [], []]
    assert _decode(data).message_faults == expected
    assert _decode(data, step=1).message_faults == expected
    codec = zlib.compressobj(wbits=-15)
    packed = b"".join(frame(1, compress(codec, part), rsv=4) for part in (b"before", payload, b"after"))
    assert _decode(packed, agreed=Deflate()).message_faults == expected


def test_a_character_split_between_messages_is_wrong_in_both() -> None:
    text = "한".encode()
    seen = _decode(frame(1, text[:1]) + frame(1, text[1:]))
    assert seen.message_faults == [["ws.text_not_utf8"], ["ws.text_not_utf8"]]


def test_a_character_split_between_fragments_is_right() -> None:
    text = "한".encode()
    seen = _decode(frame(1, text[:1], fin=False) + frame(0, text[1:]))
    assert seen.message_faults == [[]]


def test_rsv1_in_wrong_places() -> None:
    data = frame(9, b"", rsv=4) + frame(1, b"", fin=False) + frame(0, b"", rsv=4)
    assert _decode(data, agreed=Deflate()).frame_faults == [["ws.rsv1_misplaced"], [], ["ws.rsv1_misplaced"]]


def test_what_cannot_be_inflated_is_said_and_what_needs_it_too() -> None:
    codec = zlib.compressobj(wbits=-15)
    parts = [
        compress(codec, text) for text in (b"Hello, first", b"Hello, second", b"unlike 0123456789", b"Hello, first")
    ]
    parts[1] = b"\xff\xff" + parts[1]
    seen = _decode(b"".join(frame(1, part, rsv=4) for part in parts), agreed=Deflate())
    assert seen.messages == [(1, b"Hello, first"), (1, None), (1, b"unlike 0123456789"), (1, None)]
    assert seen.message_faults == [[], ["ws.inflate_failed"], [], ["ws.context_lost"]]
    assert seen.notes["message", 3][Fault.CONTEXT_LOST] == "undecodable after frame 2, which could not be inflated"


def test_inflation_is_capped() -> None:
    codec = zlib.compressobj(wbits=-15)
    data = frame(2, compress(codec, b"\0" * 3_000_000), rsv=4) + frame(2, compress(codec, b"small"), rsv=4)
    limits = Limits(message=2_000_000)
    seen = _decode(data, agreed=Deflate(), limits=limits)
    assert seen.messages == [(2, None), (2, b"small")]
    assert seen.message_faults == [["ws.inflation_capped"], []]
    assert _decode(data, agreed=Deflate(), limits=limits, step=7) == seen
    assert _decode(data, agreed=Deflate(), limits=Limits(ratio_from=100_000, ratio=300)).messages[0] == (2, None)
    assert _decode(data, agreed=Deflate()).messages == [(2, b"\0" * 3_000_000), (2, b"small")]


def test_a_sender_that_exceeds_the_agreed_window() -> None:
    codec = zlib.compressobj(wbits=-15)
    filler = bytes(range(256)) * 8
    parts = [compress(codec, part) for part in (b"needle in a haystack", filler, b"needle in a haystack")]
    seen = _decode(b"".join(frame(2, part, rsv=4) for part in parts), agreed=Deflate(window_bits=8))
    assert [content for _, content in seen.messages] == [b"needle in a haystack", filler, b"needle in a haystack"]
    assert seen.message_faults[-1] == ["ws.window_exceeded"]
