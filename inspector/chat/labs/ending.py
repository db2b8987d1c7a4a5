"""Servers that end sockets, or lose them (F16-F18)."""

from __future__ import annotations

import asyncio
import os
import signal

from inspector.chat.labs.lab import Lab, Lesson, Needs
from inspector.chat.labs.peers import Peer
from inspector.chat.labs.scene import Scene, close, crash, fin, missing, rst, silence, status
from inspector.i18n import N_

__all__ = ["LABS"]


async def server_killed(scene: Scene) -> None:
    """One server process is stopped or killed and comes back; its sockets end, new ones are refused meanwhile."""
    victim = scene.stage.victim
    assert victim is not None
    peers: list[Peer] = [await scene.open("/ws/echo/", front="victim") for _ in range(3)]
    for peer in peers:
        await peer.ask("안녕하세요")
    reason, number = scene.chance.choice([("sigterm", signal.SIGTERM), ("sigkill", signal.SIGKILL)])
    killed = scene.now()
    os.kill(victim.pids[0], number)
    ends = await asyncio.gather(*(peer.ended() for peer in peers))
    polite = not scene.daphne and number == signal.SIGTERM
    expected = close("server", 1012) if polite else fin("server")
    scene.expect(all((e.how, e.code) == (expected.kind, expected.code) for e in ends), f"sockets ended as {ends}")
    while victim.failed() is None:
        await asyncio.sleep(0.02)
    if scene.direct:
        again = await scene.not_connected("victim")
        refused = rst("server")
    else:
        again = (await scene.refused("/ws/echo/", 502, front="victim")).pair
        refused = status(502)
    await asyncio.to_thread(scene.stage.restart_victim)
    back = await scene.open("/ws/echo/", front="victim")
    await back.ask("다시 왔어요")
    pairs = [*(peer.pair for peer in peers), again]
    scene.fault("F16", "server", pairs, killed, expected, refused, seen_ns=ends[0].time_ns, reason=reason)


async def overlapping_pings(scene: Scene) -> None:
    """One pong is lost, the next is not; Daphne's timer of the first goes on."""
    peer = await scene.raw_socket("/ws/echo/")
    pings: list[bytes] = []

    def answers(payload: bytes) -> bool:
        pings.append(payload)
        return len(pings) != 1

    start = scene.now()
    ended = await peer.until_end(40.0, answers)
    scene.expect(len(pings) > 1 and ended.how in ("rst", "fin"), f"after {len(pings)} pings it ended as {ended}")
    evidence = rst("server") if ended.how == "rst" else fin("server")
    scene.fault(
        "F17", "server", peer.pair, start, missing("client", what="pong", n=1), evidence, seen_ns=ended.time_ns,
        reason="overlapping_timer",
    )  # fmt: skip


async def redis_timeout(scene: Scene) -> None:
    """The Redis client gives up on a read that is meant to wait: idle sockets crash one by one."""
    peers = []
    for _ in range(3):
        peers.append(await scene.open(f"/ws/labs/member/{scene.room()}/"))
        await asyncio.sleep(0.7)
    start = scene.now()
    ends = await asyncio.gather(*(peer.ended(30.0) for peer in peers))
    expected = crash(scene)
    scene.expect(all((e.how, e.code) == (expected.kind, expected.code) for e in ends), f"sockets ended as {ends}")
    scene.fault(
        "F18", "server", [peer.pair for peer in peers], start, silence("client"), expected,
        seen_ns=min(ended.time_ns for ended in ends), reason="redis_socket_timeout",
    )  # fmt: skip


LABS = (
    Lab(
        "server-killed",
        N_("The server process dies, and all of its sockets with it"),
        ("F16",),
        server_killed,
        Lesson(
            N_("Recognise the death of a process from outside."),
            N_("The FINs of all sockets within milliseconds, and what a new SYN gets."),
            N_("Which of these ends could a browser tell from a healthy one?"),
            N_(
                "None of Daphne's: no Close frame means 1006, whatever ended it. uvicorn says 1012 when it is stopped "
                "politely. Reconnect with growing, random pauses."
            ),
        ),
        Needs(extras=frozenset({"victim"})),
        seconds=5.0,
    ),
    Lab(
        "overlapping-pings",
        N_("A pong is lost, the next arrives, and the server hangs up all the same"),
        ("F17",),
        overlapping_pings,
        Lesson(
            N_("Pair pings with pongs."),
            N_(
                "The pings of the server, numbered by the last four bytes of their payload; which have a pong; the RST."
            ),
            N_("The client answers. Why is it dropped?"),
            N_(
                "The ping timeout is longer than the interval: a second ping goes out while the first is waited for, "
                "and its pong does not stop the first's timer. Keep --ping-timeout below --ping-interval."
            ),
        ),
        Needs(ping_interval=2.0, ping_timeout=5.0),
        servers=("daphne",),
        seconds=10.0,
    ),
    Lab(
        "redis-timeout",
        N_("Idle sockets crash one after the other: the Redis client gives up too early"),
        ("F18",),
        redis_timeout,
        Lesson(
            N_("Find a cause in the times between failures."),
            N_("When each socket opened and when it closed with 1011; that nobody sent anything."),
            N_("Nobody spoke, and every socket crashed. What do their lifetimes have in common?"),
            N_(
                "Each waited in a blocking read of Redis for longer than the client's socket timeout: redis-py 8 has "
                "one of 5 s by default, as long as the read. Set socket_timeout to None, or use redis-py below 8."
            ),
        ),
        Needs(layer="redis", redis_timeout=2.0),
        seconds=6.0,
    ),
)
