"""Who got which message: rooms, their broadcasts and what members missed, as far as the wire shows it.

A room is an address of WebSockets. A broadcast is a message that several members got at about the same time, or that
repeats what a member had just said. Messages that name their recipients are left out: not everybody is meant to get them.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from inspector.analysis.contents import json_of, leaves

if TYPE_CHECKING:
    from inspector.analysis.facts import Facts
    from inspector.analysis.sockets import Socket

__all__ = ["Broadcast", "Room", "rooms_of"]

MOST_MESSAGES = 50_000
"""Messages that are compared, small rooms first; more would take longer than everything else."""
_SPREAD_NS = 3 * 10**9
"""Copies of a message that lie farther apart are not one broadcast."""
_ANSWER_NS = 3 * 10**9
"""What repeats a member's words later than this is not because of them."""
_RECIPIENTS = ("to", "recipients", "targets", "user_ids", "users")


@dataclass(slots=True)
class Broadcast:
    """One message to a room.

    Args:
        content: Of each copy.
        time_ns: Of the first copy.
        received: Packet number of its copy, by connection of the member.
        sender: Connection of the member who had said it, None when nobody is known.
        asked_packet: Number of the packet with the sender's message.
        asked_ns: When that was; the time of the first copy when nobody is known.
        echoed: Members whose copy repeats what they had just said themselves: it may be an answer to them alone.
    """

    content: bytes
    time_ns: int
    received: dict[int, int] = field(default_factory=dict)
    sender: int | None = None
    asked_packet: int = 0
    asked_ns: int = 0
    echoed: set[int] = field(default_factory=set)

    @property
    def spread(self) -> bool:
        """Whether it reached somebody who had not said it: what an echo never does."""
        return len(self.echoed) < len(self.received)


class Room:
    """The members of one address at one server.

    Args:
        path: Of the address.
        members: In order of connection.

    Attributes:
        compared: Its messages are compared; False where there are too many of them.
    """

    def __init__(self, path: str, members: list[Socket]) -> None:
        self.path = path
        self.members = members
        self.compared = True

    @cached_property
    def messages(self) -> int:
        """How many messages all members sent and received."""
        return sum(len(member.messages(side)[0]) for member in self.members for side in (False, True))

    @cached_property
    def broadcasts(self) -> list[Broadcast]:
        """Broadcasts in order of time, without those meant for some members only."""
        found = [b for b in self._copies() if b.sender is not None or len(b.received) >= 2]
        return sorted(found, key=lambda b: (b.time_ns, b.content))

    def _copies(self) -> list[Broadcast]:
        said = self._said()
        own = {
            (who, text): [item[2] for item in items if item[0] == who]
            for text, items in said.items()
            for who in {item[0] for item in items}
        }
        received = self._received()
        texts = {content: leaves(content) for content in {row[3] for row in received}}
        open_: dict[bytes, Broadcast] = {}
        found: list[Broadcast] = []
        for time_ns, number, packet, content in received:
            known = open_.get(content)
            if known is None or number in known.received or time_ns - known.time_ns > _SPREAD_NS:
                known = open_[content] = Broadcast(content, time_ns, asked_ns=time_ns)
                asked = _asked(said, texts[content], time_ns)
                if asked is not None and asked[3]:
                    continue  # it names its recipients
                if asked is not None:
                    known.sender, known.asked_packet, known.asked_ns = asked[0], asked[1], asked[2]
                found.append(known)
            known.received[number] = packet
            if any(_just_before(own.get((number, text), ()), time_ns) for text in texts[content]):
                known.echoed.add(number)
        return found

    def _received(self) -> list[tuple[int, int, int, bytes]]:
        rows: list[tuple[int, int, int, bytes]] = []
        for member in self.members:
            messages, times = member.messages(True)
            rows += [
                (time_ns, member.connection, member.packet_of(row), member.content(row))
                for row, time_ns in zip(messages.tolist(), times.tolist(), strict=True)
            ]
        return sorted(rows, key=lambda item: item[:3])

    def _said(self) -> dict[str, list[tuple[int, int, int, bool]]]:
        """By text: who said it (connection), in which packet, when, and whether it was meant for some only."""
        said: dict[str, list[tuple[int, int, int, bool]]] = {}
        for member in self.members:
            messages, times = member.messages(False)
            for row, time_ns in zip(messages.tolist(), times.tolist(), strict=True):
                content = member.content(row)
                value = json_of(content)
                aimed = isinstance(value, dict) and any(value.get(key) for key in _RECIPIENTS)
                for text in leaves(content):
                    said.setdefault(text, []).append((member.connection, member.packet_of(row), time_ns, aimed))
        for items in said.values():
            items.sort(key=_when)
        return said

    def missed(self, member: Socket) -> list[Broadcast]:
        """Broadcasts that went past a member who was there before and after."""
        return [
            b
            for b in self.broadcasts
            if member.connection not in b.received and member.open_at(b.time_ns + _SPREAD_NS // 6)
            and member.opened_ns < b.asked_ns
        ]  # fmt: skip


def _asked(
    said: dict[str, list[tuple[int, int, int, bool]]], texts: set[str], time_ns: int
) -> tuple[int, int, int, bool] | None:
    """The latest of the messages shortly before that said one of these texts."""
    found = []
    for text in sorted(texts & said.keys()):
        items = said[text]
        # What everybody says ("chat.message") is said thousands of times: only its latest time is looked at.
        place = bisect_right(items, time_ns, key=_when) - 1
        if place >= 0 and time_ns - items[place][2] <= _ANSWER_NS:
            found.append(items[bisect_left(items, items[place][2], key=_when)])
    return max(found, key=_when, default=None)


def _just_before(times: Sequence[int], time_ns: int) -> bool:
    """Whether one of the times, ascending, lies shortly before."""
    place = bisect_right(times, time_ns) - 1
    return place >= 0 and time_ns - times[place] <= _ANSWER_NS


def _when(item: tuple[int, int, int, bool]) -> int:
    return item[2]


def rooms_of(facts: Facts) -> list[Room]:
    """Rooms with at least two members, the smallest first: by server and the last part of the path, since several
    consumers may serve a room."""
    groups: dict[tuple[str, str], list[Socket]] = {}
    for socket in facts.front_sockets:
        name = socket.path.rstrip("/").rpartition("/")[2]
        groups.setdefault((str(socket.server), name), []).append(socket)
    rooms = [Room(members[0].path, members) for _, members in sorted(groups.items()) if len(members) >= 2]
    found, budget = [], MOST_MESSAGES
    for room in sorted(rooms, key=lambda r: r.messages):
        budget -= room.messages
        room.compared = budget >= 0
        found.append(room)
    return found
