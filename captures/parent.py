"""Programs that end when the process that started them is gone, however that ended."""

from __future__ import annotations

import ctypes
import signal
import sys

__all__ = ["end_with_parent"]

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def end_with_parent() -> None:
    """In a child before its program starts: ask Linux to end it when the thread that started it is gone.

    Linux forgets it (prctl(2)) where the program takes on other rights: a dumpcap that was given the right to capture for
    users who are not root goes on then. Elsewhere than on Linux it does nothing.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
