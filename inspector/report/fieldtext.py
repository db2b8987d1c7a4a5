"""Fields, links and checksums of a packet in words."""

from __future__ import annotations

import ipaddress

from inspector.i18n import _
from inspector.proto import Header, LayerKind, Show, Span
from inspector.proto.ports import service_of
from inspector.recording.checksums import Checksum, ChecksumState
from inspector.recording.dissect import Dissection, Layer
from inspector.report.clean import clean

__all__ = ["checksum_text", "layer_title", "link_text", "short_text", "short_title", "value_text"]

_LONGEST_BYTES = 32
"""Bytes of a value written out; more is cut with their number (the hex dump has them all)."""

_SHORT_TITLES = {
    "ethernet": "Ethernet",
    "ieee8023": "802.3",
    "llc": "LLC",
    "snap": "SNAP",
    "vlan": "VLAN",
    "mpls": "MPLS",
    "pppoe": "PPPoE",
    "ppp": "PPP",
    "chdlc": "HDLC",
    "null": "loopback",
    "loop": "loopback",
    "sll": "Linux cooked",
    "sll2": "Linux cooked v2",
    "radiotap": "radiotap",
    "ieee80211": "802.11",
    "arp": "ARP",
    "ipv4": "IPv4",
    "ipv6": "IPv6",
    "ah": "AH",
    "icmp": "ICMP",
    "icmpv6": "ICMPv6",
    "tcp": "TCP",
    "udp": "UDP",
    "gre": "GRE",
    "vxlan": "VXLAN",
    "geneve": "GENEVE",
    "gtpu": "GTP-U",
    "websocket": "WebSocket",
    "tls_record": "TLS",
}


def short_title(header: Header) -> str:
    """A header's short name, e.g. ``TCP``."""
    return _SHORT_TITLES.get(header.name) or _(header.title)


def layer_title(layer: Layer) -> str:
    """What a layer is called in full."""
    if layer.header is not None:
        return _(layer.header.title)
    return {
        LayerKind.MALFORMED: _("Malformed: the header named before does not fit here"),
        LayerKind.FRAGMENT: _("Piece of a datagram"),
        LayerKind.RAW: _("No link header"),
    }.get(layer.kind, _("Not decoded"))


def value_text(span: Span) -> str:
    """A field's value in words, e.g. ``5 × 4 = 20 bytes`` or ``6 (TCP)``."""
    field, value = span.field, span.value
    name = field.values.get(value)
    text = short_text(span)
    if field.scale != 1:
        text = f"{value} × {field.scale} = {value * field.scale}"
    if field.unit and field.show is Show.DECIMAL:
        text = f"{text} {_(field.unit)}"
    if field.show is Show.FLAG:
        return _("{value} (set)").format(value=value) if value else _("{value} (not set)").format(value=value)
    if field.show is Show.RESERVED and value:
        return _("{value} (should be zero)").format(value=text)
    return f"{text} ({_(name)})" if name is not None else text


def short_text(span: Span) -> str:
    """A field's bare value as it is usually written: address, hexadecimal, decimal."""
    value, size = span.value, (span.bits + 7) // 8
    match span.field.show:
        case Show.MAC if size == 6:
            return value.to_bytes(6, "big").hex(":")
        case Show.IPV4 if size == 4:
            return str(ipaddress.IPv4Address(value))
        case Show.IPV6 if size == 16:
            return str(ipaddress.IPv6Address(value))
        case Show.HEX:
            return f"0x{value:0{(span.bits + 3) // 4}x}"
        case Show.BYTES | Show.MAC | Show.IPV4 | Show.IPV6:
            raw = value.to_bytes(size, "big")
            if size <= _LONGEST_BYTES:
                return raw.hex(" ")
            return _("{start} … ({count} bytes)").format(start=raw[:_LONGEST_BYTES].hex(" "), count=size)
        case _:
            return str(value)


