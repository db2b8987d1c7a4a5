"""HTTP addresses of the labs; part of the chat in lab mode only."""

from __future__ import annotations

from django.urls import URLPattern

__all__ = ["urlpatterns"]

urlpatterns: list[URLPattern] = []
