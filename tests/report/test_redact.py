"""Redaction: no secret is left in what is shown, in any encoding."""

from __future__ import annotations

import base64
import html
import json
import random
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

import inspector
from inspector.recording.http import http_exchanges
from inspector.recording.websockets import read_websockets
from inspector.report.har import build_har
from inspector.report.redact import Redactor, redactor_for
from tests.websockets import KEY, Talk, frame, handshake, write_capture

_SECRET = 'päss w/ord "7"&!'


def _learned(text: str) -> Redactor:
    redactor = Redactor()
    redactor.learn_text(text.encode())
    return redactor


@pytest.mark.parametrize(
    "written",
    [
        _SECRET,
        quote(_SECRET),
        quote(_SECRET, safe="").lower(),
        quote_plus(_SECRET),
        quote(quote(_SECRET)),
        json.dumps(_SECRET)[1:-1],
        json.dumps(_SECRET, ensure_ascii=False)[1:-1].replace("/", r"\/"),
        json.dumps(json.dumps(_SECRET))[1:-1],
        html.escape(_SECRET),
        _SECRET.encode().hex(),
        *(base64.b64encode(b"user:"[:skipped] + _SECRET.encode()).decode() for skipped in range(4)),
        base64.urlsafe_b64encode(b"?>" + _SECRET.encode()).decode(),
    ],
)
def test_a_secret_is_masked_in_every_encoding(written: str) -> None:
    redactor = _learned(json.dumps({"password": _SECRET}))
    masked = redactor.text(f"before ({written}) after")
    assert masked.startswith("before (")
    assert masked.endswith(") after")
    assert "‹redacted: password 1, " in masked
    left = masked[8:-7].replace("\\", "").replace('"', "")
    head, _mark, tail = left.partition("‹redacted")
    assert len(head) < 8  # what was before the secret inside of base64, and no byte of it
    assert len(tail.partition("›")[2]) < 3


@pytest.mark.parametrize("learned_as", [
    "/?password=" + quote(_SECRET, safe=""),
    "user=kim&password=" + quote_plus(_SECRET),
    json.dumps({"a": [{"password": _SECRET}]}),
    json.dumps({"body": json.dumps({"password": _SECRET})}),
])  # fmt: skip
def test_a_secret_is_learned_in_every_encoding(learned_as: str) -> None:
    assert _learned(learned_as).text(f"it is {_SECRET}!") == "it is ‹redacted: password 1, 17 bytes›!"


def test_the_same_secret_has_the_same_number() -> None:
    redactor = _learned('{"token": "abcdef1"} {"token": "ghijkl2"}')
    assert redactor.text("abcdef1 ghijkl2 abcdef1") == (
        "‹redacted: token 1, 7 bytes› ‹redacted: token 2, 7 bytes› ‹redacted: token 1, 7 bytes›"
    )
    assert redactor.counts == {"token": 2}


def test_bytes_keep_their_length() -> None:
    redactor = _learned("token=abcdefgh")
    data = b"\x00\xff\x80abcdefgh\xfe" + base64.b64encode(b"xabcdefgh")
    masked = redactor.octets(data)
    assert masked[:12] == b"\x00\xff\x80********\xfe"
    assert len(masked) == len(data)
    assert redactor.spans(data)[0][:2] == (3, 11)


def test_short_secrets_are_masked_where_their_name_is_only() -> None:
    redactor = _learned("pin=1234&password=abc")
    assert redactor.text("1234 abc") == "1234 abc"
    assert redactor.text("pin=1234") == "pin=‹redacted: password 1, 4 bytes›"


def test_the_password_in_basic_credentials_is_known() -> None:
    redactor = Redactor()
    redactor.learn_headers([(b"Authorization", b"Basic " + base64.b64encode(b"kim:hunter2!"))])
    assert redactor.text("hunter2!") == "‹redacted: password 1, 8 bytes›"


def test_json_stays_json() -> None:
    redactor = Redactor()
    masked = redactor.text('{"pin": 1234, "token": "a", "n": 1}')
    assert json.loads(masked)["pin"] == "‹redacted: password 1, 4 bytes›"


def test_masking_twice_changes_nothing() -> None:
    redactor = Redactor()
    text = "GET /?token=abc HTTP/1.1\r\nCookie: a=b\r\nAuthorization: Bearer x\r\npassword: x\r\n"
    once = redactor.text(text)
    assert redactor.text(once) == once
    headers = redactor.headers([(b"Cookie", b"a=b"), (b"Authorization", b"Basic x"), (b"X-Api-Key", b"k")])
    assert redactor.headers(headers) == headers


def test_pages_with_labels_do_not_mask_words() -> None:
    redactor = Redactor()
    redactor.learn_body(b'{"password": "Password", "token": "Invalid token"}', b"application/json", is_request=False)
    assert redactor.text("Password is Invalid token") == "Password is Invalid token"


def test_arbitrary_bytes_and_texts_are_taken() -> None:
    rng = random.Random(5)
    redactor = Redactor()
    alphabet = 'token="\\{}[]:&%;<>/@ =u0041é😀\ud800abcdef0123\r\n'
    for _ in range(300):
        text = "".join(rng.choice(alphabet) for _ in range(rng.randrange(120)))
        redactor.learn_text(text.encode("utf-8", "surrogatepass"))
        redactor.text(text)
        data = rng.randbytes(rng.randrange(200))
        assert len(redactor.octets(data)) == len(data)


