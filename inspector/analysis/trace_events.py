"""The server's own account of a session: events of the trace (docs/trace.md), read from JSON lines."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inspector.errors import CaptureError
from inspector.i18n import _

__all__ = ["TraceEvents", "read_trace"]

_MOST_EVENTS = 5_000_000
"""About an hour of a busy server; more would not fit into memory."""
_MOST_BYTES = 2 << 30
_VERSION = 1

# Any: JSON; docs/trace.md lists the fields of each kind.
Event = dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class TraceEvents:
    """Events of a server, of one or several processes.

    Args:
        events: In order of time; each has ``e`` (kind), ``t`` (ns), ``pid``, ``seq`` and what docs/trace.md says.
        dropped: Events that the server could not write.
        unreadable: Lines that are no event.
    """

    events: tuple[Event, ...]
    dropped: int = 0
    unreadable: int = 0

    def of(self, *kinds: str) -> list[Event]:
        """The events of these kinds, in order."""
        return [event for event in self.events if event["e"] in kinds]


def read_trace(path: str | os.PathLike[str]) -> TraceEvents:
    """Read a trace file.

    Raises:
        CaptureError: If it cannot be read or holds no event.
    """
    events: list[Event] = []
    unreadable = dropped = 0
    try:
        if Path(path).stat().st_size > _MOST_BYTES:
            raise CaptureError(_("{name} is too large for a trace").format(name=path))
        with Path(path).open("rb") as file:
            for line in file:
                event = _event(line)
                if event is None or len(events) >= _MOST_EVENTS:
                    unreadable += 1
                    continue
                events.append(event)
                if isinstance(event.get("dropped"), int):
                    dropped += event["dropped"]
    except OSError as error:
        raise CaptureError(_("cannot read {name}: {why}").format(name=path, why=error.strerror or error)) from error
    if unreadable and not events:
        raise CaptureError(_("{name} is no trace: none of its lines is an event").format(name=path))
    return TraceEvents(tuple(sorted(events, key=lambda e: (e["t"], e["pid"], e["seq"]))), dropped, unreadable)


def _event(line: bytes) -> Event | None:
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(event, dict) or event.get("v") != _VERSION or not isinstance(event.get("e"), str):
        return None
    if not all(type(event.get(name)) is int for name in ("t", "pid", "seq")):
        return None
    return event
