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


def open(path: str | os.PathLike[str], *, keys: str | os.PathLike[str] | None = None) -> Capture:
    """Read a capture file into tables.

    Args:
        path: A pcap or pcapng file, plain or compressed (gzip, Zstandard, LZ4), or ``-`` for standard input.
        keys: A TLS key log file (SSLKEYLOGFILE); secrets embedded in the capture are used without it.

    Raises:
        inspector.errors.CaptureError: If a file cannot be opened or is not a capture. A damaged capture is data:
            what can be read is there, and ``Capture.damage`` says where and why reading ended.
    """
    from inspector.recording.capture import open_capture

    return open_capture(path, keys=keys)


if os.environ.get("INSPECTOR_UNCOMPILED"):
    from inspector.uncompiled import prefer_source

    prefer_source()
