"""The opening handshake and what it agreed on, permessage-deflate included (RFC 6455 section 4, RFC 8441, RFC 7692 section 7)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from inspector.model.anomaly import Anomaly
from inspector.model.http import HttpMessage
from inspector.refs import Ref
from inspector.wire.websocket.inflate import Deflate

__all__ = [
    "Extension",
    "Handshake",
    "accept_value",
    "check_extended_connect",
    "check_handshake",
    "chosen_deflate",
    "is_upgrade_request",
]

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_DEFLATE = "permessage-deflate"
_MOST_EXTENSIONS = 100
"""Extensions read of one header: browsers offer one; more are a flood."""

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PARAMETER = re.compile(rf'\s*({_TOKEN})\s*(?:=\s*(?:({_TOKEN})|"((?:[^"\\]|\\.)*)")\s*)?')
"""extension-param = token [ "=" (token | quoted-string) ] (RFC 6455 section 9.1)."""
_WINDOW_BITS = re.compile("8|9|1[0-5]")
"""Decimal without leading zeros, 8 to 15 (RFC 7692 section 7.1.2)."""


@dataclass(frozen=True, slots=True)
class Extension:
    """One extension as offered or chosen: its name, and its parameters in order (None: no value)."""

    name: str
    parameters: tuple[tuple[str, str | None], ...]

    def __str__(self) -> str:
        return "; ".join([self.name, *(n if v is None else f"{n}={v}" for n, v in self.parameters)])


@dataclass(slots=True)
class Handshake:
    """An upgrade to WebSocket, asked for and perhaps granted.

    Args:
        request, response: The HTTP messages; the response is None when it was not seen.
        accepted: The answer was 101, over HTTP/2 any 2xx.
        subprotocol: Chosen by the server, None when none.
        extensions: Chosen by the server.
        client_deflate, server_deflate: How that side's messages may be compressed; None when not agreed on.
        request_anomalies, response_anomalies: With spans in the client's and in the server's stream.
    """

    request: HttpMessage
    response: HttpMessage | None
    accepted: bool = False
    subprotocol: str | None = None
    extensions: tuple[Extension, ...] = ()
    client_deflate: Deflate | None = None
    server_deflate: Deflate | None = None
    request_anomalies: list[Anomaly] = field(default_factory=list)
    response_anomalies: list[Anomaly] = field(default_factory=list)


def accept_value(key: bytes) -> bytes:
    """What Sec-WebSocket-Accept must be for a Sec-WebSocket-Key (RFC 6455 section 4.2.2)."""
    return base64.b64encode(hashlib.sha1(key + _GUID, usedforsecurity=False).digest())


def is_upgrade_request(request: HttpMessage) -> bool:
    """Whether a request asks for WebSocket."""
    return "websocket" in _tokens(request, "upgrade")


def check_handshake(request: HttpMessage, response: HttpMessage | None) -> Handshake:
    """Check a request for WebSocket and its answer, and read what they agreed on.

    Args:
        request: One for which ``is_upgrade_request`` is true.
        response: Its final response or the 101, None when not seen.
    """
    shake = Handshake(request, response, response is not None and response.status == 101)
    shake.request_anomalies.extend(_check_request(request))
    if response is None or not shake.accepted:
        return shake
    shake.response_anomalies.extend(_check_response(request, response))
    _agree(shake, response)
    return shake


def check_extended_connect(
    request: HttpMessage, response: HttpMessage | None, enabled: bool | None = None
) -> Handshake:
    """Check an extended CONNECT for WebSocket over HTTP/2 and its answer, and read what they agreed on (RFC 8441).

    Args:
        request: With ``:protocol`` websocket.
        response: Its final response, None when not seen.
        enabled: Whether the server announced that it takes such requests; None when its settings were not seen.
    """
    shake = Handshake(request, response, response is not None and response.status in range(200, 300))
    shake.request_anomalies.extend(_check_connect(request, enabled))
    if response is None or not shake.accepted:
        return shake
    shake.response_anomalies.extend(_check_subprotocol(request, response))
    _agree(shake, response)
    return shake


def _agree(shake: Handshake, response: HttpMessage) -> None:
    """Read what the server chose."""
    protocols = response.values("sec-websocket-protocol")
    shake.subprotocol = _text(protocols[0]) if protocols else None
    offers, _ = _extensions(shake.request)
    shake.extensions, malformed = _extensions(response)
    if malformed is not None:
        shake.response_anomalies.append(_anomaly(response, "ws.extension_malformed", "RFC 6455", "9.1", malformed))
    shake.response_anomalies.extend(_check_extensions(offers, shake.extensions, response))
    chosen = next((e for e in shake.extensions if e.name == _DEFLATE), None)
    if chosen is not None:
        shake.client_deflate, shake.server_deflate = (_deflate(chosen, side) for side in ("client", "server"))


def chosen_deflate(response: HttpMessage) -> tuple[Deflate | None, Deflate | None]:
    """How messages of the client and of the server may be compressed, by an answer of which the request was not captured."""
    extensions, _ = _extensions(response)
    chosen = next((e for e in extensions if e.name == _DEFLATE), None)
    return (None, None) if chosen is None else (_deflate(chosen, "client"), _deflate(chosen, "server"))


# --- request and response ----------------------------------------------------------------------------------------------


def _check_request(request: HttpMessage) -> Iterator[Anomaly]:
    """RFC 6455 section 4.1: the client's requirements."""
    method, _, rest = request.first_line.partition(b" ")
    if method != b"GET":
        yield _anomaly(request, "ws.handshake_method", "RFC 6455", "4.1", _text(method))
    if rest.endswith(b"HTTP/1.0"):
        yield _anomaly(request, "ws.handshake_http_version", "RFC 6455", "4.1", "HTTP/1.0")
    if "upgrade" not in _tokens(request, "connection"):
        yield _anomaly(request, "ws.connection_header", "RFC 6455", "4.1", _first(request, "connection"))
    for name in ("host", "sec-websocket-key", "sec-websocket-version"):
        yield from _once(request, name, "4.1", required=True)
    keys = request.values("sec-websocket-key")
    if keys and not _is_key(keys[0]):
        yield _anomaly(request, "ws.key_malformed", "RFC 6455", "4.1", _text(keys[0]))
    yield from _check_offers(request)


