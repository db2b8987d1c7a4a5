"""What HTTP messages carry, taken apart for display: media types, text, query, forms, cookies."""

from __future__ import annotations

import codecs
import email.parser
import email.policy
from dataclasses import dataclass
from email.message import Message
from urllib.parse import parse_qsl

__all__ = ["Part", "cookies", "decode_text", "form_fields", "media_type", "multipart_parts", "query_parameters"]

_MOST_FIELDS = 1000
"""Parameters or parts that are taken apart; people do not read more."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of multipart/form-data (RFC 7578).

    Args:
        name: Of the field.
        filename: As the client named its file; never used as a path.
        content_type: As sent, or None.
        data: Its bytes.
    """

    name: str
    filename: str | None
    content_type: str | None
    data: bytes


def media_type(value: bytes | None) -> tuple[str, dict[str, str]]:
    """Type and parameters of a Content-Type header, lower case; ``("", {})`` without one (RFC 9110 section 8.3.1)."""
    if not value:
        return "", {}
    message = Message()
    message["content-type"] = value.decode("latin-1").replace("\r", " ").replace("\n", " ")
    parameters = message.get_params(failobj=[], header="content-type") or []
    kind = parameters[0][0].lower() if parameters else ""
    return kind, {name.lower(): text for name, text in parameters[1:]}


def decode_text(body: bytes, content_type: bytes | None) -> tuple[str, str] | None:
    """A body as text and the charset used, or None when it is not text.

    The charset is the header's; without one UTF-8 is tried, then taken as Latin-1 for types that are text.
    """
    kind, parameters = media_type(content_type)
    charset = parameters.get("charset", "").strip("'\" ")
    try:
        if charset and codecs.lookup(charset)._is_text_encoding:
            return body.decode(charset, "replace"), charset.lower()
    except LookupError:
        pass
    textual = kind.startswith("text/") or kind.endswith(("json", "xml", "javascript", "x-www-form-urlencoded"))
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return (body.decode("latin-1"), "latin-1") if textual else None
    return (text, "utf-8") if textual or text.isprintable() or not body else None


def query_parameters(target: bytes) -> list[tuple[str, str]]:
    """The parameters of a request target's query, percent-decoded as UTF-8, in order."""
    _, mark, query = target.partition(b"?")
    return _pairs(query.partition(b"#")[0]) if mark else []


def form_fields(body: bytes) -> list[tuple[str, str]]:
    """The fields of an application/x-www-form-urlencoded body."""
    return _pairs(body)


def _pairs(encoded: bytes) -> list[tuple[str, str]]:
    fields = b"&".join(encoded.split(b"&", _MOST_FIELDS)[:_MOST_FIELDS])
    return parse_qsl(fields.decode("utf-8", "replace"), keep_blank_values=True)


def multipart_parts(body: bytes, content_type: bytes) -> list[Part]:
    """The parts of a multipart body; empty when the boundary is not there."""
    # The e-mail parser reads MIME parts; binary=True bodies come back through the surrogate-escape it uses inside.
    head = b"Content-Type: " + content_type.replace(b"\r", b" ").replace(b"\n", b" ") + b"\r\n\r\n"
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    if not message.is_multipart():
        return []
    parts = []
    for part in list(message.iter_parts())[:_MOST_FIELDS]:
        payload = part.get_payload(decode=True)
        name = part.get_param("name", "", header="content-disposition")
        parts.append(
            Part(
                str(name), part.get_filename(), part.get("content-type"), payload if isinstance(payload, bytes) else b""
            )
        )
    return parts


def cookies(value: bytes) -> list[tuple[str, str]]:
    """Names and values of a Cookie header (RFC 6265 section 4.2.1); also name, value and attributes of Set-Cookie."""
    pairs = []
    for item in value.decode("utf-8", "replace").split(";")[:_MOST_FIELDS]:
        name, _, text = item.strip().partition("=")
        if name:
            pairs.append((name, text))
    return pairs
