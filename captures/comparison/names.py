"""DNS messages and TLS hellos and alerts, ours and Wireshark's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from captures.comparison.places import Places
from captures.comparison.unit import Unit, Value
from captures.parsers import parse_dns, parse_tls
from captures.tree import Dissected
from inspector.model.dns import DnsMessage, Record
from inspector.model.tls import ClientHello, ServerHello
from inspector.recording.application import Application, Applications, speaks_http1
from inspector.recording.derived import ByteStream, Tail
from inspector.recording.dns import dns_messages
from inspector.recording.exchanges import decode_http1
from inspector.recording.secrets import secrets_inside

if TYPE_CHECKING:
    from inspector.recording.capture import Capture

__all__ = ["our_dns", "our_tls", "their_dns", "their_tls"]

_MOST_TUNNELS = 4
_ESCAPES = re.compile(r"(?:\\[0-9]{3})+")
"""Bytes that are no printable characters, as we write them (RFC 1035 section 5.1); Wireshark has the bytes themselves."""
_DNS, _CLIENT, _SERVER, _ALERT = "dns.message", "tls.client_hello", "tls.server_hello", "tls.alert"


def our_dns(capture: Capture, places: Places) -> Iterator[Unit]:
    """Every DNS message on the usual ports."""
    for packet, flow, tcp, message in dns_messages(capture):
        where = places.of_packet(packet) if tcp else _datagram(places, packet, flow)
        if where is not None:
            yield Unit(_DNS, where, packet, _dns_values(message), message, ("id", "response"))


def _datagram(places: Places, packet: int, flow: int) -> tuple[int, int]:
    where = places.of_packet(packet)
    return where if where is not None else (flow, 0)


def their_dns(found: Dissected, places: Places) -> Iterator[Unit]:
    """The messages that Wireshark shows in a packet."""
    where = places.of_packet(found.number)
    for message in parse_dns(found):
        if where is not None:
            yield Unit(_DNS, where, found.number, _dns_values(message), message, ("id", "response"))


def _dns_values(message: DnsMessage) -> dict[str, Value]:
    values: dict[str, Value] = {
        name: getattr(message, name)
        for name in (
            "id", "opcode", "rcode", "response", "authoritative", "truncated", "recursion_desired", "recursion_available",
        )
    }  # fmt: skip
    values["questions"] = tuple((_plain(item.name), item.type, item.klass) for item in message.questions)
    for name in ("answers", "authorities", "additionals"):
        records: list[Record] = getattr(message, name)
        values[name] = tuple(
            (_plain(item.name), item.type, item.klass, item.ttl, _plain(item.data)) for item in records
        )
    return values


def _plain(name: str) -> str:
    """A name with its bytes in place of escapes, as far as they are text."""
    return _ESCAPES.sub(
        lambda match: bytes(int(part) & 255 for part in match[0][1:].split("\\")).decode("utf-8", "replace"), name
    )


def our_tls(capture: Capture, places: Places) -> Iterator[Unit]:
    """The hellos and visible alerts of every TLS connection, those in CONNECT tunnels too."""
    applications = Applications(capture, secrets_inside(capture))
    for number in range(len(capture.connections)):
        application = applications.of(number)
        ends = capture.stream(number, application.client_side), capture.stream(number, 1 - application.client_side)
        yield from _tls_of(applications, application, ends, places, _MOST_TUNNELS)


def _tls_of(
    applications: Applications,
    application: Application,
    ends: tuple[ByteStream, ByteStream],
    places: Places,
    tunnels: int,
) -> Iterator[Unit]:
    """TLS on a connection, or in a tunnel on it; ``ends`` are the bytes below TLS."""
    tls, number, side = application.tls, application.connection, application.client_side
    if tls is not None and ends[0] is not application.client:
        for hello in tls.client_hellos:
            yield Unit(_CLIENT, (number, side), 0, _client_values(hello), hello, ("random",))
        for answer in tls.server_hellos:
            yield Unit(_SERVER, (number, 1 - side), 0, _server_values(answer), answer, ("random",))
        for alert in tls.alerts:
            where = number, side if alert.from_client else 1 - side
            packet = places.complete(ends[0 if alert.from_client else 1], alert.start, alert.end)
            values: dict[str, Value] = {"fatal": alert.fatal, "description": alert.description}
            yield Unit(_ALERT, where, packet, values, alert, ("fatal", "description"))
    if not tunnels or not speaks_http1(application):
        return
    http = decode_http1(application.client, application.server)
    if http.switched is not None and http.switched.status != 101 and http.client.messages:
        tails = Tail(application.client, http.client.messages[-1].end), Tail(application.server, http.switched.end)
        inner = applications.unwrap(Application(number, *tails, tls, side))
        if inner.tls is not tls:
            yield from _tls_of(applications, inner, tails, places, tunnels - 1)


def their_tls(found: Dissected, places: Places) -> Iterator[Unit]:
    """The hellos and alerts that Wireshark shows in a packet."""
    where = places.of_packet(found.number)
    if where is None:
        return
    parsed = parse_tls(found)
    for hello in parsed.client_hellos:
        yield Unit(_CLIENT, where, 0, _client_values(hello), hello, ("random",))
    for answer in parsed.server_hellos:
        yield Unit(_SERVER, where, 0, _server_values(answer), answer, ("random",))
    for alert in parsed.alerts:
        values: dict[str, Value] = {"fatal": alert.fatal, "description": alert.description}
        yield Unit(_ALERT, where, found.number, values, alert, ("fatal", "description"))


def _client_values(hello: ClientHello) -> dict[str, Value]:
    names = (
        "version", "random", "session_id", "cipher_suites", "extensions", "versions", "groups", "point_formats",
        "signature_algorithms", "server_name", "alpn", "early_data",
    )  # fmt: skip
    return {name: getattr(hello, name) for name in names}


def _server_values(hello: ServerHello) -> dict[str, Value]:
    names = ("version", "random", "session_id", "cipher_suite", "extensions", "alpn")
    return {name: getattr(hello, name) for name in names}
