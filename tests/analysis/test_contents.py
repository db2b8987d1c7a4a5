"""What messages say: hostile ones, too."""

from __future__ import annotations

import pytest

from inspector.analysis.contents import json_of, leaves, wants_to_leave


def test_texts_of_a_message_without_keys_and_types() -> None:
    content = (
        b'{"type": "chat", "text": "hello", "who": {"name": "\xea\xb9\x80\xec\xb2\xa0"}, "n": 3, "to": ["you", "x"]}'
    )
    assert leaves(content) == {"hello", "김철", "you"}
    assert leaves("안녕하세요".encode()) == {"안녕하세요"}
    assert leaves(b"42") == {"42"}
    assert leaves(b"") == set()


@pytest.mark.parametrize(
    "hostile",
    [b"[" * 100_000, b"\xff\xfe", b"{", b"1" * 5000, b"NaN", b'"' + b"x" * (1 << 20) + b'"'],
    ids=["deep", "no UTF-8", "open", "long number", "NaN", "large"],
)
def test_hostile_messages_are_no_error(hostile: bytes) -> None:
    assert json_of(hostile) is None
    assert leaves(hostile) == ({hostile.decode("utf-8", "backslashreplace")} if len(hostile) > 1 else set())
    assert not wants_to_leave(hostile)


@pytest.mark.parametrize(
    ("content", "leaving"),
    [
        (b'{"type": "leave"}', True),
        (b'{"action": "kick_user"}', True),
        ('{"type": "강퇴"}'.encode(), True),
        (b'{"type": "chat", "text": "leave me alone"}', False),
        (b'{"type": "message"}', False),
        (b'{"text": "leave me"}', False),
        (b'{"type": 5, "action": "leave"}', True),
        (b"quit", True),
        (b"I will leave tomorrow, after the long meeting with everybody", False),
    ],
)
def test_who_asks_to_leave(content: bytes, leaving: bool) -> None:
    assert wants_to_leave(content) is leaving
