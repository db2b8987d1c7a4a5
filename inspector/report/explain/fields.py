"""Headers, their fields and the values of these, explained by their declarations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from inspector.analysis.fields import FILTER_FIELDS
from inspector.i18n import N_
from inspector.model.finding import NOTHING, Text, told
from inspector.proto import HEADERS, Field, Header, Show
from inspector.report.explain.explanation import Explanation, Kind

__all__ = ["declared_fields", "field_values", "header_fields", "headers"]

_IN_HEADER = N_("In the header {header}: {bits} bits, from bit {bit} of byte {byte} on (both counted from 0).")
_BIT = N_("In the header {header}: bit {bit} of byte {byte} (both counted from 0).")
_BEHIND = N_("In the header {header}, behind its fixed part, where the packet has it; length in bits: {bits}.")
_VARIES = N_("In the header {header}, behind its fixed part; the length depends on the packet.")
_DERIVED = N_(
    "Not a field on the wire of its own: Wireshark, and inspector fields, work it out of the headers, the packets "
    "before, or the capture."
)
_HEADER_WHERE = N_("{bits} bits at least; layer {tcpip} of TCP/IP, layer {osi} of OSI.")
_MEANS = N_("In {fields} this value means: {name}.")

_SHORT = {"websocket": ("ws",), "ipv4": ("ip",), "ethernet": ("eth",), "tls_record": ("tls",), "gtpu": ("gtp",)}
"""Other names of headers, for those used to Wireshark's."""
_COMMON = {
    "vlan": ("802.1Q", "VLAN tag"), "service_vlan": ("802.1ad", "QinQ"), "sll": ("linux cooked",), "ipv6_routing": ("routing header",),
    "ipv6_fragment": ("fragment header",), "ipv6_dstopts": ("destination options",), "ipv6_hopopts": ("hop-by-hop options",),
    "ah": ("IPsec",), "ethernet": ("이더넷",), "websocket": ("웹소켓", "웹 소켓"),
    "vlan.id": ("VLAN ID",), "vlan.priority": ("PCP",), "vlan.dei": ("DEI",), "ip.ttl": ("TTL", "time to live", "생존 시간"),
    "ip.flags.df": ("DF", "don't fragment", "단편화 금지"), "ip.flags.mf": ("MF", "more fragments"), "tcp.flags": ("TCP flags",
        "TCP 플래그"),
    "tcp.flags.ae": ("NS",), "websocket.opcode": ("opcodes", "text frame", "binary frame", "옵코드", "오피코드"),
    "tcp.options.md5.digest": ("MD5 option",),
    "tcp.analysis.lost_segment": ("TCP Previous segment not captured",),
    "tcp.analysis.ack_lost_segment": ("TCP ACKed unseen segment",),
    "tcp.analysis.fast_retransmission": ("TCP Fast Retransmission",),
    "tcp.analysis.spurious_retransmission": ("TCP Spurious Retransmission",),
    "tcp.analysis.window_full": ("TCP Window Full", "window full"), "tcp.analysis.zero_window": ("TCP ZeroWindow",),
    "tcp.analysis.window_update": ("TCP Window Update",), "tcp.analysis.zero_window_probe": ("TCP ZeroWindowProbe",),
    "tcp.analysis.keep_alive": ("TCP Keep-Alive",), "tcp.analysis.keep_alive_ack": ("TCP Keep-Alive ACK",),
}  # fmt: skip
"""What courses, and Wireshark's Info column, call headers and fields."""
_FILTERS = {"ethernet": "eth", "ipv4": "ip", "tls_record": "tls", "websocket": "websocket", "tcp": "tcp", "udp": "udp"}
"""Filters that find packets with the header, where that is sure."""


