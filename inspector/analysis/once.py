"""Work that is done once for a capture and kept as long as the capture lives."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from inspector.recording.capture import Capture

__all__ = ["once_per_capture"]

Result = TypeVar("Result")


def once_per_capture(work: Callable[[Capture], Result]) -> Callable[[Capture], Result]:
    """Let a function do its work once for each capture."""
    done: WeakKeyDictionary[Capture, Result] = WeakKeyDictionary()

    @wraps(work)
    def kept(capture: Capture) -> Result:
        if capture not in done:
            done[capture] = work(capture)
        return done[capture]

    return kept
