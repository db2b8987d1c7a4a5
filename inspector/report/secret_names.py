"""Which names of fields, parameters, headers and cookies stand for secrets."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["KEYWORDS", "SECRET_HEADERS", "is_only_a_name", "kind_of_name", "stands_out"]

SECRET_HEADERS = frozenset({b"authorization", b"proxy-authorization", b"cookie", b"cookie2", b"set-cookie"})
"""Headers whose values are taken apart: scheme, names and attributes are told, the rest is secret."""

_NEVER = frozenset({
    "secwebsocketkey", "secwebsocketaccept", "idempotencykey", "surrogatekey", "publickey", "wwwauthenticate",
    "proxyauthenticate", "xframeoptions", "keepalive",
})  # fmt: skip
"""Names that look so and are public by their definition."""

_STEMS = (
    # (part of the name written without separators, kind)
    ("password", "password"), ("passwd", "password"), ("passphrase", "password"), ("passcode", "password"),
    ("pwd", "password"), ("비밀번호", "password"), ("비번", "password"), ("패스워드", "password"), ("암호", "password"),
    ("인증번호", "password"), ("인증코드", "token"), ("시크릿", "secret"),
    ("sessionid", "session id"), ("sessid", "session id"), ("sessionkey", "session id"), ("connect.sid", "session id"),
    ("apikey", "key"), ("accesskey", "key"), ("privatekey", "key"), ("signingkey", "key"), ("encryptionkey", "key"),
    ("authkey", "key"), ("인증키", "key"),
    ("secret", "secret"), ("credential", "secret"),
    ("token", "token"), ("csrf", "token"), ("xsrf", "token"), ("jwt", "token"), ("토큰", "token"),
    ("authorization", "authorization"), ("samlresponse", "token"), ("samlrequest", "token"),
)  # fmt: skip
_WORDS = {
    "pass": "password", "pw": "password", "pin": "password", "otp": "password", "psw": "password",
    "sid": "session id", "session": "session id", "cookie": "cookie", "cookies": "cookie",
}  # fmt: skip
_WEAK = {
    "key": "key", "auth": "authorization", "code": "token", "state": "token", "ticket": "token", "nonce": "token",
    "sig": "token", "signature": "token", "assertion": "token", "bearer": "token", "sess": "session id",
}  # fmt: skip
"""Words that mean a secret only where the value looks like one."""
_ABOUT = frozenset({
    "type", "types", "count", "limit", "length", "size", "expires", "expiry", "expiration", "in", "at", "name", "url",
    "uri", "endpoint", "field", "hint", "policy", "strength", "label", "placeholder", "validators", "reset", "changed",
    "usage", "used", "kind", "created", "method", "methods", "required", "enabled", "status", "error", "errors", "page",
    "lifetime", "age", "ttl", "izer", "ized", "rotation", "params", "form", "input", "button", "view", "link", "help",
})  # fmt: skip
"""A last word with which the name tells something about a secret."""

KEYWORDS = tuple(
    "pass pwd psw token secret key auth sess sid csrf xsrf credential sig otp pin jwt ticket code state assertion cookie "
    "bearer nonce saml pw 비밀번호 비번 패스워드 암호 토큰 시크릿 인증키 인증번호 인증코드".encode().split()
)
"""Every name of a secret has one of these in it, in lower case: what text is searched for."""
_ONLY_NAMES = re.compile(
    rb"(?:access|api|auth|authorization|bearer|client|confirm|cookie|credential|csrf|current|id|jwt|key|login|middleware|new|"
    rb"old|pass|passphrase|passwd|password|private|refresh|secret|session|token|user|x|xsrf|[-_. ])+s?",
    re.IGNORECASE,
)
_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[^\x00-\x7f]+")
_SEPARATORS = re.compile(r"[^a-z.\u0080-\uffff]")


@lru_cache(maxsize=4096)
def kind_of_name(name: bytes) -> tuple[str, bool] | None:
    """What a name says its value is.

    Returns:
        The kind of secret, and whether the name alone is enough; when not, the value has to look like a secret
        (``stands_out``). None for names of other things.
    """
    text = name.decode("utf-8", "replace")
    joined = _SEPARATORS.sub("", text.lower())
    words = [word.lower() for word in _PARTS.findall(text)]
    if not words or joined.replace(".", "") in _NEVER or words[-1] in _ABOUT:
        return None
    for stem, kind in _STEMS:
        if stem in joined and not joined.endswith(("tokenizer", "tokenized")):
            return kind, True
    if words[-1] in _WORDS or joined in _WORDS:
        return _WORDS.get(words[-1]) or _WORDS[joined], True
    weak = _WEAK.get(words[-1])
    return (weak, False) if weak is not None else None


def is_only_a_name(value: bytes) -> bool:
    """Whether a value is such a name itself, as a label of a form: it would be found in every other place."""
    return _ONLY_NAMES.fullmatch(value) is not None


def stands_out(value: bytes) -> bool:
    """Whether a value looks random rather than like a word: long without a space, or letters and digits mixed."""
    if len(value) < 8 or b" " in value:
        return False
    digits = sum(48 <= octet <= 57 for octet in value[:64])
    letters = sum(65 <= octet <= 90 or 97 <= octet <= 122 for octet in value[:64])
    return (digits > 0 and letters > 0) or (len(value) >= 16 and letters + digits > len(value[:64]) // 2)
