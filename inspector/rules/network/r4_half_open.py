"""R4: one side goes on, the other knows nothing of the connection."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from inspector.analysis.facts import Facts
from inspector.analysis.tcp_rows import RST, numbers_of, sent_rows, side_of
from inspector.i18n import N_
from inspector.model.finding import Confidence, Evidence, Finding, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.rule import Rule

__all__ = ["RULE"]


def _judge(facts: Facts) -> Iterator[Finding]:
    table, segments = facts.table, facts.capture.segments
    for number in np.flatnonzero((table.rst_packet >= 0) & (table.syn_packet < 0)).tolist():
        rows = sent_rows(facts, number)
        side, resets = side_of(facts, rows), segments.flags[rows] & RST != 0
        for sender in (0, 1):
            mine = side == sender
            # It never says anything but that it does not know the connection.
            if not resets[mine].all() or not (~mine).any() or resets[~mine].any():
                continue
            other = rows[~mine]
            carried = int(segments.length[other].sum())
            client = sender == table[number].client_side
            yield RULE.fail(
                Evidence(numbers_of(facts, other)[0], note=Text(N_("goes on"))),
                Evidence(numbers_of(facts, rows[mine])[0], note=Text(N_("knows nothing of it"))),
                connections=(number,),
                time_ns=int(facts.time_ns[int(segments.packet[rows[mine][0]])]),
                confidence=Confidence.LIKELY,
                side=Side.CLIENT if client else Side.SERVER,
                fact=told(
                    N_("{packets} packets with {size} bytes are answered by resets only, by the {side}"),
                    packets=len(other),
                    size=carried,
                    side=(Side.CLIENT if client else Side.SERVER).word,
                ),
            )


RULE = Rule(
    id="R4",
    title_fail=N_("One side goes on with a connection that the other has forgotten"),
    title_pass=N_("Both sides know of their connections"),
    why=N_("The host restarted, or a NAT or load balancer lost its state: it answers every packet with a reset."),
    next_step=N_("Look for a restart or a changed backend at that time; keep-alives find dead connections sooner."),
    refute=N_("Packets of the silent side that the capture missed."),
    severity=Severity.ERROR,
    side=Side.UNKNOWN,
    refs=(Ref("RFC 9293", "3.5.1"),),
    needs=(Need.TCP, Need.CAPTURED, Need.BOTH_DIRECTIONS),
    judge=_judge,
)
