"""W8: a ping got no pong, and the side that pinged gave up."""

from __future__ import annotations

from collections.abc import Iterator

from inspector.analysis.facts import Facts
from inspector.analysis.sockets import Socket
from inspector.analysis.tcp_rows import ACK, sent_rows, side_of
from inspector.i18n import N_
from inspector.model.finding import Confidence, Evidence, Finding, Severity, Side, Text, told
from inspector.refs import Ref
from inspector.rules.needs import Need
from inspector.rules.rule import Rule, Threshold

__all__ = ["RULE"]

_LEAST_NS = 1_000_000_000
_MOST_NS = 65 * 10**9
_CODES = (1001, 1011)
"""With these libraries close when a pong stays out; others complain of what was sent."""


def _judge(facts: Facts) -> Iterator[Finding]:
    timed_out = {c.connections[0]: c for c in facts.endings.get("F17", ()) if c.reason == "no_pong"}
    for socket in facts.front_sockets:
        cause = timed_out.get(socket.connection)
        if cause is not None:
            # Its time fits the server's own timeout, however short that is.
            ping, end = (packet for packet, _ in cause.packets)
            yield _finding(facts, socket, (cause.time_ns, ping), (cause.seen_ns, end), asked_by_server=True)
            continue
        for asked in socket.pings:
            if asked.pong is not None or asked.skipped:
                continue
            by_server = asked.sender == "server"
            gave_up, sent = _gave_up(socket, by_server), socket.time_of(asked.frame)
            if gave_up is not None and _LEAST_NS <= gave_up[0] - sent <= _MOST_NS:
                place = sent, socket.frame_packet(asked.frame)
                yield _finding(facts, socket, place, gave_up, asked_by_server=by_server)
                break


def _finding(
    facts: Facts, socket: Socket, ping: tuple[int, int], gave_up: tuple[int, int], *, asked_by_server: bool
) -> Finding:
    """Of a ping and of what gave it up: time and packet each."""
    arrived = _acknowledged(facts, socket, ping[1])
    side = Side.CLIENT if asked_by_server else Side.SERVER
    return RULE.fail(
        Evidence(ping[1], note=Text(N_("ping"))),
        Evidence(gave_up[1], note=Text(N_("given up"))),
        connections=facts.with_upstream(socket.connection),
        time_ns=ping[0],
        side=side if arrived else Side.NETWORK,
        confidence=Confidence.LIKELY,
        reason="peer_silent" if arrived else "path_dead",
        fact=told(
            N_(
                "A ping got no pong, and {wait_s} s later it was given up; its bytes were acknowledged by "
                "TCP: {arrived}; silent: {side}"
            ),
            wait_s=round((gave_up[0] - ping[0]) / 1e9, 2),
            arrived=Text(N_("yes")) if arrived else Text(N_("no")),
            side=side.word,
        ),
    )


def _gave_up(socket: Socket, by_server: bool) -> tuple[int, int] | None:
    """When and in which packet the side that pinged ended it; None when it did not, or was asked to."""
    close, other = socket.close(by_server), socket.close(not by_server)
    if other is not None and (close is None or other.time_ns < close.time_ns):
        return None
    if close is not None:
        return (close.time_ns, close.packet) if close.code in _CODES else None
    if socket.end is not None and socket.end.by_server is by_server:
        return socket.end.time_ns, socket.end.packet
    return None


def _acknowledged(facts: Facts, socket: Socket, packet: int) -> bool:
    """Whether TCP of the other side acknowledged the ping in this packet."""
    rows = sent_rows(facts, socket.connection)
    segments = facts.capture.segments
    mine = rows[segments.packet[rows] == packet - 1]
    end = int(segments.seq[mine[0]]) + int(segments.length[mine[0]])
    side = int(side_of(facts, mine[:1])[0])
    answers = rows[(side_of(facts, rows) != side) & (segments.flags[rows] & ACK != 0)]
    ahead = (segments.ack[answers].astype("int64") - end + 2**31) % 2**32 - 2**31
    return bool((ahead >= 0).any())


RULE = Rule(
    id="W8",
    title_fail=N_("A ping got no pong, and the connection was given up"),
    title_pass=N_("No connection was given up for want of a pong"),
    why=N_("The peer is frozen or asleep (its TCP may still acknowledge), or the path is dead."),
    next_step=N_("See whether TCP acknowledged the ping: then look at the peer's program, else at the path."),
    refute=N_("A pong among bytes that the capture does not hold."),
    severity=Severity.WARNING,
    side=Side.CLIENT,
    refs=(Ref("RFC 6455", "5.5.2"), Ref("RFC 6455", "5.5.3")),
    needs=(Need.WEBSOCKET, Need.AS_SENT),
    explains=("W6", "W7", "W14", "W15", "R1", "R2", "R4", "S1", "H1"),
    thresholds=(
        Threshold("LEAST", _LEAST_NS / 1e9, "s", N_("Nobody waits less for a pong.")),
        Threshold("MOST", _MOST_NS / 1e9, "s", N_("Interval and timeout together rarely exceed a minute.")),
    ),
    judge=_judge,
)
