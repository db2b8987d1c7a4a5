"""``inspector dns``."""

from __future__ import annotations

import json

import click

__all__ = ["command"]


@click.command("dns")
@click.argument("file", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
def command(file: str, as_json: bool) -> None:
    """List DNS lookups: what was asked, what was answered, how long it took.

    Questions sent again are counted with the first. Exit code 0; 2 when the file cannot be read.

    \b
    Examples:
      inspector dns traffic.pcap
      inspector dns traffic.pcap --json | jq 'select(.rcode != "NOERROR")'
    """
    from inspector.cli.opening import open_for_command
    from inspector.i18n import _
    from inspector.recording.dns import dns_lookups
    from inspector.report.dns import lookup_json, lookup_line

    lookups = dns_lookups(open_for_command(file))
    for lookup in lookups:
        click.echo(json.dumps(lookup_json(lookup), ensure_ascii=False) if as_json else lookup_line(lookup))
    if not lookups and not as_json:
        click.echo(_("No DNS was found in this capture."))
