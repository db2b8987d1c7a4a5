"""WebSocket addresses that break on purpose; part of the chat in lab mode only."""

from __future__ import annotations

from django.urls import path

from inspector.chat.labs import consumers

__all__ = ["lab_urlpatterns"]

lab_urlpatterns = [
    path("ws/labs/fragile/", consumers.Fragile.as_asgi()),
    path("ws/labs/trusting/<str:room>/", consumers.Trusting.as_asgi()),
]
