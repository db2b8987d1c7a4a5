"""Writes docs/commands.md: the help of every command, out of the commands themselves.

python -m tools.command_pages
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from inspector.cli import cli
from inspector.i18n import speaking

__all__ = ["PAGE", "page"]

PAGE = Path(__file__).resolve().parents[1] / "docs" / "commands.md"

_WIDTH = 100
"""Columns of the help texts: what fits into the page of the manual."""

_OPENING = """# Commands

Written by `python -m tools.command_pages` out of the commands. `inspector COMMAND --help` prints the same.
"""


def page() -> str:
    """Text of the page, in English."""
    with speaking("en"):
        return "\n".join([_OPENING, *_sections(cli, _context(cli, "inspector", None))])


def _context(command: click.Command, name: str, parent: click.Context | None) -> click.Context:
    # A name of its own program, so that the text does not depend on how this one was started.
    settings: dict[str, Any] = {
        **command.context_settings,
        "terminal_width": _WIDTH,
        "max_content_width": _WIDTH,
    }  # Any: click
    return click.Context(command, info_name=name, parent=parent, **settings)


def _sections(command: click.Command, context: click.Context) -> Iterator[str]:
    """The section of a command, then those of the commands below it."""
    depth = "###" if context.parent and context.parent.parent else "##"
    yield f"{depth} {context.command_path}\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None and not below.hidden:
                yield from _sections(below, _context(below, name, context))


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
