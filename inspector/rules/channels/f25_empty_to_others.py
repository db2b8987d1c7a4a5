"""F25: everybody gets a message that is meant for some, with nothing in it."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.contents import json_of
from inspector.analysis.deliveries import Room
from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Confidence, Evidence, Finding, Severity, Side, Text, told
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_SAME_MOMENT_NS = 200_000_000
_LEAST_EMPTY = 2
_MOST_BYTES = 125

Empty = tuple[int, int, int]
"""Time, connection, packet."""


def _judge(facts: Facts) -> Iterator[Finding]:
    for room in facts.rooms:
        empty, full = _messages(room)
        for shape, found in sorted(empty.items()):
            for moment in _moments(found):
                others = [item for item in full.get(shape, ()) if abs(item[0] - moment[0][0]) <= _SAME_MOMENT_NS]
                numbers = tuple(dict.fromkeys(number for _, number, _ in moment))
                if len(numbers) < _LEAST_EMPTY or not others:
                    continue
                yield RULE.fail(
                    *(Evidence(packet, note=Text(N_("nothing in it"))) for _, _, packet in moment[:4]),
                    Evidence(others[0][2], note=Text(N_("the same with its text"))),
                    connections=facts.with_upstream(*numbers),
                    time_ns=moment[0][0],
                    confidence=Confidence.LIKELY,
                    reason="empty_message",
                    fact=told(
                        N_("{path}: {count} members got an empty message when {others} got one with text"),
                        path=room.path, count=len(numbers), others=len({number for _, number, _ in others}),
                    ),
                )  # fmt: skip


def _messages(room: Room) -> tuple[dict[str, list[Empty]], dict[str, list[Empty]]]:
    """Messages of the room whose texts are all empty, and those that have some, by their keys."""
    empty: dict[str, list[Empty]] = {}
    full: dict[str, list[Empty]] = {}
    for member in room.members:
        rows, times = member.messages(True)
        for row, time_ns in zip(rows.tolist(), times.tolist(), strict=True):
            value = json_of(member.content(row))
            texts = (
                [v for k, v in value.items() if isinstance(v, str) and k != "type"] if isinstance(value, dict) else []
            )
            if texts:
                small = len(member.content(row)) <= _MOST_BYTES
                target = empty if small and not any(texts) else full
                target.setdefault(",".join(sorted(value)), []).append(
                    (time_ns, member.connection, member.packet_of(row))
                )
    return {key: sorted(items) for key, items in empty.items()}, full


def _moments(found: list[Empty]) -> list[list[Empty]]:
    """Empty messages that came at the same moment."""
    groups: list[list[Empty]] = []
    for item in found:
        if not groups or item[0] - groups[-1][0][0] > _SAME_MOMENT_NS:
            groups.append([])
        groups[-1].append(item)
    return groups


RULE = Rule(
    id="F25",
    title_fail=N_("A message for some reaches everybody, emptied"),
    title_pass=N_("Nobody got an emptied message that was meant for others"),
    why=N_(
        "A recipe sends an empty text to all who are not meant: one frame for each, and everybody learns "
        "that something was said, and when."
    ),
    next_step=N_("Send inside the if, or to a group per user."),
    refute=N_("The empty message means something to the client."),
    severity=Severity.ERROR,
    side=Side.APPLICATION,
    refs=(),
    needs=(Need.WEBSOCKET,),
    thresholds=(
        Threshold("SAME_MOMENT", _SAME_MOMENT_NS / 1e6, "ms", N_("One group_send reaches its members within this.")),
        Threshold("LEAST_EMPTY", _LEAST_EMPTY, "members", N_("A single empty message may be somebody's own.")),
    ),
    judge=_judge,
)
