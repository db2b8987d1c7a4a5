"""F11: the scheme does not fit (TLS to a plain port), or the headers are too large."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Finding, Severity, Side
from inspector.refs import Ref
from inspector.rules.channels._causes import findings
from inspector.rules.needs import Need
from inspector.rules.rule import Rule

__all__ = ["RULE"]

_SENTENCES = {
    "tls_to_plain_port": N_("A TLS ClientHello to {server}, which answered in plain HTTP"),
    "plain_to_tls_port": N_("A handshake without TLS, to a port that speaks TLS"),
    "headers_too_large": N_("The handshake's headers are too large, and the server turned it away"),
}


def _judge(facts: Facts) -> Iterator[Finding]:
    return findings(facts, RULE, facts.refusals.get("F11", ()), _SENTENCES)


RULE = Rule(
    id="F11",
    title_fail=N_("The server could not read the handshake: wrong scheme, or headers too large"),
    title_pass=N_("Every handshake could be read"),
    why=N_(
        "wss to a port that speaks plain HTTP, or cookies that grew beyond the server's limit (Daphne 16 "
        "KiB, nginx 8 kB): "
        "the request never reaches the application."
    ),
    next_step=N_(
        "wss where the page is https and TLS ends there, ws elsewhere; make cookies smaller, or the proxy's "
        "large_client_header_buffers larger."
    ),
    refute=N_("A complete TLS handshake on the same port."),
    severity=Severity.ERROR,
    side=Side.CLIENT,
    refs=(Ref("RFC 8446", "5.1"),),
    needs=(Need.TCP,),
    explains=("L2", "L1", "W1", "H1"),
    judge=_judge,
)
