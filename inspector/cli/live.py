"""Shows what passes through the proxy on standard output: lines, or JSON; on a terminal with counters below."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click

from inspector.i18n import _, ngettext

if TYPE_CHECKING:
    from addons.live import Counters, LiveView
    from addons.live_lines import Line

__all__ = ["live_view", "say"]

_LEAST_WIDTH = 20
_READABLE = 50
"""Frames shown in a tenth of a second on a terminal: nobody reads more."""


@contextmanager
def live_view(as_json: bool) -> Iterator[LiveView]:
    """A view that shows until the end of the block, and then the counters once more; not after an error."""
    from addons.live import LiveView

    screen = _Json() if as_json else _Screen()
    view = LiveView(screen.show, _READABLE) if sys.stdout.isatty() and not as_json else LiveView(screen.show)
    view.start()
    try:
        yield view
    finally:
        view.stop()
    try:
        screen.end(view.counters)
    except OSError:
        # The reader has gone; what Python still holds for it must not be flushed at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(text: str) -> None:
    """Print a line to standard error: on a terminal in place of the counters, which the view prints again."""
    with suppress(OSError):  # a terminal that was closed: what is left to do is done all the same
        click.echo(("\r\x1b[K" if sys.stderr.isatty() else "") + text, err=True)


class _Json:
    def show(self, lines: list[Line], counters: Counters) -> None:
        """Print the lines."""
        if lines:
            sys.stdout.write("".join(line.as_json() + "\n" for line in lines))
            sys.stdout.flush()

    def end(self, counters: Counters) -> None:
        """Print the counters."""
        row = {"time_ns": time.time_ns(), "connection": None, "event": "end", **counters.as_dict()}
        sys.stdout.write(json.dumps(row) + "\n")
        sys.stdout.flush()


class _Screen:
    """Lines; on a terminal cut to its width, with a line of counters that stays at the bottom."""

    def __init__(self) -> None:
        self._terminal = sys.stdout.isatty()
        self._colour = self._terminal and "NO_COLOR" not in os.environ
        self._status = ""
        self._seen = (time.monotonic(), 0)
        self._rate = 0.0

    def show(self, lines: list[Line], counters: Counters) -> None:
        """Print the lines, and the counters where they have changed."""
        width = max(shutil.get_terminal_size().columns, _LEAST_WIDTH) if self._terminal else None
        texts = [self._styled(line, line.as_text(width)) for line in lines]
        status = self._counters(counters, width) if width is not None else ""
        if not texts and status == self._status:
            return
        clear = "\r\x1b[K" if self._status else ""
        sys.stdout.write(clear + "".join(text + "\n" for text in texts) + status)
        sys.stdout.flush()
        self._status = status

    def end(self, counters: Counters) -> None:
        """Print the counters as a last line."""
        clear = "\r\x1b[K" if self._status else ""
        sys.stdout.write(clear + _counted(counters) + "\n")
        sys.stdout.flush()

    def _styled(self, line: Line, text: str) -> str:
        return click.style(text, fg="red") if self._colour and line.finding else text

    def _counters(self, counters: Counters, width: int) -> str:
        from rich.cells import cell_len, set_cell_size

        now, (then, before) = time.monotonic(), self._seen
        if now - then >= 1:
            self._rate = (counters.messages - before) / (now - then)
            self._seen = now, counters.messages
        text = f"{_counted(counters)} · {self._rate:.0f}/s"
        return set_cell_size(text, width - 1).rstrip() if cell_len(text) >= width else text


def _counted(counters: Counters) -> str:
    parts = [
        ngettext("{count} exchange", "{count} exchanges", counters.exchanges).format(count=f"{counters.exchanges:,}"),
        ngettext("{count} WebSocket ({open} open)", "{count} WebSockets ({open} open)", counters.sockets).format(
            count=f"{counters.sockets:,}", open=counters.open_sockets
        ),
        ngettext("{count} message", "{count} messages", counters.messages).format(count=f"{counters.messages:,}"),
    ]
    if counters.findings:
        parts.append(
            ngettext("{count} finding", "{count} findings", counters.findings).format(count=f"{counters.findings:,}")
        )
    if counters.skipped:
        parts.append(_("{count} not shown").format(count=f"{counters.skipped:,}"))
    return " · ".join(parts)
