"""``inspector expert``."""

from __future__ import annotations

import json

import click

__all__ = ["command"]


@click.command("expert")
@click.argument("file", type=click.Path())
@click.option("--keys", type=click.Path(), help="TLS key log file (SSLKEYLOGFILE).")
@click.option(
    "--severity",
    type=click.Choice(["chat", "note", "warning", "error"]),
    default="note",
    show_default=True,
    help="The least severity of Wireshark's items.",
)
@click.option("--limit", type=click.IntRange(min=0), default=50, show_default=True, help="Packets listed one by one.")
@click.option("--with", "way", type=click.Choice(["sharkd", "pyshark"]), help="How to ask; by default the first here.")
@click.option("--timeout", "seconds", type=click.FloatRange(min=0.1), default=120.0, show_default=True, help="Seconds.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON (schema expert/1) with all packets.")
def command(
    file: str, keys: str | None, severity: str, limit: int, way: str | None, seconds: float, as_json: bool
) -> None:
    """Join Wireshark's expert items to what Inspector found in the same packets.

    Beside each item stand Inspector's TCP flags (the same rules as Wireshark's), its own verdict on resent segments,
    anomalies of protocols with their RFC section, and the rules whose evidence the packet is.

    \b
    Examples:
      inspector expert traffic.pcap
      inspector expert traffic.pcap --severity warning --limit 10
      inspector expert traffic.pcapng --keys sslkeys.log --json | jq '.packets[] | select(.ours == [])'

    \b
    Exit codes: 0 shown; 2 the file cannot be read, or Wireshark is missing, failed or took too long.
    """
    from captures.expert import build_expert, lines
    from inspector.cli.opening import open_for_command
    from inspector.report.messages import harmless

    report = build_expert(open_for_command(file, keys), severity=severity, way=way, seconds=seconds)
    if as_json:
        click.echo(harmless(json.dumps(report, ensure_ascii=False)))
        return
    for line in lines(report, limit):
        click.echo(line)
