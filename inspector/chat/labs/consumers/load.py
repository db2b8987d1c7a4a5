"""Consumers that keep others waiting. Do not copy them."""

from __future__ import annotations

import json
import time

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

__all__ = ["Blocking", "Firehose"]


class Blocking(AsyncWebsocketConsumer):
    """``/ws/labs/blocking/``: ``{"block": "loop" | "thread", "seconds": s}`` (F26)."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Work in a place that all consumers of the process need."""
        message = json.loads(text_data or "")
        if message["block"] == "loop":
            time.sleep(message["seconds"])  # the mistake
        else:
            # Channels closes old database connections in this one thread before every dispatch.
            await database_sync_to_async(time.sleep)(message["seconds"])
        await self.send(json.dumps({"done": message["block"]}))


class Firehose(AsyncWebsocketConsumer):
    """``/ws/labs/firehose/``: ``{"messages": n, "size": bytes}`` sends as much, to whoever cannot keep up (F28)."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Send all of it."""
        asked = json.loads(text_data or "")
        for number in range(asked["messages"]):
            await self.send(f"{number:06d}".ljust(asked["size"], "."))
