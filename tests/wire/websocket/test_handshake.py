"""The opening handshake: RFC 6455 section 1.3's example, and every way to break it."""

from __future__ import annotations

import pytest

from inspector.model.http import HttpMessage
from inspector.wire.websocket.handshake import Handshake, accept_value, check_handshake, is_upgrade_request
from inspector.wire.websocket.inflate import Deflate

_REQUEST = """GET /chat HTTP/1.1
Host: server.example.com
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==
Origin: http://example.com
Sec-WebSocket-Protocol: chat, superchat
Sec-WebSocket-Version: 13"""
_RESPONSE = """HTTP/1.1 101 Switching Protocols
Upgrade: websocket
Connection: Upgrade
Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=
Sec-WebSocket-Protocol: chat"""


def _message(text: str) -> HttpMessage:
    first, *lines = text.encode().split(b"\n")
    headers = [(name, value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
    size = len(text) + len(lines) + 4
    return HttpMessage(first, headers, 0, size, size, complete=True)


def _shake(request: str = _REQUEST, response: str = _RESPONSE) -> Handshake:
    return check_handshake(_message(request), _message(response))


def _codes(shake: Handshake) -> list[str]:
    return [anomaly.code for anomaly in shake.request_anomalies + shake.response_anomalies]


def _deflate(offer: str, answer: str) -> Handshake:
    return _shake(f"{_REQUEST}\nSec-WebSocket-Extensions: {offer}", f"{_RESPONSE}\nSec-WebSocket-Extensions: {answer}")


def test_the_example_of_the_standard() -> None:
    assert accept_value(b"dGhlIHNhbXBsZSBub25jZQ==") == b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    shake = _shake()
    assert shake.accepted and _codes(shake) == []
    assert (shake.subprotocol, shake.extensions, shake.client_deflate) == ("chat", (), None)


@pytest.mark.parametrize(
    ("old", "new", "code", "detail"),
    [
        ("GET", "POST", "ws.handshake_method", "POST"),
        ("HTTP/1.1", "HTTP/1.0", "ws.handshake_http_version", "HTTP/1.0"),
        ("Connection: Upgrade", "Connection: close", "ws.connection_header", "close"),
        ("Host: server.example.com\n", "", "ws.header_missing", "host"),
        ("Version: 13", "Version: 8", "ws.version", "8"),
        ("Version: 13", "Version: 13\nSec-WebSocket-Version: 13", "ws.header_repeated", "sec-websocket-version"),
        ("\nSec-WebSocket-Version: 13", "", "ws.header_missing", "sec-websocket-version"),
        ("chat, superchat", "chat, chat", "ws.subprotocol_repeated", "chat, chat"),
    ],
)
def test_what_a_request_may_not(old: str, new: str, code: str, detail: str) -> None:
    shake = _shake(_REQUEST.replace(old, new))
    assert [(a.code, a.detail) for a in shake.request_anomalies] == [(code, detail)]
    assert shake.response_anomalies == []


@pytest.mark.parametrize("key", ["c2hvcnQ=", "not base64 at all!", "dGhlIHNhbXBsZSBub25jZQ"])
def test_a_key_that_is_not_sixteen_bytes(key: str) -> None:
    request = _REQUEST.replace("dGhlIHNhbXBsZSBub25jZQ==", key)
    response = _RESPONSE.replace("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", accept_value(key.encode()).decode())
    assert _codes(_shake(request, response)) == ["ws.key_malformed"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("s3pPLM", "S3pPLM", "ws.accept_mismatch"),
        ("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\n", "", "ws.header_missing"),
        ("Upgrade: websocket", "Upgrade: h2c", "ws.upgrade_header"),
        ("Connection: Upgrade", "Connection: keep-alive", "ws.connection_header"),
        ("Protocol: chat", "Protocol: other", "ws.subprotocol_not_offered"),
        ("Protocol: chat", "Protocol: chat\nSec-WebSocket-Protocol: chat", "ws.header_repeated"),
        ("\nSec-WebSocket-Protocol: chat", "", "ws.subprotocol_none_chosen"),
        ("Protocol: chat", "Protocol: chat\nSec-WebSocket-Extensions: x-other", "ws.extension_not_offered"),
        ("Protocol: chat", "Protocol: chat\nSec-WebSocket-Extensions: =;", "ws.extension_malformed"),
    ],
)
def test_what_a_response_may_not(old: str, new: str, code: str) -> None:
    shake = _shake(response=_RESPONSE.replace(old, new))
    assert _codes(shake) == [code]


def test_names_and_tokens_have_no_case() -> None:
    request = _REQUEST.replace("websocket", "WebSocket").replace(
        "Connection: Upgrade", "CONNECTION: keep-alive, UPGRADE"
    )
    assert is_upgrade_request(_message(request))
    assert _codes(_shake(request, _RESPONSE.replace("Upgrade: websocket", "upgrade: WEBSOCKET"))) == []


@pytest.mark.parametrize(
    ("offer", "answer", "client", "server"),
    [
        ("permessage-deflate", "permessage-deflate", Deflate(), Deflate()),
        ("permessage-deflate; client_max_window_bits", "permessage-deflate", Deflate(), Deflate()),
        (
            "permessage-deflate; client_max_window_bits",
            "permessage-deflate; client_max_window_bits=9; server_no_context_takeover",
            Deflate(window_bits=9),
            Deflate(takeover=False),
        ),
        (
            "permessage-deflate; server_max_window_bits=10, permessage-deflate",
            'permessage-deflate;server_max_window_bits="8";client_no_context_takeover',
            Deflate(takeover=False),
            Deflate(window_bits=8),
        ),
        ("x-first, permessage-deflate", "permessage-deflate; server_max_window_bits=12", Deflate(), Deflate(12)),
    ],
)
def test_what_permessage_deflate_agrees_on(offer: str, answer: str, client: Deflate, server: Deflate) -> None:
    shake = _deflate(offer, answer)
    assert _codes(shake) == []
    assert (shake.client_deflate, shake.server_deflate) == (client, server)


@pytest.mark.parametrize(
    ("offer", "answer", "code"),
    [
        ("permessage-deflate", "permessage-deflate, permessage-deflate", "ws.extension_repeated"),
        ("permessage-deflate", "permessage-deflate; client_max_window_bits=10", "ws.extension_parameter_not_offered"),
        (
            "permessage-deflate; server_no_context_takeover",
            "permessage-deflate",
            "ws.extension_parameter_not_offered",
        ),
        (
            "permessage-deflate; server_max_window_bits=10",
            "permessage-deflate; server_max_window_bits=11",
            "ws.extension_parameter_not_offered",
        ),
        ("permessage-deflate", "permessage-deflate; server_max_window_bits=16", "ws.extension_parameter"),
        ("permessage-deflate", "permessage-deflate; server_max_window_bits=08", "ws.extension_parameter"),
        ("permessage-deflate", "permessage-deflate; server_max_window_bits", "ws.extension_parameter"),
        ("permessage-deflate", "permessage-deflate; server_no_context_takeover=1", "ws.extension_parameter"),
        ("permessage-deflate", "permessage-deflate; unknown", "ws.extension_parameter"),
        (
            "permessage-deflate",
            "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
            "ws.extension_parameter",
        ),
    ],
)
def test_what_permessage_deflate_may_not(offer: str, answer: str, code: str) -> None:
    shake = _deflate(offer, answer)
    assert _codes(shake) == [code]
    assert shake.server_deflate is not None


def test_a_refused_upgrade_is_not_checked_as_an_accepted_one() -> None:
    shake = _shake(response="HTTP/1.1 403 Forbidden\nContent-Length: 0")
    assert not shake.accepted and _codes(shake) == []
    assert check_handshake(_message(_REQUEST), None).response_anomalies == []
