"""Scripted users: they log in as browsers do, talk in Korean and English from a seed, and log everything with times.

The log's truth is the server's nowhere: who sent what and who received it is written by the clients. Each line is JSON:

    {"e": "open", "t": …, "user": …, "id": …, "room": …, "port": …}
    {"e": "sent", "t": …, "user": …, "room": …, "port": …, "n": …, "ref": …, "text": …}
    {"e": "received", "t": …, "user": …, "room": …, "port": …, "n": …, "type": …, "ref": …, "text": …}
    {"e": "close", "t": …, "user": …, "port": …, "code": …, "reason": …}
    {"e": "summary", …}

Times are nanoseconds since the epoch, ``port`` is the client's TCP port, ``n`` counts the data messages of that
direction on that connection from 1: the same keys as in the trace and in a capture.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TextIO

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Origin

from inspector.chat.client import Client
from inspector.errors import UsageError
from inspector.i18n import _

__all__ = ["Script", "run"]

# Few and repeated on purpose: equal texts are what makes a conversation hard to follow on the wire.
WORDS = ("네", "아니요", "안녕하세요", "ㅋㅋㅋ", "좋아요 👍", "ok", "hello", "see you", "점심 먹을까요?", "on my way")

# Logins at a time; each is four requests.
_LOGINS = 8
# A message is lost when nothing at all has arrived for so long; slow is not lost.
_QUIET_SECONDS = 15.0
_OPEN_SECONDS = 30.0


@dataclass(frozen=True)
class Script:
    """What happens: ``users`` spread over ``rooms``, each saying ``rate`` messages a second for ``seconds``."""

    url: str
    users: int
    rooms: int
    rate: float
    seconds: float
    seed: int = 1
    kind: str = "chat"
    certificate: str | None = None

    def room(self, number: int) -> str:
        """The room of the user with this number."""
        return f"연습방 {number % self.rooms + 1}"

    def lines(self, number: int) -> list[tuple[float, str]]:
        """When this user says what: seconds from the start, in order."""
        chance = random.Random(f"{self.seed}/{number}")
        lines = []
        at = chance.expovariate(self.rate)
        while at < self.seconds:
            lines.append((at, chance.choice(WORDS)))
            at += chance.expovariate(self.rate)
        return lines


@dataclass
class _Log:
    """The log file, and the counts for the summary."""

    output: TextIO
    sent_at: dict[str, int] = field(default_factory=dict)
    arrivals: Counter[tuple[str, str]] = field(default_factory=Counter)
    latencies: list[int] = field(default_factory=list)
    ended_early: int = 0
    last_arrival: float = 0.0

    def write(self, event: str, /, **fields: Any) -> int:
        now = time.time_ns()
        self.output.write(json.dumps({"e": event, "t": now, **fields}, ensure_ascii=False) + "\n")
        return now


class _User:
    """One scripted user on one socket."""

    def __init__(self, number: int, script: Script, log: _Log) -> None:
        self.number = number
        self.name = f"demo-{number + 1:04d}"
        self.room = script.room(number)
        self._script = script
        self._log = log
        self.client = Client(script.url, script.certificate)
        self._socket: ClientConnection | None = None
        self._who: dict[str, Any] = {}
        self._sent = 0
        self._closing = False
        self.ready = asyncio.Event()

    def log_in(self) -> None:
        """Become the demo user and a member of the room (blocking)."""
        self.client.enter_demo(self.name)
        self.client.enter_room(self.room)

    async def listen(self) -> None:
        """Open the socket and log what arrives until it ends."""
        client = self.client
        try:
            self._socket = await connect(
                client.room_url(self.room, self._script.kind),
                origin=Origin(client.origin),
                additional_headers={"Cookie": client.cookie_header},
                ssl=client.tls,
                open_timeout=_OPEN_SECONDS,
                # Never let this side's own queue stop the reading: lost messages must be the server's.
                max_queue=None,
                max_size=None,
                ping_interval=None,
            )
        except (OSError, InvalidHandshake) as error:
            raise UsageError(
                _("{name} cannot open a socket in room {room}: {why}").format(
                    name=self.name, room=repr(self.room), why=error
                )
            ) from None
        self._who = {"user": self.name, "room": self.room, "port": self._socket.local_address[1]}
        received = 0
        try:
            async for text in self._socket:
                received += 1
                self._arrived(json.loads(text), received)
        finally:
            socket = self._socket
            self._log.write("close", **self._who, code=socket.close_code, reason=socket.close_reason)
            if not self._closing:
                self._log.ended_early += 1
            self.ready.set()

    def _arrived(self, message: dict[str, Any], number: int) -> None:
        kind = message["type"]
        said = message.get("message") if kind == "chat.message" else None
        ref = said["ref"] if said else message.get("ref")
        now = self._log.write(
            "received", **self._who, n=number, type=kind, ref=ref, text=said["text"] if said else None
        )
        if kind == "room.welcome":
            self._log.write("open", **self._who, id=message["user"]["id"])
        elif kind == "chat.history":
            self.ready.set()
        elif kind == "error":
            raise UsageError(
                _("{name}: the server answered {code}: {said}").format(
                    name=self.name, code=message["code"], said=message["message"]
                )
            )
        if ref in self._log.sent_at:
            self._log.arrivals[ref, self.name] += 1
            self._log.latencies.append(now - self._log.sent_at[ref])
            self._log.last_arrival = time.monotonic()

    async def talk(self, start: float) -> None:
        """Say the script's lines at their times."""
        assert self._socket is not None
        for number, (at, text) in enumerate(self._script.lines(self.number), 1):
            await asyncio.sleep(start + at - time.monotonic())
            ref = f"{self.name}/{number}"
            self._sent += 1
            self._log.sent_at[ref] = self._log.write("sent", **self._who, n=self._sent, ref=ref, text=text)
            request = {"v": 1, "type": "chat.message", "text": text, "ref": ref}
            with contextlib.suppress(ConnectionClosed):
                await self._socket.send(json.dumps(request, ensure_ascii=False))

    async def close(self) -> None:
        """Leave."""
        self._closing = True
        if self._socket is not None:
            await self._socket.close()


