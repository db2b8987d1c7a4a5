"""The ASGI application: HTTP to Django, WebSocket to the consumers."""

from __future__ import annotations

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

__all__ = ["application"]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "inspector.chat.settings")
_django = get_asgi_application()

# After get_asgi_application(): consumers import models, which need the applications loaded.
from inspector.chat.origins import SameOrigin  # noqa: E402
from inspector.chat.routing import websocket_urlpatterns  # noqa: E402
from inspector.trace import trace  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": _django,
        "websocket": SameOrigin(AuthMiddlewareStack(URLRouter(websocket_urlpatterns))),
    }
)
application = trace(application)
