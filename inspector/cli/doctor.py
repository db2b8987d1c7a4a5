"""``inspector doctor``."""

from __future__ import annotations

import json

import click

__all__ = ["command"]


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text.")
def command(as_json: bool) -> None:
    """Show what is installed, what each missing part would enable, and how to get it.

    Nothing that is missing is an error: Inspector reads and explains captures without any of it. Exit code 0.

    \b
    Examples:
      inspector doctor
      inspector doctor --json
    """
    from inspector.i18n import _
    from inspector.parts import find_parts

    parts = list(find_parts())
    if as_json:
        rows = [
            {"name": f.part.name, "version": f.version, "enables": f.part.enables, "get": f.part.get} for f in parts
        ]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    here = [found for found in parts if found.version is not None]
    missing = [found for found in parts if found.version is None]
    click.echo(_("Installed:"))
    for found in here:
        click.echo(f"  {found.part.name}: {found.version}")
    if missing:
        click.echo(_("Missing:"))
    for found in missing:
        line = _("  {name}: would enable {what}. To get it: {how}")
        click.echo(line.format(name=found.part.name, what=_(found.part.enables), how=_(found.part.get)))
