"""The room, as a synchronous consumer: the same behaviour, every handler in Django's one sync thread."""

from __future__ import annotations

from typing import Any

from asgiref.sync import async_to_sync
from channels.generic.websocket import WebsocketConsumer

from inspector.chat import protocol, services
from inspector.chat.consumers.closing import CLOSED, NOT_FOUND, close_reason, peer_left
from inspector.chat.consumers.session import Reaction, Session, render
from inspector.chat.protocol import ProtocolError

__all__ = ["SyncRoomConsumer"]


class SyncRoomConsumer(WebsocketConsumer):
    """``/ws/sync/<room>/``: `RoomConsumer` without ``await``, to compare the two side by side."""

    session: Session | None = None

    def connect(self) -> None:
        """Let members in; nobody without a login gets past the handshake."""
        user = self.scope["user"]
        if not user.is_authenticated:
            self.close()
            return
        entered = services.enter(self.scope["url_route"]["kwargs"]["room"], user, self.channel_name)
        self.accept()
        if entered is None:
            self._say(protocol.error(ProtocolError("not_found", "There is no such room.")))
            self.close(NOT_FOUND, "no such room")
        elif entered.room.closed_at is not None:
            self.chat_closed({"type": "chat.closed", "reason": entered.room.closed_reason, "by": None})
        else:
            self.session = Session(entered, user, self.channel_name)
            for group in self.session.groups:
                async_to_sync(self.channel_layer.group_add)(group, self.channel_name)
            self._react(self.session.welcome())

    def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """One message from the browser."""
        if self.session is None:
            return
        request = self.session.decode(text_data)
        self._react(request if isinstance(request, Reaction) else self.session.handle(request))

    def disconnect(self, code: int | None) -> None:
        """Leave the groups and tell the others."""
        if self.session is None:
            return
        for group in self.session.groups:
            async_to_sync(self.channel_layer.group_discard)(group, self.channel_name)
        self._react(self.session.goodbye())

    def _say(self, text: str) -> None:
        try:
            self.send(text)
        except Exception as error:
            if not peer_left(error):
                raise

    def _react(self, reaction: Reaction) -> None:
        for reply in reaction.replies:
            self._say(reply)
        for group, event in reaction.events:
            async_to_sync(self.channel_layer.group_send)(group, event)
        if reaction.close is not None:
            self.close(reaction.close)

    def _pass_on(self, event: dict[str, Any]) -> None:
        self._say(render(event))

    chat_message = chat_like = chat_typing = presence_changed = _pass_on

    def chat_closed(self, event: dict[str, Any]) -> None:
        """The room was closed: say why, then close."""
        self._say(render(event))
        self.close(CLOSED, close_reason(event["reason"]))
