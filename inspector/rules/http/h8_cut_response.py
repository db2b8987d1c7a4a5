"""H8: the server ended the connection before its response was complete, or instead of one."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Confidence, Finding, Severity, Side, Text, told
from inspector.recording.http import HttpExchange
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.places import first, place
from inspector.rules.rule import Rule
from inspector.wire.websocket.handshake import is_upgrade_request

__all__ = ["RULE"]

_SENTENCES = {
    "cut": N_("{target}: the server ended the connection in the middle of its response, by {end}"),
    "unanswered": N_("{target}: the server ended the connection without a response, by {end}"),
}


def _judge(facts: Facts) -> Iterator[Finding]:
    begun: set[int] = set()
    for item in facts.exchanges:
        request, is_first = item.exchange.request, item.connection not in begun
        begun.add(item.connection)
        if request is None or is_upgrade_request(request) or item.connection in facts.behind:
            continue  # W1 tells of handshakes, and a proxy's own leg tells the same again
        reason = _lacking(facts, item, is_first=is_first)
        if reason is None:
            continue
        row, reset = facts.table[item.connection], int(facts.table.rst_packet[item.connection]) + 1
        yield RULE.fail(
            *place(first(item.request_packets), Text(N_("request"))),
            *place(first(item.response_packets), Text(N_("response begins"))),
            *place(row.end_packet, Text("FIN/RST")),
            connections=facts.with_upstream(item.connection),
            time_ns=first(item.request_ns),
            reason=reason,
            confidence=Confidence.LIKELY,
            fact=told(
                _SENTENCES[reason],
                target=request.first_line[:200].decode("utf-8", "backslashreplace"),
                end="RST" if row.end_packet == reset else "FIN",
            ),
        )


def _lacking(facts: Facts, item: HttpExchange, *, is_first: bool) -> str | None:
    """What a response lacks that the server can be blamed for; None where it is whole, or others may be the reason."""
    row, response = facts.table[item.connection], item.exchange.response
    if item.stream is not None or facts.trust["T4"].holds is False:
        return None
    # Where the opening was not seen, what was said tells who the server is.
    as_guessed = item.application.client_side == row.client_side
    if row.ended_by != ("server" if as_guessed else "client"):
        return None
    assert row.end_packet is not None  # somebody ended it
    if row.missing.server or row.unseen.server or not item.request_packets:
        return None
    if response is not None:
        return None if response.complete else "cut"
    # A later request may have met the end of an idle connection on its way.
    return "unanswered" if is_first and item.request_packets[1] < row.end_packet else None


RULE = Rule(
    id="H8",
    title_fail=N_("The server ended the connection before its response was complete"),
    title_pass=N_("Every response that was begun was completed"),
    why=N_(
        "The program died, was stopped, or gave up: the browser shows a network error, or half of a file as a whole."
    ),
    next_step=N_(
        "Look at the log of the server at that time: an exception, a killed process, a limit of time or memory."
    ),
    refute=N_("Bytes of the response that the capture does not hold."),
    severity=Severity.ERROR,
    side=Side.SERVER,
    refs=(Ref("RFC 9112", "8"),),
    needs=(Need.HTTP,),
    explains=("R1",),
    judge=_judge,
)
