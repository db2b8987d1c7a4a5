"""Secrets at their places: every case is a text with the secret between the signs « and »."""

from __future__ import annotations

import pytest

from inspector.report.secret_finder import secrets_in_header, secrets_in_text

_TEXTS = [
    # URLs
    "/chat?room=1&token=«abc»&x=2",
    "https://kim:«pw»@host/ and https://«ghtoken»@host/",
    "wss://h/ws/?api_key=«k»#part",
    "/reset/token/«abc123def4»/?next=/",
    "/;jsessionid=«1»?a=b",
    "/callback?code=«4/0AbCd1234efgh»&scope=openid",
    "/keys?key=«AbCd»&lang=ko",
    "/x?auth=«plainword»&sig=«a»&code=200&state=open",
    # JSON, also broken and inside of other things
    '{"user": "kim", "password": "«p w, \\"quoted\\"»", "age": 30}',
    '42["auth",{"token":"«t»"}]',
    '{"tokens": ["«one»", "«two»"], "next": "three"}',
    '{"credentials": {"name": "«n»", "value": "«v»"}, "next": "three"}',
    '{"pin": «1234», "max_tokens": 4096, "token": null}',
    '{"password": "«cut off»',
    '{"key": "ArrowUp"}',
    "G3QaRWFyOLJBcSrFvwvbSw==",  # base64 with the letters csrf in it
    '{"key": "«8f3kd93kfk3d»"}',
    "{'비밀번호': '«가나»'}",
    '{"비밀번호 확인": "«마바»", "비밀번호확인": "«마바»", "새 비밀번호": "«사»", "인증번호": "«738291»"}',
    "비밀번호확인=«마바»&비번=«사»",
    '{"password again": "«pw»", "Session ID": "«s»", "password hint": "the dog"}',
    '{"error": "the password is wrong", "a": "b"}',
    # GraphQL
    'mutation L($password: String!, $token: [ID]) { login(password: $password, pin: "«1234»") { id } }',
    # file names
    'Content-Disposition: attachment; filename="token=«t0k3n.txt»"',
    "/(S(«lit3py55t21z5v55vlm25s55»))/orders.aspx",
    "const apiKey = `«k»`;",
    'document.cookie = "sid=«abc»; path=/x";',
    '{"headers": {"Cookie": "a=«b»; c=«d»", "Authorization": "Bearer «x»", "set-cookie": "a=«b»; Path=/"}}',
    # forms
    "username=kim&password=«a%26b+c»&next=%2F",
    '--b\r\nContent-Disposition: form-data; name="user"\r\n\r\nkim\r\n'
    '--b\r\nContent-Disposition: form-data; name="password"\r\nContent-Type: text/plain\r\n\r\n«pw»\r\n--b--\r\n',
    '<input type="hidden" name="csrfmiddlewaretoken" value="«abc»"><input name="q" value="x">',
    "<input value='«x»' name='password'>",
    '<meta name="csrf-token" content="«abc»">',
    "<soap:password>«x»</soap:password>",
    # text
    "GET / HTTP/1.1\r\nAuthorization: Bearer «x»\r\nCookie: a=«b»; c=«d»\r\nX-Api-Key: «k»\r\nHost: h\r\n\r\n",
    "curl -H 'Authorization: Bearer «abcdefgh12»' http://h/",
    "password: «hunter2» is what he said",
    "PASS «hunter2»\r\nLIST\r\n",
    "*2\r\n$4\r\nAUTH\r\n$7\r\n«hunter2»\r\n*3\r\n$4\r\nauth\r\n$3\r\nkim\r\n$2\r\n«pw»\r\n",
    # by their shape
    "see «eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl».",
    "«AKIAIOSFODNN7EXAMPLE» «ghp_abcdefghijklmnopqrstuvwxyz0123456789»",
    "-----BEGIN RSA PRIVATE KEY-----«\nMIIE\n»-----END RSA PRIVATE KEY-----",
    # none
    "the token of my appreciation; a password is needed; key: value; code 200",
    "https://example.org/@user/path?mail=a@b.c",
    "Basic authentication and Bearer tokens",
    '{"token_type": "Bearer", "expires_in": 3600, "authors": ["Kim"], "state": "open"}',
]


@pytest.mark.parametrize("marked", _TEXTS)
def test_secrets_in_text(marked: str) -> None:
    plain, expected = _take_apart(marked)
    found = secrets_in_text(plain)
    assert {plain[item.start : item.end] for item in found} >= expected
    covered = {at for item in found for at in range(item.start, item.end)}
    assert bytes(0x2A if at in covered else octet for at, octet in enumerate(plain)) == _starred(marked)


def _take_apart(marked: str) -> tuple[bytes, set[bytes]]:
    _outside, *parts = marked.split("«")
    secrets = [part.split("»")[0] for part in parts]
    return marked.replace("«", "").replace("»", "").encode(), {secret.encode() for secret in secrets}


def _starred(marked: str) -> bytes:
    first, *parts = marked.split("«")
    pieces = [first.encode()]
    for part in parts:
        secret, rest = part.split("»")
        pieces += (b"*" * len(secret.encode()), rest.encode())
    return b"".join(pieces)


@pytest.mark.parametrize(
    ("name", "marked"),
    [
        (b"Authorization", "Basic «dXNlcjpwYXNz»"),
        (b"authorization", "Digest «username=\"kim\", response=\"00\"»"),
        (b"Proxy-Authorization", "«keyonly»"),
        (b"Cookie", "sessionid=«abc»; lang=«ko»; quoted=\"«x»\""),
        (b"Set-Cookie", "sid=«a=b»; Path=/; HttpOnly; Max-Age=10; SameSite=Lax"),
        (b"X-Auth-Token", "«t t»"),
        (b"X-CSRFToken", "«t»"),
        (b"X-Auth", "«plainword»"),
        (b"Idempotency-Key", "abc"),
        (b"X-State", "open"),
        (b"Location", "/next?token=«t»&a=b"),
        (b"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        (b"Sec-WebSocket-Protocol", "chat, access_token, «hunter22»"),
        (b"Sec-WebSocket-Protocol", "v4.channel.k8s.io, «base64url.bearer.authorization.k8s.io.YWJj»"),
        (b"Sec-WebSocket-Protocol", "graphql-transport-ws"),
        (b"Sec-WebSocket-Protocol", "chat, «eyJabcdefg.eyJabcdefg.sig»"),
        (b"Content-Type", "text/html; charset=utf-8"),
    ],
)  # fmt: skip
def test_secrets_in_headers(name: bytes, marked: str) -> None:
    plain, expected = _take_apart(marked)
    assert {plain[item.start : item.end] for item in secrets_in_header(name, plain)} == expected
