"""Servers that are kept busy, and clients that ask too much or read too little (F26, F28)."""

from __future__ import annotations

import asyncio
import time

from inspector.chat.labs.lab import Lab, Lesson
from inspector.chat.labs.peers import Peer
from inspector.chat.labs.scene import Scene, frame, silence
from inspector.i18n import N_

__all__ = ["LABS"]

# Below every ping timeout: the block must not be mistaken for a dead peer by the server itself.
_BLOCK_S = 1.5
# Not more: uvicorn reads a pong only after the messages before it, and would hang up on a slow machine.
_FLOOD = 1500


class _Talk:
    """A socket on which one asks again and again, and how long the answers take."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.longest = 0.0
        self._asked: float | None = None

    @property
    def waiting(self) -> float:
        """Seconds since the question that has no answer yet."""
        return 0.0 if self._asked is None else time.monotonic() - self._asked

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            self._asked = time.monotonic()
            self.longest = max(self.longest, await self.peer.ask("ping"))
            self._asked = None
            await asyncio.sleep(0.05)


async def _blocked(scene: Scene, what: str) -> None:
    blocker = await scene.open("/ws/labs/blocking/")
    talks = [_Talk(await scene.open("/ws/echo/")) for _ in range(2)]
    tasks = [asyncio.create_task(talk.run()) for talk in talks]
    try:
        await asyncio.sleep(0.4)
        sent = await blocker.send({"block": what, "seconds": _BLOCK_S})
        # The page is asked for once the sockets wait: the block has begun.
        while min(talk.waiting for talk in talks) < 0.25:
            await asyncio.sleep(0.02)
            scene.expect(not blocker.texts, f"the {what} was blocked and nobody waited")
        start = time.monotonic()
        pair, _page = await scene.http(scene.browser(), "GET", "/healthz")
        page_s = time.monotonic() - start
        await blocker.wait_for(1)
        seen = scene.now()
        await asyncio.sleep(0.4)
    finally:
        for task in tasks:
            task.cancel()
    stuck = page_s > _BLOCK_S / 2
    longest = [round(talk.longest, 2) for talk in talks]
    scene.expect(min(longest) > _BLOCK_S / 2, f"other sockets waited {longest} s")
    scene.expect(stuck == (what == "loop"), f"a page took {page_s:.2f} s while the {what} was blocked")
    affected = [blocker.pair, *(talk.peer.pair for talk in talks), *([pair] if stuck else [])]
    scene.fault(
        "F26", "application", affected, sent,
        silence("server", seconds=_BLOCK_S, http="stuck" if stuck else "answers"), seen_ns=seen, reason=f"{what}_blocked",
    )  # fmt: skip


async def loop_blocked(scene: Scene) -> None:
    """time.sleep() in async code: everything of the process waits."""
    await _blocked(scene, "loop")


async def thread_blocked(scene: Scene) -> None:
    """A slow query: all consumers of the process wait for their one thread, pages do not."""
    await _blocked(scene, "thread")


async def flood(scene: Scene) -> None:
    """A client sends far more than it is answered."""
    other = await scene.open("/ws/echo/")
    await other.ask("hello")
    peer = await scene.open("/ws/echo/")
    start, sent = time.monotonic(), scene.now()
    for number in range(_FLOOD):
        await peer.send(f"flood {number:06d}")
    sending = time.monotonic() - start
    await peer.wait_for(_FLOOD)
    answering = time.monotonic() - start
    scene.expect(answering > 2 * sending, f"answered within {answering:.2f} s what was sent in {sending:.2f} s")
    scene.fault(
        "F28", "client", peer.pair, sent, frame("client", count=_FLOOD, seconds=round(sending, 3)), seen_ns=scene.now(),
        reason="flood",
    )  # fmt: skip


async def slow_reader(scene: Scene) -> None:
    """A client asks for much and reads nothing for a while."""
    other = await scene.open("/ws/echo/")
    peer = await scene.raw(receive_buffer=8192)
    await peer.upgrade("/ws/labs/firehose/")
    scene.expect(await peer.answer() == 101, "the firehose should open")
    sent = await peer.send(0x1, b'{"messages": 60, "size": 20000}')
    pause = scene.chance.uniform(2.0, 3.0)
    until = time.monotonic() + pause
    while time.monotonic() < until:
        await other.ask("ping")
        await asyncio.sleep(0.1)
    count = 0
    while count < 60:
        got = await peer.frame()
        scene.expect(got is not None, "the firehose ended early")
        count += got is not None and got[0] == 1
    scene.fault(
        "F28", "client", peer.pair, sent, silence("client", zero_window=True), seen_ns=scene.now(), reason="slow_reader"
    )
    await peer.send(0x8, (1000).to_bytes(2, "big"))
    await peer.until_end()


LABS = (
    Lab(
        "loop-blocked",
        N_("time.sleep() in async code: everybody waits"),
        ("F26",),
        loop_blocked,
        Lesson(
            N_("Tell a slow server from a server that stands still."),
            N_("The answers on all sockets, and a page that is asked for in the middle of the pause."),
            N_("What stands still: the sockets, the pages, or both?"),
            N_(
                "Both: one consumer blocks the event loop, and nothing else of the process runs. Use asyncio.sleep, and "
                "send slow work to a worker."
            ),
        ),
        heavy=True,
        seconds=3.0,
    ),
    Lab(
        "thread-blocked",
        N_("One slow query: all sockets wait, pages do not"),
        ("F26",),
        thread_blocked,
        Lesson(
            N_("Use what still works to find what does not."),
            N_("The answers on all sockets, and a page that is asked for in the middle of the pause."),
            N_("The page comes at once, the sockets wait. What do only the sockets share?"),
            N_(
                "One thread: Channels runs all synchronous code of consumers in it, and closes old database connections "
                "there before every dispatch, even of consumers that touch no database."
            ),
        ),
        heavy=True,
        seconds=3.0,
    ),
    Lab(
        "flood",
        N_("A client sends faster than the server answers"),
        ("F28",),
        flood,
        Lesson(
            N_("Measure a queue that nobody shows."),
            N_("Frames of the client per second, frames of the server per second, and the lag between a pair."),
            N_("How does the lag grow, and where do the messages wait?"),
            N_("In the server's memory, without limit. Limit the rate of each socket, and close with 4429."),
        ),
        heavy=True,
        seconds=4.0,
    ),
    Lab(
        "slow-reader",
        N_("A client does not read, and the server must keep its messages"),
        ("F28",),
        slow_reader,
        Lesson(
            N_("Read the receive window."),
            N_("The window in the client's acknowledgments, and the server's probes."),
            N_("Whose fault is the pause, and who pays for it?"),
            N_("The client's: its window is zero. The server pays in memory. Drop messages, or the reader."),
        ),
        seconds=4.0,
    ),
)