def run(script: Script, output: TextIO) -> dict[str, Any]:
    """Play a script against a running server and write the log.

    Returns:
        The summary: sent, expected, received, lost, duplicate, closed, rates per second, latencies in milliseconds.

    Raises:
        UsageError: If the server cannot be reached or does not let the users in.
    """
    return asyncio.run(_run(script, _Log(output)))


async def _run(script: Script, log: _Log) -> dict[str, Any]:
    users = [_User(number, script, log) for number in range(script.users)]
    with ThreadPoolExecutor(_LOGINS) as pool:
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(loop.run_in_executor(pool, user.log_in) for user in users))
    listening = []
    for user in users:
        # One handshake after the other: this is about talking, not about a storm of connects.
        listening.append(asyncio.create_task(user.listen()))
        waiter = asyncio.create_task(user.ready.wait())
        await asyncio.wait({listening[-1], waiter}, return_when=asyncio.FIRST_COMPLETED, timeout=_OPEN_SECONDS)
        waiter.cancel()
        _raise_failure(listening)
    start = time.monotonic()
    await asyncio.gather(*(user.talk(start) for user in users))
    talked = time.monotonic() - start
    audience = Counter(user.room for user in users)
    sent_in: dict[str, int] = defaultdict(int)
    by_name = {user.name: user.room for user in users}
    for ref in log.sent_at:
        sent_in[by_name[ref.rpartition("/")[0]]] += 1
    expected = sum(count * audience[room] for room, count in sent_in.items())
    log.last_arrival = max(log.last_arrival, time.monotonic())
    while sum(log.arrivals.values()) < expected and not log.ended_early:
        if time.monotonic() > log.last_arrival + _QUIET_SECONDS:
            break
        await asyncio.sleep(0.05)
    _raise_failure(listening)
    early = log.ended_early
    await asyncio.gather(*(user.close() for user in users))
    await asyncio.gather(*listening, return_exceptions=True)
    return _summary(script, log, expected, talked, max(log.last_arrival - start, talked), early)


def _raise_failure(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        if task.done() and (error := task.exception()) is not None:
            raise error


def _summary(script: Script, log: _Log, expected: int, talked: float, lasted: float, early: int) -> dict[str, Any]:
    latencies = sorted(log.latencies) or [0]
    received = len(log.arrivals)
    summary = {
        "users": script.users,
        "rooms": script.rooms,
        "seconds": talked,
        "sent": len(log.sent_at),
        "rate": len(log.sent_at) / talked,
        "expected": expected,
        "received": received,
        "lost": expected - received,
        "duplicate": sum(log.arrivals.values()) - received,
        "fanout": sum(log.arrivals.values()) / lasted,
        "p50": latencies[len(latencies) // 2] / 1e6,
        "p95": latencies[len(latencies) * 95 // 100] / 1e6,
        "worst": latencies[-1] / 1e6,
        "closed": early,
    }
    log.write("summary", **summary)
    return summary
