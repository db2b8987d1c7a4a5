"""Planted secrets are in no form of a report that is made for sharing."""

from __future__ import annotations

import base64
import contextlib
import gzip
import json
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import inspector
from inspector.report.build import build_report
from inspector.report.columns import unpack
from inspector.report.html import render_html
from inspector.report.markdown import render_markdown
from inspector.report.options import ReportOptions
from inspector.report.text import render_text
from tests.websockets import KEY, Talk, compress, frame, handshake, write_capture

SECRETS = {
    "cookie": "q7Zk2mPx9LrT4vWn8sBd",
    "set_cookie": "hH3jKq9sPz7tYw2xVb5n",
    "bearer": "Vb8nMq2wEr5tYu7iOp1a",
    "basic": "c0rrect-h0rse-b4ttery",
    "url_token": "Zx1cVb3nMa5sDf7gHj9k",
    "json_password": "swordfish 비밀 77",
    "form_password": "f0rm+pass/w0rd=9",
    "ws_token": "Wn6rTy8uIo0pAs2dFg4h",
    "ws_compressed": "Kk3lJh5gFd7sAa9pOo1i",
    "ws_binary": "Bb2nVv4cXx6zLl8kJj0h",
    "gzip_body": "Gz1pSs3eCc5rEe7tTt9q",
    "split": "Sp7lItS3creT9aCrossTwoP4ckets",
    "close": "Cl0seT0ken5aBcD9eFgH",
}