def _check_connect(request: HttpMessage, enabled: bool | None) -> Iterator[Anomaly]:
    """RFC 8441 sections 4 and 5: no key, no Upgrade; the pseudo-header fields of any request beside ``:protocol``."""
    if enabled is False:
        yield _anomaly(request, "ws.connect_not_enabled", "RFC 8441", "3", "")
    pseudo = [name for name, _ in request.pseudo]
    if (b":method", b"CONNECT") not in request.pseudo:
        yield _anomaly(request, "ws.handshake_method", "RFC 8441", "4", _text(request.method or b""))
    for name in (b":scheme", b":path", b":authority"):
        if name not in pseudo:
            yield _anomaly(request, "ws.header_missing", "RFC 8441", "4", _text(name))
    for forbidden in ("connection", "upgrade"):
        if request.values(forbidden):
            yield _anomaly(request, f"ws.{forbidden}_header", "RFC 9113", "8.2.2", _first(request, forbidden))
    yield from _once(request, "sec-websocket-version", "4.1", required=True)
    yield from _check_offers(request)


def _check_offers(request: HttpMessage) -> Iterator[Anomaly]:
    """Version, subprotocols and extensions, which are the same over HTTP/1.1 and HTTP/2."""
    versions = request.values("sec-websocket-version")
    if versions and versions[0] != b"13":
        yield _anomaly(request, "ws.version", "RFC 6455", "4.1", _text(versions[0]))
    offered = _list(request, "sec-websocket-protocol")
    if len(set(offered)) < len(offered):
        yield _anomaly(request, "ws.subprotocol_repeated", "RFC 6455", "4.1", ", ".join(offered))
    _, malformed = _extensions(request)
    if malformed is not None:
        yield _anomaly(request, "ws.extension_malformed", "RFC 6455", "9.1", malformed)


