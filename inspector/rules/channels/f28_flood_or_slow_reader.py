"""F28: a client sends more than the server answers, or does not read what it asked for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from inspector.analysis.facts import Facts
from inspector.analysis.sockets import Socket
from inspector.i18n import N_
from inspector.model.finding import Evidence, Finding, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_FLOOD = 500
_WINDOW_NS = 10**9
_BEHIND = 2.0
_BLOCKED_NS = 1_000_000_000


def _judge(facts: Facts) -> Iterator[Finding]:
    for socket in facts.front_sockets:
        yield from _flood(facts, socket)
    sockets = facts.socket_of
    for item in facts.blocked:
        reader = sockets.get(item.connection)
        if reader is None or item.side != reader.websocket.client_side or item.blocked_ns < _BLOCKED_NS:
            continue
        yield RULE.fail(
            *(Evidence(packet, note=Text(N_("window 0"))) for packet in item.packets[:3]),
            connections=(item.connection,),
            time_ns=item.start_ns,
            reason="slow_reader",
            fact=told(
                N_("The client's receive window was closed for {seconds} s: it did not read its messages"),
                seconds=round(item.blocked_ns / 1e9, 2),
            ),
        )


def _flood(facts: Facts, socket: Socket) -> Iterator[Finding]:
    rows, times = socket.messages(False)
    if not len(times):
        return
    # Messages within a second after each one.
    within = np.searchsorted(times, times + _WINDOW_NS, "right") - np.arange(len(times))
    busiest = int(np.argmax(within))
    count = int(within[busiest])
    if count < _FLOOD:
        return
    last = busiest + count - 1
    answers = socket.messages(True)[1]
    sending = int(times[last] - times[busiest])
    answering = max(answers.tolist(), default=0) - int(times[busiest])
    if answering < _BEHIND * max(sending, 1):
        return
    yield RULE.fail(
        Evidence(socket.packet_of(int(rows[busiest])), note=Text(N_("first of the flood"))),
        Evidence(socket.packet_of(int(rows[last])), note=Text(N_("last of it"))),
        connections=facts.with_upstream(socket.connection),
        time_ns=int(times[busiest]),
        reason="flood",
        fact=told(
            N_(
                "The client sent {count} messages within {seconds} s; the last answer came {behind} s after "
                "the first of them"
            ),
            count=count,
            seconds=round(sending / 1e9, 2),
            behind=round(answering / 1e9, 2),
        ),
    )


RULE = Rule(
    id="F28",
    title_fail=N_("A client floods the server, or does not read what it gets"),
    title_pass=N_("Clients send and read at the server's pace"),
    why=N_(
        "Neither Daphne nor channels limits a socket: answers fall behind, and unread messages fill the "
        "server's memory."
    ),
    next_step=N_("Limit the rate per socket and close with 4429; drop or merge messages for readers that fall behind."),
    refute=N_("The server keeps pace: its answers come as fast as the messages."),
    severity=Severity.ERROR,
    side=Side.CLIENT,
    refs=(Ref("RFC 9293", "3.8.6"),),
    needs=(Need.WEBSOCKET,),
    explains=("C2", "S3"),
    thresholds=(
        Threshold("FLOOD", _FLOOD, "messages per second", N_("No person and hardly any page sends so many.")),
        Threshold(
            "BEHIND", _BEHIND, "times the sending", N_("Answers that take twice as long as the messages fall behind.")
        ),
        Threshold("BLOCKED", _BLOCKED_NS / 1e9, "s", N_("A busy page reads again within a fraction of a second.")),
    ),
    judge=_judge,
)
