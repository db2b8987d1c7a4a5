"""``inspector summary``."""

from __future__ import annotations

import json

import click

__all__ = ["command"]


@click.command("summary")
@click.argument("file", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(file: str, as_json: bool) -> None:
    """Tell what is in a capture: time span, interfaces, protocols, connections by ending, losses, top talkers.

    What is not decoded is named with the number that names it in the packet. Bytes are those on the wire.

    \b
    Examples:
      inspector summary traffic.pcap
      inspector summary traffic.pcap --json | jq .tcp.endings

    \b
    Exit codes: 0 ok, 2 the file cannot be read.
    """
    from inspector.cli.opening import open_for_command
    from inspector.report.summary import render_summary, summarize

    summary = summarize(open_for_command(file))
    click.echo(json.dumps(summary, ensure_ascii=False, indent=1) if as_json else render_summary(summary))