def headers() -> list[Explanation]:
    """Every declared header."""
    return [
        Explanation(
            kind=Kind.HEADER,
            term=header.name,
            title=header.title,
            what=Text(header.meaning),
            where=told(_HEADER_WHERE, bits=header.bits, tcpip=header.tcpip_layer, osi=header.osi_layer),
            refs=(header.ref,),
            filter=_FILTERS.get(header.name, ""),
            names=(header.title, *_SHORT.get(header.name, ()), *_COMMON.get(header.name, ())),
            header=header,
        )
        for header in HEADERS
    ]


def header_fields(header: Header) -> Iterator[tuple[Field, int | None]]:
    """All fields of a header, each once, with its first bit in the fixed part; None behind that."""
    seen: set[int] = set()
    everything = [*header.walk(), *((item, None) for outer in header.optional for item, _ in outer.walk(0))]
    for item, start in everything:
        if id(item) not in seen:
            seen.add(id(item))
            yield item, start


def declared_fields() -> list[Explanation]:
    """Every field of the declared headers, then those that only ``inspector fields`` knows."""
    found = [_of_header(header, item, start) for header in HEADERS for item, start in header_fields(header)]
    known = {name for one in found for name in (one.term, *one.names)}
    found += [
        Explanation(
            kind=Kind.FIELD, term=name, title=name, what=Text(item.meaning), where=Text(_DERIVED), filter=name,
            names=(name.removeprefix("tcp.analysis."), *_COMMON.get(name, ())),
        )
        for name, item in FILTER_FIELDS.items()
        if name not in known
    ]  # fmt: skip
    return found


def _of_header(header: Header, item: Field, start: int | None) -> Explanation:
    own = [f"{name}.{item.name}" for name in (header.name, *_SHORT.get(header.name, ()))]
    term = item.filter or own[0]
    return Explanation(
        kind=Kind.FIELD,
        term=term,
        title=item.title,
        what=Text(item.meaning),
        where=_where(header, item, start),
        refs=(item.ref,),
        filter=_filter(item),
        names=(*own, item.name, item.title, *_COMMON.get(term, ())),
        values=item.values,
        header=header,
        fields=(item,),
    )


def _where(header: Header, item: Field, start: int | None) -> Text:
    if start is not None:
        return told(
            _BIT if item.bits == 1 else _IN_HEADER,
            header=Text(header.title),
            bits=item.bits,
            byte=start // 8,
            bit=start % 8,
        )
    return told(_BEHIND if item.bits else _VARIES, header=Text(header.title), bits=item.bits)


def _filter(item: Field, value: int | None = None) -> str:
    """A display filter for the field, or for one value of it."""
    if item.filter is None:
        return ""
    if value is None:
        return f"{item.filter} == 1" if item.show is Show.FLAG else item.filter
    return f"{item.filter} == {value:#x}" if item.show is Show.HEX else f"{item.filter} == {value}"


def field_values() -> list[Explanation]:
    """Every named value of a field; the same value with the same name in several fields is told once."""
    groups: dict[tuple[int, str], list[tuple[Header, Field]]] = defaultdict(list)
    for header in HEADERS:
        for item, _start in header_fields(header):
            for value, name in item.values.items():
                groups[value, name].append((header, item))
    return [_value(value, name, places) for (value, name), places in groups.items()]


def _value(value: int, name: str, places: list[tuple[Header, Field]]) -> Explanation:
    header, item = places[0]
    terms = list(dict.fromkeys(field.filter or f"{header.name}.{field.name}" for header, field in places))
    number = f"0x{value:04x}" if item.show is Show.HEX else str(value)
    return Explanation(
        kind=Kind.VALUE,
        term=f"{terms[0]}={number}",
        title=name,
        what=told(_MEANS, fields=", ".join(terms), name=Text(name)),
        where=NOTHING,
        refs=tuple(dict.fromkeys(field.ref for _header, field in places)),
        filter=" || ".join(dict.fromkeys(text for _header, field in places if (text := _filter(field, value)))),
        names=(name, number, f"{value:#x}", *(f"{term}={value}" for term in terms)),
        header=header,
        fields=(item,),
        also=(terms[0],),
    )
