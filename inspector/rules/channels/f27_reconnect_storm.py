"""F27: clients reconnect in a fixed beat, or hold several sockets for one page."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from inspector.analysis.facts import Facts, Upgrade
from inspector.analysis.sockets import path_of
from inspector.i18n import N_
from inspector.model.finding import Confidence, Evidence, Finding, Severity, Side, Text, told
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_LEAST_ATTEMPTS = 5
_STEADY = 0.1
_LONGEST_NS = 60 * 10**9


def _judge(facts: Facts) -> Iterator[Finding]:
    groups: dict[tuple[str, str, str, bytes], list[Upgrade]] = {}
    for upgrade in facts.upgrades:
        if upgrade.connection in facts.behind or upgrade.item.request_ns is None:
            continue
        row = facts.table[upgrade.connection]
        request = upgrade.handshake.request
        path = path_of(request.target_text)
        cookie = b"; ".join(request.values("cookie"))
        groups.setdefault((row.client.address, str(row.server), path, cookie), []).append(upgrade)
    for (client, _, path, _), found in sorted(groups.items()):
        times = np.array(sorted(u.item.request_ns[0] for u in found if u.item.request_ns), np.int64)
        gaps = np.diff(times)
        if len(times) < _LEAST_ATTEMPTS or not len(gaps) or gaps.max() > _LONGEST_NS or gaps.min() <= 0:
            continue
        mean = float(gaps.mean())
        # Sockets that live side by side are not attempts after each other.
        if float(gaps.std()) > _STEADY * mean or not _one_after_the_other(facts, found):
            continue
        yield RULE.fail(
            *(Evidence(u.item.request_packets[0], note=Text(N_("handshake"))) for u in found if u.item.request_packets),
            connections=facts.with_upstream(*(u.connection for u in found)),
            time_ns=int(times[0]),
            confidence=Confidence.LIKELY,
            reason="fixed_period",
            fact=told(
                N_("{client} asked {count} times for {path}, every {period_s} s"),
                client=client,
                count=len(times),
                path=path,
                period_s=round(mean / 1e9, 2),
            ),
        )


def _one_after_the_other(facts: Facts, found: list[Upgrade]) -> bool:
    """Whether each connection had ended when the next was asked for."""
    order = sorted(found, key=lambda u: u.item.request_ns or (0, 0))
    return all(
        int(facts.table.last_time_ns[a.connection]) <= (b.item.request_ns or (0, 0))[0] + 10**9
        and int(facts.table.end_packet[a.connection]) >= 0
        for a, b in itertools.pairwise(order)
    )


RULE = Rule(
    id="F27",
    title_fail=N_("A client reconnects in a fixed beat"),
    title_pass=N_("No client reconnects in a fixed beat"),
    why=N_("When a server comes back, all clients with the same fixed pause come at once, and again."),
    next_step=N_(
        "Wait longer after each attempt, by a random part (exponential backoff with full jitter); close the "
        "old socket first."
    ),
    refute=N_("The pauses grow or vary over a longer capture."),
    severity=Severity.WARNING,
    side=Side.CLIENT,
    refs=(),
    needs=(Need.UPGRADE,),
    thresholds=(
        Threshold("LEAST_ATTEMPTS", _LEAST_ATTEMPTS, "handshakes", N_("A few may come in a beat by chance.")),
        Threshold(
            "STEADY", _STEADY, "standard deviation over mean", N_("Timers are steadier than people and than jitter.")
        ),
    ),
    judge=_judge,
)
