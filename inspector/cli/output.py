"""Files that commands write: never over what they read, and whole or not at all."""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from inspector.errors import UsageError
from inspector.i18n import _, reason_of

__all__ = ["refuse_sources", "whole"]

_WHILE_WRITING = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""Errors after the file was opened; with others what stands there is not ours."""


def refuse_sources(output: Path | None, sources: Iterable[str | Path | None]) -> None:
    """Refuse to write over a file that is read: a capture is mapped while it is worked on, and is evidence.

    Raises:
        UsageError: If the output is one of the sources.
    """
    if output is None or not output.is_file():
        return
    for source in sources:
        if source is not None and Path(source).exists() and output.samefile(source):
            raise UsageError(_("{name} is read from: choose another file to write").format(name=output))


@contextmanager
def whole(output: Path) -> Iterator[None]:
    """Remove what was begun when writing it fails or is interrupted: half a report looks like a report.

    Raises:
        UsageError: If it cannot be written.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _WHILE_WRITING:
            _remove(output)
        raise UsageError(_("cannot write {name}: {why}").format(name=output, why=reason_of(error))) from error
    except KeyboardInterrupt:
        _remove(output)
        raise


def _remove(output: Path) -> None:
    if output.is_file():
        output.unlink()
