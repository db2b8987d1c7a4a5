"""A lab as data: what it shows, what it needs, and the function that plays it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inspector.chat.labs.scene import Scene

__all__ = ["SERVERS", "VIA", "Lab", "Lesson", "Needs", "Play"]

VIA = ("direct", "nginx")
SERVERS = ("daphne", "uvicorn")


Play = Callable[["Scene"], Awaitable[None]]
"""What a lab does."""


@dataclass(frozen=True)
class Needs:
    """The server that a lab is played on; labs of equal needs share one.

    The numbers are small so that faults show soon. The ping timeout is longer than any lab blocks the server on
    purpose, and shorter than the interval, where Daphne's timer is right.

    Attributes:
        layer: ``memory``, ``redis`` or ``pubsub``; None where any will do, which is ``memory`` then.
        processes: Server processes.
        ping_interval: Seconds between the server's WebSocket pings.
        ping_timeout: Seconds the server waits for a pong.
        capacity: Messages that wait for one socket in the channel layer; Channels' own default.
        expiry: Seconds after which a waiting message is dropped.
        redis_timeout: Seconds the Redis client waits for an answer; None for ever, as channels_redis needs it.
        extras: Further parts, see `inspector.chat.labs.stage.EXTRAS`.
    """

    layer: str | None = None
    processes: int = 1
    ping_interval: float = 4.0
    ping_timeout: float = 3.5
    capacity: int = 100
    expiry: int = 60
    redis_timeout: float | None = None
    extras: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Lesson:
    """The lab as an exercise; all texts are marked for translation.

    Attributes:
        goal: What one learns.
        look: What to look at.
        question: What to find out.
        answer: What is true.
    """

    goal: str
    look: str
    question: str
    answer: str


@dataclass(frozen=True)
class Lab:
    """One failure, decoy or healthy conversation that can be made to happen.

    Attributes:
        name: How it is called on the command line.
        title: One line for people, marked for translation.
        rules: The failures it shows; empty when it shows none.
        play: Makes it happen and notes the truth.
        lesson: The same as an exercise.
        needs: The server it needs.
        via: Where it can be played; the first is the usual one.
        servers: The ASGI servers it can be played on.
        mixes: Whether it can happen beside others on one server.
        heavy: Whether it keeps the server busy, so that two of its kind would spoil each other.
        seconds: About how long it takes, for the list.
    """

    name: str
    title: str
    rules: tuple[str, ...]
    play: Play
    lesson: Lesson
    needs: Needs = Needs()
    via: tuple[str, ...] = VIA
    servers: tuple[str, ...] = SERVERS
    mixes: bool = True
    heavy: bool = False
    seconds: float = 1.0
