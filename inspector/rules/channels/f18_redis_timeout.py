"""F18: the Redis client gives up reading: idle sockets crash."""

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
    "": N_("Nobody had said anything for {idle_s} s when the server ended the socket with the mark of an exception"),
}


def _judge(facts: Facts) -> Iterator[Finding]:
    return findings(facts, RULE, facts.endings.get("F18", []), _SENTENCES)


RULE = Rule(
    id="F18",
    title_fail=N_("Idle sockets crashed: the Redis client gives up reading too early"),
    title_pass=N_("No idle socket crashed"),
    why=N_(
        "channels_redis waits in a blocking read as long as the client's own timeout (redis-py 8: 5 s); "
        "the timeout wins and the consumer dies."
    ),
    next_step=N_("hosts=[{'address': …, 'socket_timeout': None}], or redis-py below 8, or the pub/sub layer."),
    refute=N_("The log shows another exception than a timeout of Redis."),
    severity=Severity.ERROR,
    side=Side.SERVER,
    refs=(),
    needs=(Need.WEBSOCKET,),
    explains=OF_AN_ENDED_SOCKET,
    judge=_judge,
)
