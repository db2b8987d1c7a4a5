"""C2: a receiver closed its window: its application did not read."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Evidence, Finding, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_LEAST_NS = 200_000_000


def _judge(facts: Facts) -> Iterator[Finding]:
    for item in facts.blocked:
        if item.blocked_ns < _LEAST_NS:
            continue
        side = Side.CLIENT if item.side == facts.table[item.connection].client_side else Side.SERVER
        yield RULE.fail(
            *(Evidence(packet, note=Text(N_("window"))) for packet in item.packets),
            connections=(item.connection,),
            time_ns=item.start_ns,
            side=side,
            fact=told(
                N_("Receive window closed {times} times, {seconds} s in all, by the {side}"),
                times=item.times,
                seconds=round(item.blocked_ns / 1e9, 2),
                side=side.word,
            ),
        )


RULE = Rule(
    id="C2",
    title_fail=N_("A receiver closed its window: its application does not read"),
    title_pass=N_("No receiver closed its window for long"),
    why=N_("The sender must wait until the other application has read; neither the network nor the sender is slow."),
    next_step=N_("Look at what the receiving application does at that time."),
    refute=N_("Window updates that the capture lost."),
    severity=Severity.WARNING,
    side=Side.UNKNOWN,
    refs=(Ref("RFC 9293", "3.8.6.1"),),
    needs=(Need.TCP, Need.CAPTURED),
    explains=("S3",),
    thresholds=(Threshold("LEAST", _LEAST_NS / 1e6, "ms", N_("A busy application reads again within this.")),),
    judge=_judge,
)
