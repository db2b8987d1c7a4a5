"""F16: the server process stopped or died."""

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
    "announced": N_("{sockets} sockets got Close 1012 (service restart) within milliseconds"),
    "refused_after": N_(
        "{sockets} sockets ended without a Close frame, and the server refused new connections afterwards"
    ),
    "proxy": N_("{sockets} sockets ended without a Close frame: the proxy ended its connections to both sides"),
    "": N_("{sockets} sockets ended without a Close frame at the same moment"),
}
_SIDES = {"proxy": Side.PROXY}


def _judge(facts: Facts) -> Iterator[Finding]:
    return findings(facts, RULE, facts.endings.get("F16", []), _SENTENCES, _SIDES)


RULE = Rule(
    id="F16",
    title_fail=N_("The server process ended, and its sockets with it"),
    title_pass=N_("No server process ended"),
    why=N_(
        "All sockets of the process end at once, without a Close frame from Daphne: browsers see 1006 "
        "(uvicorn says 1012 when stopped politely)."
    ),
    next_step=N_("Reconnect with growing, random pauses; look at the server's log and the deployment at that time."),
    refute=N_("Sockets of the same process live on."),
    severity=Severity.ERROR,
    side=Side.SERVER,
    refs=(),
    needs=(Need.WEBSOCKET,),
    explains=(*OF_AN_ENDED_SOCKET, "F10"),
    judge=_judge,
)
