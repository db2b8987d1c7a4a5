"""``inspector explain``."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from inspector.report.explain import Explanation

__all__ = ["command"]

_MOST_IN_FULL = 4
"""Meanings of one term that are told in full; of more, one line each."""


@click.command("explain")
@click.argument("terms", nargs=-1, metavar="TERM…")
@click.option("--list", "as_list", is_flag=True, help="List every term that can be explained.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per meaning.")
def command(terms: tuple[str, ...], as_list: bool, as_json: bool) -> None:
    """Explain a term: what it is, where it is on the wire, why it matters, and how Wireshark shows it.

    A term is a field by its Wireshark name, a header, a flag, a value, a close code, a status, a TLS alert, a rule, an
    anomaly code, a word of the reports, or an idea. Several words are one term where one is called so. When a term means
    several things, all are told.

    \b
    Examples:
      inspector explain 1006
      inspector explain tcp.flags SYN ws.mask
      inspector explain F13 ws.accept_mismatch
      inspector explain window scaling
      inspector --lang ko explain permessage-deflate
      inspector explain --list

    \b
    Exit codes: 0 ok, 2 a term is not known.
    """
    from inspector.errors import UsageError
    from inspector.i18n import _
    from inspector.report.explain import Kind, all_explanations

    if as_list:
        listed = [one for one in all_explanations() if one.kind is not Kind.VALUE]
        _print_list(listed, as_json)
        return
    if not terms:
        raise UsageError(
            _("name what to explain, such as 1006 or tcp.flags; inspector explain --list names everything")
        )
    _print_terms(_meanings(terms), as_json)


def _meanings(terms: tuple[str, ...]) -> list[tuple[str, list[Explanation]]]:
    """Each term with its meanings; all words together where that is a term."""
    from inspector.errors import UsageError
    from inspector.i18n import _
    from inspector.report.explain import close_terms, explain

    together = " ".join(terms)
    whole = explain(together)
    if whole:
        return [(together, whole)]
    found = [(term, explain(term)) for term in terms]
    for term, meanings in found:
        if not meanings:
            guesses = close_terms(term)
            known = (
                _("close to it: {terms}").format(terms=", ".join(guesses)) if guesses else _("nothing is close to it")
            )
            raise UsageError(
                _("{term} is not known here; {known}; inspector explain --list names everything").format(
                    term=repr(term), known=known
                )
            )
    return found


def _print_list(listed: list[Explanation], as_json: bool) -> None:
    from inspector.i18n import _

    for one in listed:
        if as_json:
            entry = {"kind": one.kind.value, "term": one.term, "title": _(one.title)}
            click.echo(json.dumps(entry, ensure_ascii=False))
        else:
            click.echo(f"{one.term}\t{one.kind.word}\t{_(one.title)}")


def _print_terms(found: list[tuple[str, list[Explanation]]], as_json: bool) -> None:
    from inspector.i18n import _
    from inspector.report.explain.text import explanation_as_json, explanation_brief, explanation_lines

    if as_json:
        for _term, meanings in found:
            for one in meanings:
                click.echo(json.dumps(explanation_as_json(one), ensure_ascii=False))
        return
    from inspector.cli.printing import Terminal

    console = Terminal()
    width = console.width if sys.stdout.isatty() else 100
    first = True
    for term, meanings in found:
        if len(meanings) > _MOST_IN_FULL:
            click.echo(
                ("" if first else "\n")
                + _("{term} means {count} things; name one of them:").format(term=term, count=len(meanings))
            )
            for one in meanings:
                console.print("  " + explanation_brief(one), markup=False)
            first = False
            continue
        for one in meanings:
            if not first:
                console.print()
            for line in explanation_lines(one, width):
                console.print(line)
            first = False
