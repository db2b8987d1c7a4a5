"""What messages say, as far as rules need it: JSON values, the texts inside of them, words of leaving."""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["json_of", "leaves", "wants_to_leave"]

_MOST_BYTES = 1 << 20
"""Larger messages are not looked into."""
_LEAST_LEAF = 2
"""Characters of a text that can tell one message from another."""
_LEAVE = re.compile(r"leave|kick|quit|exit|ban|close|logout|bye|remove|나가|퇴장|강퇴|종료", re.IGNORECASE)


def json_of(content: bytes) -> Any:  # Any: JSON
    """The JSON value of a message; None when it is none (also for ``null``)."""
    if len(content) > _MOST_BYTES:
        return None
    try:
        return json.loads(content.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None


def _no_constant(name: str) -> Any:
    """NaN and Infinity, which Python would read, are no JSON (RFC 8259 section 6)."""
    raise ValueError(name)


def leaves(content: bytes, least: int = _LEAST_LEAF) -> set[str]:
    """The texts in a JSON message (not its keys, not the value of ``type``); the message itself when it is no JSON.

    Args:
        content: Of the message.
        least: Characters of a text that counts.
    """
    value = json_of(content)
    if value is None or isinstance(value, (int, float)):
        text = content.decode("utf-8", "backslashreplace").strip()
        return {text} if len(text) >= least else set()
    found: set[str] = set()
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            waiting += [inner for key, inner in item.items() if key != "type"]
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, str) and len(item) >= least:
            found.add(item)
    return found


def wants_to_leave(content: bytes) -> bool:
    """Whether a message asks that somebody be let go: leave, kick, close …, as its type, action or command."""
    value = json_of(content)
    if isinstance(value, dict):
        words = [
            v for k, v in value.items() if k in ("type", "action", "command", "cmd", "event") and isinstance(v, str)
        ]
        return any(_LEAVE.search(word) for word in words)
    text = content.decode("utf-8", "replace")
    return len(text) < 40 and bool(_LEAVE.search(text))
