"""HTTP addresses of the labs; part of the chat in lab mode only."""

from __future__ import annotations

from django.urls import path

from inspector.chat.labs import views

__all__ = ["urlpatterns"]

urlpatterns = [
    path("messages/", views.messages),
    path("slow/", views.slow),
    path("form/", views.form),
    path("unguarded/", views.unguarded),
]
