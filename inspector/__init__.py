"""Inspector: network debugging and protocol inspection.

>>> import inspector
>>> capture = inspector.open("traffic.pcapng")  # doctest: +SKIP
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inspector.recording.capture import Capture

__all__ = ["__version__", "open"]

__version__ = "0.1.0"


def open(path: str | os.PathLike[str]) -> Capture:
    """Read a capture file into tables.

    Raises:
        inspector.errors.CaptureError: If the file cannot be opened or is not a capture.
    """
    from inspector.recording.capture import open_capture

    return open_capture(path)


if os.environ.get("INSPECTOR_UNCOMPILED"):
    from inspector.uncompiled import prefer_source

    prefer_source()
