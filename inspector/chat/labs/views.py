"""Pages with the mistakes that the labs show. Do not copy them."""

from __future__ import annotations

import time

from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from inspector.chat.models import Message

__all__ = ["form", "messages", "slow", "unguarded"]

MAX_PAGE = 100


def messages(request: HttpRequest) -> JsonResponse:
    """Messages with author and room: ``?way=lazy`` asks the database for each row again (F29)."""
    size = min(int(request.GET["page_size"]), MAX_PAGE)
    rows = Message.objects.filter(private=False).order_by("pk")
    if request.GET["way"] == "joined":
        rows = rows.select_related("author", "room")
    found = [{"id": m.pk, "author": m.author.get_username(), "room": m.room.name, "text": m.text} for m in rows[:size]]
    return JsonResponse({"results": found})


def slow(request: HttpRequest) -> JsonResponse:
    """Takes its time (F10)."""
    time.sleep(min(float(request.GET["seconds"]), 10.0))
    return JsonResponse({"slow": True})


def form(request: HttpRequest) -> JsonResponse:
    """A form, with Django's usual protection (F30)."""
    return JsonResponse({"received": len(request.POST.get("text", ""))})


unguarded = csrf_exempt(form)
