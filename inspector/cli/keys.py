"""TLS secrets for a command: from ``--keys`` and from inside the capture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from inspector.errors import UsageError
from inspector.i18n import _

if TYPE_CHECKING:
    from inspector.recording.capture import Capture
    from inspector.wire.tls import KeyLog

__all__ = ["key_log"]

_LARGEST_FILE = 256 << 20
"""Bytes of a key log: a million connections."""


def key_log(capture: Capture, path: str | None) -> KeyLog:
    """The secrets inside the capture and those of a key log file.

    Raises:
        UsageError: If the file cannot be read or holds no secret.
    """
    from inspector.recording.secrets import secrets_inside

    keys = secrets_inside(capture)
    if path is not None:
        try:
            with Path(path).open("rb") as file:
                added = keys.add(file.read(_LARGEST_FILE))
        except OSError as error:
            raise UsageError(
                _("cannot read the key log {name}: {why}").format(name=path, why=error.strerror)
            ) from error
        if not added:
            raise UsageError(
                _(
                    "{name} holds no TLS secret; expected lines such as CLIENT_RANDOM <64 hex digits> <hex digits>"
                ).format(name=path)
            )
    return keys
