"""What a lab's function works with: connections to the stage, and the truth it notes."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Mapping, Sequence
from typing import Any

from inspector.chat.client import Client, Response
from inspector.chat.labs.peers import LabFailed, NotConnected, Peer, RawPeer, Refusal, open_peer, open_raw
from inspector.chat.labs.stage import Stage
from inspector.chat.labs.truth import Decoy, Evidence, Fault, Pair

__all__ = ["Scene", "browser", "close", "crash", "fin", "frame", "missing", "rst", "silence", "status"]


def close(sender: str, code: int | None, **more: Any) -> Evidence:
    """A Close frame; the code None for an empty one."""
    return Evidence("close", sender, code, None, more)


def fin(sender: str, **more: Any) -> Evidence:
    """A FIN without a Close frame before it."""
    return Evidence("fin", sender, None, None, more)


def rst(sender: str, **more: Any) -> Evidence:
    """A RST without a Close frame before it."""
    return Evidence("rst", sender, None, None, more)


def status(code: int, **more: Any) -> Evidence:
    """An HTTP answer of the server."""
    return Evidence("status", "server", None, code, more)


def frame(sender: str, **more: Any) -> Evidence:
    """A data frame."""
    return Evidence("frame", sender, None, None, more)


def silence(sender: str, **more: Any) -> Evidence:
    """Nothing from one side for a while."""
    return Evidence("silence", sender, None, None, more)


def missing(sender: str, **more: Any) -> Evidence:
    """Something that should have come from this side and never did."""
    return Evidence("missing", sender, None, None, more)


def crash(scene: Scene) -> Evidence:
    """How an exception after accept() looks: Daphne closes with 1011, uvicorn ends without a Close frame."""
    return close("server", 1011) if scene.daphne else fin("server")


def browser(event: Mapping[str, Any]) -> str | None:
    """The browser's end of the connection of a trace's ``open`` event, as nginx or the connection tells it."""
    host, port = event["proxied_client"]
    if port is not None:
        return f"{host}:{port}"
    return "{}:{}".format(*event["client"]) if event.get("client") else None


class Scene:
    """One lab being played.

    Args:
        lab: Its name.
        stage: The servers.
        chance: All choices of the lab come from it, so that a seed repeats them.

    Attributes:
        faults, decoys: The truth noted so far.
        connections: Every connection that was opened.
    """

    def __init__(self, lab: str, stage: Stage, chance: random.Random) -> None:
        self.lab = lab
        self.stage = stage
        self.chance = chance
        self.faults: list[Fault] = []
        self.decoys: list[Decoy] = []
        self.connections: list[Pair] = []
        self._peers: list[Peer | RawPeer] = []

    def child(self, lab: str) -> Scene:
        """The scene of a part of this lab, with chances of its own."""
        return Scene(lab, self.stage, random.Random(self.chance.getrandbits(64)))

    def take(self, child: Scene) -> None:
        """Take over what a part noted."""
        self.faults += child.faults
        self.decoys += child.decoys
        self.connections += child.connections

    @property
    def direct(self) -> bool:
        """Whether clients reach the server without a proxy."""
        return self.stage.via == "direct"

    @property
    def daphne(self) -> bool:
        """Whether the ASGI server is Daphne."""
        return self.stage.server == "daphne"

    def front(self, name: str = "main") -> str:
        """The ``address:port`` of a front."""
        return self.stage.fronts[name]

    def room(self) -> str:
        """A room nobody else of this scene is in."""
        return f"lab-{self.chance.randrange(16**8):08x}"

    async def open(self, path: str, *, front: str = "main", **how: Any) -> Peer:
        """Open a WebSocket that is accepted; see `open_peer`.

        Raises:
            LabFailed: If it is refused.
        """
        opened = await self._open(path, front, how)
        if isinstance(opened, Refusal):
            raise LabFailed(f"{path} was refused with {opened.status}")
        return opened

    async def refused(self, path: str, expected: int, *, front: str = "main", **how: Any) -> Refusal:
        """Open a WebSocket that is refused.

        Raises:
            LabFailed: If it is not, or with another status.
        """
        opened = await self._open(path, front, how)
        if not isinstance(opened, Refusal) or opened.status != expected:
            raise LabFailed(f"{path} should be refused with {expected}, not: {opened}")
        return opened

    async def _open(self, path: str, front: str, how: dict[str, Any]) -> Peer | Refusal:
        opened = await open_peer(self.front(front), path, **how)
        self.connections.append(opened.pair)
        if isinstance(opened, Peer):
            self._peers.append(opened)
        return opened

    async def raw(self, front: str = "main", **how: Any) -> RawPeer:
        """Open a TCP connection for bytes of one's own."""
        peer = await open_raw(self.front(front), **how)
        self.connections.append(peer.pair)
        self._peers.append(peer)
        return peer

    async def raw_socket(self, path: str, front: str = "main", **how: Any) -> RawPeer:
        """Open a WebSocket by hand.

        Raises:
            LabFailed: If it is refused.
        """
        peer = await self.raw(front)
        await peer.upgrade(path, **how)
        answered = await peer.answer()
        if answered != 101:
            raise LabFailed(f"{path} was refused with {answered}")
        return peer

    async def not_connected(self, front: str = "main") -> Pair:
        """Try to connect where nobody listens.

        Raises:
            LabFailed: If somebody does.
        """
        try:
            (await open_raw(self.front(front))).finish()
        except NotConnected as refused:
            self.connections.append(refused.pair)
            return refused.pair
        raise LabFailed(f"{self.front(front)} should refuse connections")

    async def visitor(self, name: str, *, front: str = "main", room: str | None = None) -> Client:
        """A browser that logs in as a demo user, and becomes a member of a room."""
        client = Client(f"http://{self.front(front)}/")

        def enter() -> None:
            client.enter_demo(name)
            if room is not None:
                client.enter_room(room)

        try:
            await asyncio.to_thread(enter)
        finally:
            self._note(client, front)
        return client

    async def http(
        self, client: Client, method: str, path: str, *, front: str = "main", **how: Any
    ) -> tuple[Pair, Response]:
        """One request of a browser; its connection and the response."""
        response = await asyncio.to_thread(client.request, method, path, **how)
        return self._note(client, front)[-1], response

    async def process(self, pair: Pair, seconds: float = 10.0) -> int:
        """The server process that has a connection, as its trace tells.

        Raises:
            LabFailed: If no trace tells of it in time.
        """
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for line in self.stage.trace.read_bytes().splitlines()[::-1] if self.stage.trace.exists() else ():
                if line.startswith(b"{") and line.endswith(b"}"):
                    event = json.loads(line)
                    if event["e"] == "open" and browser(event) == pair.client:
                        return int(event["pid"])
            await asyncio.sleep(0.02)
        raise LabFailed(f"no process tells of {pair.client}")

    def _note(self, client: Client, front: str) -> list[Pair]:
        pairs = [Pair(address, self.front(front)) for address in client.opened]
        client.opened.clear()
        self.connections += pairs
        return pairs

    def browser(self, front: str = "main") -> Client:
        """A browser that nobody has logged in with."""
        return Client(f"http://{self.front(front)}/")

    def fault(
        self, rule: str, side: str, where: Pair | Sequence[Pair], time_ns: int, *evidence: Evidence, **more: Any
    ) -> None:
        """Note what was made to go wrong; see `Fault`."""
        pairs = (where,) if isinstance(where, Pair) else tuple(where)
        self.faults.append(Fault(rule, side, pairs, time_ns, evidence, lab=self.lab, **more))

    def decoy(self, looks_like: str, where: Pair, why: str) -> None:
        """Note what looks like a fault and is none."""
        self.decoys.append(Decoy(looks_like, where.client, where.server, why, self.lab))

    def expect(self, true: bool, what: str) -> None:
        """Make sure that what the truth is going to say has happened.

        Raises:
            LabFailed: If it has not.
        """
        if not true:
            raise LabFailed(what)

    def now(self) -> int:
        """Nanoseconds since the epoch."""
        return time.time_ns()

    @property
    def healthy(self) -> list[Pair]:
        """Connections that are in no fault and no decoy."""
        named = {pair for fault in self.faults for pair in fault.connections}
        named |= {Pair(decoy.client, decoy.server) for decoy in self.decoys}
        return [pair for pair in self.connections if pair not in named]

    async def leave(self) -> None:
        """Close what is still open."""
        await asyncio.gather(*(peer.close() for peer in self._peers if isinstance(peer, Peer) and peer.open))
        for peer in self._peers:
            if isinstance(peer, RawPeer):
                peer.finish()
