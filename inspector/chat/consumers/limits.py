"""How much one socket may send."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["Limiter"]

# Two seconds' worth at once: a person pasting lines is not a flood.
BURST_SECONDS = 2.0
# Who goes on after this many refusals is not reading the answers.
REFUSALS_BEFORE_CLOSE = 100


class Limiter:
    """A token bucket of messages; refusals are counted.

    Args:
        per_second: Messages a second in the long run.
        clock: Seconds that only grow, for tests.
    """

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate = per_second
        self._clock = clock
        self._tokens = per_second * BURST_SECONDS
        self._at = clock()
        self.refused = 0

    def take(self) -> bool:
        """Whether one more message may pass now."""
        now = self._clock()
        self._tokens = min(self._tokens + (now - self._at) * self._rate, self._rate * BURST_SECONDS)
        self._at = now
        if self._tokens < 1:
            self.refused += 1
            return False
        self._tokens -= 1
        return True

    @property
    def exhausted(self) -> bool:
        """Whether the socket should be closed."""
        return self.refused >= REFUSALS_BEFORE_CLOSE
