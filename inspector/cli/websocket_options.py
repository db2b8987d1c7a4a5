"""What ``messages`` and ``frames`` share: filters, and how lines are written."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

import click

from inspector.i18n import _

if TYPE_CHECKING:
    from inspector.recording.capture import Capture
    from inspector.recording.websocket_selection import Selection

__all__ = ["filters", "selection", "write_lines"]

_WRITTEN_AT_ONCE = 1 << 20
"""Characters handed to the output in one call; a line may hold a message of many megabytes."""
_NAMES = {"continuation": 0, "text": 1, "binary": 2, "close": 8, "ping": 9, "pong": 10}

_Function = TypeVar("_Function", bound=Callable[..., object])


def _opcodes(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[int, ...]:
    """Names or numbers as numbers."""
    found = []
    for text in values:
        if text not in _NAMES and not (text.isascii() and text.isdecimal() and int(text) < 16):
            raise click.BadParameter(
                _("{value} is no opcode; use a number from 0 to 15 or one of {names}").format(
                    value=repr(text), names=", ".join(_NAMES)
                )
            )
        found.append(_NAMES[text] if text in _NAMES else int(text))
    return tuple(found)


def _time(ctx: click.Context, param: click.Parameter, value: str | None) -> str | None:
    """Seconds after the first packet, or a date and time; kept as text until the capture is known."""
    if value is not None:
        try:
            _time_ns(value, 0)
        except ValueError:
            raise click.BadParameter(
                _(
                    "{value} is no time; use seconds after the first packet (2.5) "
                    "or a date and time (2026-11-21T10:00:00+09:00; UTC when it names no zone)"
                ).format(value=repr(value))
            ) from None
    return value


def _time_ns(text: str, start_ns: int) -> int:
    """Nanoseconds since the epoch.

    Raises:
        ValueError: If it is neither a number nor a date.
    """
    try:
        return start_ns + round(float(text) * 1e9)
    except OverflowError:
        raise ValueError(text) from None
    except ValueError:
        moment = datetime.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    since = moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    return ((since.days * 86400 + since.seconds) * 10**6 + since.microseconds) * 1000


def filters(command: _Function) -> _Function:
    """The filter options of both commands."""
    for option in (
        click.option(
            "--keys", type=click.Path(), help="TLS key log (SSLKEYLOGFILE); keys inside a pcapng are used anyway."
        ),
        click.option("--json", "as_json", is_flag=True, help="One JSON object per line."),
        click.option("--no-payload", is_flag=True, help="Leave contents out."),
        click.option("--until", callback=_time, metavar="TIME", help="Only what began before this time."),
        click.option(
            "--since",
            callback=_time,
            metavar="TIME",
            help="Only what began at or after this time: seconds after the first packet, or e.g. 2026-11-21T10:00:00Z.",
        ),
        click.option(
            "--regex", metavar="PATTERN", help="Only text messages in which this regular expression is found."
        ),
        click.option("--text", metavar="TEXT", help="Only text messages that contain this text."),
        click.option(
            "--opcode", callback=_opcodes, multiple=True, help="Only this opcode, by name or number; repeatable."
        ),
        click.option("--direction", type=click.Choice(["client", "server"]), help="Only what this side sent."),
        click.option("-c", "--connection", type=int, multiple=True, help="Only this connection; repeatable."),
    ):
        command = option(command)
    return command


def selection(
    capture: Capture,
    connection: tuple[int, ...],
    direction: str | None,
    opcode: tuple[int, ...],
    text: str | None,
    regex: str | None,
    since: str | None,
    until: str | None,
) -> Selection:
    """The filters as one value."""
    from inspector.recording.websocket_selection import Selection

    start_ns = int(capture.packets.time_ns[0]) if len(capture.packets) else 0
    return Selection(
        connections=connection,
        sender=direction,
        opcodes=opcode,
        since_ns=None if since is None else _time_ns(since, start_ns),
        until_ns=None if until is None else _time_ns(until, start_ns),
        contains=text,
        pattern=regex,
    )


def write_lines(lines: Iterable[str]) -> None:
    """Write lines as UTF-8, whatever the locale says."""
    output = sys.stdout.buffer
    waiting: list[str] = []
    size = 0
    for line in lines:
        waiting.append(line)
        size += len(line)
        if size >= _WRITTEN_AT_ONCE:
            output.write(_encoded(waiting))
            waiting, size = [], 0
    output.write(_encoded(waiting))
    output.flush()


def _encoded(lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "backslashreplace")
