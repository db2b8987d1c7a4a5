"""F12-F18."""

from __future__ import annotations

from inspector.chat.labs.truth import Truth

from .common import (
    LATE_S,
    SAME_TICK_S,
    Connections,
    Signature,
    affected,
    asked,
    crashed,
    data_frames,
    only,
    reset,
    spread,
)

__all__ = ["SIGNATURES"]


def exception_in_receive(connections: Connections, truth: Truth) -> None:
    connection = only(connections, truth)
    data = data_frames(connection, "client")
    assert len(data) == 3 and len(connection.texts("server")) == 2
    crashed(connection, truth, data[2])


def no_handler(connections: Connections, truth: Truth) -> None:
    members = affected(connections, truth)
    assert len(members) == 3
    trigger = data_frames(members[0], "client")[1]
    assert spread([crashed(member, truth, trigger) for member in members]) < SAME_TICK_S


def close_code_refused(connections: Connections, truth: Truth) -> None:
    connection = only(connections, truth)
    (_, last) = data_frames(connection, "client")
    crashed(connection, truth, last)


def close_reason_lost(connections: Connections, truth: Truth) -> None:
    (closed,) = only(connections, truth).closes("server")
    assert closed.code in (4001, 4003) and len(closed.payload) == 2


def too_big(connections: Connections, truth: Truth) -> None:
    connection = only(connections, truth)
    lengths = connection.lengths("client")[1:]
    if truth.server == "uvicorn":
        assert lengths[0] > 16 * 1024 * 1024
        assert connection.closes("server")[0].code == 1009
        return
    # The second of two fragments may not have been sent any more.
    assert sum(lengths) > 1024 * 1024 or lengths[0] > 512 * 1024
    when = reset(connection, truth)
    assert when - asked(connection) <= LATE_S


def illegal_frame(connections: Connections, truth: Truth) -> None:
    connection = only(connections, truth)
    bad = connection.frames("client")[1]
    reason = truth.faults[0].reason
    assert {
        "rsv2": bad.first & 0x20 != 0,
        "unmasked": not bad.masked,
        "not_utf8": bad.payload == b"\xed\xa0\x80",
        "close_1005": bad.opcode == 8 and bad.code == 1005,
        "reserved_opcode": bad.opcode == 3,
    }[reason or ""]
    if truth.server == "uvicorn":
        assert connection.closes("server")[0].code == (1007 if reason == "not_utf8" else 1002)
    else:
        assert reset(connection, truth) - bad.time <= LATE_S


def server_killed(connections: Connections, truth: Truth) -> None:
    *sockets, again = affected(connections, truth)
    assert len(sockets) == 3
    for connection in sockets:
        sender = connection.first_end[1]
        codes = [frame.code for frame in connection.closes("server")]
        if truth.server == "uvicorn" and truth.faults[0].reason == "sigterm":
            assert codes == [1012]
        else:
            assert not codes and sender == "server"
            if truth.via == "direct":
                assert connection.first_end[2] == "fin"
    assert spread([connection.first_end[0] for connection in sockets]) < 0.1 + LATE_S * (truth.server == "uvicorn")
    if truth.via == "direct":
        assert [end[1:] for end in again.ends()] == [("server", "rst")] and not again.stream("client")
    else:
        assert again.status == 502


def overlapping_pings(connections: Connections, truth: Truth) -> None:
    connection = only(connections, truth)
    pings = [frame for frame in connection.frames("server") if frame.opcode == 9]
    pongs = [frame.payload for frame in connection.frames("client") if frame.opcode == 10]
    # Daphne's payload: its clock in nanoseconds, and a number.
    assert all(len(ping.payload) == 12 for ping in pings)
    assert [int.from_bytes(ping.payload[8:], "big") for ping in pings] == list(range(1, len(pings) + 1))
    assert all(abs(int.from_bytes(ping.payload[:8], "big") / 1e9 - ping.time) < LATE_S for ping in pings)
    assert pings[0].payload not in pongs and pings[1].payload in pongs
    after = reset(connection, truth) - pings[0].time
    timeout = truth.settings["ping_timeout_s"]
    assert timeout - 1.1 <= after <= timeout + 0.2 + LATE_S


def redis_timeout(connections: Connections, truth: Truth) -> None:
    sockets = affected(connections, truth)
    assert len(sockets) == 3
    for connection in sockets:
        assert not data_frames(connection, "client") and not data_frames(connection, "server")
        assert crashed(connection, truth) - asked(connection) >= truth.settings["redis_timeout_s"] - 0.1


SIGNATURES: dict[str, Signature] = {
    "exception-in-receive": exception_in_receive,
    "no-handler": no_handler,
    "close-code-refused": close_code_refused,
    "close-reason-lost": close_reason_lost,
    "too-big": too_big,
    "illegal-frame": illegal_frame,
    "server-killed": server_killed,
    "overlapping-pings": overlapping_pings,
    "redis-timeout": redis_timeout,
}
