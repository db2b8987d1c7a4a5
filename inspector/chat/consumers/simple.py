"""Consumers without a room: echo, who am I, and the answer to unknown addresses."""

from __future__ import annotations

import json

from channels.generic.websocket import AsyncWebsocketConsumer, WebsocketConsumer

from inspector.chat import protocol
from inspector.chat.consumers.closing import NOT_FOUND
from inspector.chat.protocol import ProtocolError

__all__ = ["EchoConsumer", "NotFoundConsumer", "SyncEchoConsumer", "WhoAmIConsumer"]


class EchoConsumer(AsyncWebsocketConsumer):
    """``/ws/echo/``: sends back what it receives; `send` answers one socket, `group_send` would reach many."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Return the message as it came."""
        await self.send(text_data=text_data, bytes_data=bytes_data)


class SyncEchoConsumer(WebsocketConsumer):
    """``/ws/sync-echo/``: the same through Django's sync thread."""

    def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Return the message as it came."""
        self.send(text_data=text_data, bytes_data=bytes_data)


class WhoAmIConsumer(AsyncWebsocketConsumer):
    """``/ws/whoami/``: what the server knows about the socket from its handshake."""

    async def connect(self) -> None:
        """Tell, and close."""
        await self.accept()
        user = self.scope["user"]
        known = {
            "user": user.get_username() if user.is_authenticated else None,
            "cookies": sorted(self.scope["cookies"]),
            "client": list(self.scope["client"] or ()),
            "server": list(self.scope["server"] or ()),
            "path": self.scope["path"],
            "subprotocols": self.scope["subprotocols"],
        }
        await self.send(json.dumps(known, ensure_ascii=False))
        await self.close(1000)


class NotFoundConsumer(AsyncWebsocketConsumer):
    """Any other address: without it the server answers 500."""

    async def connect(self) -> None:
        """Say so and close."""
        await self.accept()
        text = "There is nothing at this address; mind the slash at its end."
        await self.send(protocol.error(ProtocolError("not_found", text)))
        await self.close(NOT_FOUND, "no such address")
