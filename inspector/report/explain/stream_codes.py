"""TLS alerts and HTTP/2 error codes, a sentence each."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.model.finding import Text
from inspector.model.http2 import ERROR_CODES
from inspector.model.tls import ALERTS
from inspector.refs import Ref
from inspector.report.explain.explanation import Explanation, Kind

__all__ = ["h2_errors", "tls_alerts"]

_ALERT_WHERE = N_(
    "The second byte of an alert record (type 21); the first is its level. Once keys are in use it is encrypted."
)
_ALERT_WHY = N_("An alert names the side that objected: whoever sent it did not like what the other one had sent.")
_ALERTS = {
    0: N_("The sender will send nothing more; this is how TLS ends properly."),
    10: N_("A message came that does not belong here."),
    20: N_("A record could not be verified: damaged, forged, or made with other keys."),
    22: N_("A record is longer than allowed."),
    40: N_("No common version, cipher suite or parameters were found."),
    42: N_("A certificate is broken or its signature does not verify."),
    43: N_("A certificate is of a type that is not supported."),
    44: N_("A certificate was revoked by its issuer."),
    45: N_("A certificate has expired or is not valid yet."),
    46: N_("A certificate was not accepted for another reason."),
    47: N_("A value in the handshake is wrong or contradicts another one."),
    48: N_(
        "The issuer of the certificate is not among those that the sender trusts: often a proxy's or a private one."
    ),
    49: N_("The certificate is valid, and the sender refuses it by its policy."),
    50: N_("A message could not be decoded: a field is out of range or a length is wrong."),
    51: N_("A signature or the finished message of the handshake did not verify."),
    70: N_("The version that the client offers is not supported."),
    71: N_("The server demands stronger parameters than the client offers."),
    80: N_("The sender failed for a reason that has nothing to do with the other side."),
    86: N_("The client came back with a lower version than both could speak."),
    90: N_("The user cancelled the handshake."),
    100: N_("The sender does not want to negotiate again (TLS 1.2 and before)."),
    109: N_("An extension that must be there is missing."),
    110: N_("An extension came that was not asked for, or in a message where it may not be."),
    112: N_("The server serves no host of the name that the client asked for (SNI)."),
    113: N_("The answer about revocation (OCSP) is invalid."),
    115: N_("The server does not know the shared key that the client named."),
    116: N_("The server demands a certificate of the client, and none came."),
    120: N_("Client and server have no application protocol in common (ALPN)."),
}
_OLD_ALERTS = frozenset({100})
"""Not in TLS 1.3 any more."""
_CLOSURE = frozenset({0, 90})
"""They end a connection without an error (RFC 8446 section 6.1)."""

_H2_WHERE = N_("The error code of an RST_STREAM frame, which ends one stream, or of GOAWAY, which ends the connection.")
_H2_ERRORS = {
    0: N_("No error: GOAWAY with it is a proper shutdown."),
    1: N_("The other side broke the protocol."),
    2: N_("The sender failed inside."),
    3: N_("The other side sent more than the window allowed."),
    4: N_("The other side did not acknowledge SETTINGS in time."),
    5: N_("A frame came for a stream that was already half closed."),
    6: N_("A frame has a size that its type does not allow."),
    7: N_("The stream was refused before anything was done: the request can safely be sent again."),
    8: N_("The stream is not needed any more, as when a user left the page."),
    9: N_("The state of header compression can no longer be kept."),
    10: N_("The connection that a CONNECT request asked for was reset or closed."),
    11: N_("The other side puts too much load on the sender."),
    12: N_("TLS is not strong enough for HTTP/2."),
    13: N_("The server wants this request over HTTP/1.1."),
}


def tls_alerts() -> list[Explanation]:
    """Every registered alert."""
    return [
        Explanation(
            kind=Kind.ALERT,
            term=name,
            title=name,
            what=Text(_ALERTS[number]),
            where=Text(_ALERT_WHERE),
            why=Text("" if number in _CLOSURE else _ALERT_WHY),
            refs=(_alert_ref(number),),
            filter=f"tls.alert_message.desc == {number}",
            names=(str(number), f"alert {number}"),
            also=("L1", "TLS handshake"),
        )
        for number, name in ALERTS.items()
    ]


def _alert_ref(number: int) -> Ref:
    if number in _OLD_ALERTS:
        return Ref("RFC 5246", "7.2.2")
    return Ref("RFC 8446", "6.1" if number in _CLOSURE else "6.2")


def h2_errors() -> list[Explanation]:
    """Every error code of HTTP/2."""
    return [
        Explanation(
            kind=Kind.H2_ERROR,
            term=name,
            title=name,
            what=Text(_H2_ERRORS[number]),
            where=Text(_H2_WHERE),
            refs=(Ref("RFC 9113", "7"),),
            filter=f"http2.rst_stream.error == {number} || http2.goaway.error == {number}",
            also=("H2",),
        )
        for number, name in ERROR_CODES.items()
    ]
