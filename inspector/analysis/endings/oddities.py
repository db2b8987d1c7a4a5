"""What is odd about a message compared with the earlier ones of its socket."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inspector.analysis.contents import json_of
from inspector.model.websocket import BINARY

if TYPE_CHECKING:
    from inspector.analysis.endings.gone import Trigger

__all__ = ["ORDINARY", "is_new", "what_is_odd"]

ORDINARY = "unknown"
"""The code of a message about which nothing is odd: what was wrong with it the wire does not show."""


def what_is_odd(message: Trigger) -> str:
    """A stable code: ``binary``, ``empty_text``, ``invalid_json``, ``missing_key``, ``not_an_object``, or ``ORDINARY``."""
    socket, content = message.socket, message.content
    if socket.opcode(message.row) == BINARY:
        return "binary"
    if not content:
        return "empty_text"
    value = json_of(content)
    earlier = [json_of(socket.content(row)) for row in socket.messages(False)[0].tolist() if row < message.row]
    objects = [e for e in earlier if isinstance(e, dict)]
    if value is None:
        return "invalid_json" if objects or not earlier else ORDINARY
    if not isinstance(value, dict):
        return "not_an_object" if objects else ORDINARY
    alike = [set(e) for e in objects if e.get("type") == value.get("type")]
    return "missing_key" if alike and set.intersection(*alike) - set(value) else ORDINARY


def is_new(message: Trigger) -> bool:
    """Whether its socket had sent none of its kind before: what was survived once explains no end."""
    socket = message.socket
    kind = _kind(message.content)
    return all(_kind(socket.content(row)) != kind for row in socket.messages(False)[0].tolist() if row < message.row)


def _kind(content: bytes) -> object:
    """What a consumer tells messages apart by: type and keys of an object, otherwise what JSON it is."""
    value = json_of(content)
    return (str(value.get("type")), frozenset(value)) if isinstance(value, dict) else type(value)
