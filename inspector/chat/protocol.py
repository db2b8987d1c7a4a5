"""The chat's JSON messages, version 1: what a client may send, checked before anything is done with it.

docs/chat.md is the description for people. Decoding knows neither Django nor Channels: text in, request or
`ProtocolError` out.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

__all__ = [
    "VERSION",
    "Close",
    "Heartbeat",
    "History",
    "Like",
    "ProtocolError",
    "Request",
    "Say",
    "Share",
    "Typing",
    "decode",
    "encode",
    "error",
]

VERSION = 1

# A message of 4,000 Korean characters needs 24 kB when every character is written as \\uXXXX.
MAX_MESSAGE_BYTES = 64 * 1024
MAX_TEXT = 4000
MAX_REASON = 200
# More recipients than this is a broadcast; each one costs a group_send.
MAX_RECIPIENTS = 50
MAX_REF = 64


class ProtocolError(Exception):
    """A message that breaks the schema.

    Attributes:
        code: Stable English word for programs, e.g. ``"bad_json"``.
        ref: The client's own reference of the message, if it could be read.
    """

    def __init__(self, code: str, message: str, ref: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.ref = ref


@dataclass(frozen=True)
class Request:
    """What all requests share: the client's reference, echoed in the answer."""

    ref: str | None


@dataclass(frozen=True)
class Say(Request):
    """``chat.message``: say something, to all or to the listed user ids."""

    text: str
    to: tuple[int, ...]


@dataclass(frozen=True)
class Share(Request):
    """``chat.upload``: post a file that was uploaded over HTTP."""

    upload: int
    to: tuple[int, ...]


@dataclass(frozen=True)
class Like(Request):
    """``chat.like``: like a message or take it back."""

    message: int
    like: bool


@dataclass(frozen=True)
class Typing(Request):
    """``chat.typing``: the user started or stopped typing."""

    typing: bool


@dataclass(frozen=True)
class History(Request):
    """``chat.history``: older messages."""

    before: int | None


@dataclass(frozen=True)
class Close(Request):
    """``chat.close``: close the room for everybody."""

    reason: str


@dataclass(frozen=True)
class Heartbeat(Request):
    """``presence.heartbeat``: still here."""


_FIELDS: dict[str, tuple[str, ...]] = {
    "chat.message": ("text", "to"),
    "chat.upload": ("upload", "to"),
    "chat.like": ("message", "like"),
    "chat.typing": ("typing",),
    "chat.history": ("before",),
    "chat.close": ("reason",),
    "presence.heartbeat": (),
}


def decode(text: str | None) -> Request:
    """Check one WebSocket message and name what it asks for.

    Raises:
        ProtocolError: With one of the codes ``binary``, ``too_large``, ``bad_json``, ``not_object``, ``version``,
            ``unknown_type``, ``unknown_field``, ``bad_field``.
    """
    if text is None:
        raise ProtocolError("binary", "Binary messages are not part of this protocol; upload files over HTTP.")
    # len(text) is a lower bound of the bytes, and cheap.
    if len(text) > MAX_MESSAGE_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_MESSAGE_BYTES:
        raise ProtocolError("too_large", f"A message has at most {MAX_MESSAGE_BYTES} bytes.")
    try:
        data = json.loads(text)
    # Deep nesting exhausts the decoder's stack; long digit strings are refused by int().
    except (ValueError, RecursionError):
        raise ProtocolError("bad_json", "The message is not JSON.") from None
    if not isinstance(data, dict):
        raise ProtocolError("not_object", "The message is JSON but not an object.")
    ref = data.get("ref")
    if ref is not None and not (isinstance(ref, str) and len(ref) <= MAX_REF):
        raise ProtocolError("bad_field", f"“ref” is a string of at most {MAX_REF} characters.")
    if data.get("v", VERSION) != VERSION:
        raise ProtocolError("version", f"This server speaks version {VERSION}.", ref)
    kind = data.get("type")
    if not isinstance(kind, str) or kind not in _FIELDS:
        raise ProtocolError("unknown_type", f"“type” is one of: {', '.join(sorted(_FIELDS))}.", ref)
    unknown = sorted(set(data) - {"v", "type", "ref", *_FIELDS[kind]})
    if unknown:
        raise ProtocolError("unknown_field", f"“{kind}” has no field “{unknown[0][:40]}”.", ref)
    return _build(kind, data, ref)


def _build(kind: str, data: dict[str, Any], ref: str | None) -> Request:
    match kind:
        case "chat.message":
            text = _text(data, "text", MAX_TEXT, ref)
            if not text:
                raise ProtocolError("bad_field", "“text” is empty.", ref)
            return Say(ref, text, _recipients(data, ref))
        case "chat.upload":
            return Share(ref, _number(data, "upload", ref), _recipients(data, ref))
        case "chat.like":
            return Like(ref, _number(data, "message", ref), _flag(data, "like", ref))
        case "chat.typing":
            return Typing(ref, _flag(data, "typing", ref))
        case "chat.history":
            return History(ref, None if data.get("before") is None else _number(data, "before", ref))
        case "chat.close":
            return Close(ref, _text(data, "reason", MAX_REASON, ref))
        case _:
            return Heartbeat(ref)


def _text(data: dict[str, Any], field: str, limit: int, ref: str | None) -> str:
    value = data.get(field)
    if not isinstance(value, str) or len(value) > limit:
        raise ProtocolError("bad_field", f"“{field}” is a string of at most {limit} characters.", ref)
    # A lone surrogate is legal in JSON but not in UTF-8: it could neither be stored nor sent on.
    if any("\ud800" <= c <= "\udfff" for c in value) or "\0" in value:
        raise ProtocolError("bad_field", f"“{field}” holds a character that is not text.", ref)
    return value.strip()


def _number(data: dict[str, Any], field: str, ref: str | None) -> int:
    value = data.get(field)
    # bool is an int in Python; identifiers are positive and fit the database's 64 bits.
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**63:
        raise ProtocolError("bad_field", f"“{field}” is the number of something.", ref)
    return value


def _flag(data: dict[str, Any], field: str, ref: str | None) -> bool:
    value = data.get(field)
    if not isinstance(value, bool):
        raise ProtocolError("bad_field", f"“{field}” is true or false.", ref)
    return value


def _recipients(data: dict[str, Any], ref: str | None) -> tuple[int, ...]:
    value = data.get("to")
    if value is None:
        return ()
    if not isinstance(value, list) or not 0 < len(value) <= MAX_RECIPIENTS:
        raise ProtocolError("bad_field", f"“to” is a list of 1 to {MAX_RECIPIENTS} user numbers.", ref)
    return tuple(dict.fromkeys(_number({"to": item}, "to", ref) for item in value))


def encode(kind: str, **fields: object) -> str:
    """A message from the server, as JSON text."""
    return json.dumps({"v": VERSION, "type": kind, **fields}, ensure_ascii=False, separators=(",", ":"))


def error(failure: ProtocolError) -> str:
    """The answer to a message that breaks the schema or a rule."""
    return encode("error", code=failure.code, message=str(failure), ref=failure.ref)
