"""The exceptions that Inspector raises on purpose.

Broken traffic is data and never raises; these are for misuse, unreadable files and missing parts::

    InspectorError
    ├── CaptureError          the file cannot be read as a capture
    ├── UsageError            what was asked for does not exist or does not parse
    ├── NotObservable         this kind of recording cannot answer the question
    ├── MissingPart           an optional program or package is needed
    └── ProgramError          a program that was started failed or took too long
"""

from __future__ import annotations

__all__ = ["CaptureError", "InspectorError", "MissingPart", "NotObservable", "ProgramError", "UsageError"]


class InspectorError(Exception):
    """Base of all expected errors; the message says what, why and what to do next."""


class CaptureError(InspectorError):
    """The file cannot be opened or is not a capture."""


class UsageError(InspectorError):
    """A packet, connection, field or filter was named that does not exist."""


class NotObservable(InspectorError):
    """The recording's grade of truth cannot answer this (e.g. RTT from a proxy's recording)."""


class MissingPart(InspectorError):
    """An optional program or Python package is needed for this."""


class ProgramError(InspectorError):
    """A program that was started for this failed, was ended, or took longer than allowed."""
