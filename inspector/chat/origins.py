"""Who may open a WebSocket: pages of this server only.

The browser sends cookies along with every handshake, from any page, and no CSRF token; the Origin header is the
defence (RFC 6455 section 10.2).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import validate_host

__all__ = ["SameOrigin", "same_origin"]

logger = logging.getLogger("inspector.chat")

_DEFAULT_PORT = {"http": 80, "https": 443}


def _port(netloc: str, scheme: str) -> tuple[str, int | None]:
    """Host and port with the scheme's default filled in.

    Raises:
        ValueError: If the port is not a number.
    """
    parts = urlsplit(f"//{netloc}")
    return parts.hostname or "", parts.port or _DEFAULT_PORT.get(scheme)


def same_origin(origin: str, host: str) -> bool:
    """Whether a page at ``origin`` is this server's own, as told by the Host header, or a trusted one.

    Channels' AllowedHostsOriginValidator ignores the port: any other service on the same machine would pass.
    """
    if origin in settings.CSRF_TRUSTED_ORIGINS:
        return True
    try:
        parts = urlsplit(origin)
        if parts.scheme not in _DEFAULT_PORT or _port(parts.netloc, parts.scheme) != _port(host, parts.scheme):
            return False
    except ValueError:
        return False
    # The server itself does not look at Host on a handshake: a rebound name would agree with its page.
    return validate_host(parts.hostname or "", settings.ALLOWED_HOSTS) or validate_host(
        f"[{parts.hostname}]", settings.ALLOWED_HOSTS
    )


class SameOrigin:
    """ASGI middleware that refuses handshakes from other origins, or from none, and logs why."""

    def __init__(self, application: Callable[..., Awaitable[None]]) -> None:
        self._application = application
        self._denier = WebsocketDenier.as_asgi()

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        """Pass on or deny. Any: ASGI's own types."""
        headers = {name: value.decode("latin-1") for name, value in scope["headers"]}
        origin, host = headers.get(b"origin", ""), headers.get(b"host", "")
        if same_origin(origin, host):
            await self._application(scope, receive, send)
            return
        logger.warning("refused a WebSocket: Origin %r is not %r", origin[:200], host[:200])
        await self._denier(scope, receive, send)