def _check_response(request: HttpMessage, response: HttpMessage) -> Iterator[Anomaly]:
    """RFC 6455 section 4.1, what the client must check; section 4.2.2, what the server must send."""
    if "websocket" not in _tokens(response, "upgrade"):
        yield _anomaly(response, "ws.upgrade_header", "RFC 6455", "4.2.2", _first(response, "upgrade"))
    if "upgrade" not in _tokens(response, "connection"):
        yield _anomaly(response, "ws.connection_header", "RFC 6455", "4.2.2", _first(response, "connection"))
    yield from _once(response, "sec-websocket-accept", "4.2.2", required=True)
    keys, accepts = request.values("sec-websocket-key"), response.values("sec-websocket-accept")
    if keys and accepts and accepts[0] != accept_value(keys[0]):
        detail = f"{_text(accepts[0])} != {_text(accept_value(keys[0]))}"
        yield _anomaly(response, "ws.accept_mismatch", "RFC 6455", "4.2.2", detail)
    yield from _check_subprotocol(request, response)


def _check_subprotocol(request: HttpMessage, response: HttpMessage) -> Iterator[Anomaly]:
    """The server chooses one that was offered."""
    yield from _once(response, "sec-websocket-protocol", "4.2.2", required=False)
    offered, chosen = _list(request, "sec-websocket-protocol"), response.values("sec-websocket-protocol")
    if chosen and _text(chosen[0]) not in offered:
        yield _anomaly(response, "ws.subprotocol_not_offered", "RFC 6455", "4.1", _text(chosen[0]))
    if offered and not chosen:
        # Allowed by RFC 6455; browsers fail the connection (WHATWG WebSockets).
        yield _anomaly(response, "ws.subprotocol_none_chosen", "RFC 6455", "4.2.2", ", ".join(offered))


def _once(message: HttpMessage, name: str, section: str, *, required: bool) -> Iterator[Anomaly]:
    count = len(message.values(name))
    if count > 1:
        yield _anomaly(message, "ws.header_repeated", "RFC 6455", section, name)
    elif required and not count:
        yield _anomaly(message, "ws.header_missing", "RFC 6455", section, name)


def _is_key(key: bytes) -> bool:
    """base64 of 16 bytes."""
    try:
        return len(base64.b64decode(key, validate=True)) == 16
    except binascii.Error:
        return False


# --- extensions --------------------------------------------------------------------------------------------------------


def _extensions(message: HttpMessage) -> tuple[tuple[Extension, ...], str | None]:
    """Extensions of all Sec-WebSocket-Extensions headers, and the text of the first that is malformed."""
    found: list[Extension] = []
    malformed = None
    text = ",".join(_text(value) for value in message.values("sec-websocket-extensions"))
    for item in _split(text, ","):
        if not item.strip():
            continue
        parameters = [_PARAMETER.fullmatch(part) for part in _split(item, ";")]
        if len(found) == _MOST_EXTENSIONS or None in parameters:
            malformed = malformed or item.strip()
            continue
        pairs = [(m[1].lower(), m[3] if m[2] is None else m[2]) for m in parameters if m is not None]
        if pairs[0][1] is not None:
            malformed = malformed or item.strip()
            continue
        found.append(Extension(pairs[0][0], tuple(pairs[1:])))
    return tuple(found), malformed


def _split(text: str, separator: str) -> list[str]:
    """Split, but not within a quoted string."""
    return re.findall(rf'((?:[^"{separator}]|"(?:[^"\\]|\\.)*"|")+)', text)


