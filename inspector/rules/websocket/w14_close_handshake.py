"""W14: the closing handshake was not done properly."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.analysis.sockets import Socket
from inspector.i18n import N_
from inspector.model.finding import Evidence, Finding, Severity, Side, Text, told
from inspector.model.websocket import Fault
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold
from inspector.rules.websocket._faults import faulty_frames

__all__ = ["RULE"]

_LINGER_NS = 10 * 10**9


def _judge(facts: Facts) -> Iterator[Finding]:
    after = N_("{count} frames after the Close frame, sent by the {side}")
    yield from faulty_frames(RULE, facts, Fault.AFTER_CLOSE, after, severity=Severity.WARNING)
    for socket in facts.front_sockets:
        found = _lacking(facts, socket)
        if found is not None:
            reason, packet, time_ns, side, fact = found
            yield RULE.fail(
                Evidence(packet, note=Text(N_("Close frame"))), connections=(socket.connection,), time_ns=time_ns, side=side,
                reason=reason, fact=fact,
            )  # fmt: skip


def _lacking(facts: Facts, socket: Socket) -> tuple[str, int, int, Side, Text] | None:
    """What the closing lacks: reason, packet, time, side, sentence; None when it is in order."""
    client, server = socket.close(False), socket.close(True)
    first, second = (
        (client, server) if server is None or (client and client.time_ns <= server.time_ns) else (server, client)
    )
    if first is None:
        return None
    answering = Side.SERVER if first is client else Side.CLIENT
    if second is None:
        if socket.end is None:
            return None
        fact = told(
            N_("The Close frame with code {code} was never answered, by the {side}"),
            code=first.code or "-",
            side=answering.word,
        )
        return "not_answered", first.packet, first.time_ns, answering, fact
    if first.code != second.code and first.code is not None:
        fact = told(
            N_("Closed with {code}, answered with {echo}, by the {side}"),
            code=first.code,
            echo=second.code or "-",
            side=answering.word,
        )
        return "code_differs", second.packet, second.time_ns, answering, fact
    last_ns = int(facts.time_ns.max())
    until = socket.end.time_ns if socket.end is not None else last_ns
    if until - second.time_ns > _LINGER_NS:
        seconds = round((until - second.time_ns) / 1e9, 1)
        fact = told(
            N_("TCP stayed open for {seconds} s after both Close frames; the server closes first"), seconds=seconds
        )
        return "left_open", second.packet, second.time_ns, Side.SERVER, fact
    return None


RULE = Rule(
    id="W14",
    title_fail=N_("The closing handshake is not as it should be"),
    title_pass=N_("Closing handshakes are as they should be"),
    why=N_(
        "A Close frame is answered with one that echoes its code, then the server ends TCP; Daphne answers "
        "1000 to any code."
    ),
    next_step=N_("Mostly nothing: the application got what it needs. Data after a Close frame is lost."),
    refute=N_("Frames that the capture lost."),
    severity=Severity.INFO,
    side=Side.SERVER,
    refs=(Ref("RFC 6455", "5.5.1"), Ref("RFC 6455", "7.1.1")),
    needs=(Need.WEBSOCKET, Need.AS_SENT),
    thresholds=(Threshold("LINGER", _LINGER_NS / 1e9, "s", N_("Servers close at once, clients wait a few seconds.")),),
    judge=_judge,
)
