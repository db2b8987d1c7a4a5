"""L1: a side objected to the TLS handshake with an alert."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Confidence, Evidence, Finding, Severity, Side, Text, told
from inspector.model.tls import ALERTS
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.places import place
from inspector.rules.rule import Rule

__all__ = ["RULE"]

_CLOSE_NOTIFY, _USER_CANCELED, _NO_RENEGOTIATION = 0, 90, 100
_HARMLESS = (_CLOSE_NOTIFY, _USER_CANCELED, _NO_RENEGOTIATION)
_CAUSES = {
    40: N_("no common parameters (cipher suites, groups, signature algorithms)"),
    42: N_("the certificate is bad"),
    43: N_("the certificate is of an unsupported kind"),
    44: N_("the certificate was revoked"),
    45: N_("the certificate has expired"),
    46: N_("the certificate was not accepted"),
    48: N_("the issuer of the certificate is not trusted: a private authority, or something that intercepts"),
    70: N_("no common protocol version"),
    80: N_("the sender failed internally"),
    112: N_("the server does not know the name that was asked for (SNI)"),
    116: N_("a client certificate is required"),
    120: N_("no common application protocol (ALPN)"),
}
_OF_THE_OTHER = (42, 43, 44, 45, 46, 48, 116)
"""These speak of the other side's certificate."""
_OTHER = N_("the handshake was not accepted")


def _judge(facts: Facts) -> Iterator[Finding]:
    for session in facts.tls_sessions:
        fatal = [seen for seen in session.alerts if seen.alert.description not in _HARMLESS]
        if not fatal:
            continue
        first = fatal[0]
        side = Side.CLIENT if first.alert.from_client else Side.SERVER
        accused = first.alert.description in _OF_THE_OTHER
        assert first.packet is not None  # it was read
        yield RULE.fail(
            Evidence(first.packet, note=Text(N_("alert"))),
            *place(session.hello_packet, Text("ClientHello")),
            connections=(session.connection,),
            time_ns=int(facts.time_ns[first.packet - 1]),
            side=side if not accused else Side.SERVER if first.alert.from_client else Side.CLIENT,
            # The sender may be wrong: its clock, its list of authorities.
            confidence=Confidence.LIKELY if accused else Confidence.CERTAIN,
            reason=ALERTS.get(first.alert.description, str(first.alert.description)),
            fact=told(
                N_("Alert {number} {name}, sent by the {side}: {cause}. Name asked for: {server_name}"),
                number=first.alert.description,
                name=Text(ALERTS.get(first.alert.description, "?")),
                side=side.word,
                cause=Text(_CAUSES.get(first.alert.description, _OTHER)),
                server_name=session.tls.server_name or "-",
            ),
        )


RULE = Rule(
    id="L1",
    title_fail=N_("A side objected to the TLS handshake"),
    title_pass=N_("No side objected to a TLS handshake"),
    why=N_("The alert is the sender's own word for what it does not accept."),
    next_step=N_("Take the alert at its word: certificate, name, version or cipher suites of the other side."),
    refute=N_("The same two sides agree on another connection with the same hello."),
    severity=Severity.ERROR,
    side=Side.UNKNOWN,
    refs=(Ref("RFC 8446", "6"),),
    needs=(Need.TLS,),
    explains=("L2", "L3", "R1"),
    judge=_judge,
)