def link_text(found: Dissection, index: int) -> str | None:
    """How layer ``index`` names what it carries, e.g. ``EtherType 0x0800 → IPv4``; None where it names nothing."""
    layer = found.layers[index]
    link = layer.link
    if link is None:
        return None
    following = found.layers[index + 1] if index + 1 < len(found.layers) else None
    if following is None:
        return _application_link(found, layer)
    if layer.kind in (LayerKind.ICMP, LayerKind.ICMPV6):
        name = short_title(following.header) if following.header is not None else layer_title(following)
        return _("type {value} → quotes the packet it is about: {name}").format(value=layer.value("type"), name=name)
    if following.assembled and not layer.assembled:
        name = short_title(following.header) if following.header is not None else layer_title(following)
        return _("this piece completes a datagram of {count} bytes, put together from its fragments → {name}").format(
            count=following.size, name=name
        )
    return _named_link(layer, following)


def _named_link(layer: Layer, following: Layer) -> str:
    if following.header is not None:
        name = short_title(following.header)
    else:
        name = {
            LayerKind.MALFORMED: _("cut or malformed"),
            LayerKind.FRAGMENT: _("a piece, put together elsewhere"),
        }.get(following.kind, _("not decoded here"))
    span = layer.link.span if layer.link is not None else None
    if layer.kind in (LayerKind.TCP, LayerKind.UDP):
        return _("port {port} → {name} (by port)").format(port=_port_of(layer, following), name=name)
    if span is None:
        return _("what follows → {name}").format(name=name)
    if layer.kind is LayerKind.MPLS:
        if following.kind is LayerKind.MPLS:
            return _("not the bottom of the stack → another MPLS label")
        return _("bottom of the stack; first 4 bits of what follows → {name} (a guess)").format(name=name)
    value = short_text(span)
    known = span.field.values.get(span.value)
    if known is not None and name not in _(known):
        value = f"{value} ({_(known)})"
    return f"{_(span.field.title)} {value} → {name}"


def _port_of(layer: Layer, following: Layer) -> int:
    """The port by which a tunnel was recognised."""
    usual = {LayerKind.VXLAN: 4789, LayerKind.GENEVE: 6081, LayerKind.GTPU: 2152}.get(following.kind)
    ports = [layer.value("destination_port") or 0, layer.value("source_port") or 0]
    return usual if usual in ports else ports[0]


def _application_link(found: Dissection, layer: Layer) -> str | None:
    """What a transport header's payload is: told by what was found in it, else guessed by its ports."""
    if not found.payload[1]:
        return None
    if found.inside:
        name = found.inside[0].header.name
        if name == "websocket":
            return _("the connection was upgraded → WebSocket")
        return _("the connection begins with a TLS record → TLS")
    start = layer.data[layer.header_size :][:16]
    if start == b"PRI * HTTP/2.0\r\n":
        return _("the connection begins with the HTTP/2 preface → HTTP/2")
    if start.startswith(_HTTP_STARTS):
        return _("first bytes “{start}” → HTTP (by content)").format(start=clean(start.split()[0].decode("latin-1")))
    service = service_of(
        layer.kind is LayerKind.UDP, layer.value("destination_port") or 0, layer.value("source_port") or 0
    )
    if service is None:
        return _("ports {source} and {destination} → no well-known service").format(
            source=layer.value("source_port"), destination=layer.value("destination_port")
        )
    return _("port {port} → {name} (by port)").format(port=service[0], name=service[1])


_HTTP_STARTS = (
    b"HTTP/1.",
    b"GET ",
    b"POST ",
    b"PUT ",
    b"HEAD ",
    b"DELETE ",
    b"OPTIONS ",
    b"PATCH ",
    b"CONNECT ",
    b"TRACE ",
)


def checksum_text(checksum: Checksum) -> str:
    """The outcome of a checksum in words."""
    right = checksum.computed if checksum.computed is not None else 0
    match checksum.state:
        case ChecksumState.CORRECT:
            return _("correct")
        case ChecksumState.WRONG:
            return _("wrong: should be {right}").format(right=f"0x{right:04x}")
        case ChecksumState.OFFLOADED:
            return _("not filled in: checksum offload (the network card makes it {right})").format(
                right=f"0x{right:04x}"
            )
        case ChecksumState.UNUSED:
            return _("not used: the sender made none")
        case ChecksumState.CUT:
            return _("cannot be checked: packet cut")
        case ChecksumState.FRAGMENT:
            return _("cannot be checked: covers a datagram of which this is one piece")
