"""What a socket in a room does, the same for the async and the sync consumer: request in, reaction out."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser

from inspector.chat import protocol, services
from inspector.chat.consumers.closing import FLOOD
from inspector.chat.consumers.limits import Limiter
from inspector.chat.protocol import ProtocolError, encode
from inspector.chat.services import Entered, Events

__all__ = ["Reaction", "Session", "render"]

logger = logging.getLogger("inspector.chat")


@dataclass
class Reaction:
    """What to do about a request: answers to this socket, events to groups, perhaps a close."""

    replies: list[str] = field(default_factory=list)
    events: Events = field(default_factory=list)
    close: int | None = None


def render(event: dict[str, Any]) -> str:
    """A group event as the client sees it; the event itself is shared between sockets and stays untouched."""
    return encode(event["type"], **{key: value for key, value in event.items() if key != "type"})


class Session:
    """One socket of a user in a room."""

    def __init__(self, entered: Entered, user: AbstractBaseUser, channel_name: str) -> None:
        self.room = entered.room
        self.user = user
        self.channel_name = channel_name
        self.groups = (entered.room.group, entered.room.user_group(user.pk))
        self._entered = entered
        self._limiter = Limiter(settings.SOCKET_MESSAGES_PER_SECOND)

    def welcome(self) -> Reaction:
        """The first messages: where the user is, who else is there, what was said. Reads the database."""
        entered = self._entered
        room = {"id": self.room.pk, "name": self.room.name}
        user = services.user_json(self.user)
        greeting = encode(
            "room.welcome",
            room=room,
            user=user,
            role=entered.role,
            members=entered.members,
            present=entered.present,
        )
        return Reaction([greeting, self._history(None, None)], [self._presence(True, entered.present)])

    def _presence(self, online: bool, present: list[dict[str, Any]]) -> tuple[str, dict[str, Any]]:
        event = {"type": "presence.changed", "user": services.user_json(self.user), "online": online}
        return self.room.group, {**event, "present": present}

    def _history(self, before: int | None, ref: str | None) -> str:
        messages, more = services.history(self.room, self.user, before)
        return encode("chat.history", messages=messages, more=more, ref=ref)

    def goodbye(self) -> Reaction:
        """Leave the room. Writes the database."""
        return Reaction(events=[self._presence(False, services.leave(self.room, self.channel_name))])

    def decode(self, text: str | None) -> protocol.Request | Reaction:
        """Check one message and the socket's rate; a reaction means that it goes no further."""
        if not self._limiter.take():
            failure = ProtocolError("rate_limited", "Too many messages; slow down.")
            return Reaction([protocol.error(failure)], close=FLOOD if self._limiter.exhausted else None)
        try:
            return protocol.decode(text)
        except ProtocolError as failure:
            return Reaction([protocol.error(failure)])

    def handle(self, request: protocol.Request) -> Reaction:
        """Do what was asked. Touches the database for all but typing."""
        try:
            return self._do(request)
        except ProtocolError as failure:
            return Reaction([protocol.error(failure)])
        except Exception:
            # An exception out of a consumer closes the socket with 1011 and no word to anybody.
            logger.exception("room %s: %s failed", self.room.pk, type(request).__name__)
            text = "The server could not do this; it has written down why."
            return Reaction([protocol.error(ProtocolError("internal", text, request.ref))])

    def _do(self, request: protocol.Request) -> Reaction:
        room, user = self.room, self.user
        match request:
            case protocol.Say(ref, text, to):
                return Reaction(events=services.say(room, user, text, to, ref=ref)[1])
            case protocol.Share(ref, upload, to):
                return Reaction(events=services.say(room, user, "", to, upload, ref)[1])
            case protocol.Like(ref, message, like):
                return Reaction(events=services.like(room, user, message, like, ref))
            case protocol.Typing(_, typing):
                return Reaction(events=services.typing(room, user, typing))
            case protocol.History(ref, before):
                return Reaction([self._history(before, ref)])
            case protocol.Close(ref, reason):
                return Reaction(events=services.close_room(room, user, reason, ref))
            case _:
                services.heartbeat(self.channel_name)
                return Reaction()
