"""S3: the receive window limits the sender."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from inspector.analysis.facts import Facts
from inspector.analysis.tcp_flags import TcpFlag, tcp_flags
from inspector.analysis.tcp_rows import numbers_of, side_of
from inspector.i18n import N_
from inspector.model.finding import Evidence, Finding, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_LEAST = 3


def _judge(facts: Facts) -> Iterator[Finding]:
    numbers = facts.capture.segment_connection
    rows = np.flatnonzero(tcp_flags(facts.capture).flags & TcpFlag.WINDOW_FULL)
    count = np.bincount(numbers[rows], minlength=len(facts.table))
    for number in np.flatnonzero(count >= _LEAST).tolist():
        mine = rows[numbers[rows] == number]
        receiver = 1 - int(side_of(facts, mine[:1])[0])
        client = receiver == facts.table[number].client_side
        yield RULE.fail(
            *(Evidence(packet, note=Text(N_("fills the window"))) for packet in numbers_of(facts, mine, 4)),
            connections=(number,),
            time_ns=int(facts.time_ns[int(facts.capture.segments.packet[mine[0]])]),
            side=Side.CLIENT if client else Side.SERVER,
            fact=told(
                N_("The sender filled the receive window {count} times and had to wait"), count=int(count[number])
            ),
        )


RULE = Rule(
    id="S3",
    title_fail=N_("The receive window limits the transfer"),
    title_pass=N_("No receive window limited a transfer"),
    why=N_("At most one window travels per round trip: a small buffer or a missing window scale caps the rate."),
    next_step=N_("Larger receive buffers; window scaling on both ends and everything in between."),
    refute=N_("The same rate with a larger window."),
    severity=Severity.INFO,
    side=Side.UNKNOWN,
    refs=(Ref("RFC 7323", "2"),),
    needs=(Need.TCP, Need.CAPTURED, Need.HANDSHAKE),
    thresholds=(Threshold("LEAST", _LEAST, "times", N_("Once or twice costs nothing.")),),
    judge=_judge,
)
