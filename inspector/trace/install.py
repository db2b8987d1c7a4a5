"""Switching the trace on."""

from __future__ import annotations

import importlib.util
import os

from inspector.trace.middleware import Application, middleware
from inspector.trace.sink import Sink, open_sink

__all__ = ["trace"]

_sink: Sink | None = None


def trace(application: Application, to: str | None = None) -> Application:
    """Follow every message of an ASGI application from the frame that came in to the frames that went out.

    Call it last in ``asgi.py``. All processes of a server need it, or none: a process without it would hand the
    trace's own key in group messages to its consumers.

    Args:
        application: The ASGI application.
        to: ``udp://127.0.0.1:port``, ``file:///path`` or a path, with ``?payload=1`` to record text as well; by
            default the setting ``INSPECTOR_TRACE`` of Django, then the environment variable of that name.

    Returns:
        The application, wrapped; the very same object when no destination is set.

    Raises:
        ValueError: If the destination is not understood or cannot be written.
    """
    global _sink
    address = to if to is not None else _setting()
    if not address:
        return application
    if _sink is None:
        _sink = open_sink(address)
        _install(_sink)
    return middleware(application, _sink)


def _setting() -> str:
    if importlib.util.find_spec("django") is not None:
        from django.conf import settings

        if settings.configured or os.environ.get("DJANGO_SETTINGS_MODULE"):
            configured = getattr(settings, "INSPECTOR_TRACE", "")
            if configured:
                return str(configured)
    return os.environ.get("INSPECTOR_TRACE", "")


def _install(sink: Sink) -> None:
    if importlib.util.find_spec("django") is not None:
        from django.conf import settings

        if settings.configured:
            from inspector.trace.django import wrap_requests, wrap_sql

            wrap_sql(sink)
            wrap_requests(sink)
            if importlib.util.find_spec("channels") is not None:
                from inspector.trace.channels import wrap_dispatch, wrap_layers

                wrap_layers(sink)
                wrap_dispatch(sink)
