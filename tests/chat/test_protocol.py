from __future__ import annotations

import json

import pytest

from inspector.chat import protocol
from inspector.chat.protocol import ProtocolError


def test_a_message_to_everybody_and_to_some() -> None:
    assert protocol.decode('{"type":"chat.message","text":" 안녕 "}') == protocol.Say(None, "안녕", ())
    request = protocol.decode('{"v":1,"type":"chat.message","text":"psst","to":[13,12,13],"ref":"a1"}')
    assert request == protocol.Say("a1", "psst", (13, 12))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"type":"chat.upload","upload":3}', protocol.Share(None, 3, ())),
        ('{"type":"chat.like","message":7,"like":false}', protocol.Like(None, 7, False)),
        ('{"type":"chat.typing","typing":true}', protocol.Typing(None, True)),
        ('{"type":"chat.history","before":90}', protocol.History(None, 90)),
        ('{"type":"chat.history"}', protocol.History(None, None)),
        ('{"type":"chat.close","reason":"회의 끝"}', protocol.Close(None, "회의 끝")),
        ('{"type":"presence.heartbeat"}', protocol.Heartbeat(None)),
    ],
)
def test_every_request(text: str, expected: protocol.Request) -> None:
    assert protocol.decode(text) == expected


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (None, "binary"),
        ("", "bad_json"),
        ("{", "bad_json"),
        ("[" * 100_000, "too_large"),
        ("[" * 60_000, "bad_json"),
        ('{"type":"chat.like","message":' + "9" * 5000 + "}", "bad_json"),
        ("[]", "not_object"),
        ('"chat.message"', "not_object"),
        ("NaN", "not_object"),
        ('{"v":2,"type":"chat.message","text":"x"}', "version"),
        ("{}", "unknown_type"),
        ('{"type":["chat.message"]}', "unknown_type"),
        ('{"type":"websocket.close"}', "unknown_type"),
        ('{"type":"chat.closed","reason":"x"}', "unknown_type"),
        ('{"type":"chat.message","text":"x","html":true}', "unknown_field"),
        ('{"type":"chat.message"}', "bad_field"),
        ('{"type":"chat.message","text":""}', "bad_field"),
        ('{"type":"chat.message","text":" \\n "}', "bad_field"),
        ('{"type":"chat.message","text":{"$ne":1}}', "bad_field"),
        ('{"type":"chat.message","text":"\\ud83d"}', "bad_field"),
        ('{"type":"chat.message","text":"a\\u0000b"}', "bad_field"),
        (json.dumps({"type": "chat.message", "text": "가" * 4001}), "bad_field"),
        ('{"type":"chat.message","text":"x","to":[]}', "bad_field"),
        ('{"type":"chat.message","text":"x","to":[true]}', "bad_field"),
        ('{"type":"chat.message","text":"x","to":["12"]}', "bad_field"),
        (json.dumps({"type": "chat.message", "text": "x", "to": list(range(1, 60))}), "bad_field"),
        ('{"type":"chat.like","message":-1,"like":true}', "bad_field"),
        ('{"type":"chat.like","message":99999999999999999999,"like":true}', "bad_field"),
        ('{"type":"chat.like","message":1.0,"like":true}', "bad_field"),
        ('{"type":"chat.like","message":1,"like":1}', "bad_field"),
        ('{"type":"chat.message","text":"x","ref":7}', "bad_field"),
    ],
)
def test_what_breaks_the_schema_has_a_code(text: str | None, code: str) -> None:
    with pytest.raises(ProtocolError) as refused:
        protocol.decode(text)
    assert refused.value.code == code


def test_the_largest_text_fits_however_it_is_escaped() -> None:
    text = json.dumps({"type": "chat.message", "text": "가" * 4000}, ensure_ascii=True)
    assert isinstance(protocol.decode(text), protocol.Say)


def test_an_error_carries_the_reference() -> None:
    with pytest.raises(ProtocolError) as refused:
        protocol.decode('{"type":"chat.nonsense","ref":"r-1"}')
    assert json.loads(protocol.error(refused.value)) == {
        "v": 1,
        "type": "error",
        "code": "unknown_type",
        "message": str(refused.value),
        "ref": "r-1",
    }
