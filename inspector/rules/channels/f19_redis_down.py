"""F19: Redis is down: all sockets crash."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Finding, Severity, Side
from inspector.rules.channels._causes import findings
from inspector.rules.channels._consequences import OF_AN_ENDED_SOCKET
from inspector.rules.needs import Need
from inspector.rules.rule import Rule

__all__ = ["RULE"]

_SENTENCES = {
    "refused": N_("Redis refused connections, and {sockets} sockets crashed at once"),
    "": N_("All {sockets} sockets of the server crashed at once, and nobody had sent anything that explains it"),
}


def _judge(facts: Facts) -> Iterator[Finding]:
    return findings(facts, RULE, facts.endings.get("F19", []), _SENTENCES)


RULE = Rule(
    id="F19",
    title_fail=N_("All sockets crashed at once: the channel layer is down"),
    title_pass=N_("The channel layer never took all sockets with it"),
    why=N_(
        "Every consumer waits on the channel layer; when Redis goes away, all of them die on the next "
        "tick, of all processes."
    ),
    next_step=N_("Start Redis; add a health check; reconnect with growing pauses."),
    refute=N_("A socket of the same server that uses groups and lives on."),
    severity=Severity.ERROR,
    side=Side.SERVER,
    refs=(),
    needs=(Need.WEBSOCKET,),
    explains=(*OF_AN_ENDED_SOCKET, "F05", "F18", "F12", "F13"),
    judge=_judge,
)
