"""L3: the server's certificate is not in order."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Confidence, Finding, Outcome, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.places import place
from inspector.rules.rule import Rule

__all__ = ["RULE"]

_SENTENCES = {
    "tls.certificate_expired": N_("The certificate has expired: {detail}"),
    "tls.certificate_not_yet_valid": N_("The certificate is not valid yet: {detail}"),
    "tls.certificate_name_mismatch": N_("The certificate is for another name: {detail}"),
    "tls.certificate_self_issued": N_("The certificate is issued by itself: {detail}"),
    "tls.certificate_chain_broken": N_("The certificates do not follow from each other: {detail}"),
    "tls.certificate_unreadable": N_("The certificate cannot be read: {detail}"),
}
_MILD = ("tls.certificate_self_issued", "tls.certificate_chain_broken", "tls.certificate_unreadable")
"""Fine where the client was told to trust it."""


def _judge(facts: Facts) -> Iterator[Finding]:
    for session in facts.tls_sessions:
        for _sender, anomaly in session.anomalies:
            if anomaly.code not in _SENTENCES:
                continue
            mild = anomaly.code in _MILD
            yield RULE.fail(
                *place(session.certificate_packet, Text("Certificate")),
                outcome=Outcome.WARN if mild else Outcome.FAIL,
                severity=Severity.WARNING if mild else Severity.ERROR,
                connections=(session.connection,),
                time_ns=session.time_ns,
                reason=anomaly.code.removeprefix("tls.certificate_"),
                confidence=Confidence.LIKELY if mild else Confidence.CERTAIN,
                refs=(anomaly.ref,),
                fact=told(_SENTENCES[anomaly.code], detail=anomaly.detail),
            )


RULE = Rule(
    id="L3",
    title_fail=N_("The server's certificate is not in order"),
    title_pass=N_("Certificates that were seen are in order"),
    why=N_(
        "Clients refuse certificates that have expired or name another host; an unknown issuer may be "
        "something that intercepts."
    ),
    next_step=N_("Renew the certificate, for all names in use, and send the intermediate ones with it."),
    refute=N_("The client's own trust store, or a wrong clock of the capturing machine."),
    severity=Severity.ERROR,
    side=Side.SERVER,
    refs=(Ref("RFC 5280", "6.1"), Ref("RFC 9525", "6.3")),
    needs=(Need.TLS,),
    judge=_judge,
)
