"""F06: a room's name that cannot be a group's name."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Finding, Severity, Side
from inspector.rules.channels._causes import findings
from inspector.rules.channels._consequences import FRAMES_AND_ENDS, OF_A_REFUSED_UPGRADE
from inspector.rules.needs import Need
from inspector.rules.rule import Rule

__all__ = ["RULE"]

_SENTENCES = {
    "too_long": N_("A part of {path} is longer than 99 characters"),
    "characters": N_("{path} holds characters that a group's name must not have"),
    "not_ascii": N_("{path} holds characters that are not ASCII"),
}


def _judge(facts: Facts) -> Iterator[Finding]:
    causes = [*facts.refusals.get("F06", ()), *facts.endings.get("F06", ())]
    return findings(facts, RULE, causes, _SENTENCES)


RULE = Rule(
    id="F06",
    title_fail=N_("The room's name cannot be the name of a group"),
    title_pass=N_("No handshake failed because of a group's name"),
    why=N_(
        "Group names are up to 99 ASCII letters, digits, hyphens, underscores and periods; the channel "
        "layer raises TypeError for others."
    ),
    next_step=N_("Name the group by the room's number or a hash, and show the room's own name to people only."),
    refute=N_("A handshake to the same path that succeeds and lasts."),
    severity=Severity.ERROR,
    side=Side.APPLICATION,
    refs=(),
    needs=(Need.UPGRADE,),
    explains=(*OF_A_REFUSED_UPGRADE, *FRAMES_AND_ENDS),
    judge=_judge,
)
