"""Addresses below ``/api/v1/`` and ``/api/v2/``."""

from __future__ import annotations

from django.urls import path
from rest_framework.routers import SimpleRouter

from inspector.chat.api import views

__all__ = ["urlpatterns"]

_router = SimpleRouter()
_router.register("rooms", views.RoomViewSet, basename="room")
_router.register("messages", views.MessageViewSet, basename="message")
_router.register("uploads", views.UploadViewSet, basename="upload")

urlpatterns = [
    *_router.urls,
    path("token/", views.TokenView.as_view(), name="token"),
    path("me/", views.MeView.as_view(), name="me"),
]
