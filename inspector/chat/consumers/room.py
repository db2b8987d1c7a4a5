"""The room, as an asynchronous consumer."""

from __future__ import annotations

from typing import Any

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from inspector.chat import protocol, services
from inspector.chat.consumers.closing import CLOSED, NOT_FOUND, close_reason, peer_left
from inspector.chat.consumers.session import Reaction, Session, render
from inspector.chat.protocol import ProtocolError

__all__ = ["RoomConsumer"]


class RoomConsumer(AsyncWebsocketConsumer):
    """``/ws/chat/<room>/``: everything a member says, hears and sees in a room."""

    session: Session | None = None

    async def connect(self) -> None:
        """Let members in; nobody without a login gets past the handshake."""
        user = self.scope["user"]
        if not user.is_authenticated:
            await self.close()
            return
        name = self.scope["url_route"]["kwargs"]["room"]
        entered = await database_sync_to_async(services.enter)(name, user, self.channel_name)
        await self.accept()
        if entered is None:
            await self._say(protocol.error(ProtocolError("not_found", "There is no such room.")))
            await self.close(NOT_FOUND, "no such room")
        elif entered.room.closed_at is not None:
            await self.chat_closed({"type": "chat.closed", "reason": entered.room.closed_reason, "by": None})
        else:
            self.session = Session(entered, user, self.channel_name)
            # Groups first, history second: a message may come twice (same id), never not at all.
            for group in self.session.groups:
                await self.channel_layer.group_add(group, self.channel_name)
            await self._react(await database_sync_to_async(self.session.welcome)())

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """One message from the browser."""
        if self.session is None:
            return
        request = self.session.decode(text_data)
        if isinstance(request, Reaction):
            await self._react(request)
        elif isinstance(request, protocol.Typing):
            await self._react(self.session.handle(request))
        else:
            await self._react(await database_sync_to_async(self.session.handle)(request))

    async def disconnect(self, code: int | None) -> None:
        """Leave the groups and tell the others."""
        if self.session is None:
            return
        for group in self.session.groups:
            await self.channel_layer.group_discard(group, self.channel_name)
        await self._react(await database_sync_to_async(self.session.goodbye)())

    async def _say(self, text: str) -> None:
        try:
            await self.send(text)
        except Exception as error:
            if not peer_left(error):
                raise

    async def _react(self, reaction: Reaction) -> None:
        for reply in reaction.replies:
            await self._say(reply)
        for group, event in reaction.events:
            await self.channel_layer.group_send(group, event)
        if reaction.close is not None:
            await self.close(reaction.close)

    async def _pass_on(self, event: dict[str, Any]) -> None:
        await self._say(render(event))

    # One method per group event; an event without its method would close every member's socket.
    chat_message = chat_like = chat_typing = presence_changed = _pass_on

    async def chat_closed(self, event: dict[str, Any]) -> None:
        """The room was closed: say why in a message, since Daphne drops a Close frame's reason."""
        await self._say(render(event))
        await self.close(CLOSED, close_reason(event["reason"]))
