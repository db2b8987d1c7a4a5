"""``inspector report``."""

from __future__ import annotations

import json
from pathlib import Path

import click

__all__ = ["command"]


@click.command("report")
@click.argument("file", type=click.Path())
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write report.json here instead of text to the terminal."
)
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def command(file: str, output: Path | None, as_json: bool) -> None:
    """Judge a capture and report what is wrong with it.

    \b
    Examples:
      inspector report traffic.pcap
      inspector report traffic.pcap -o report.json
    """
    from inspector.cli.opening import open_for_command
    from inspector.report.build import build_report
    from inspector.report.text import render_text

    report = build_report(open_for_command(file))
    if output is not None:
        output.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    elif as_json:
        click.echo(json.dumps(report, ensure_ascii=False))
    else:
        click.echo(render_text(report))
