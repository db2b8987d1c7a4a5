"""Consumers that go wrong while somebody opens them. Do not copy them."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import URLRouter
from django.urls import path

from inspector.chat.consumers.simple import EchoConsumer
from inspector.chat.models import Room

__all__ = ["BrokenConnect", "NamedGroup", "Undecided", "strict_router"]

_strict = URLRouter([path("ws/labs/strict/room/", EchoConsumer.as_asgi())])


async def strict_router(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
    """A router without an answer to unknown addresses: it raises ValueError (F04). Any: ASGI's own types."""
    # A nested router would leave the rest of the path to the next route.
    await _strict({key: value for key, value in scope.items() if key != "path_remaining"}, receive, send)


class BrokenConnect(AsyncWebsocketConsumer):
    """``/ws/labs/broken-connect/<how>/``: an exception before accept() (F05)."""

    async def connect(self) -> None:
        """Make one of three mistakes."""
        how = self.scope["url_route"]["kwargs"]["how"]
        if how == "sync-orm":
            await self.accept(str(Room.objects.count()))
        elif how == "subprotocol":
            await self.accept(subprotocol=self.scope["subprotocols"][0])
        else:
            await self.accept(self.scope["session"]["nickname"])


class NamedGroup(AsyncWebsocketConsumer):
    """``/ws/labs/named/<when>/<room>/``: the group is called like the room, whatever that is (F06)."""

    async def connect(self) -> None:
        """Join before or after accepting, as many tutorials do."""
        route = self.scope["url_route"]["kwargs"]
        if route["when"] == "late":
            await self.accept()
        await self.channel_layer.group_add(f"chat_{route['room']}", self.channel_name)
        if route["when"] == "early":
            await self.accept()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """Return the message."""
        await self.send(text_data=text_data, bytes_data=bytes_data)


class Undecided(AsyncWebsocketConsumer):
    """``/ws/labs/undecided/``: neither accepts nor refuses (F07)."""

    async def connect(self) -> None:
        """The mistake: a branch without accept() or close()."""
