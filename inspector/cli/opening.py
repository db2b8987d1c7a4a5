"""Opens a capture for a command: progress on a terminal, damage said on stderr, exit code 2 when the file is corrupt.

A HAR or a flow file of mitmproxy becomes a recording on the way, which is gone when the command ends.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from inspector.i18n import _

if TYPE_CHECKING:
    from addons.imported import Written
    from addons.session_source import Session
    from inspector.recording.capture import Capture, Progress
    from inspector.recording.source import Source

__all__ = ["EXIT_CODE", "counted", "open_for_command", "say_left_out"]

EXIT_CODE = "inspector.exit_code"
"""Key of ``click.Context.meta``: what the program ends with when the command itself returns."""

_PATIENCE_S = 2.0
"""Work shorter than this shows no progress bar."""


def open_for_command(path: str | os.PathLike[str], keys: str | os.PathLike[str] | None = None) -> Capture:
    """Read a capture, HAR or flow file (``-``: standard input), as every command does it.

    A file that ends inside a record is read up to there and the program goes on to end with 0; when the file is
    corrupt at some place the packets before it are read and the program ends with 2.

    Args:
        path: The file.
        keys: A TLS key log file.

    Raises:
        CaptureError: If a file cannot be opened or is none of these.
    """
    from inspector.model.damage import DamageKind
    from inspector.recording.capture import open_capture

    with _progress() as progress:
        capture = open_capture(path, progress, keys, _recording)
    if capture.damage is not None:
        # Here, since the package of reports takes a while to import.
        from inspector.report.clean import clean

        click.echo(f"inspector: {clean(capture.name)}: {capture.damage.sentence}", err=True)
        if capture.damage.kind is DamageKind.CORRUPT:
            click.get_current_context().meta[EXIT_CODE] = 2
    return capture


def say_left_out(session: Session) -> None:
    """Say on stderr how many entries of another program's file could not be used."""
    from inspector.i18n import ngettext

    if session.left_out:
        text = ngettext("{count} entry could not be used and was left out",
                        "{count} entries could not be used and were left out", session.left_out)  # fmt: skip
        click.echo(text.format(count=session.left_out), err=True)


def counted(written: Written) -> dict[str, str]:
    """How many exchanges and messages were read of another program's file, in words, by name."""
    from inspector.i18n import ngettext

    exchanges = ngettext("{count} exchange", "{count} exchanges", written.exchanges)
    messages = ngettext("{count} WebSocket message", "{count} WebSocket messages", written.messages)
    return {
        "exchanges": exchanges.format(count=f"{written.exchanges:,}"),
        "messages": messages.format(count=f"{written.messages:,}"),
    }


def _recording(source: Source) -> Source:
    """The recording that a HAR or a flow file stands for; a capture as it is."""
    from addons.session_source import read_session, recording_of
    from inspector.report.clean import clean

    session = read_session(source)
    if session is None:
        return source
    recording, written = recording_of(session, source.name)
    text = _(
        "{name}: {exchanges} and {messages} of a {format} file, reconstructed as packets: "
        "nothing about TCP, TLS, frames and compression can be told"
    )
    said = text.format(name=clean(source.name), format=session.origin, **counted(written))
    click.echo(f"inspector: {said}", err=True)
    say_left_out(session)
    return recording


@contextmanager
def _progress() -> Iterator[Progress | None]:
    """A callback that draws a bar on stderr once the work has lasted a while; None where nobody would see it."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn(_("reading")), BarColumn(), TimeRemainingColumn(), console=Console(stderr=True), transient=True
    )
    task = bar.add_task("", total=None)
    start = time.monotonic()

    def advance(done: int, total: int | None) -> None:
        if time.monotonic() - start > _PATIENCE_S:
            bar.start()
            bar.update(task, completed=done, total=total)

    try:
        yield advance
    finally:
        bar.stop()
