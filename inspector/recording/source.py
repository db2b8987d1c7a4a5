"""A capture file as one mapped range of bytes, whatever it was: plain, compressed or standard input."""

from __future__ import annotations

import mmap
import os
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from inspector.errors import CaptureError
from inspector.i18n import _

__all__ = ["Source", "open_source"]


@dataclass(slots=True)
class Source:
    """The bytes of a capture.

    Args:
        name: What to call it in messages.
        data: All bytes, uncompressed; pages are read when touched.
        damage: What went wrong while uncompressing, or None.
    """

    name: str
    data: mmap.mmap
    damage: str | None = None

    def release(self, start: int, end: int) -> None:
        """Give the pages of a range back; they are read again when touched."""
        first = start // mmap.PAGESIZE * mmap.PAGESIZE
        if end > first and hasattr(mmap, "MADV_DONTNEED"):
            self.data.madvise(mmap.MADV_DONTNEED, first, end - first)


def open_source(path: str | os.PathLike[str]) -> Source:
    """Map a capture file.

    Raises:
        CaptureError: If it cannot be opened or is empty.
    """
    name = str(path)
    try:
        with Path(path).open("rb") as file:
            return Source(name, _map(file, name))
    except OSError as error:
        raise CaptureError(_("cannot open {name}: {why}").format(name=name, why=error.strerror or error)) from error


def _map(file: BinaryIO, name: str) -> mmap.mmap:
    if os.fstat(file.fileno()).st_size == 0:
        raise CaptureError(_("{name} is empty: not a single byte to read").format(name=name))
    return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
