"""Finds secrets where they stand: in headers, URLs, JSON, forms, multipart bodies, HTML, and by their own shape."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from typing import NamedTuple

from inspector.report.secret_names import KEYWORDS, SECRET_HEADERS, kind_of_name, stands_out

__all__ = ["MARK", "Found", "secrets_in_header", "secrets_in_text"]


class Found(NamedTuple):
    """A secret at its place.

    Args:
        start, end: Its bytes.
        kind: ``authorization``, ``cookie``, ``key``, ``password``, ``secret``, ``session id`` or ``token``.
        number: A JSON number: what replaces it needs quotes.
    """

    start: int
    end: int
    kind: str
    number: bool = False


MARK = "‹redacted: ".encode()
"""What a mark begins with: text may be masked twice."""
_LONGEST_NAME = 64
_LONGEST_DOUBTFUL = 1024
"""Bytes of a value that are looked at where its name does not suffice."""
_LONGEST_NEST = 1 << 16
"""Bytes of a JSON array or object under a secret's name that are looked through."""
_LONGEST_TAG = 1000
_LONGEST_PART = 1 << 16
_IN_NAMES = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-[]"
_NAME_REST = re.compile(rb"[\w.\-\[\]\x80-\xff]*")
_MORE_OF_KEY = re.compile(rb"""(?:[ ][\w\-()\x80-\xff]{1,30}){1,2}(?="\s{0,8}:)""")
"""What follows a name in a JSON key of several words: ``"password again":``."""
_SEPARATOR = re.compile(rb"""["'`]?\s{0,8}(=>|[=:])\s{0,8}""")
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*+)"?' rb"|'((?:[^'\\]|\\.)*+)'?" rb"|`([^`]*)`?", re.DOTALL)
_AFTER_EQUALS = re.compile(rb"""(?:[^&\s"'<>#;]|;(?![\w.\-]+=)(?=\S))+""")
_AFTER_SEMICOLON = re.compile(rb"""[^;?/&\s"'<>#]+""")
_AFTER_COLON = re.compile(rb"""[^\s"'<>,;{}\[\]]+""")
_ORDINARY = (b"code", b"state", b"nonce")
"""Names that mean other things even in URLs and headers, unless the value looks random."""
_CONSTANTS = frozenset({b"true", b"false", b"null", b"undefined", b"none", b"None", b"True", b"False"})
_NUMBER = re.compile(rb"-?\d[\d.eE+-]*")
_NEST_PARTS = re.compile(rb'"((?:[^"\\]|\\.)*+)"(\s{0,8}:)?|[\[\]{}]', re.DOTALL)
_ATTRIBUTE = re.compile(rb"""(?<!\w)name=["' ]{0,2}\Z""", re.IGNORECASE)
"""Not ``filename=``."""
_LINE = re.compile(rb"[^\r\n]*")
_LINE_IN_QUOTES = {b'"': re.compile(rb'[^\r\n"]*'), b"'": re.compile(rb"[^\r\n']*")}
_PART_HEAD = re.compile(rb"""["']?[^\r\n]{0,300}\r?\n(?:[^\r\n]{1,300}\r?\n){0,8}\r?\n""")
_TAG_VALUE = re.compile(rb"""\s(?:value|content)\s?=\s?(?:"([^"]*)"|'([^']*)'|([^\s>"']+))""", re.IGNORECASE)
_SEGMENT = re.compile(rb"/([^/?#\s\"'<>]+)")
_PREFIX = re.compile(rb"<[\w.\-]{1,30}:\Z")
_ITEM = re.compile(rb"[^,\s]+")

