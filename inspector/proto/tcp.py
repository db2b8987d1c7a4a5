"""The TCP header."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.field import Field, Header, Show
from inspector.proto.kinds import LayerKind
from inspector.proto.tcp_options import OPTIONAL, options
from inspector.refs import Ref

__all__ = ["TCP"]

_REF = Ref("RFC 9293", "3.1")
_ACCURATE_ECN = Ref("RFC 9768", "3.1")


def _flag(name: str, meaning: str, filter_name: str, ref: Ref = _REF) -> Field:
    return Field(name, 1, name.upper(), meaning, ref, filter_name, Show.FLAG)


TCP = Header(
    name="tcp",
    kind=LayerKind.TCP,
    title=N_("Transmission Control Protocol"),
    meaning=N_("Turns packets that may get lost or reordered into one reliable stream of bytes each way."),
    tcpip_layer=3,
    osi_layer=4,
    ref=_REF,
    fields=(
        Field("source_port", 16, N_("Source port"), N_("The sender's end of the connection."), _REF, "tcp.srcport"),
        Field(
            "destination_port",
            16,
            N_("Destination port"),
            N_("The receiver's end; names the service."),
            _REF,
            "tcp.dstport",
            next_layer=True,
        ),
        Field(
            "sequence_number",
            32,
            N_("Sequence number"),
            N_("Position of the first data byte in the sender's stream."),
            Ref("RFC 9293", "3.4"),
            "tcp.seq_raw",
        ),
        Field(
            "acknowledgment_number",
            32,
            N_("Acknowledgment number"),
            N_("The next byte that the sender of this packet expects."),
            Ref("RFC 9293", "3.4"),
            "tcp.ack_raw",
        ),
        Field(
            "data_offset",
            4,
            N_("Data offset"),
            N_("Length of this header in 32-bit words; more than 5 when options follow."),
            _REF,
            "tcp.hdr_len",
            scale=4,
            unit=N_("bytes"),
        ),
        Field(
            "flags",
            12,
            N_("Flags"),
            N_("What this packet does to the connection."),
            _REF,
            "tcp.flags",
            Show.HEX,
            parts=(
                Field("reserved", 3, N_("Reserved"), N_("Always zero."), _REF, "tcp.flags.res", Show.RESERVED),
                _flag(
                    "ae",
                    N_("Part of a counter of congestion marks, when both sides agreed on accurate ECN."),
                    "tcp.flags.ae",
                    _ACCURATE_ECN,
                ),
                _flag(
                    "cwr",
                    N_("The sender slowed down because congestion was signalled."),
                    "tcp.flags.cwr",
                    Ref("RFC 3168", "6.1"),
                ),
                _flag("ece", N_("Congestion was signalled on the way."), "tcp.flags.ece", Ref("RFC 3168", "6.1")),
                _flag("urg", N_("The urgent pointer counts."), "tcp.flags.urg"),
                _flag("ack", N_("The acknowledgment number counts."), "tcp.flags.ack"),
                _flag("psh", N_("Hand the data to the application now."), "tcp.flags.push"),
                _flag("rst", N_("The connection is broken off."), "tcp.flags.reset", Ref("RFC 9293", "3.5.2")),
                _flag(
                    "syn",
                    N_("Opens the connection and sets the first sequence number."),
                    "tcp.flags.syn",
                    Ref("RFC 9293", "3.5"),
                ),
                _flag("fin", N_("The sender has no more data."), "tcp.flags.fin", Ref("RFC 9293", "3.6")),
            ),
        ),
        Field(
            "window",
            16,
            N_("Window"),
            N_("Bytes that the sender of this packet can still take in, before scaling."),
            _REF,
            "tcp.window_size_value",
            unit=N_("bytes"),
        ),
        Field(
            "checksum",
            16,
            N_("Checksum"),
            N_("Detects damage to header, data and addresses."),
            _REF,
            "tcp.checksum",
            Show.HEX,
        ),
        Field(
            "urgent_pointer",
            16,
            N_("Urgent pointer"),
            N_("End of urgent data, when URG is set."),
            Ref("RFC 9293", "3.8.5"),
            "tcp.urgent_pointer",
        ),
    ),
    variable=options,
    optional=OPTIONAL,
)
