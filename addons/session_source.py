"""Recognises a HAR or a flow file of mitmproxy by its first bytes and makes a recording of it."""

from __future__ import annotations

import errno
import mmap
import tempfile
from dataclasses import dataclass

from addons.flow_file import looks_like_flows, read_flows
from addons.har_file import looks_like_har, read_har
from addons.imported import ImportedExchange, Written, write_session
from inspector.errors import CaptureError
from inspector.i18n import _
from inspector.recording.source import Source, no_room, temporary_room

__all__ = ["Session", "read_session", "recording_of"]

_START = 4096
"""Bytes that tell the format; a HAR may begin with spaces."""


@dataclass(frozen=True, slots=True)
class Session:
    """What another program's file holds.

    Args:
        origin: Name of the format: ``"HAR"`` or ``"mitmproxy"``.
        exchanges: What was read.
        left_out: Entries that could not be used.
    """

    origin: str
    exchanges: list[ImportedExchange]
    left_out: int


def read_session(source: Source) -> Session | None:
    """What a HAR or a flow file holds; None when the bytes begin like neither.

    Raises:
        CaptureError: If it begins like one and is none, or is too large.
    """
    start = source.data[:_START]
    if looks_like_har(start):
        origin, read = "HAR", read_har
    elif looks_like_flows(start):
        origin, read = "mitmproxy", read_flows
    else:
        return None
    return Session(origin, *read(memoryview(source.data), source.name))


def recording_of(session: Session, name: str) -> tuple[Source, Written]:
    """The recording as a temporary file without a name, gone when it is read no more.

    Args:
        session: What to write.
        name: What to call it in messages.

    Raises:
        CaptureError: If the temporary folder has no room for it.
    """
    with tempfile.TemporaryFile() as file:
        try:
            written = write_session(session.exchanges, file, session.origin, temporary_room())
            file.flush()
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise no_room(name, temporary_room()) from error
            raise CaptureError(_("cannot read {name}: {why}").format(name=name, why=error.strerror or error)) from error
        return Source(name, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), converted=True), written
