"""Consumers that use the channel layer in ways that lose or spoil messages. Do not copy them."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer

__all__ = ["Careless", "Member", "Mutating", "Unmember"]


class Member(AsyncWebsocketConsumer):
    """``/ws/labs/member/<room>/``: a plain member of a group, which answers to itself as well.

    Messages: ``{"say": text}`` to the group, ``{"echo": text}`` to itself, ``{"burst": n}`` n numbered messages to the
    group, at once or with a ``pause`` between them (F21), ``{"work": seconds}`` is busy for a while without blocking the
    others (F22).
    """

    delay = 0.0

    async def connect(self) -> None:
        """Join the group."""
        route = self.scope["url_route"]["kwargs"]
        self.delay = route.get("delay", 0) / 1000
        self.group = f"lab.{route['room']}"
        await self.join()
        await self.accept()

    async def join(self) -> None:
        """Join the group."""
        await self.channel_layer.group_add(self.group, self.channel_name)

    async def disconnect(self, code: int | None) -> None:
        """Leave the group."""
        await self.channel_layer.group_discard(self.group, self.channel_name)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Do what was asked."""
        message = json.loads(text_data or "")
        if "work" in message:
            await asyncio.sleep(message["work"])
        if "echo" in message:
            await self.send(json.dumps({"echo": message["echo"]}))
        if "say" in message:
            await self.tell({"type": "chat.message", "body": {"text": message["say"]}})
        for number in range(message.get("burst", 0)):
            await self.tell({"type": "chat.message", "body": {"seq": number}})
            if "pause" in message:
                await asyncio.sleep(message["pause"])

    async def tell(self, event: dict[str, Any]) -> None:
        """Send to the group."""
        await self.channel_layer.group_send(self.group, event)

    async def chat_message(self, event: dict[str, Any]) -> None:
        """Pass a message on; slowly, where the address asks for it."""
        if self.delay:
            await asyncio.sleep(self.delay)
        await self.send(json.dumps(event["body"]))


class Unmember(Member):
    """``/ws/labs/unmember/<room>/``: believes that it joined (F22)."""

    async def join(self) -> None:
        """The mistake: no await, so nothing happens."""
        self.channel_layer.group_add(self.group, self.channel_name).close()


class Mutating(Member):
    """``/ws/labs/mutating/<room>/``: takes something out of the event (F23)."""

    async def chat_message(self, event: dict[str, Any]) -> None:
        """The mistake: the Redis layer hands the same object to every consumer of a process."""
        await self.send(json.dumps({"text": event["body"].pop("text")}))


class Careless(Member):
    """``/ws/labs/careless/<room>/``: tells everybody, and leaves the text out for those it is not for (F25)."""

    async def connect(self) -> None:
        """Users are numbered as they come."""
        await super().connect()
        self.number = int(self.scope["query_string"].removeprefix(b"user="))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """``{"message": text, "to": [numbers]}``."""
        await self.tell({"type": "chat.message", "body": json.loads(text_data or "")})

    async def chat_message(self, event: dict[str, Any]) -> None:
        """The mistake: an empty message is a message."""
        meant = self.number in event["body"]["to"]
        await self.send(json.dumps({"message": event["body"]["message"] if meant else ""}))
