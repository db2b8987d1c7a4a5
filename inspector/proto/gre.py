"""The generic routing encapsulation header, with the words that its flags announce."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.cursor import Cursor
from inspector.proto.ethernet import ETHERTYPES
from inspector.proto.field import Field, Header, Show, Span
from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["GRE"]

_REF = Ref("RFC 2784", "2.1")
_KEYED = Ref("RFC 2890", "2")
_OLD = Ref("RFC 1701")
_PPTP = Ref("RFC 2637", "4.1")

_CHECKSUM = Field(
    "checksum",
    16,
    N_("Checksum"),
    N_("Detects damage to header and payload."),
    Ref("RFC 2784", "2.5"),
    "gre.checksum",
    Show.HEX,
)
_OFFSET = Field(
    "reserved1", 16, N_("Reserved"), N_("Always zero."), Ref("RFC 2784", "2.6"), "gre.offset", Show.RESERVED
)
_KEY = Field(
    "key",
    32,
    N_("Key"),
    N_("Tells which tunnel or customer the packet belongs to."),
    Ref("RFC 2890", "2.1"),
    "gre.key",
    Show.HEX,
)
_SEQUENCE = Field(
    "sequence_number",
    32,
    N_("Sequence number"),
    N_("Counts packets, so that reordering is seen."),
    Ref("RFC 2890", "2.2"),
    "gre.sequence_number",
)
_PAYLOAD = Field(
    "payload_length",
    16,
    N_("Payload length"),
    N_("Bytes behind this header."),
    _PPTP,
    "gre.key.payload_length",
    unit=N_("bytes"),
)
_CALL = Field("call_id", 16, N_("Call"), N_("Number of the PPTP session."), _PPTP, "gre.key.call_id")
_PPTP_SEQUENCE = Field(
    "sequence_number", 32, N_("Sequence number"), N_("Counts packets."), _PPTP, "gre.sequence_number"
)
_ACK_NUMBER = Field(
    "acknowledgment_number",
    32,
    N_("Acknowledgment number"),
    N_("The highest packet received in order."),
    _PPTP,
    "gre.ack_number",
)
_ACK = Field(
    "acknowledgment_present",
    1,
    N_("Acknowledgment present"),
    N_("An acknowledgment number follows."),
    _PPTP,
    "gre.flags.ack",
    Show.FLAG,
)
_PPTP_FLAGS = Field("flags", 4, N_("Flags"), N_("Always zero."), _PPTP, "gre.flags.reserved", Show.RESERVED)


def _variable(data: bytes) -> list[Span]:
    """Words that are there when their flag is set; version 1 (PPTP) reads some differently."""
    if len(data) < 4:
        return []
    flags, low = data[0], data[1]
    pptp = low & 7 == 1
    spans: list[Span] = []
    if pptp:
        spans = [span for span in (Span.read(_ACK, data, 8), Span.read(_PPTP_FLAGS, data, 9)) if span]
    cursor = Cursor(data, 4)
    if flags & 0xC0 and not pptp:
        cursor.take(_CHECKSUM, _OFFSET)
    if pptp:
        cursor.take(_PAYLOAD, _CALL)
    elif flags & 0x20:
        cursor.take(_KEY)
    if flags & 0x10:
        cursor.take(_PPTP_SEQUENCE if pptp else _SEQUENCE)
    if pptp and low & 0x80:
        cursor.take(_ACK_NUMBER)
    return [*spans, *cursor.spans]


def _flag(name: str, title: str, meaning: str, filter_name: str, ref: Ref) -> Field:
    return Field(name, 1, title, meaning, ref, filter_name, Show.FLAG)


GRE = Header(
    name="gre",
    kind=LayerKind.GRE,
    title=N_("Generic Routing Encapsulation"),
    meaning=N_("A tunnel: carries a whole packet inside another."),
    tcpip_layer=2,
    osi_layer=3,
    ref=_REF,
    fields=(
        _flag("checksum_present", N_("Checksum present"), N_("A checksum follows."), "gre.flags.checksum", _REF),
        _flag(
            "routing_present", N_("Routing present"), N_("Once a route followed; now zero."), "gre.flags.routing", _OLD
        ),
        _flag("key_present", N_("Key present"), N_("A key follows."), "gre.flags.key", _KEYED),
        _flag(
            "sequence_number_present",
            N_("Sequence present"),
            N_("A sequence number follows."),
            "gre.flags.sequence_number",
            _KEYED,
        ),
        _flag(
            "strict_source_route",
            N_("Strict source route"),
            N_("Once about routes; now zero."),
            "gre.flags.strict_source_route",
            _OLD,
        ),
        Field(
            "recursion_control",
            3,
            N_("Recursion control"),
            N_("Once about tunnels in tunnels; now zero."),
            _OLD,
            "gre.flags.recursion_control",
        ),
        Field("reserved0", 5, N_("Reserved"), N_("Always zero."), _REF, "gre.flags.reserved", Show.RESERVED),
        Field(
            "version",
            3,
            N_("Version"),
            N_("0, or 1 for the enhanced form of PPTP."),
            _REF,
            "gre.flags.version",
            values={0: "GRE", 1: "PPTP"},
        ),
        Field(
            "protocol_type",
            16,
            N_("Protocol type"),
            N_("Which protocol the tunnel carries."),
            Ref("RFC 2784", "2.4"),
            "gre.proto",
            Show.HEX,
            ETHERTYPES,
            next_layer=True,
        ),
    ),
    variable=_variable,
    optional=(
        _CHECKSUM,
        _OFFSET,
        _KEY,
        _SEQUENCE,
        _PAYLOAD,
        _CALL,
        _PPTP_SEQUENCE,
        _ACK_NUMBER,
        _ACK,
        _PPTP_FLAGS,
    ),
)
