"""R1: a side reset the connection right after it got data."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from inspector.analysis.facts import Facts
from inspector.analysis.tcp_rows import RST, numbers_of, sent_rows, side_of
from inspector.i18n import N_
from inspector.model.ending import Ending
from inspector.model.finding import Confidence, Evidence, Finding, Outcome, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_SOON_NS = 1_000_000_000


def _judge(facts: Facts) -> Iterator[Finding]:
    table, segments = facts.table, facts.capture.segments
    for number in np.flatnonzero(table.ending == Ending.RESET).tolist():
        socket = facts.socket_of.get(number)
        if socket is not None and (socket.close(True) or socket.close(False)):
            continue  # the conversation was over
        rows = sent_rows(facts, number)
        resets = rows[segments.flags[rows] & RST != 0]
        before = rows[(rows < resets[0]) & (segments.length[rows] > 0)]
        if not len(before):
            continue
        by, last = int(side_of(facts, resets[:1])[0]), int(side_of(facts, before[-1:])[0])
        time = facts.time_ns[segments.packet[np.array([before[-1], resets[0]])]]
        if by == last or int(time[1] - time[0]) > _SOON_NS:
            continue
        row = table[number]
        client = by == (socket.websocket.client_side if socket is not None else row.client_side)
        unknown = row.client_is_guess and socket is None
        side = Side.UNKNOWN if unknown else Side.CLIENT if client else Side.SERVER
        yield RULE.fail(
            *(
                Evidence(packet, note=Text(N_("last packets")))
                for packet in numbers_of(facts, rows[rows <= resets[0]][-3:])
            ),
            # Without the opening nobody knows which of the two is the client.
            outcome=Outcome.WARN if client or unknown else Outcome.FAIL,
            severity=Severity.WARNING if client or unknown else Severity.ERROR,
            connections=(number,),
            time_ns=int(time[1]),
            side=side,
            confidence=Confidence.LIKELY,
            fact=told(
                N_("Reset {wait_ms} ms after data had arrived, without an answer to it, by the {side}"),
                wait_ms=round(int(time[1] - time[0]) / 1e6, 1),
                side=side.word,
            ),
        )


RULE = Rule(
    id="R1",
    title_fail=N_("The connection was reset right after data arrived"),
    title_pass=N_("No connection was reset right after data arrived"),
    why=N_("The receiving program died, closed with unread data, or refused what it got; what was on its way is lost."),
    next_step=N_(
        "Look at the log of the side that reset, at that time; a client that resets has usually lost interest."
    ),
    refute=N_("The reset has another time to live than other packets of that host: then it was forged (R3)."),
    severity=Severity.ERROR,
    side=Side.UNKNOWN,
    refs=(Ref("RFC 9293", "3.10.7.4"), Ref("RFC 1122", "4.2.2.13")),
    needs=(Need.TCP, Need.CAPTURED),
    explains=("W6",),
    thresholds=(Threshold("SOON", _SOON_NS / 1e9, "s", N_("What follows later has other reasons.")),),
    judge=_judge,
)
