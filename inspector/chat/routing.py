"""WebSocket addresses."""

from __future__ import annotations

from django.conf import settings
from django.urls import path, re_path

from inspector.chat.consumers.room import RoomConsumer
from inspector.chat.consumers.room_sync import SyncRoomConsumer
from inspector.chat.consumers.simple import EchoConsumer, NotFoundConsumer, SyncEchoConsumer, WhoAmIConsumer

__all__ = ["websocket_urlpatterns"]

_labs = []
if settings.LABS:
    from inspector.chat.labs.routing import lab_urlpatterns

    _labs = lab_urlpatterns

websocket_urlpatterns = [
    path("ws/chat/<str:room>/", RoomConsumer.as_asgi()),
    path("ws/sync/<str:room>/", SyncRoomConsumer.as_asgi()),
    path("ws/echo/", EchoConsumer.as_asgi()),
    path("ws/sync-echo/", SyncEchoConsumer.as_asgi()),
    path("ws/whoami/", WhoAmIConsumer.as_asgi()),
    *_labs,
    re_path(r"^", NotFoundConsumer.as_asgi()),
]
