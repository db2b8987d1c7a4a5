"""Reads the head of a message and finds how its body ends."""

from __future__ import annotations

import re

from inspector.model.anomaly import Anomaly
from inspector.model.http import Framing, HttpMessage
from inspector.refs import Ref
from inspector.wire.http1.grammar import FIELD_LINE

__all__ = ["body_framing", "parse_fields", "parse_head"]

_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def parse_head(head: bytes, start: int) -> HttpMessage:
    """Read a head, its empty line included.

    Args:
        head: From the first byte of the message to the end of the empty line.
        start: Position of the first byte in the stream.
    """
    first_line, _, fields = head.partition(b"\n")
    end = start + len(head)
    message = HttpMessage(first_line.rstrip(b"\r"), [], start, end, end)
    if b"\n" in head.replace(b"\r\n", b""):
        message.anomalies.append(Anomaly("http.bare_lf", start, end, Ref("RFC 9112", "2.2")))
    if _CONTROL.search(head):
        message.anomalies.append(Anomaly("http.control_character", start, end, Ref("RFC 9110", "5.5")))
    message.headers = parse_fields(fields, start + len(first_line) + 1, message.anomalies)
    if message.method is not None and message.version != b"HTTP/1.0":
        hosts = len(message.values("host"))
        if hosts != 1:
            code = "http.duplicate_host" if hosts else "http.missing_host"
            message.anomalies.append(Anomaly(code, start, end, Ref("RFC 9112", "3.2")))
    return message


def parse_fields(fields: bytes, start: int, anomalies: list[Anomaly]) -> list[tuple[bytes, bytes]]:
    """Read header lines; what is not one is told in ``anomalies`` and left out."""
    headers: list[tuple[bytes, bytes]] = []
    at = start
    for raw in fields.split(b"\n"):
        line = raw.rstrip(b"\r")
        end = at + len(raw)
        if not line:
            pass
        elif line[:1] in b" \t":
            anomalies.append(Anomaly("http.obs_fold", at, end, Ref("RFC 9112", "5.2")))
            if headers:
                headers[-1] = (headers[-1][0], headers[-1][1] + b" " + line.strip(b" \t"))
        elif match := FIELD_LINE.fullmatch(line):
            if match[2]:
                anomalies.append(Anomaly("http.space_before_colon", at, end, Ref("RFC 9112", "5.1")))
            headers.append((match[1], match[3]))
        else:
            anomalies.append(Anomaly("http.bad_field_line", at, end, Ref("RFC 9112", "5")))
        at = end + 1
    return headers


def body_framing(message: HttpMessage, request_method: bytes | None) -> tuple[Framing, int]:
    """How the message's body ends, by the order of RFC 9112 section 6.3, and its length where that is told.

    Args:
        message: A request, or a response together with
        request_method: the method it answers (None when the request was not seen).
    """
    status = message.status
    if status is not None:
        if status == 101 or (request_method == b"CONNECT" and 200 <= status < 300):
            return Framing.SWITCHED, 0
        if status < 200 or status in (204, 304) or request_method == b"HEAD":
            return Framing.NONE, 0
    if message.values("transfer-encoding"):
        return _transfer_coding(message), 0
    length = _content_length(message)
    if length is not None:
        return (Framing.LENGTH, length) if length else (Framing.NONE, 0)
    return (Framing.NONE, 0) if status is None else (Framing.CLOSE, 0)


def _transfer_coding(message: HttpMessage) -> Framing:
    def tell(code: str, section: str) -> None:
        message.anomalies.append(Anomaly(code, message.start, message.head_end, Ref("RFC 9112", section)))

    codings = [part.strip().lower() for value in message.values("transfer-encoding") for part in value.split(b",")]
    if message.values("content-length"):
        tell("http.length_and_transfer_encoding", "6.3")
    if message.version == b"HTTP/1.0":
        tell("http.transfer_encoding_in_http10", "6.1")
    if codings.count(b"chunked") > 1:
        tell("http.chunked_twice", "6.1")
    if codings[-1] == b"chunked":
        return Framing.CHUNKED
    tell("http.chunked_not_last", "6.3")
    return Framing.CLOSE


def _content_length(message: HttpMessage) -> int | None:
    values = [part.strip() for value in message.values("content-length") for part in value.split(b",")]
    if not values:
        return None

    def tell(code: str, detail: bytes) -> None:
        text = detail.decode("ascii", "backslashreplace")
        message.anomalies.append(Anomaly(code, message.start, message.head_end, Ref("RFC 9112", "6.3"), text))

    # 19 digits are more bytes than any stream has; more would only cost time to convert.
    good = [value for value in values if value.isdigit() and len(value) <= 19]
    if len(good) < len(values):
        tell("http.bad_content_length", next(value for value in values if value not in good)[:40])
        return None
    if len(set(values)) > 1:
        tell("http.conflicting_content_length", b", ".join(values)[:80])
    return int(good[0])
