"""TLS as observed: hellos, alerts, what could be decrypted and why the rest could not."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from inspector.i18n import N_

__all__ = ["ALERTS", "VERSIONS", "Alert", "ClientHello", "Decryption", "ServerHello"]


VERSIONS = {
    0x0200: "SSL 2.0", 0x0300: "SSL 3.0", 0x0301: "TLS 1.0", 0x0302: "TLS 1.1", 0x0303: "TLS 1.2", 0x0304: "TLS 1.3",
}  # fmt: skip

ALERTS = {
    0: N_("close_notify"), 10: N_("unexpected_message"), 20: N_("bad_record_mac"), 22: N_("record_overflow"),
    40: N_("handshake_failure"), 42: N_("bad_certificate"), 43: N_("unsupported_certificate"),
    44: N_("certificate_revoked"), 45: N_("certificate_expired"), 46: N_("certificate_unknown"),
    47: N_("illegal_parameter"), 48: N_("unknown_ca"), 49: N_("access_denied"), 50: N_("decode_error"),
    51: N_("decrypt_error"), 70: N_("protocol_version"), 71: N_("insufficient_security"), 80: N_("internal_error"),
    86: N_("inappropriate_fallback"), 90: N_("user_canceled"), 100: N_("no_renegotiation"),
    109: N_("missing_extension"), 110: N_("unsupported_extension"), 112: N_("unrecognized_name"),
    113: N_("bad_certificate_status_response"), 115: N_("unknown_psk_identity"), 116: N_("certificate_required"),
    120: N_("no_application_protocol"),
}  # fmt: skip
"""Names of alerts (IANA, TLS Alerts), to be translated where people read them."""


class Decryption(Enum):
    """What became of a connection's protected records."""

    NOT_NEEDED = "not_needed"
    """Nothing protected was seen."""
    DONE = "done"
    NO_KEYS = "no_keys"
    """No secret for this connection's client random was given."""
    WRONG_KEYS = "wrong_keys"
    """A secret was given and does not fit."""
    UNSUPPORTED = "unsupported"
    """Version or cipher suite that is not decrypted here."""
    PARTIAL = "partial"
    """Some records could not be decrypted, as after missing bytes."""
    NO_HANDSHAKE = "no_handshake"
    """The hellos were not captured, so neither keys nor cipher suite are known."""


@dataclass(frozen=True, slots=True)
class ClientHello:
    """What the client offers (RFC 8446 section 4.1.2).

    Args:
        start: Position of its first record or handshake byte in the stream.
        version: legacy_version; ``versions`` from the extension, newest first as sent.
        random, session_id: As sent.
        cipher_suites, extensions, groups, point_formats, signature_algorithms: Numbers in the order sent.
        server_name: Of the SNI extension, or None.
        alpn: Protocols offered.
        early_data: 0-RTT was announced.
    """

    start: int
    version: int
    random: bytes
    session_id: bytes
    cipher_suites: tuple[int, ...]
    extensions: tuple[int, ...] = ()
    versions: tuple[int, ...] = ()
    groups: tuple[int, ...] = ()
    point_formats: tuple[int, ...] = ()
    signature_algorithms: tuple[int, ...] = ()
    server_name: str | None = None
    alpn: tuple[str, ...] = ()
    early_data: bool = False


@dataclass(frozen=True, slots=True)
class ServerHello:
    """What the server chose (RFC 8446 section 4.1.3).

    Args:
        start: Position in the stream.
        version: Chosen version (of the extension where there is one).
        random, session_id, cipher_suite, extensions: As sent.
        alpn: Protocol chosen, where visible.
        retry: It is a HelloRetryRequest.
        encrypt_then_mac: RFC 7366 was agreed.
    """

    start: int
    version: int
    random: bytes
    session_id: bytes
    cipher_suite: int
    extensions: tuple[int, ...] = ()
    alpn: str | None = None
    retry: bool = False
    encrypt_then_mac: bool = False


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert (RFC 8446 section 6).

    Args:
        from_client: Who sent it.
        start, end: Byte range of its record.
        fatal: Its level.
        description: Its number.
        protected: It came decrypted.
    """

    from_client: bool
    start: int
    end: int
    fatal: bool
    description: int
    protected: bool = field(default=False)
