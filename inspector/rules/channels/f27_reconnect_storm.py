"""F27: clients reconnect in a fixed beat, or hold several sockets for one page."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from inspector.analysis.facts import Facts, Upgrade
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
        if upgrade.connection in facts.behind:
            continue
        row = facts.table[upgrade.connection]
        cookie = b"; ".join(upgrade.handshake.request.values("cookie"))
        groups.setdefault((row.client.address, str(row.server), upgrade.path, cookie), []).append(upgrade)
    for (client, _, path, _), found in sorted(groups.items()):
        found.sort(key=lambda upgrade: upgrade.asked_ns)
        if len(found) < _LEAST_ATTEMPTS or not _one_after_the_other(facts, found):
            continue
        gaps = np.diff([upgrade.asked_ns for upgrade in found])
        mean = float(gaps.mean())
        if gaps.max() > _LONGEST_NS or float(gaps.std()) > _STEADY * mean:
            continue
        yield RULE.fail(
            *(Evidence(upgrade.asked_packet, note=Text(N_("handshake"))) for upgrade in found),
            connections=facts.with_upstream(*(upgrade.connection for upgrade in found)),
            time_ns=found[0].asked_ns,
            confidence=Confidence.LIKELY,
            reason="fixed_period",
            fact=told(
                N_("{client} asked {count} times for {path}, every {period_s} s"),
                client=client,
                count=len(found),
                path=path,
                period_s=round(mean / 1e9, 2),
            ),
        )


def _one_after_the_other(facts: Facts, found: list[Upgrade]) -> bool:
    """Whether each connection had ended when the next was asked for: sockets that live side by side are no attempts."""
    ends = [facts.table[upgrade.connection].end_packet for upgrade in found[:-1]]
    asked = [upgrade.asked_packet for upgrade in found[1:]]
    return all(end is not None and end < later for end, later in zip(ends, asked, strict=True))


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