def _conversation() -> list[list[bytes]]:
    basic = base64.b64encode(f"user:{SECRETS['basic']}".encode()).decode()
    body = json.dumps({"user": "민준", "password": SECRETS["json_password"]}, ensure_ascii=False).encode()
    form = f"user=a&password={quote(SECRETS['form_password'], safe='')}".encode()
    packed = gzip.compress(json.dumps({"access_token": SECRETS["gzip_body"]}).encode(), mtime=0)
    http = Talk()
    http.say(
        True,
        f"POST /login?access_token={SECRETS['url_token']} HTTP/1.1\r\nHost: a.example\r\n"
        f"Cookie: sessionid={SECRETS['cookie']}; lang=ko\r\nAuthorization: Bearer {SECRETS['bearer']}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body,
    )
    http.say(
        False,
        b"HTTP/1.1 200 OK\r\nSet-Cookie: sessionid=%s; Path=/; HttpOnly\r\nContent-Type: application/json\r\n"
        b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
        % (SECRETS["set_cookie"].encode(), len(packed))
        + packed,
    )
    http.say(
        True,
        f"POST /form HTTP/1.1\r\nHost: a.example\r\nAuthorization: Basic {basic}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n\r\n".encode()
        + form,
    )
    http.say(False, b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n")
    split = f"GET /x HTTP/1.1\r\nHost: a.example\r\nCookie: token={SECRETS['split']}\r\n\r\n".encode()
    cut = split.index(SECRETS["split"].encode()) + 9
    http.say(True, split, sizes=[cut])
    http.say(False, b"HTTP/1.1 204 No Content\r\n\r\n")

    codec = zlib.compressobj(wbits=-15)
    ask, answer = handshake("permessage-deflate", "permessage-deflate", path="/ws/")
    chat = Talk().say(True, ask).say(False, answer)
    chat.say(True, frame(1, json.dumps({"type": "auth", "token": SECRETS["ws_token"]}).encode(), KEY))
    chat.say(True, frame(1, compress(codec, json.dumps({"token": SECRETS["ws_compressed"]}).encode()), KEY, rsv=4))
    chat.say(True, frame(2, b"\x01\x02token=" + SECRETS["ws_binary"].encode() + b"\x00", KEY))
    chat.say(False, frame(8, b"\x03\xf3token=" + SECRETS["close"].encode())).say(True, frame(8, b"\x03\xf3", KEY))
    return [http.packets(ports=(40001, 80)), chat.packets(ports=(40002, 80))]


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_capture(tmp_path_factory.mktemp("secrets") / "session.pcap", *_conversation())


# Any: JSON.
def _everything(value: Any) -> str:
    """All text of a report, the packed columns and bytes in hexadecimal decoded, too."""
    texts: list[str] = []

    def walk(item: Any) -> None:
        if isinstance(item, dict):
            for name, inner in item.items():
                if name == "chunks":
                    texts.extend(unpack(chunk).decode("latin-1") for chunk in inner)
                    texts.extend(unpack(chunk).decode("utf-8", "replace") for chunk in inner)
                else:
                    walk(inner)
        elif isinstance(item, list):
            for inner in item:
                walk(inner)
        elif isinstance(item, str):
            texts.append(item)
            compact = item.replace(" ", "")
            if len(compact) >= 8 and len(compact) % 2 == 0 and set(compact) <= set("0123456789abcdef"):
                texts.append(bytes.fromhex(compact).decode("utf-8", "replace"))
            elif len(item) >= 8:
                with contextlib.suppress(ValueError):
                    texts.append(base64.b64decode(item, validate=True).decode("utf-8", "replace"))

    walk(value)
    return "\n".join(texts)


def _unmasked_frames(report: dict[str, Any]) -> bytes:
    """Masked payloads with the key applied at every phase: what a reader with a pencil could find."""
    found = b""
    for view in report["sections"][0]["packets"]["views"]:
        data = bytes.fromhex(view["bytes"])
        for phase in range(4):
            found += bytes(octet ^ KEY[(index + phase) % 4] for index, octet in enumerate(data))
    return found


def _forms(secret: str) -> list[str]:
    data = secret.encode()
    return [
        secret,
        quote(secret, safe=""),
        json.dumps(secret)[1:-1],
        data.hex(),
        data.hex(" "),
        base64.b64encode(data).decode(),
    ]


def test_no_secret_is_in_json_html_markdown_or_text(capture: Path) -> None:
    report = json.loads(json.dumps(build_report(inspector.open(capture), ReportOptions())))
    everything = _everything(report)
    shown = {"markdown": render_markdown(report), "text": render_text(report), "html": render_html(report)}
    for name, secret in SECRETS.items():
        for form in _forms(secret):
            assert form not in everything, f"{name} as {form[:8]}…"
            for place, text in shown.items():
                assert form not in text, f"{name} in {place}"
    clear = _unmasked_frames(report)
    for name in ("ws_token", "ws_binary", "close"):
        assert SECRETS[name].encode() not in clear, name
    assert sum(report["redaction"]["counts"].values()) >= 10


def test_no_half_of_a_secret_is_left_in_the_packets_it_was_split_over(capture: Path) -> None:
    report = build_report(inspector.open(capture), ReportOptions())
    data = b"".join(bytes.fromhex(view["bytes"]) for view in report["sections"][0]["packets"]["views"])
    secret = SECRETS["split"].encode()
    assert secret[:9] not in data
    assert secret[9:] not in data


def test_compressed_bytes_that_hold_a_secret_are_blank(capture: Path) -> None:
    opened = inspector.open(capture)
    report = build_report(opened, ReportOptions())
    packed = gzip.compress(json.dumps({"access_token": SECRETS["gzip_body"]}).encode(), mtime=0)
    data = b"".join(bytes.fromhex(view["bytes"]) for view in report["sections"][0]["packets"]["views"])
    assert packed[10:40] not in data
    detail = next(d for d in report["sections"][0]["websockets"]["details"] if d["id"] == "1-client-2")
    assert detail["secret"] and detail["frames"][0]["wire_hex"] is None and detail["content_hex"] is None


def test_what_was_decrypted_is_masked_as_well() -> None:
    path = Path(__file__).parents[2] / "captures" / "samples" / "chat-wss.pcapng"
    whole = json.loads(json.dumps(build_report(inspector.open(path), ReportOptions(redact=False))))
    cookies = {
        value.partition("=")[2]
        for row in whole["sections"][0]["exchanges"]["rows"]
        for name, value in (row["request"] or {"headers": []})["headers"]
        if name.lower() == "cookie"
        for value in value.split("; ")
        if value.startswith("sessionid=")
    }
    assert cookies
    assert all(cookie in _everything(whole) for cookie in cookies)
    masked = _everything(json.loads(json.dumps(build_report(inspector.open(path), ReportOptions()))))
    assert not [cookie for cookie in cookies if cookie in masked or cookie.encode().hex() in masked]


def test_everything_is_there_without_redaction_and_the_page_says_so(capture: Path) -> None:
    report = build_report(inspector.open(capture), ReportOptions(redact=False))
    everything = _everything(json.loads(json.dumps(report)))
    for name in ("cookie", "bearer", "url_token", "ws_token", "ws_compressed", "gzip_body"):
        assert SECRETS[name] in everything, name
    assert "Nothing in this report is masked" in render_html(report)
    assert "Nothing in this report is masked" in render_markdown(report)
