"""The settings of a lab's servers, as the diagnosis takes them: thresholds scale with what was configured."""

from __future__ import annotations

from inspector.analysis.settings import Settings
from inspector.chat.labs.truth import Truth

__all__ = ["settings_of"]

_NAMES = {
    "ping_interval_s": "ping_interval",
    "ping_timeout_s": "ping_timeout",
    "handshake_timeout_s": "handshake_timeout",
    "idle_timeout_s": "proxy_timeout",
    "max_message_bytes": "largest_message",
    "capacity": "capacity",
    "expiry_s": "expiry",
    "redis_timeout_s": "redis_timeout",
}


def settings_of(truth: Truth) -> Settings:
    """What an operator who knows these servers would give with --set."""
    given = {ours: truth.settings.get(theirs) for theirs, ours in _NAMES.items()}
    return Settings(**{name: value for name, value in given.items() if value is not None})
