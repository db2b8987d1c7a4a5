"""F10: a proxy cut an idle socket, or could not reach the server, or did not wait for it."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.causes import Cause
from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Finding, Severity, Side
from inspector.rules.channels._causes import findings
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_SENTENCES = {
    "idle": N_(
        "Nothing was sent for {idle_s} s, the proxy's timeout ({timeout_s} s), and it ended the socket with FIN"
    ),
    "idle_unset": N_("Nothing was sent for {idle_s} s, and the proxy ended its connections to both sides"),
    "bad_gateway": N_("The proxy answered 502 after {waited_s} s: it could not reach the server"),
    "gateway_timeout": N_("The proxy answered 504 after {waited_s} s: the server had not answered"),
}
_SIDES = {"idle": Side.PROXY, "idle_unset": Side.PROXY, "bad_gateway": Side.SERVER, "gateway_timeout": Side.APPLICATION}
_REASONS = {502: "bad_gateway", 504: "gateway_timeout"}


def _judge(facts: Facts) -> Iterator[Finding]:
    causes = [*facts.endings.get("F10", ()), *facts.refusals.get("F10", ()), *_pages(facts)]
    yield from findings(facts, RULE, causes, _SENTENCES, _SIDES)


def _pages(facts: Facts) -> Iterator[Cause]:
    """Ordinary requests to which a proxy answered for the server."""
    handshakes = {(upgrade.connection, upgrade.asked_until_ns) for upgrade in facts.upgrades}
    for status, reason in _REASONS.items():
        for answer in facts.answered(status):
            number = answer.connection
            if number in facts.behind or (number, answer.asked_ns) in handshakes or not facts.server(number).proxied:
                continue
            packets = [(answer.asked_packet, "request"), (answer.packet, "answer")]
            if status == 502 and number in facts.upstream:
                packets.append((facts.table[facts.upstream[number]].last_packet, "refused"))
            yield Cause(
                "F10", (number,), answer.asked_ns, answer.answered_ns, tuple(packets), reason,
                numbers={"waited_s": round((answer.answered_ns - answer.asked_ns) / 1e9, 2)},
            )  # fmt: skip


RULE = Rule(
    id="F10",
    title_fail=N_("The proxy gave up: an idle socket, or a server that does not answer"),
    title_pass=N_("No proxy gave up on a server or a socket"),
    why=N_(
        "nginx ends a WebSocket on which nobody speaks for proxy_read_timeout (60 s), without a Close frame: 1006. It "
        "answers 502 when nothing listens behind it, and 504 when the server does not answer in that time."
    ),
    next_step=N_(
        "Let the server ping more often than proxy_read_timeout, or raise it. For 502 start the server; "
        "for 504 make the "
        "page faster."
    ),
    refute=N_("Sockets of the same proxy that live on through a longer silence."),
    severity=Severity.ERROR,
    side=Side.PROXY,
    refs=(),
    needs=(Need.HTTP,),
    explains=("W6", "W7", "W14", "W1", "R1", "R2", "N2", "S1", "H1"),
    thresholds=(
        Threshold(
            "IDLE_TOLERANCE", 0.15, "of the timeout", N_("Timers are exact; captures and loaded machines are less so.")
        ),
    ),
    judge=_judge,
)
