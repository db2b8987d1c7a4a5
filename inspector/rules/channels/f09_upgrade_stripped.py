"""F09: a proxy did not pass the upgrade on."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Finding, Severity, Side
from inspector.refs import Ref
from inspector.rules.channels._causes import findings
from inspector.rules.channels._consequences import OF_A_REFUSED_UPGRADE
from inspector.rules.needs import Need
from inspector.rules.rule import Rule

__all__ = ["RULE"]

_SENTENCES = {
    "connection_header": N_("The server misses the Connection header that goes with Upgrade"),
    "unseen_leg": N_("A proxy answered the handshake to {path} with {status}; what it passed on was not seen"),
    "": N_(
        "The handshake to {path} was answered with {status}; the request that the proxy passed on has no Upgrade header"
    ),
}


def _judge(facts: Facts) -> Iterator[Finding]:
    return findings(facts, RULE, facts.refusals.get("F09", []), _SENTENCES)


RULE = Rule(
    id="F09",
    title_fail=N_("The proxy does not pass on the headers of the upgrade"),
    title_pass=N_("Every proxy passed upgrades on"),
    why=N_(
        "Upgrade and Connection are hop-by-hop headers: a proxy drops them unless told to pass them on, "
        "and the server sees an ordinary GET."
    ),
    next_step=N_("nginx: map $http_upgrade, proxy_set_header Upgrade and Connection and Host, proxy_http_version 1.1."),
    refute=N_("The request on the proxy's own leg carries Upgrade: websocket."),
    severity=Severity.ERROR,
    side=Side.PROXY,
    refs=(Ref("RFC 9110", "7.6.1"),),
    needs=(Need.UPGRADE,),
    explains=("F03", *OF_A_REFUSED_UPGRADE),
    judge=_judge,
)
