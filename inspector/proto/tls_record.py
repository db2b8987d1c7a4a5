"""The TLS record header."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.field import Field, Header, Show
from inspector.refs import Ref

__all__ = ["TLS_RECORD"]

_REF = Ref("RFC 9846", "5.1")

TLS_RECORD = Header(
    name="tls_record",
    kind=None,
    title=N_("TLS record"),
    meaning=N_("One piece of an encrypted connection."),
    tcpip_layer=4,
    osi_layer=6,
    ref=_REF,
    fields=(
        Field(
            "type",
            8,
            N_("Content type"),
            N_("What the record carries; in TLS 1.3 everything encrypted calls itself application data."),
            _REF,
            "tls.record.content_type",
            values={
                20: N_("change cipher spec"),
                21: N_("alert"),
                22: N_("handshake"),
                23: N_("application data"),
                24: N_("heartbeat"),
            },
            next_layer=True,
        ),
        Field(
            "legacy_record_version",
            16,
            N_("Version"),
            N_("Kept at TLS 1.2 or below for old equipment; the real version is agreed in the handshake."),
            _REF,
            "tls.record.version",
            Show.HEX,
            {0x0300: "SSL 3.0", 0x0301: "TLS 1.0", 0x0302: "TLS 1.1", 0x0303: "TLS 1.2", 0x0304: "TLS 1.3"},
        ),
        Field(
            "length",
            16,
            N_("Length"),
            N_("Bytes of the record behind this header."),
            _REF,
            "tls.record.length",
            unit=N_("bytes"),
        ),
    ),
)
