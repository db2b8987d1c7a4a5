"""T1 to T8: what the capture itself can hide. One file for all: the checks are one table in ``analysis/trust``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from inspector.analysis import trust as checks
from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Evidence, Finding, Outcome, Severity, Side, Text, told
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULES"]

_WORDS = {
    # id: title when it does not hold, title when it does, fact, why, next step
    "T1": (
        N_("It cannot be told where the capture was made"),
        N_("The place of the capture is known"),
        N_(
            "{handshakes} handshakes, and no place fits them: SYN to answer {answer_ns} ns, answer to ACK "
            "{reply_ns} ns"
        ),
        N_("Waiting times are split between client, network and server by the place of the capture."),
        N_("Say where it was captured, or capture at one end."),
    ),
    "T2": (
        N_("The capture itself lost packets"),
        N_("The capture lost nothing that was acknowledged"),
        N_(
            "{unseen_bytes} of {payload_bytes} bytes were acknowledged and never captured, in {connections} "
            "connections"
        ),
        N_("What the capture lost looks like loss on the network, and messages are missing."),
        N_("Capture with a larger buffer or a filter, to a faster disk."),
    ),
    "T3": (
        N_("Packets were recorded twice"),
        N_("No packet was recorded twice"),
        N_("{copies} of {segments} segments are copies of another one"),
        N_("Copies of a mirror port look like retransmissions."),
        N_("Capture one direction of the mirror, or one interface; remove copies before counting."),
    ),
    "T4": (
        N_("Packets were cut short"),
        N_("Packets were captured whole"),
        N_("Of {packets} packets only the beginning was captured, at most {longest_captured_bytes} bytes"),
        N_("What applications said is missing from the cut packets."),
        N_("Capture with a snap length of 0 (no limit)."),
    ),
    "T5": (
        N_("Sizes and checksums are not those of the wire"),
        N_("Sizes and checksums are those of the wire"),
        N_(
            "{larger_than_mss} segments are larger than the other side can take, {wrong_checksums} checksums "
            "are unfinished"
        ),
        N_("The network card cuts and sums packets later (offload): sizes and checksums say nothing here."),
        N_("Nothing, as long as sizes and checksums do not matter; else switch offload off, or capture elsewhere."),
    ),
    "T6": (
        N_("Connections whose beginning was not captured"),
        N_("The beginning of every connection was captured"),
        N_("{connections} of {with_data} connections with data lack their handshake"),
        N_("Window scales, the client's side and WebSocket handshakes are unknown there."),
        N_("Start the capture before the connections."),
    ),
    "T7": (
        N_("The file is cut off, or its clock steps back"),
        N_("The file is whole and its clock goes forward"),
        N_("Cut off: {cut_off}; the clock steps back {steps_back} times, by at most {largest_step_ns} ns"),
        N_("Times and orders around a step cannot be believed, and what is behind the cut is unknown."),
        N_("End captures properly; keep the clock steady while capturing."),
    ),
    "T8": (
        N_("Only one direction was captured"),
        N_("Both directions were captured"),
        N_("Of {connections} of {of} connections only one direction was captured"),
        N_("Half of the conversation is missing: waits, losses and answers cannot be judged."),
        N_("Capture where both directions pass, or mirror both."),
    ),
}  # fmt: skip
_NUMBERS = {
    "T1": (
        Threshold("NEARER", checks.NEARER, "times", N_("One half of the handshake this much longer tells the place.")),
    ),
    "T3": (
        Threshold("COPY", checks.COPY_NS / 1e6, "ms", N_("A mirror port delivers its copy within this time.")),
        Threshold("LEAST_COPIES", checks.LEAST_COPIES, "copies", N_("Single packets are doubled by networks, too.")),
    ),
    "T7": (Threshold("STEP", checks.STEP_NS / 1e6, "ms", N_("Capture queues are out of step by less than this.")),),
    "T8": (Threshold("LEAST_ONE_SIDED", checks.LEAST_ONE_SIDED, "packets", N_("By then an answer should have come.")),),
}
_NOTHING = N_("The capture holds nothing by which this can be told.")
_QUIET = dict.fromkeys(("T1", "T4", "T5", "T6"), Severity.INFO)
"""They narrow what can be said; nothing is wrong with the traffic or the file."""


def _judge(id_: str, facts: Facts) -> Iterable[Finding]:
    check = facts.trust[id_]
    rule = _BY_ID[id_]
    mixed = check.params.get("place") == "mixed"
    if check.holds is None and not mixed:
        yield Finding(
            rule=id_, outcome=Outcome.NOT_APPLICABLE, severity=rule.severity, title=Text(rule.title_fail),
            why=Text(Need.CAPTURED.value if "made_packets" in check.params else _NOTHING),
        )  # fmt: skip
    elif mixed or check.holds is False:
        places = (Evidence(packet) for packet in check.packets)
        params = {name: Text(value) if isinstance(value, str) else value for name, value in check.params.items()}
        yield rule.fail(*places, fact=told(_WORDS[id_][2], **params))


def _rule(id_: str, judge: Callable[[Facts], Iterable[Finding]]) -> Rule:
    fail, ok, _fact, why, next_step = _WORDS[id_]
    return Rule(
        id=id_,
        title_fail=fail,
        title_pass=ok,
        why=why,
        next_step=next_step,
        refute=N_("Another capture of the same traffic that does not show it."),
        severity=_QUIET.get(id_, Severity.WARNING),
        side=Side.NOBODY,
        refs=(),
        thresholds=_NUMBERS.get(id_, ()),
        judge=judge,
    )


RULES: tuple[Rule, ...] = tuple(_rule(id_, partial(_judge, id_)) for id_ in _WORDS)
_BY_ID = {rule.id: rule for rule in RULES}
