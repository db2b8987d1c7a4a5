"""F26: the event loop, or the one thread of synchronous code, was blocked."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.analysis.stalls import LEAST_STALL_NS, RELEASE_NS
from inspector.i18n import N_
from inspector.model.finding import Confidence, Evidence, Finding, Severity, Side, Text, told
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_SENTENCES = {
    "loop_blocked": N_(
        "{count} sockets and a page waited together for {seconds} s and were answered together: the event "
        "loop stood still"
    ),
    "thread_blocked": N_(
        "{count} sockets waited together for {seconds} s and were answered together; pages were answered "
        "meanwhile: the synchronous thread was busy"
    ),
    "blocked": N_("{count} sockets waited together for {seconds} s and were answered together"),
}


def _judge(facts: Facts) -> Iterator[Finding]:
    for stall in facts.stalls:
        reason = "loop_blocked" if stall.stuck_pages else "thread_blocked" if stall.quick_pages else "blocked"
        places = []
        for socket, asked, answered in stall.waits[:2]:
            places.append(Evidence(socket.packet_of(asked), note=Text(N_("message that waits"))))
            places.append(Evidence(socket.packet_of(answered), note=Text(N_("late answer"))))
        places += [Evidence(page.packet, note=Text(N_("late page"))) for page in stall.stuck_pages[:2]]
        numbers = (
            *(socket.connection for socket, _, _ in stall.waits),
            *(page.connection for page in stall.stuck_pages),
        )
        yield RULE.fail(
            *places,
            connections=facts.with_upstream(*dict.fromkeys(numbers)),
            time_ns=stall.start_ns,
            reason=reason,
            confidence=Confidence.LIKELY,
            fact=told(
                _SENTENCES[reason],
                count=len({socket.connection for socket, _, _ in stall.waits}),
                seconds=round((stall.end_ns - stall.start_ns) / 1e9, 2),
            ),
        )


RULE = Rule(
    id="F26",
    title_fail=N_("The server process stood still: its event loop or its thread was blocked"),
    title_pass=N_("No server process stood still"),
    why=N_(
        "A sleep or a long computation in async code stops every socket of the process; one slow query stops "
        "every consumer, since synchronous code of consumers shares one thread."
    ),
    next_step=N_(
        "asyncio.sleep instead of time.sleep; long work into a queue; short queries; more processes with the "
        "Redis layer."
    ),
    refute=N_("A message of the same process during the pause."),
    severity=Severity.ERROR,
    side=Side.APPLICATION,
    refs=(),
    needs=(Need.WEBSOCKET,),
    explains=("S1",),
    thresholds=(
        Threshold("LEAST_STALL", LEAST_STALL_NS / 1e9, "s", N_("Shorter pauses are ordinary load.")),
        Threshold("RELEASE", RELEASE_NS / 1e9, "s", N_("What waited for the same thing is answered together.")),
    ),
    judge=_judge,
)
