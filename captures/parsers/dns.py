"""DNS messages that Wireshark shows in a packet."""

from __future__ import annotations

import ipaddress

from captures.tree import Dissected, Item
from inspector.model.dns import DnsMessage, Question, Record

__all__ = ["parse_dns"]

_SECTIONS = ("Queries", "Answers", "Authoritative nameservers", "Additional records")


def parse_dns(found: Dissected) -> list[DnsMessage]:
    """The messages of a packet, multicast DNS and LLMNR too."""
    layers = found.protocol("dns", "mdns", "llmnr")
    return [_message(layer) for layer in layers if layer.number("dns.id") is not None]


def _message(layer: Item) -> DnsMessage:
    flags = layer.number("dns.flags") or 0
    sections = {
        name: [item for group in layer.items if group.label == name for item in group.items] for name in _SECTIONS
    }
    additional = [_record(item) for item in sections["Additional records"]]
    extended = next((record.ttl >> 24 for record in additional if record.type == 41), 0)
    return DnsMessage(
        id=layer.number("dns.id") or 0,
        opcode=flags >> 11 & 15,
        rcode=extended << 4 | flags & 15,
        response=bool(flags & 0x8000),
        authoritative=bool(flags & 0x0400),
        truncated=bool(flags & 0x0200),
        recursion_desired=bool(flags & 0x0100),
        recursion_available=bool(flags & 0x0080),
        questions=[
            # The class out of the bytes: of multicast DNS Wireshark shows it without the top bit (RFC 6762 section 5.4).
            Question(
                _name(item.text("dns.qry.name")),
                item.number("dns.qry.type") or 0,
                int.from_bytes(item.data[-2:], "big") if item.data else item.number("dns.qry.class") or 0,
            )
            for item in sections["Queries"]
        ],
        answers=[_record(item) for item in sections["Answers"]],
        authorities=[_record(item) for item in sections["Authoritative nameservers"]],
        additionals=additional,
    )


def _record(item: Item) -> Record:
    """A record; its bytes end with the data, of which the length is known."""
    kind = item.number("dns.resp.type") or 0
    size = item.number("dns.resp.len") or 0
    raw = item.data[len(item.data) - size :] if size else b""
    head = item.data[: len(item.data) - size]
    klass, ttl = int.from_bytes(head[-8:-6], "big"), int.from_bytes(head[-6:-2], "big")
    name = item.text("dns.resp.name")
    if name is None and kind == 33:
        # Wireshark takes the name of a service apart: _service._proto.name (RFC 2782).
        parts = (item.text(f"dns.srv.{part}") for part in ("service", "proto", "name"))
        name = ".".join(part for part in parts if part)
    return Record(_name(name), kind, klass, ttl, _data(item, kind, raw))


def _data(item: Item, kind: int, raw: bytes) -> str:
    if kind == 1 and len(raw) == 4:
        return str(ipaddress.IPv4Address(raw))
    if kind == 28 and len(raw) == 16:
        return str(ipaddress.IPv6Address(raw))
    named = {2: "dns.ns", 5: "dns.cname", 12: "dns.ptr.domain_name"}.get(kind)
    if named is not None:
        return _name(item.text(named))
    if kind == 15:
        return f"{item.number('dns.mx.preference')} {_name(item.text('dns.mx.mail_exchange'))}"
    if kind == 33:
        numbers = (item.number(f"dns.srv.{part}") for part in ("priority", "weight", "port"))
        return " ".join([*map(str, numbers), _name(item.text("dns.srv.target"))])
    if kind == 16:
        return " ".join(f'"{line.value}"' for line in item.all("dns.txt"))
    return raw.hex()


def _name(name: str | None) -> str:
    return "" if name is None or name == "<Root>" else name
