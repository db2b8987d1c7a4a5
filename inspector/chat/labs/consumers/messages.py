"""Consumers with the mistakes that the labs show. Do not copy them."""

from __future__ import annotations

import json
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer

from inspector.chat.models import Message

__all__ = ["Fragile", "Leaving", "Trusting"]


class Fragile(AsyncWebsocketConsumer):
    """``/ws/labs/fragile/``: answers well-formed messages, and lets every exception out (F12)."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Repeat the text in capitals."""
        message = json.loads(text_data)  # type: ignore[arg-type]  # the mistake: binary messages have no text
        if message.get("count"):
            # The mistake: Django's ORM called from the event loop (SynchronousOnlyOperation).
            message["text"] += f" ({Message.objects.count()})"
        await self.send(json.dumps({"text": message["text"].upper()}))


class Trusting(AsyncWebsocketConsumer):
    """``/ws/labs/trusting/<room>/``: passes the client's ``type`` on to the whole group (F13)."""

    group: str

    async def connect(self) -> None:
        """Join the group."""
        self.group = f"lab.{self.scope['url_route']['kwargs']['room']}"
        await self.channel_layer.group_add(self.group, self.channel_name)
        await self.accept()

    async def disconnect(self, code: int | None) -> None:
        """Leave the group."""
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """The mistake: nobody checks whether there is a handler of this type."""
        await self.channel_layer.group_send(self.group, json.loads(text_data or ""))

    async def chat_message(self, event: dict[str, Any]) -> None:
        """Pass a message on."""
        await self.send(json.dumps({"text": event["text"]}))


class Leaving(AsyncWebsocketConsumer):
    """``/ws/labs/leaving/``: closes with a code and reason that Daphne does not carry (F14)."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Close as asked, or acknowledge."""
        message = json.loads(text_data or "")
        if message["type"] == "message":
            await self.send(json.dumps({"type": "ok"}))
        else:
            await self.close(code=message["code"], reason="you were asked to leave")
