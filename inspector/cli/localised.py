"""Help texts of commands in the user's language: docstrings and option helps, translated paragraph by paragraph."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator

import click

from inspector.i18n import _

__all__ = ["help_messages", "localise"]

_VERBATIM = "\b"
"""click's mark of a paragraph whose lines are kept: lists of examples."""


def localise(command: click.Command) -> click.Command:
    """Translate a command's help, its options' helps and its subcommands', in place."""
    if command.help:
        command.help = _map_help(command.help, _)
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.help:
            parameter.help = _map_help(parameter.help, _)
    if isinstance(command, click.Group):
        for inner in command.commands.values():
            localise(inner)
    return command


def help_messages(text: str) -> Iterator[str]:
    """The messages of a help text as the catalogue knows them."""
    found: list[str] = []

    def collect(message: str) -> str:
        found.append(message)
        return message

    _map_help(text, collect)
    return iter(found)


def _map_help(text: str, translate: Callable[[str], str]) -> str:
    """Translate every paragraph; of a list of examples only its heading, since the rest is typed as it stands."""
    return "\n\n".join(_map_paragraph(paragraph, translate) for paragraph in inspect.cleandoc(text).split("\n\n"))


def _map_paragraph(paragraph: str, translate: Callable[[str], str]) -> str:
    if not paragraph.startswith(_VERBATIM):
        return translate(" ".join(paragraph.split())) if paragraph.strip() else paragraph
    first, *lines = paragraph.split("\n")
    return "\n".join([first, *(line if not line or line.startswith(" ") else translate(line) for line in lines)])
