"""Times as people say them."""

from __future__ import annotations

import datetime

from inspector.i18n import _

__all__ = ["duration_text", "moment_text"]


def duration_text(nanoseconds: int) -> str:
    """A length of time with two or three digits that matter: ``0.42 ms``, ``1.4 s``, ``12 min 5 s``."""
    if nanoseconds < 9_995_000:
        return f"{nanoseconds / 1e6:.2f} ms"
    if nanoseconds < 999_500_000:
        return f"{nanoseconds / 1e6:.0f} ms"
    if nanoseconds < 59_950_000_000:
        return f"{nanoseconds / 1e9:.1f} s"
    minutes, seconds = divmod(round(nanoseconds / 1e9), 60)
    if minutes < 60:
        return _("{minutes} min {seconds} s").format(minutes=minutes, seconds=seconds)
    return _("{hours} h {minutes} min").format(hours=minutes // 60, minutes=minutes % 60)


def moment_text(nanoseconds: int) -> str:
    """A moment with its zone, as logs are searched for it: ``2026-11-21 14:41:49.123 UTC``."""
    moment = datetime.datetime.fromtimestamp(nanoseconds // 10**9, datetime.UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S}.{nanoseconds % 10**9 // 10**6:03d} UTC"
