"""N4: an ICMP error says that the packets do not arrive."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.analysis.icmp_errors import icmp_errors
from inspector.i18n import N_
from inspector.model.finding import Evidence, Finding, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.rule import Rule

__all__ = ["RULE"]

_FORBIDDEN = N_("forbidden by a firewall's rule")
_WORDS = {
    (4, 0): N_("network unreachable"),
    (4, 1): N_("host unreachable"),
    (4, 3): N_("port unreachable"),
    (4, 9): _FORBIDDEN,
    (4, 10): _FORBIDDEN,
    (4, 13): _FORBIDDEN,
    (6, 0): N_("no route to the destination"),
    (6, 1): _FORBIDDEN,
    (6, 3): N_("address unreachable"),
    (6, 4): N_("port unreachable"),
}
_UNREACHABLE = {4: 3, 6: 1}
_OF_THE_HOST = ((4, 3), (6, 4))
"""Port unreachable: the host itself says so."""


def _judge(facts: Facts) -> Iterator[Finding]:
    told_of: set[tuple[int, str]] = set()
    for error in icmp_errors(facts.capture):
        word = _WORDS.get((error.version, error.code)) if error.type == _UNREACHABLE[error.version] else None
        if word is None or (error.connection, error.source) in told_of:
            continue
        told_of.add((error.connection, error.source))
        yield RULE.fail(
            Evidence(error.packet, note=Text("ICMP")),
            connections=(error.connection,),
            time_ns=int(facts.time_ns[error.packet - 1]),
            side=Side.SERVER if (error.version, error.code) in _OF_THE_HOST else Side.NETWORK,
            fact=told(N_("{source} answered: {what}"), source=error.source, what=Text(word)),
        )


RULE = Rule(
    id="N4",
    title_fail=N_("A router or host reported that packets do not arrive"),
    title_pass=N_("No router reported unreachable destinations"),
    why=N_("The sender of the ICMP error dropped the packet that it quotes, and says why."),
    next_step=N_("Look at the routes and firewall rules of the host that sent the error."),
    refute=N_("The connection goes on all the same: then the error was forged or passing."),
    severity=Severity.ERROR,
    side=Side.NETWORK,
    refs=(Ref("RFC 792"), Ref("RFC 4443", "3.1"), Ref("RFC 1812", "5.2.7.1")),
    needs=(Need.CAPTURED,),
    explains=("N1", "R1", "R4", "D1"),
    judge=_judge,
)
