"""TLS hellos and alerts that Wireshark shows in a packet."""

from __future__ import annotations

from dataclasses import dataclass

from captures.tree import Dissected, Item
from inspector.model.tls import Alert, ClientHello, ServerHello

__all__ = ["WiresharkTls", "parse_tls"]

_CLIENT_HELLO, _SERVER_HELLO = 1, 2
_SIGNATURE_ALGORITHMS = 13


@dataclass(frozen=True, slots=True)
class WiresharkTls:
    """What Wireshark shows of TLS in a packet.

    Args:
        client_hellos, server_hellos: Positions count in the bytes that each was dissected from.
        alerts: As (fatal, number), of those that are not encrypted or could be decrypted.
        record_types: Content type of every record.
    """

    client_hellos: tuple[ClientHello, ...]
    server_hellos: tuple[ServerHello, ...]
    alerts: tuple[Alert, ...]
    record_types: tuple[int, ...]


def parse_tls(found: Dissected) -> WiresharkTls:
    """The hellos, alerts and records of a packet."""
    client: list[ClientHello] = []
    server: list[ServerHello] = []
    alerts: list[Alert] = []
    types: list[int] = []
    for layer in found.protocol("tls"):
        types += [int(item.value) for item in layer.all("tls.record.content_type") if item.value.isdecimal()]
        for item in layer.walk():
            below = {child.name for child in item.items}
            if "tls.handshake.type" in below:
                kind = next(child.value for child in item.items if child.name == "tls.handshake.type")
                if kind == str(_CLIENT_HELLO):
                    client.append(_client(item))
                elif kind == str(_SERVER_HELLO):
                    server.append(_server(item))
            elif "tls.alert_message.level" in below and "tls.alert_message.desc" in below:
                level, description = item.number("tls.alert_message.level"), item.number("tls.alert_message.desc")
                alerts.append(Alert(False, item.start, item.start + item.size, level == 2, description or 0))
    return WiresharkTls(tuple(client), tuple(server), tuple(alerts), tuple(types))


def _numbers(item: Item, name: str) -> tuple[int, ...]:
    return tuple(int.from_bytes(line.data, "big") for line in item.all(name))


def _extension(item: Item, number: int) -> Item:
    """The lines of one extension: others have lists of the same kind (delegated credentials, RFC 9345 section 4.1.1)."""
    for group in item.walk():
        first = group.items[0] if group.items else None
        if first is not None and first.name == "tls.handshake.extension.type" and first.value == str(number):
            return group
    return Item("", "")


def _octets(item: Item, name: str) -> bytes:
    found = item.first(name)
    return found.data if found is not None and found.size else b""


def _client(item: Item) -> ClientHello:
    return ClientHello(
        start=item.start,
        version=item.number("tls.handshake.version") or 0,
        random=_octets(item, "tls.handshake.random"),
        session_id=_octets(item, "tls.handshake.session_id"),
        cipher_suites=_numbers(item, "tls.handshake.ciphersuite"),
        extensions=_numbers(item, "tls.handshake.extension.type"),
        versions=_numbers(item, "tls.handshake.extensions.supported_version"),
        groups=_numbers(item, "tls.handshake.extensions_supported_group"),
        point_formats=_numbers(item, "tls.handshake.extensions_ec_point_format"),
        signature_algorithms=_numbers(_extension(item, _SIGNATURE_ALGORITHMS), "tls.handshake.sig_hash_alg"),
        server_name=item.text("tls.handshake.extensions_server_name"),
        alpn=tuple(line.value for line in item.all("tls.handshake.extensions_alpn_str")),
        early_data=42 in _numbers(item, "tls.handshake.extension.type"),
    )


def _server(item: Item) -> ServerHello:
    chosen = _numbers(item, "tls.handshake.extensions.supported_version")
    return ServerHello(
        start=item.start,
        version=chosen[0] if chosen else item.number("tls.handshake.version") or 0,
        random=_octets(item, "tls.handshake.random"),
        session_id=_octets(item, "tls.handshake.session_id"),
        cipher_suite=item.number("tls.handshake.ciphersuite") or 0,
        extensions=_numbers(item, "tls.handshake.extension.type"),
        alpn=item.text("tls.handshake.extensions_alpn_str"),
    )
