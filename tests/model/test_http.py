"""What is read off HTTP messages."""

from __future__ import annotations

import pytest

from inspector.model.http import HttpMessage


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (b"GET /ws/\xec\x95\x88?a=1 HTTP/1.1", "/ws/안?a=1"),
        (b"GET /\xff HTTP/1.1", "/\\xff"),
        (b"HTTP/1.1 404 Not Found", ""),
    ],
)
def test_target_as_text(line: bytes, text: str) -> None:
    assert HttpMessage(line, [], 0, len(line), len(line)).target_text == text
