"""The TCP header."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.field import Field, Header, Show
from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["TCP"]

_REF = Ref("RFC 9293", "3.1")

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
            _REF,
            "tcp.seq_raw",
        ),
        Field(
            "acknowledgment_number",
            32,
            N_("Acknowledgment number"),
            N_("The next byte the sender of this packet expects."),
            _REF,
            "tcp.ack_raw",
        ),
        Field(
            "data_offset",
            4,
            N_("Data offset"),
            N_("Length of this header; longer than 20 bytes when options follow."),
            _REF,
            "tcp.hdr_len",
            scale=4,
        ),
        Field(
            "reserved",
            4,
            N_("Reserved"),
            N_("Zero, except the last bit where accurate ECN is in use."),
            _REF,
            "tcp.flags.res",
            Show.RESERVED,
        ),
        Field(
            "cwr",
            1,
            "CWR",
            N_("The sender reduced its congestion window."),
            Ref("RFC 3168", "6.1"),
            "tcp.flags.cwr",
            Show.FLAG,
        ),
        Field(
            "ece",
            1,
            "ECE",
            N_("Congestion was signalled on the way."),
            Ref("RFC 3168", "6.1"),
            "tcp.flags.ece",
            Show.FLAG,
        ),
        Field("urg", 1, "URG", N_("The urgent pointer counts."), _REF, "tcp.flags.urg", Show.FLAG),
        Field("ack", 1, "ACK", N_("The acknowledgment number counts."), _REF, "tcp.flags.ack", Show.FLAG),
        Field("psh", 1, "PSH", N_("Hand the data to the application now."), _REF, "tcp.flags.push", Show.FLAG),
        Field("rst", 1, "RST", N_("The connection is broken off."), _REF, "tcp.flags.reset", Show.FLAG),
        Field(
            "syn",
            1,
            "SYN",
            N_("Opens the connection and sets the first sequence number."),
            _REF,
            "tcp.flags.syn",
            Show.FLAG,
        ),
        Field("fin", 1, "FIN", N_("The sender has no more data."), _REF, "tcp.flags.fin", Show.FLAG),
        Field(
            "window",
            16,
            N_("Window"),
            N_("Bytes the sender of this packet can still take in, before scaling."),
            _REF,
            "tcp.window_size_value",
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
            _REF,
            "tcp.urgent_pointer",
        ),
    ),
)