_USERINFO = re.compile(rb"""(?<=[A-Za-z0-9+.\-])://(?:[^\s/?#@"'<>:]{0,256}:)?([^\s/?#@"'<>]{1,2048})@""")
_SCHEMES = (b"bearer", b"basic", b"token", b"digest", b"negotiate", b"ntlm", b"apikey")
_CREDENTIALS = re.compile(rb"[ \t]{1,8}([A-Za-z0-9._~+/\-]{8,}=*)")
# What a secret begins with, its kind, and its shape: searching for plain bytes is far quicker.
_SHAPES = (
    # JSON Web Token (RFC 7519 section 3): three parts, five when encrypted; the first begins with {" in base64url.
    ((b"eyJ",), "token", re.compile(rb"(?<![\w-])eyJ[\w-]{5,}\.[\w-]*\.[\w-]*(?:\.[\w-]*\.[\w-]*)?")),
    ((b"AKIA", b"ASIA"), "key", re.compile(rb"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    ((b"AIza",), "key", re.compile(rb"\bAIza[0-9A-Za-z_-]{35}")),
    (
        (b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_", b"github_pat_", b"glpat-", b"xox"),
        "token",
        re.compile(rb"\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|glpat-[\w-]{20,}|xox[abeprs]-[\w-]{10,})"),
    ),
    (
        (b"sk_", b"sk-", b"pk_", b"pk-", b"rk_", b"rk-"),
        "key",
        re.compile(rb"\b(?:sk|pk|rk)[-_](?:live|test|proj|ant)[-_][\w-]{16,}"),
    ),
    (
        (b"PRIVATE KEY-----",),
        "key",
        re.compile(rb"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(.*?)(?:-----END|\Z)", re.DOTALL),
    ),
    # ASP.NET without cookies.
    ((b"(S(",), "session id", re.compile(rb"\(S\(([a-z0-9]{24})\)")),
    # Redis (RESP): AUTH [username] password.
    (
        (b"AUTH\r\n$", b"auth\r\n$"),
        "password",
        re.compile(rb"(?:AUTH|auth)\r\n(?:\$\d{1,6}\r\n[^\r\n]+\r\n(?=\$))?\$\d{1,6}\r\n([^\r\n]+)"),
    ),
    # POP3, FTP, IRC, Redis, SMTP.
    ((b"PASS", b"AUTH"), "password", re.compile(rb"(?m)^(?:PASS|AUTH(?: PLAIN| LOGIN)?)[ \t]+:?([^\r\n]+)")),
)
_BEGINNINGS = tuple((beginning, place) for place, row in enumerate(_SHAPES) for beginning in row[0])
"""Beginnings without which a shape is not in a text, and the shape's place."""
_PUBLIC_ATTRIBUTES = frozenset({
    b"path", b"domain", b"expires", b"max-age", b"samesite", b"secure", b"httponly", b"priority", b"partitioned",
    b"version", b"comment",
})  # fmt: skip


def secrets_in_header(name: bytes, value: bytes) -> list[Found]:
    """The secrets in one header field.

    Args:
        name: Any case.
        value: As sent.
    """
    lower = name.lower()
    if lower in (b"authorization", b"proxy-authorization"):
        scheme, space, rest = value.partition(b" ")
        start = len(scheme) + 1 if space and rest.strip() else 0
        return _checked(value, start, len(value), "authorization", sure=True)
    if lower in (b"cookie", b"cookie2", b"set-cookie"):
        return list(_cookie_values(value, is_set=lower == b"set-cookie"))
    if lower == b"sec-websocket-protocol":
        return _subprotocols(value)
    named = kind_of_name(lower)
    if named is not None:
        kind, sure = named
        if whole := _checked(value, 0, len(value), kind, sure or not lower.endswith(_ORDINARY)):
            return whole
    return secrets_in_text(value)


def _cookie_values(value: bytes, *, is_set: bool) -> Iterator[Found]:
    at = 0
    for index, item in enumerate(value.split(b";")):
        name, equals, text = item.partition(b"=")
        public = text.strip(b' "').startswith(MARK) or (is_set and index and name.strip().lower() in _PUBLIC_ATTRIBUTES)
        start, end = at + len(name) + 1, at + len(item)
        if not equals:
            # A cookie without a name (RFC 6265bis section 5.7), or an attribute without a value.
            start, text, public = at, item, public or (is_set and index > 0)
        while start < end and value[start] in b' "':
            start += 1
        while end > start and value[end - 1] in b' "':
            end -= 1
        if not public and text.strip() and start < end:
            named = kind_of_name(name.strip()) if equals else None
            yield Found(start, end, named[0] if named is not None and named[0] == "session id" else "cookie")
        at += len(item) + 1


def _subprotocols(value: bytes) -> list[Found]:
    """Subprotocols, among which browsers hide tokens, since they let a page set no other header of a WebSocket."""
    found = secrets_in_text(value)
    announced = False
    for match in _ITEM.finditer(value):
        item = match[0]
        random = len(item) >= 20 and stands_out(item) and any(48 <= octet <= 57 for octet in item)
        if announced or random or b"bearer.authorization" in item:
            found += _checked(value, *match.span(), "token", sure=True)
        announced = kind_of_name(item) is not None and len(item) < 20
    return found


def secrets_in_text(data: bytes) -> list[Found]:
    """The secrets in any text: a URL, a body, a WebSocket message, raw bytes with HTTP heads in them.

    They are told by the names before them and by their own shape; where one lies in another both are told.
    """
    found = _Named(data).found
    if b"@" in data:
        for match in _USERINFO.finditer(data):
            found += _checked(data, *match.span(1), "password", sure=True)
    lower = data.lower()
    # One look for each word tells for most texts that there is nothing: this runs over every message of a capture, twice.
    for scheme in [scheme for scheme in _SCHEMES if scheme in lower]:
        for at in _places(lower, scheme):
            named = _CREDENTIALS.match(data, at + len(scheme))
            if named is not None and _is_credential(named[1], basic=scheme == b"basic"):
                found += _checked(data, *named.span(1), "authorization", sure=True)
    for place in dict.fromkeys([place for beginning, place in _BEGINNINGS if beginning in data]):
        _beginnings, kind, shape = _SHAPES[place]
        for match in shape.finditer(data):
            found += _checked(data, *match.span(shape.groups), kind, sure=True)
    return found


def _places(data: bytes, word: bytes) -> Iterator[int]:
    at = data.find(word)
    while at >= 0:
        yield at
        at = data.find(word, at + len(word))


def _is_credential(value: bytes, *, basic: bool) -> bool:
    if not basic:
        return len(value) >= 16 or stands_out(value)
    try:
        return b":" in base64.b64decode(value + b"=" * (-len(value) % 4))
    except binascii.Error:
        return False


def _checked(data: bytes, start: int, end: int, kind: str, sure: bool) -> list[Found]:
    if start >= end or not (sure or stands_out(data[start:end])) or data.startswith(MARK, start):
        return []
    return [Found(start, end, kind)]


class _Named:
    """Finds the values that follow names of secrets, in one walk from name to name.

    No part of the text is looked at again and again, whatever it is: a name inside of a value that is masked anyway is
    skipped, and so is what is nested in a nest that was walked through.
    """

    def __init__(self, data: bytes) -> None:
        self.found: list[Found] = []
        self._data = data
        self._masked_to = self._walked_to = 0
        lower = data.lower()
        end = 0
        words = [word for word in KEYWORDS if word in lower]
        for at in sorted(at for word in words for at in _places(lower, word)):
            if at < end:
                continue
            lowest = max(at - _LONGEST_NAME, 0)
            start = lowest + len(data[lowest:at].rstrip(_IN_NAMES))
            rest = _NAME_REST.match(data, at, at + _LONGEST_NAME + 1)
            end = rest.end() if rest is not None else at
            if more := _MORE_OF_KEY.match(data, end):
                end = more.end()
            if start < self._masked_to or end - start > _LONGEST_NAME:
                continue
            named = kind_of_name(data[start:end])
            if named is not None:
                self._value_of(start, end, *named)

    def _value_of(self, start: int, end: int, kind: str, sure: bool) -> None:
        """Look at what the name data[start:end] announces."""
        data = self._data
        before, after = data[max(start - 1, 0) : start], data[end : end + 1]
        if after == b">" and (before == b"<" or _PREFIX.search(data, max(start - 40, 0), start)):
            stop = data.find(b"<", end)
            self._add(end + 1, stop if stop >= 0 else len(data), kind, sure)
        elif _ATTRIBUTE.search(data, max(start - 8, 0), start):
            self._add(*self._of_form(start, end), kind, sure)
        elif before == b"/" and (segment := _SEGMENT.match(data, end)):
            self._add(*segment.span(1), kind, sure=False)
        elif separator := _SEPARATOR.match(data, end):
            self._after(separator[1], separator.end(), (start, end), kind, sure)

    def _after(self, separator: bytes, at: int, name: tuple[int, int], kind: str, sure: bool) -> None:
        """Look at a value behind ``=``, ``:`` or ``=>``."""
        data, start, end = self._data, *name
        before = data[max(start - 1, 0) : start]
        first = data[at : at + 1]
        header = data[start:end].rpartition(b".")[2].lower()
        if header == b"cookie" and separator == b"=":
            header = b"set-cookie"  # document.cookie = "name=value; path=/"
        if first in (b'"', b"'", b"`") and first:
            quoted = _QUOTED.match(data, at)
            assert quoted is not None  # it begins with a quote
            inside = quoted.span(quoted.lastindex or 0)
            if header in SECRET_HEADERS:
                self._add_header(header, *inside)
            else:
                self._add(*inside, kind, sure)
        elif separator == b":" and first in (b"[", b"{"):
            if sure and at >= self._walked_to:
                self._walk(at, kind)
        elif separator == b":" and header in SECRET_HEADERS and data[end : end + 1] not in (b'"', b"'"):
            # As in -H 'Cookie: a=b', the line may end at a quote.
            pattern = _LINE_IN_QUOTES.get(before, _LINE)
            line = pattern.match(data, at)
            assert line is not None  # it may be empty
            self._add_header(header, *line.span())
        else:
            self._bare(separator, at, before, data[start:end], kind, sure)

    def _bare(self, separator: bytes, at: int, before: bytes, name: bytes, kind: str, sure: bool) -> None:
        """Look at a value without quotes."""
        sure = sure or (before in (b"?", b"&") and not name.lower().endswith(_ORDINARY))
        pattern = _AFTER_COLON if separator == b":" else _AFTER_SEMICOLON if before == b";" else _AFTER_EQUALS
        value = pattern.match(self._data, at, len(self._data) if sure else at + _LONGEST_DOUBTFUL)
        # Nothing but "=" is the end of base64 in which letters happen to be a name.
        if value is None or value[0].rstrip(b",") in _CONSTANTS or not value[0].strip(b"="):
            return
        if separator == b":" and (before == b"$" or value[0].startswith(b"$" + name)):
            return  # GraphQL: a variable with its type, or where it is used; its value stands elsewhere
        number = before == b'"' and _NUMBER.fullmatch(value[0]) is not None
        if number and (name.lower().endswith(b"tokens") or not (kind == "password" or len(value[0]) >= 6)):
            return
        self._add(*value.span(), kind, sure, number)

    def _of_form(self, start: int, end: int) -> tuple[int, int]:
        """The value of a field called ``name="..."``: a part of a multipart body, or an element of HTML."""
        data = self._data
        opening = data.rfind(b"<", max(start - _LONGEST_TAG, 0), start)
        if opening >= 0 and b">" not in data[opening:start]:
            limit = end + _LONGEST_TAG
            closing = min(at if at >= 0 else limit for at in (data.find(b">", end, limit), data.find(b"<", end, limit)))
            match = _TAG_VALUE.search(data, opening, closing)
            return match.span(match.lastindex or 0) if match is not None else (0, 0)
        head = _PART_HEAD.match(data, end)
        if head is None:
            return 0, 0
        stop = data.find(b"\n--", head.end() - 1, head.end() + _LONGEST_PART)
        if stop < 0:
            return head.end(), min(len(data), head.end() + _LONGEST_PART)
        return head.end(), max(stop - (data[stop - 1 : stop] == b"\r"), head.end())

    def _walk(self, start: int, kind: str) -> None:
        """Take all strings in the JSON array or object that begins at ``start``."""
        depth = 0
        for match in _NEST_PARTS.finditer(self._data, start, start + _LONGEST_NEST):
            self._walked_to = match.end()
            if match[0] in (b"[", b"{"):
                depth += 1
            elif match[0] in (b"]", b"}"):
                depth -= 1
                if depth == 0:
                    return
            elif not match[2]:
                self.found += _checked(self._data, *match.span(1), kind, sure=True)

    def _add_header(self, name: bytes, start: int, end: int) -> None:
        """Take a header's value apart, as it stands in text."""
        found = secrets_in_header(name, self._data[start:end])
        self.found += [item._replace(start=start + item.start, end=start + item.end) for item in found]
        self._masked_to = end

    def _add(self, start: int, end: int, kind: str, sure: bool, number: bool = False) -> None:
        for item in _checked(self._data, start, end, kind, sure):
            self.found.append(item._replace(number=number))
            self._masked_to = end
