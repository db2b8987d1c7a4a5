"""F24: channels that are gone stay members of their groups; only the server's trace can tell."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Finding, Severity, Side, told
from inspector.rules.needs import Need
from inspector.rules.rule import Rule

__all__ = ["RULE"]


def _judge(facts: Facts) -> Iterator[Finding]:
    assert facts.trace is not None  # Need.TRACE
    joined: dict[tuple[str, str], int] = {}
    ended: dict[object, int] = {}
    of_channel: dict[str, object] = {}
    for event in facts.trace.events:
        kind, connection = event["e"], event.get("conn")
        if kind == "group_add":
            joined[str(event.get("group")), str(event.get("channel"))] = event["t"]
            of_channel[str(event.get("channel"))] = connection
        elif kind == "group_discard":
            joined.pop((str(event.get("group")), str(event.get("channel"))), None)
        elif kind == "end" and isinstance(connection, str):
            ended[connection] = event["t"]
    stale = sorted((t, group, channel) for (group, channel), t in joined.items() if of_channel[channel] in ended)
    groups = sorted({group for _, group, _ in stale})
    for name in groups:
        mine = [channel for _, group, channel in stale if group == name]
        yield RULE.fail(
            time_ns=min(ended[of_channel[channel]] for channel in mine),
            reason="not_discarded",
            fact=told(
                N_("Group {group}: {count} channels ended and were never taken out of it"), group=name, count=len(mine)
            ),
        )


RULE = Rule(
    id="F24",
    title_fail=N_("Channels that have ended stay members of their group"),
    title_pass=N_("Every channel that ended was taken out of its groups"),
    why=N_(
        "Every group message is also queued for channels that nobody reads; the queues fill up, and presence "
        "counts are wrong. The wire shows nothing of it."
    ),
    next_step=N_(
        "group_discard in disconnect(); raise StopConsumer; a shorter group_expiry; presence with a time to live."
    ),
    refute=N_("The layer's own member list (ZCARD of the group in Redis)."),
    severity=Severity.WARNING,
    side=Side.APPLICATION,
    refs=(),
    needs=(Need.TRACE,),
    judge=_judge,
)
