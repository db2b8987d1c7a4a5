"""``inspector verify``."""

from __future__ import annotations

import json

import click

__all__ = ["command"]


@click.command("verify")
@click.argument("file", type=click.Path())
@click.option("--keys", type=click.Path(), help="TLS key log file (SSLKEYLOGFILE).")
@click.option(
    "--with",
    "way",
    type=click.Choice(["sharkd", "pyshark"]),
    help="How messages are asked for; by default the first here.",
)
@click.option(
    "--timeout", "seconds", type=click.FloatRange(min=0.1), default=300.0, show_default=True, help="Seconds per run."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON (schema verify/1).")
def command(file: str, keys: str | None, way: str | None, seconds: float, as_json: bool) -> None:
    """Compare what Inspector decodes with what Wireshark decodes: every field of every packet, every message.

    Fields are those of 'inspector fields'; messages are HTTP/1.x messages, HTTP/2 frames, header blocks and data,
    WebSocket frames and messages, DNS messages, TLS hellos and alerts. Where Wireshark is known to say something
    else, the reason is printed with the section of the standard. Everything else is a fault, ours or Wireshark's.

    \b
    Examples:
      inspector verify traffic.pcap
      inspector verify traffic.pcapng --keys sslkeys.log --json | jq '.differences[] | select(.reason == null)'

    \b
    Exit codes: 0 all the same or explained; 1 differences without a reason; 2 the file cannot be read, or
    Wireshark is missing, failed or took too long.
    """
    from captures.comparison.report import build_verification, render_verification
    from captures.comparison.run import verify
    from inspector.cli.opening import EXIT_CODE, open_for_command
    from inspector.report.messages import harmless

    capture = open_for_command(file, keys)
    verification = verify(capture, way=way, seconds=seconds)
    report = build_verification(capture, verification)
    if as_json:
        click.echo(harmless(json.dumps(report, ensure_ascii=False)))
    else:
        for line in render_verification(report):
            click.echo(line)
    if verification.unexplained:
        click.get_current_context().meta[EXIT_CODE] = 1
