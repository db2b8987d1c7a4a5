"""The optional server-side trace for Django and Channels: what caused which frame, and which SQL.

Two lines in ``asgi.py`` and one in the settings switch it on::

    from inspector.trace import trace
    application = trace(application)

    INSPECTOR_TRACE = "/tmp/trace.jsonl"        # or "udp://127.0.0.1:9400"

Without the setting `trace` returns the application untouched. Needs nothing but the standard library; Django and
Channels are followed where they are present. docs/trace.md describes the events.
"""

from __future__ import annotations

from inspector.trace.install import trace

__all__ = ["trace"]