def _check_extensions(
    offers: tuple[Extension, ...], chosen: tuple[Extension, ...], response: HttpMessage
) -> Iterator[Anomaly]:
    """What the server chose must have been offered (RFC 6455 section 4.1; RFC 7692 sections 5 and 7.1)."""
    names = [extension.name for extension in offers]
    seen: set[str] = set()
    for extension in chosen:
        if extension.name not in names:
            yield _anomaly(response, "ws.extension_not_offered", "RFC 6455", "4.1", str(extension))
        if extension.name in seen:
            yield _anomaly(response, "ws.extension_repeated", "RFC 7692", "5", str(extension))
        seen.add(extension.name)
        if extension.name == _DEFLATE:
            wrong = _wrong_parameter(extension)
            if wrong is not None:
                yield _anomaly(response, "ws.extension_parameter", "RFC 7692", "7.1", wrong)
            else:
                mine = [offer for offer in offers if offer.name == _DEFLATE]
                if mine and not any(_answers(offer, extension) for offer in mine):
                    yield _anomaly(response, "ws.extension_parameter_not_offered", "RFC 7692", "7.1", str(extension))


def _wrong_parameter(chosen: Extension) -> str | None:
    """A parameter of a response that is unknown, repeated or has an impossible value (RFC 7692 section 7.1)."""
    seen: set[str] = set()
    for name, value in chosen.parameters:
        if name in ("server_no_context_takeover", "client_no_context_takeover"):
            good = value is None
        elif name in ("server_max_window_bits", "client_max_window_bits"):
            good = value is not None and _WINDOW_BITS.fullmatch(value) is not None
        else:
            good = False
        if not good or name in seen:
            return name if value is None else f"{name}={value}"
        seen.add(name)
    return None


def _answers(offer: Extension, chosen: Extension) -> bool:
    """Whether a response is one that this offer allows (RFC 7692 sections 7.1.1 and 7.1.2)."""
    asked, given = dict(offer.parameters), dict(chosen.parameters)
    if "server_no_context_takeover" in asked and "server_no_context_takeover" not in given:
        return False
    for name in ("server_max_window_bits", "client_max_window_bits"):
        limit = asked.get(name)
        if limit is not None and not _WINDOW_BITS.fullmatch(limit):
            return False
    limit = asked.get("server_max_window_bits")
    if limit is not None and int(given.get("server_max_window_bits") or 99) > int(limit):
        return False
    # A smaller client window than the hint is the server's choice; without the hint it must not choose one.
    return "client_max_window_bits" not in given or "client_max_window_bits" in asked


def _deflate(chosen: Extension, side: str) -> Deflate:
    """What holds for a side's messages; a value that is impossible counts as the default, the largest window."""
    parameters = dict(chosen.parameters)
    bits = parameters.get(f"{side}_max_window_bits")
    return Deflate(
        window_bits=int(bits) if bits is not None and _WINDOW_BITS.fullmatch(bits) else 15,
        takeover=f"{side}_no_context_takeover" not in parameters,
    )


# --- headers -----------------------------------------------------------------------------------------------------------


def _anomaly(message: HttpMessage, code: str, document: str, section: str, detail: str) -> Anomaly:
    return Anomaly(code, message.start, message.head_end, Ref(document, section), detail)


def _first(message: HttpMessage, name: str) -> str:
    values = message.values(name)
    return _text(values[0]) if values else ""


def _list(message: HttpMessage, name: str) -> list[str]:
    """A comma-separated header's items, in all its lines."""
    items = (item.strip() for value in message.values(name) for item in _text(value).split(","))
    return [item for item in items if item]


def _tokens(message: HttpMessage, name: str) -> set[str]:
    return {item.lower() for item in _list(message, name)}


def _text(value: bytes) -> str:
    return value.decode("utf-8", "backslashreplace")
