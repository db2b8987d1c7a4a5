"""Server-sent events: the examples of WHATWG HTML section 9.2.6."""

from __future__ import annotations

import pytest

from inspector.wire.sse import ServerSentEvent, SseDecoder


def _events(body: bytes, cut: int) -> list[ServerSentEvent]:
    decoder = SseDecoder()
    return decoder.feed(body[:cut]) + decoder.feed(body[cut:])


_EXAMPLES = [
    (b"data: YHOO\ndata: +2\ndata: 10\n\n", [("message", "YHOO\n+2\n10", "")]),
    (
        b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n",
        [("message", "first event", "1"), ("message", "second event", ""), ("message", " third event", "")],
    ),
    (b"data:test\n\ndata: test\n\n", [("message", "test", ""), ("message", "test", "")]),
    (b"event: add\r\ndata: 73857293\r\n\r\n", [("add", "73857293", "")]),
    (b"\xef\xbb\xbfdata: \xed\x95\x9c\r\r", [("message", "한", "")]),
    (b"data: unfinished\n", []),
]


@pytest.mark.parametrize(("body", "expected"), _EXAMPLES)
def test_examples_whole_and_split_at_every_byte(body: bytes, expected: list[tuple[str, str, str]]) -> None:
    for cut in range(len(body) + 1):
        events = _events(body, cut)
        assert [(e.type, e.data, e.last_event_id) for e in events] == expected


def test_spans_cover_the_event_with_its_empty_line() -> None:
    body = b"data: a\n\ndata: b\n\n"
    assert [(e.start, e.end) for e in _events(body, len(body))] == [(0, 9), (9, 18)]


def test_retry_sets_the_reconnection_time() -> None:
    [event] = _events(b"retry: 3000\n\n", 5)
    assert (event.retry_ms, event.data) == (3000, "")
