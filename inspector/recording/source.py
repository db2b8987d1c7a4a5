"""A capture file as one mapped range of bytes, whatever it was: plain, compressed or standard input."""

from __future__ import annotations

import mmap
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from inspector.errors import CaptureError
from inspector.i18n import _, reason_of
from inspector.model.damage import Damage, DamageKind
from inspector.recording.compression import Uncompressing, is_compressed

__all__ = ["STANDARD_INPUT", "Progress", "Source", "no_room", "open_source", "temporary_room"]

Progress = Callable[[int, int | None], None]
"""Called with (bytes read, bytes in all or None where that is not known) now and then."""

STANDARD_INPUT = "-"
"""The path that means standard input."""

_READ = 1 << 20
_RELEASE_BYTES = 64 << 20
"""Bytes of streams after which the pages of the file are given back: one stream may be larger than memory."""
_LEFT_FREE = 256 << 20
"""Bytes of the temporary folder's disk that are left to others, or a tenth of what is free where that is less."""


@dataclass(slots=True)
class Source:
    """The bytes of a capture.

    Args:
        name: What to call it in messages.
        data: All bytes, uncompressed; pages are read when touched.
        flaw: How uncompressing ended early (a code of ``inspector.model.damage.REASONS``), or None.
        converted: The file is of another format, from which these bytes were made.
    """

    name: str
    data: mmap.mmap
    flaw: str | None = None
    converted: bool = False
    _released: int = 0
    _touched: int = 0

    def release(self, end: int) -> None:
        """Give the pages before ``end`` back that were not given back before; they are read again when touched."""
        end = end // mmap.PAGESIZE * mmap.PAGESIZE
        if end > self._released and hasattr(mmap, "MADV_DONTNEED"):
            self.data.madvise(mmap.MADV_DONTNEED, self._released, end - self._released)
            self._released = end

    def touched(self, size: int) -> None:
        """A pass over streams has read ``size`` bytes; now and then all pages are given back."""
        self._touched += size
        if self._touched > _RELEASE_BYTES:
            self._touched = 0
            self.release_all()

    def release_all(self) -> None:
        """Give all pages back, as after a pass over streams; they are read again when touched."""
        if hasattr(mmap, "MADV_DONTNEED") and len(self.data):
            self.data.madvise(mmap.MADV_DONTNEED)

    def cut(self, packets: int, position: int) -> Damage:
        """The damage of data that end at a place where more should come."""
        return Damage(
            kind=DamageKind.CORRUPT if self.flaw == "compressed_corrupt" else DamageKind.CUT,
            packets=packets,
            position=position,
            code=self.flaw or "record_cut",
            value=len(self.data),
        )


def open_source(path: str | os.PathLike[str], progress: Progress | None = None) -> Source:
    """Map a capture file; what is compressed or cannot be mapped goes through a temporary file without a name.

    Args:
        path: The file, or ``-`` for standard input.
        progress: Called while it is copied or uncompressed.

    Raises:
        CaptureError: If it cannot be opened, is empty, or does not fit on the disk uncompressed.
    """
    name = str(path)
    try:
        with _opened(path) as file:
            return _read(file, name, progress)
    except OSError as error:
        raise CaptureError(_("cannot read {name}: {why}").format(name=name, why=reason_of(error))) from error


def _opened(path: str | os.PathLike[str]) -> AbstractContextManager[BinaryIO]:
    if str(path) != STANDARD_INPUT:
        return Path(path).open("rb")
    if sys.stdin is None or sys.stdin.isatty():
        raise CaptureError(_("nothing comes in on standard input; give a file, or pipe a capture into this command"))
    return nullcontext(sys.stdin.buffer)


def _read(file: BinaryIO, name: str, progress: Progress | None) -> Source:
    status = os.fstat(file.fileno())
    regular = stat.S_ISREG(status.st_mode)
    # A regular file on standard input may have been read in part by somebody else.
    begun = regular and file.tell() > 0
    start = _start(file)
    if not start:
        raise CaptureError(_("{name} is empty: not a single byte to read").format(name=name))
    if regular and not begun and not is_compressed(start):
        return Source(name, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    size = status.st_size if regular else None
    if not is_compressed(start):
        return Source(name, _spool(_plain(file, start), file, size, name, progress))
    uncompressing = Uncompressing(file, start)
    data = _spool(uncompressing.chunks(), file, size, name, progress)
    flaw = "compressed_corrupt" if uncompressing.corrupt else "compressed_cut" if uncompressing.cut else None
    return Source(name, data, flaw)


def _start(file: BinaryIO) -> bytes:
    """The first four bytes, or all where there are fewer; a pipe may give them one by one."""
    start = b""
    while len(start) < 4 and (data := file.read(4 - len(start))):
        start += data
    return start


def _plain(file: BinaryIO, start: bytes) -> Iterator[bytes]:
    yield start
    while data := file.read(_READ):
        yield data


def _spool(
    chunks: Iterator[bytes], file: BinaryIO, size: int | None, name: str, progress: Progress | None
) -> mmap.mmap:
    """Write all chunks to an unlinked temporary file, as far as the disk has room, and map it."""
    limit = temporary_room()
    written = 0
    read = 0
    with tempfile.TemporaryFile() as spool:
        for chunk in chunks:
            written += len(chunk)
            if written > limit:
                raise no_room(name, limit)
            spool.write(chunk)
            read += len(chunk)
            if progress is not None and read >= _READ:
                read = 0
                progress(file.tell() if size is not None else written, size)
        spool.flush()
        if not written:
            raise CaptureError(_("{name} holds not a single byte once uncompressed").format(name=name))
        return mmap.mmap(spool.fileno(), 0, access=mmap.ACCESS_READ)


def temporary_room() -> int:
    """Bytes that a temporary file may take; a part of what is free is left to others."""
    free = shutil.disk_usage(tempfile.gettempdir()).free
    return free - min(_LEFT_FREE, free // 10)


def no_room(name: str, limit: int) -> CaptureError:
    """The error of a capture that does not fit into ``limit`` bytes of the temporary folder."""
    text = _(
        "{name} needs more than the {limit} bytes that {folder} has room for; "
        "name a larger folder in the environment variable TMPDIR"
    )
    return CaptureError(text.format(name=name, limit=limit, folder=tempfile.gettempdir()))
