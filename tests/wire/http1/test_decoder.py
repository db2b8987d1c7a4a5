"""One direction of HTTP/1.x: framing, anomalies, gaps, resynchronisation."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.model.http import Framing, HttpMessage
from inspector.wire.http1 import Http1Decoder

_GET = b"GET /a?b=1 HTTP/1.1\r\nHost: x\r\n\r\n"


def _decode(data: bytes, is_client: bool, cuts: tuple[int, ...] = ()) -> Http1Decoder:
    decoder = Http1Decoder(is_client)
    for start, end in pairwise((0, *cuts, len(data))):
        decoder.feed(data[start:end])
    decoder.finish()
    return decoder


def _body(message: HttpMessage, data: bytes) -> bytes:
    return b"".join(data[start:end] for start, end in message.body_spans)


def _codes(message: HttpMessage) -> set[str]:
    return {anomaly.code for anomaly in message.anomalies}


# RFC 9112 section 7.1's shape with an extension and a trailer.
_CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
    b"7;name=value\r\nMozilla\r\n11\r\nDeveloper Network\r\n0\r\nX-Sum: 1\r\n\r\n"
)
_RESPONSES = {
    "length": (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", Framing.LENGTH, b"hello"),
    "chunked": (_CHUNKED, Framing.CHUNKED, b"MozillaDeveloper Network"),
    "until close": (b"HTTP/1.0 200 OK\r\n\r\nall the rest", Framing.CLOSE, b"all the rest"),
    "no content": (b"HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n", Framing.NONE, b""),
    "empty reason": (b"HTTP/1.1 200\r\nContent-Length: 1\r\n\r\nx", Framing.LENGTH, b"x"),
}


@pytest.mark.parametrize("name", _RESPONSES)
def test_response_body_whole_and_split_at_every_byte(name: str) -> None:
    data, framing, body = _RESPONSES[name]
    for cut in range(len(data) + 1):
        [message] = _decode(data, False, (cut,)).messages
        assert (message.framing, _body(message, data), message.complete) == (framing, body, True)
        assert (message.start, message.end) == (0, len(data))


def test_one_byte_at_a_time() -> None:
    data = _CHUNKED + _RESPONSES["length"][0]
    messages = _decode(data, False, tuple(range(1, len(data)))).messages
    assert [_body(m, data) for m in messages] == [b"MozillaDeveloper Network", b"hello"]
    assert messages[0].trailers == [(b"X-Sum", b"1")]
    assert _codes(messages[0]) == set()


def test_pipelined_requests_and_blank_lines_between_them() -> None:
    post = b"POST /f HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\na=b"
    messages = _decode(_GET + post + b"\r\n" + _GET, True).messages
    assert [(m.method, m.target) for m in messages] == [(b"GET", b"/a?b=1"), (b"POST", b"/f"), (b"GET", b"/a?b=1")]
    assert [m.anomalies for m in messages] == [[], [], []]


_SMUGGLING = {
    "http.length_and_transfer_encoding": b"Host: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked",
    "http.conflicting_content_length": b"Host: x\r\nContent-Length: 0\r\nContent-Length: 7",
    "http.bad_content_length": b"Host: x\r\nContent-Length: +3",
    "http.chunked_not_last": b"Host: x\r\nTransfer-Encoding: chunked, gzip",
    "http.chunked_twice": b"Host: x\r\nTransfer-Encoding: chunked, chunked",
    "http.obs_fold": b"Host: x\r\nX: a\r\n b",
    "http.space_before_colon": b"Host: x\r\nContent-Length : 0",
    "http.bare_lf": b"Host: x\nX: y",
    "http.bad_field_line": b"Host: x\r\nno colon here",
    "http.missing_host": b"X: y",
    "http.duplicate_host": b"Host: x\r\nhost: y",
    "http.control_character": b"Host: x\r\nX: a\x00b",
}


@pytest.mark.parametrize("code", _SMUGGLING)
def test_request_smuggling_shapes_are_named(code: str) -> None:
    [message] = _decode(b"POST / HTTP/1.1\r\n" + _SMUGGLING[code] + b"\r\n\r\n", True).messages
    assert code in _codes(message)


def test_a_plain_request_has_no_anomaly() -> None:
    [message] = _decode(_GET, True).messages
    assert message.anomalies == []


@pytest.mark.parametrize(
    ("size", "code"),
    [
        (b"10000000000000005", "http.chunk_size_overflow"),
        (b"ffffffffffffffff", "http.chunk_size_overflow"),
        (b"5x", "http.bad_chunk_size"),
        (b"-5", "http.bad_chunk_size"),
    ],
)
def test_impossible_chunk_sizes_end_the_message_and_the_next_one_is_found(size: bytes, code: str) -> None:
    data = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + size + b"\r\nhello\r\n" + _RESPONSES["length"][0]
    first, second = _decode(data, False).messages
    assert code in _codes(first)
    assert not first.complete
    assert _body(second, data) == b"hello"


def test_chunk_that_is_longer_than_its_size_is_named() -> None:
    data = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n0\r\n\r\n"
    [message] = _decode(data, False).messages
    assert "http.chunk_longer_than_its_size" in _codes(message)


def test_a_gap_inside_a_body_of_known_length_is_counted_and_the_next_message_follows() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"
    decoder = Http1Decoder(False)
    decoder.feed(head + b"ab")
    decoder.gap(6)
    decoder.feed(b"ij" + _RESPONSES["length"][0])
    first, second = decoder.messages
    assert (first.missing, first.complete, first.body_length) == (6, True, 4)
    assert second.start == len(head) + 10


def test_a_gap_in_a_head_loses_that_message_only() -> None:
    decoder = Http1Decoder(True)
    decoder.feed(_GET + b"GET /lost HTT")
    decoder.gap(100)
    decoder.feed(b"ent: y\r\n\r\n" + _GET)
    assert [m.start for m in decoder.messages] == [0, len(_GET) + 13 + 100 + 10]
    assert decoder.unparsed == [(len(_GET), len(_GET) + 13), (len(_GET) + 113, len(_GET) + 123)]


def test_capture_beginning_in_the_middle_finds_the_next_message() -> None:
    data = b"...end of an image\x00\x01" + _RESPONSES["chunked"][0]
    for cut in range(len(data)):
        [message] = _decode(data, False, (cut,)).messages
        assert message.start == 20


def test_a_cut_body_is_told() -> None:
    [message] = _decode(b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nabc", False).messages
    assert (_codes(message), message.complete, message.body_length) == ({"http.message_cut"}, False, 3)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400), st.booleans(), st.integers(0, 400))
def test_any_bytes_in_any_portions_give_the_same_messages(noise: bytes, is_client: bool, cut: int) -> None:
    data = noise + (_GET if is_client else _CHUNKED)
    whole, parts = _decode(data, is_client), _decode(data, is_client, (min(cut, len(data)),))
    assert whole.messages == parts.messages


@settings(max_examples=300, deadline=None)
@given(st.integers(0, len(_CHUNKED) - 1), st.binary(min_size=1, max_size=4), st.integers(0, 300))
def test_damaged_messages_never_raise_and_stay_inside_the_stream(at: int, damage: bytes, gap: int) -> None:
    decoder = Http1Decoder(False)
    decoder.feed(_CHUNKED[:at] + damage)
    decoder.gap(gap)
    decoder.feed(_CHUNKED)
    decoder.finish()
    end = at + len(damage) + gap + len(_CHUNKED)
    for message in decoder.messages:
        assert 0 <= message.start <= message.head_end <= message.end <= end
        assert all(message.head_end <= start <= stop <= message.end for start, stop in message.body_spans)
