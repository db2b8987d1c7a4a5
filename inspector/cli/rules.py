"""``inspector rules``."""

from __future__ import annotations

import json

import click

__all__ = ["command"]


@click.command("rules")
@click.argument("rule", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON object per rule.")
@click.option("--lang", type=click.Choice(["en", "ko"]), help="Language; by default that of the locale.")
def command(rule: str | None, as_json: bool, lang: str | None) -> None:
    """List the rules of the diagnosis, or explain one.

    \b
    Examples:
      inspector rules
      inspector rules W7
      inspector rules --json | jq -r .id

    \b
    Exit codes: 0 ok, 2 there is no such rule.
    """
    from inspector.errors import UsageError
    from inspector.i18n import _, use_language
    from inspector.report.rules import rule_as_json, rule_page
    from inspector.rules import RULES
    from inspector.rules.registry import rule_by_id

    if lang is not None:
        use_language(lang)
    chosen = list(RULES)
    if rule is not None:
        found = rule_by_id(rule)
        if found is None:
            raise UsageError(
                _("there is no rule {rule}; these exist: {known}").format(
                    rule=repr(rule), known=", ".join(item.id for item in RULES)
                )
            )
        chosen = [found]
    for item in chosen:
        if as_json:
            click.echo(json.dumps(rule_as_json(item), ensure_ascii=False))
        else:
            click.echo(rule_page(item) if rule is not None else f"{item.id:<4} {_(item.title_fail)}")
