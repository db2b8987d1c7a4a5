"""W7: a WebSocket was ended after a silence as long as a usual timeout."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.analysis.sockets import Socket
from inspector.i18n import N_
from inspector.model.finding import Confidence, Evidence, Finding, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.network.r2_idle_reset import usual_timeout
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_EQUAL_NS = 1_000_000_000
_LEAST_NS = 10 * 10**9


def _judge(facts: Facts) -> Iterator[Finding]:
    idle: list[tuple[int, Socket]] = []
    for socket in facts.front_sockets:
        end = socket.end
        if end is None or socket.close(True) or socket.close(False):
            continue
        silence = end.time_ns - socket.quiet_since(end.time_ns)
        if silence >= _LEAST_NS:
            idle.append((silence, socket))
    for silence, socket in idle:
        like = [s for other, s in idle if abs(other - silence) <= _EQUAL_NS and s.server == socket.server]
        timeout = usual_timeout(silence)
        if timeout is None and len(like) < 2:
            continue
        assert socket.end is not None  # those in idle have ended
        pings = [time_ns for _, time_ns, _ in socket.server_pings]
        beat = (pings[-1] - pings[0]) / (len(pings) - 1) / 1e9 if len(pings) > 1 else None
        yield RULE.fail(
            Evidence(socket.last_packet_before(socket.end.time_ns), note=Text(N_("last frame"))),
            Evidence(socket.end.packet, note=Text(socket.end.kind.upper())),
            connections=facts.with_upstream(socket.connection),
            time_ns=socket.end.time_ns,
            confidence=Confidence.LIKELY if timeout is not None and len(like) > 1 else Confidence.UNCLEAR,
            fact=told(
                N_(
                    "Ended after {idle_s} s of silence, as {count} sockets of this server were; usual "
                    "timeout: {timeout}; pings every {beat}"
                ),
                idle_s=round(silence / 1e9, 1),
                count=len(like),
                timeout=f"{timeout} s" if timeout else "-",
                beat=f"{beat:.1f} s" if beat else "-",
            ),
        )


RULE = Rule(
    id="W7",
    title_fail=N_("An idle WebSocket was cut by a timeout on the way"),
    title_pass=N_("No idle WebSocket was cut"),
    why=N_("A proxy or load balancer ends connections on which nothing is sent for its timeout, often 60 s."),
    next_step=N_("Ping more often than the timeout, or raise it."),
    refute=N_("A socket of the same path that lives on through a longer silence."),
    severity=Severity.ERROR,
    side=Side.PROXY,
    refs=(Ref("RFC 6455", "5.5.2"), Ref("RFC 6455", "7.1.5")),
    needs=(Need.WEBSOCKET, Need.AS_SENT),
    explains=("W6",),
    thresholds=(
        Threshold("LEAST", _LEAST_NS / 1e9, "s", N_("Shorter silences are ordinary.")),
        Threshold("EQUAL", _EQUAL_NS / 1e9, "s", N_("Sockets that end after the same silence end by one timer.")),
    ),
    judge=_judge,
)
