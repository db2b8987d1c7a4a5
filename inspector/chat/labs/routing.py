"""WebSocket addresses that break on purpose; part of the chat in lab mode only."""

from __future__ import annotations

from django.urls import path, re_path

from inspector.chat.labs.consumers.groups import Careless, Member, Mutating, Unmember
from inspector.chat.labs.consumers.handshakes import BrokenConnect, NamedGroup, Undecided, strict_router
from inspector.chat.labs.consumers.load import Blocking, Firehose
from inspector.chat.labs.consumers.messages import Fragile, Leaving, Trusting

__all__ = ["lab_urlpatterns"]

lab_urlpatterns = [
    re_path(r"^ws/labs/strict/", strict_router),
    path("ws/labs/broken-connect/<str:how>/", BrokenConnect.as_asgi()),
    path("ws/labs/named/<str:when>/<str:room>/", NamedGroup.as_asgi()),
    path("ws/labs/undecided/", Undecided.as_asgi()),
    path("ws/labs/fragile/", Fragile.as_asgi()),
    path("ws/labs/leaving/", Leaving.as_asgi()),
    path("ws/labs/trusting/<str:room>/", Trusting.as_asgi()),
    path("ws/labs/member/<str:room>/", Member.as_asgi()),
    path("ws/labs/slow-member/<int:delay>/<str:room>/", Member.as_asgi()),
    path("ws/labs/unmember/<str:room>/", Unmember.as_asgi()),
    path("ws/labs/mutating/<str:room>/", Mutating.as_asgi()),
    path("ws/labs/careless/<str:room>/", Careless.as_asgi()),
    path("ws/labs/blocking/", Blocking.as_asgi()),
    path("ws/labs/firehose/", Firehose.as_asgi()),
]