def test_time_grows_with_the_text_only() -> None:
    redactor = _learned("token=abcdefgh1")

    def seconds(text: str) -> float:
        start = time.process_time()
        redactor.learn_text(text.encode())
        redactor.text(text)
        return time.process_time() - start

    for piece in (
        '{"token":',
        "<input name=password ",
        "a=token",
        "\\u0041",
        "%41",
        "eyJaaaaa.",
        "://",
        'name="key"\r\n',
        '"Cookie: ',
    ):
        short, long = (min(seconds(piece * count) for _ in range(3)) for count in (2000, 16000))
        assert long < 40 * short + 0.1, piece


_PLANTED = {
    "cookie": "c00kieC00kieC00kie",
    "basic": "Basic-Pa55",
    "url": "urlT0kenUrlT0ken",
    "form": "form pass/1",
    "json": 'jsön"pass1',
    "message": "wsT0kenWsT0ken",
    "fragment": "fragmentedSecret1",
    "binary": "binaryT0ken99",
    "response": "resp0nseT0kenXyz",
}


def _capture(folder: Path) -> Path:
    """A page that logs in and chats, with secrets in every place; the other end repeats them without their names."""
    form = "user=kim&password=" + quote_plus(_PLANTED["form"])
    body = json.dumps({"password": _PLANTED["json"], "text": "안녕"})
    answer = json.dumps({"access_token": _PLANTED["response"], "echo": [_PLANTED["form"], _PLANTED["json"]]})
    blob = b"\x00\x01\xff" + _PLANTED["binary"].encode() + b"\xfe"
    basic = base64.b64encode(b"kim:" + _PLANTED["basic"].encode()).decode()
    cookie = f"Cookie: sessionid={_PLANTED['cookie']}\r\n"
    web = Talk()
    for kind, sent in (("application/x-www-form-urlencoded", form), ("application/json", body)):
        data = sent.encode()
        web.say(True, (
            f"POST /login?token={_PLANTED['url']} HTTP/1.1\r\nHost: h\r\n{cookie}Authorization: Basic {basic}\r\n"
            f"Content-Type: {kind}\r\nContent-Length: {len(data)}\r\n\r\n"
        ).encode() + data)  # fmt: skip
        back = answer.encode() if kind.endswith("json") else blob
        web.say(False, (
            f"HTTP/1.1 200 OK\r\nSet-Cookie: sessionid={_PLANTED['cookie']}; HttpOnly\r\nX-Request: {_PLANTED['url']}\r\n"
            f"Content-Type: {'application/json' if kind.endswith('json') else 'application/octet-stream'}\r\n"
            f"Content-Length: {len(back)}\r\n\r\n"
        ).encode() + back)  # fmt: skip
    asked, given = handshake(request=cookie, path=f"/ws?api_key={_PLANTED['binary']}")
    chat = Talk().say(True, asked).say(False, given)
    chat.say(True, frame(1, json.dumps({"type": "auth", "token": _PLANTED["message"]}).encode(), KEY))
    half = f"token={_PLANTED['fragment']}".encode()
    chat.say(True, frame(1, half[:12], KEY, fin=False)).say(True, frame(0, half[12:], KEY))
    chat.say(False, frame(1, f"hello {_PLANTED['message']} and {_PLANTED['cookie']}".encode()))
    chat.say(False, frame(2, blob)).say(False, frame(9, _PLANTED["message"].encode()))
    chat.say(False, frame(8, b"\x03\xe8bye " + _PLANTED["fragment"].encode()))
    return write_capture(folder / "planted.pcap", web.packets(), chat.packets(ports=(40001, 80)))


def _everything(value: object) -> list[str]:
    """All texts of a document, and what its base64 stands for."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for item in value for text in _everything(item)]
    if not isinstance(value, dict):
        return []
    texts = [text for item in value.values() for text in _everything(item)]
    if value.get("encoding") == "base64" or value.get("opcode", 1) != 1:
        texts.append(base64.b64decode(value.get("data") or value["text"]).decode("latin-1"))
    return texts


def test_a_har_holds_no_planted_secret(tmp_path: Path) -> None:
    capture = inspector.open(_capture(tmp_path))
    exchanges, websockets = list(http_exchanges(capture)), read_websockets(capture)
    complete = "\n".join(_everything(build_har(exchanges, websockets)))
    document = build_har(exchanges, websockets, redactor_for(exchanges, websockets))
    masked = "\n".join(_everything(document))
    for secret in _PLANTED.values():
        forms = {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1],
                 json.dumps(secret, ensure_ascii=False)[1:-1]}  # fmt: skip
        assert any(form in complete for form in forms) or secret == _PLANTED["basic"]
        for form in forms:
            assert form not in masked
    assert base64.b64encode(b"kim:" + _PLANTED["basic"].encode()).decode() not in masked
    assert json.dumps("안녕")[1:-1] in masked
    assert len(document["log"]["entries"][2]["_webSocketMessages"]) == 6


def test_export_masks_unless_told_not_to(tmp_path: Path) -> None:
    path = _capture(tmp_path)

    def export(*options: str) -> str:
        program = "from inspector.cli import main; main()"
        words = [sys.executable, "-c", program, "export", "har", str(path), *options]
        return subprocess.run(words, capture_output=True, text=True, check=True).stdout

    assert _PLANTED["cookie"] not in export()
    assert _PLANTED["cookie"] in export("--no-redact")
    target = tmp_path / "all.har"
    export("--no-redact", "-o", str(target))
    assert _PLANTED["cookie"] in target.read_text(encoding="utf-8")
    assert target.stat().st_mode & 0o077 == 0
