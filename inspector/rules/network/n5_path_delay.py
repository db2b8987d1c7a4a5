"""N5: the path itself is slow."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Evidence, Finding, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_SLOW_NS = 100_000_000


def _judge(facts: Facts) -> Iterator[Finding]:
    table = facts.table
    slow = (facts.round_trip_ns > _SLOW_NS) & (table.rtt_plausible == 1)
    by_server: dict[str, list[int]] = {}
    for number in np.flatnonzero(slow).tolist():
        by_server.setdefault(table[number].server.address, []).append(number)
    for server, numbers in sorted(by_server.items()):
        first = numbers[0]
        yield RULE.fail(
            *(
                Evidence(int(column[first]) + 1, note=Text(note))
                for column, note in (
                    (table.syn_packet, "SYN"),
                    (table.syn_ack_packet, "SYN+ACK"),
                    (table.ack_packet, "ACK"),
                )
            ),
            connections=tuple(numbers),
            time_ns=int(facts.time_ns[int(table.syn_packet[first])]),
            fact=told(
                N_("A round trip to {server} takes {rtt_ms} ms, before anything is computed"),
                server=server,
                rtt_ms=round(int(np.min(facts.round_trip_ns[numbers])) / 1e6),
            ),
        )


RULE = Rule(
    id="N5",
    title_fail=N_("The path is long: every round trip takes more than 100 ms"),
    title_pass=N_("Round trips are short"),
    why=N_("Handshakes of TCP and TLS and each request wait for round trips: distance, not the server, makes it slow."),
    next_step=N_("Serve from nearer by, reuse connections, ask for less in turn."),
    refute=N_("Other connections of the same pair of hosts with much shorter handshakes."),
    severity=Severity.INFO,
    side=Side.NETWORK,
    refs=(Ref("RFC 9293", "3.5"),),
    needs=(Need.TCP, Need.CAPTURED, Need.HANDSHAKE),
    thresholds=(Threshold("SLOW", _SLOW_NS / 1e6, "ms", N_("From here on people notice each round trip.")),),
    judge=_judge,
)
