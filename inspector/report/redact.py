"""Redaction: secrets are collected first, then masked wherever they occur, in whatever encoding.

Text gets marks such as ``‹redacted: cookie 1, 32 bytes›``: the number tells which cookie, so that the same one can be
recognised elsewhere. Bytes keep their length, so that offsets stay right.
"""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote_to_bytes

import numpy as np
from numpy.typing import NDArray

from inspector.report.secret_finder import secrets_in_header, secrets_in_text
from inspector.report.secret_names import is_only_a_name, stands_out
from inspector.report.text_layers import layers
from inspector.wire.forms import decode_text

if TYPE_CHECKING:
    from inspector.recording.http import HttpExchange
    from inspector.recording.websockets import WebSockets

__all__ = ["FILL", "Redacted", "Redactor", "fill", "redactor_for"]

FILL = b"*"
"""What stands in bytes, once for each byte of a secret."""
_SHORTEST_SPREAD = 6
"""Bytes of a secret that is looked for everywhere; shorter ones would hit words and numbers that are none."""
_LONGEST_SPREAD = 1 << 14
_MOST_SPREAD = 2 << 20
"""Bytes of all secrets looked for everywhere, each being kept in ten forms; others are masked where they are recognised
themselves."""
_SHORTEST_BASE64 = 8
"""Characters of base64 by which a secret is recognised; fewer are too common."""
_CHUNK = 1 << 20
_8, _16, _24 = np.uint32(8), np.uint32(16), np.uint32(24)
_HASH_BITS = 18
_BASE64 = frozenset(bytes((octet,)) for octet in b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")


class Redacted(NamedTuple):
    """A masked place.

    Args:
        start, end: Its bytes.
        kind: ``authorization``, ``cookie``, ``key``, ``password``, ``secret``, ``session id`` or ``token``.
        number: Which secret of that kind, from 1.
        is_number: A JSON number stood there.
    """

    start: int
    end: int
    kind: str
    number: int
    is_number: bool = False

    @property
    def mark(self) -> str:
        """What text shows instead."""
        size = self.end - self.start
        mark = f"‹redacted: {self.kind} {self.number}, {size} byte{'s' if size != 1 else ''}›"
        return f'"{mark}"' if self.is_number else mark


class _Place(NamedTuple):
    """A secret found, and the secret as written there."""

    start: int
    end: int
    kind: str
    is_number: bool
    secret: bytes


class _Variant(NamedTuple):
    """One way to write a secret."""

    data: bytes
    secret: bytes
    before: bool  # whether the character before and after it holds bits of the secret, too
    after: bool


def redactor_for(exchanges: Iterable[HttpExchange], websockets: WebSockets) -> Redactor:
    """A redactor that knows the secrets of a capture: of its HTTP exchanges and WebSocket messages."""
    redactor = Redactor()
    for item in exchanges:
        exchange = item.exchange
        for message in (exchange.request, *exchange.interim, exchange.response):
            if message is None:
                continue
            redactor.learn_headers([*message.headers, *message.trailers])
            redactor.learn_text(message.target or b"")
            if message.body_length and item.protocol is None:
                is_request = message is exchange.request
                redactor.learn_body(item.content(message).data, message.header("content-type"), is_request=is_request)
    for direction in websockets.directions:
        for row in direction.messages:
            redactor.learn_text(websockets.content(row) or b"", trusted=direction.is_client)
    return redactor


class Redactor:
    """Knows the secrets of a capture, and masks them.

    Use: ``learn_...`` with everything there is, then mask everything that is shown. Cut texts after masking, not before:
    a part of a secret is not recognised.
    """

    def __init__(self) -> None:
        self._numbers: dict[tuple[str, bytes], int] = {}
        self._kinds: dict[bytes, str] = {}
        self._spread = 0
        self._counts: Counter[str] = Counter()
        self._variants: dict[bytes, list[_Variant]] = {}
        self._heads = np.zeros(1 << _HASH_BITS, np.bool_)

    @property
    def counts(self) -> dict[str, int]:
        """How many different secrets of each kind were met."""
        return dict(self._counts)

    # --- collecting -----------------------------------------------------------------------------------------------

    def learn_headers(self, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Collect from header fields."""
        for name, value in headers:
            for found in secrets_in_header(name, value):
                self._learn(value[found.start : found.end], found.kind, trusted=True)

    def learn_text(self, data: bytes, *, trusted: bool = True) -> None:
        """Collect from a URL, a request target, a WebSocket message, any text.

        Args:
            data: The text.
            trusted: What follows a secret's name is a secret; False where labels and source text are to be expected, as
                in pages: there only what looks random is looked for elsewhere, too.
        """
        for layer in layers(data):
            for found in secrets_in_text(layer.data):
                self._learn(layer.data[found.start : found.end], found.kind, trusted=trusted)

    def learn_body(self, data: bytes, content_type: bytes | None, *, is_request: bool) -> None:
        """Collect from a body, its content coding removed."""
        decoded = decode_text(data, content_type)
        self.learn_text(data if decoded is None else decoded[0].encode("utf-8", "replace"), trusted=is_request)

    def _learn(self, value: bytes, kind: str, *, trusted: bool) -> None:
        plain = _plain(value)
        if kind == "authorization":
            self._learn_basic(value)
        spread = stands_out(plain) or (trusted and kind != "cookie" and len(plain) >= _SHORTEST_SPREAD)
        if not spread or is_only_a_name(plain) or plain in self._kinds:
            return
        if len(plain) <= _LONGEST_SPREAD and self._spread + len(plain) <= _MOST_SPREAD:
            self._spread += len(plain)
            self._kinds[plain] = kind
            forms = {layer.data for layer in layers(value)}
            for form in sorted({*forms, unquote_to_bytes(value.replace(b"+", b" "))}):
                for variant in _variants(form, plain):
                    self._add(variant)

    def _learn_basic(self, value: bytes) -> None:
        """The password in credentials of the Basic scheme (RFC 7617)."""
        try:
            _user, colon, password = base64.b64decode(value + b"=" * (-len(value) % 4), validate=True).partition(b":")
        except binascii.Error:
            return
        if colon and password:
            self._learn(password, "password", trusted=True)

    def _add(self, variant: _Variant) -> None:
        head = variant.data[:4]
        rows = self._variants.setdefault(head, [])
        if all(row.data != variant.data for row in rows):
            rows.append(variant)
            rows.sort(key=lambda row: -len(row.data))
            self._heads[_hash(np.frombuffer(head, "<u4").astype(np.uint32))] = True

    # --- masking --------------------------------------------------------------------------------------------------

    def spans(self, data: bytes) -> list[Redacted]:
        """The places to mask in any bytes, in order, none overlapping another."""
        return self._labelled(self._places(data))

    def header_spans(self, name: bytes, value: bytes) -> list[Redacted]:
        """The places to mask in a header's value."""
        own = (_Place(*found, value[found.start : found.end]) for found in secrets_in_header(name, value))
        return self._labelled([*own, *self._places(value)])

    def text(self, text: str) -> str:
        """A text with marks in place of secrets."""
        data = text.encode("utf-8", "surrogatepass")
        spans = self.spans(data)
        return _marked(data, spans).decode("utf-8", "surrogatepass") if spans else text

    def headers(self, headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """Header fields with marks (UTF-8) in place of secrets."""
        return [(name, self.header(name, value)) for name, value in headers]

    def header(self, name: bytes, value: bytes) -> bytes:
        """A header's value with marks (UTF-8) in place of secrets."""
        spans = self.header_spans(name, value)
        return _marked(value, spans) if spans else value

    def octets(self, data: bytes) -> bytes:
        """Bytes of the same length with ``*`` in place of secrets."""
        return fill(data, self.spans(data))

    def _places(self, data: bytes) -> list[_Place]:
        """Where secrets are written: by their names, their shapes, and the secrets that are known."""
        places = []
        for layer in layers(data):
            inner = [_Place(*found, layer.data[found.start : found.end]) for found in secrets_in_text(layer.data)]
            for place in [*inner, *self._known(layer.data)]:
                start, end = layer.place(place.start, place.end)
                places.append(place._replace(start=start, end=end))
        return places

    def _labelled(self, places: Iterable[_Place]) -> list[Redacted]:
        rows = []
        for place in _merged(places):
            plain = _plain(place.secret)
            kind = self._kinds.get(plain, place.kind)
            number = self._numbers.get((kind, plain))
            if number is None:
                self._counts[kind] += 1
                number = self._numbers[kind, plain] = self._counts[kind]
            rows.append(Redacted(place.start, place.end, kind, number, place.is_number))
        return rows

    def _known(self, data: bytes) -> Iterator[_Place]:
        """Where known secrets are written, in any of their variants."""
        if not self._variants:
            return
        for at in self._candidates(data):
            for variant in self._variants.get(data[at : at + 4], ()):
                if data.startswith(variant.data, at):
                    start, end = at, at + len(variant.data)
                    start -= variant.before and data[start - 1 : start] in _BASE64
                    end += variant.after and data[end : end + 1] in _BASE64
                    yield _Place(start, end, self._kinds[variant.secret], False, variant.secret)
                    break

    def _candidates(self, data: bytes) -> Iterable[int]:
        """Positions whose four bytes may begin a variant."""
        for start in range(0, len(data) - 3, _CHUNK):
            octets = np.frombuffer(data, np.uint8, min(_CHUNK + 3, len(data) - start), start).astype(np.uint32)
            words: NDArray[np.uint32] = octets[:-3] | octets[1:-2] << _8 | octets[2:-1] << _16 | octets[3:] << _24
            yield from (np.flatnonzero(self._heads[_hash(words)]) + start).tolist()


def fill(data: bytes, spans: Iterable[Redacted]) -> bytes:
    """Bytes of the same length with ``*`` in the places given."""
    masked = bytearray(data)
    for span in spans:
        masked[span.start : span.end] = FILL * (span.end - span.start)
    return bytes(masked)


def _plain(value: bytes) -> bytes:
    """A secret with all its escapes undone."""
    *_others, last = layers(value)
    return last.data


def _marked(data: bytes, spans: Iterable[Redacted]) -> bytes:
    parts: list[bytes] = []
    at = 0
    for span in spans:
        parts += (data[at : span.start], span.mark.encode())
        at = span.end
    return b"".join([*parts, data[at:]])


def _merged(places: Iterable[_Place]) -> Iterator[_Place]:
    """What overlaps is masked as one; it is what the longest is."""
    current: _Place | None = None
    longest = 0
    for place in sorted(places, key=lambda place: (place.start, -place.end)):
        if current is None or place.start >= current.end:
            if current is not None:
                yield current
            current, longest = place, place.end - place.start
            continue
        end = max(current.end, place.end)
        if place.end - place.start > longest:
            longest = place.end - place.start
            current = place._replace(start=current.start, is_number=False)
        current = current._replace(end=end)
    if current is not None:
        yield current


def _variants(form: bytes, secret: bytes) -> Iterator[_Variant]:
    """How a secret is written where its escapes have been undone: itself, and inside of base64 and hexadecimal."""
    yield _Variant(form, secret, False, False)
    if b" " in form:
        yield _Variant(form.replace(b" ", b"+"), secret, False, False)
    for digits in (form.hex(), form.hex().upper()):
        yield _Variant(digits.encode(), secret, False, False)
    for skipped in range(3):
        # With so many bytes before it, some characters hold bits of the secret and of its neighbours.
        encoded = base64.b64encode(bytes(skipped) + form)
        inner = encoded[(skipped * 8 + 5) // 6 : (skipped + len(form)) * 8 // 6]
        if len(inner) >= _SHORTEST_BASE64:
            partly = (skipped + len(form)) * 8 % 6 > 0
            for text in {inner, inner.replace(b"+", b"-").replace(b"/", b"_")}:
                yield _Variant(text, secret, skipped > 0, partly)


def _hash(words: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Four bytes to a place in the table of heads: the high bits of a product (Knuth's multiplicative hash)."""
    return (words * np.uint32(2654435761)) >> np.uint32(32 - _HASH_BITS)
