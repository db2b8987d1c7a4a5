"""F10: a proxy cut an idle socket, or could not reach the server, or did not wait for it."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.endings import Cause
from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Finding, Severity, Side
from inspector.recording.http import HttpExchange
from inspector.rules.channels._causes import findings
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_SENTENCES = {
    "idle": N_(
        "Nothing was sent for {idle_s} s, the proxy's timeout ({timeout_s} s), and it ended the socket with FIN"
    ),
    "bad_gateway": N_("The proxy answered 502 after {waited_s} s: it could not reach the server"),
    "gateway_timeout": N_("The proxy answered 504 after {waited_s} s: the server had not answered"),
}
_SIDES = {"idle": Side.PROXY, "bad_gateway": Side.SERVER, "gateway_timeout": Side.APPLICATION}
_REASONS = {502: "bad_gateway", 504: "gateway_timeout"}


def _judge(facts: Facts) -> Iterator[Finding]:
    causes = [*facts.endings.get("F10", ()), *facts.refusals.get("F10", ()), *_pages(facts)]
    yield from findings(facts, RULE, causes, _SENTENCES, _SIDES)


def _pages(facts: Facts) -> Iterator[Cause]:
    """Ordinary requests to which a proxy answered for the server."""
    handshakes = {upgrade.item.number for upgrade in facts.upgrades}
    for item in facts.exchanges:
        response = item.exchange.response
        if response is None or response.status not in _REASONS or item.number in handshakes:
            continue
        if item.connection in facts.behind or item.request_ns is None or item.response_ns is None:
            continue
        if not facts.server(item.connection).proxied:
            continue
        yield _cause(facts, item, _REASONS[response.status])


def _cause(facts: Facts, item: HttpExchange, reason: str) -> Cause:
    assert item.request_ns and item.response_ns and item.request_packets and item.response_packets  # _pages has looked
    packets = [(item.request_packets[0], "request"), (item.response_packets[0], "answer")]
    refused = facts.upstream.get(item.connection) if reason == "bad_gateway" else None
    if refused is not None:
        packets.append((facts.table[refused].last_packet, "refused"))
    waited = round((item.response_ns[0] - item.request_ns[1]) / 1e9, 2)
    return Cause(
        "F10", (item.connection,), item.request_ns[0], item.response_ns[0], tuple(packets), reason,
        numbers={"waited_s": waited},
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
