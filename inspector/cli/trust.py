"""``inspector trust``."""

from __future__ import annotations

import json

import click

__all__ = ["command"]


@click.command("trust")
@click.argument("file", type=click.Path())
@click.option("--json", "as_json", is_flag=True, help="One JSON object per check.")
def command(file: str, as_json: bool) -> None:
    """Check whether a capture can be trusted before anything is concluded from it.

    Eight checks: where it was captured (T1), packets lost while capturing (T2), recorded twice (T3), cut short (T4),
    changed by the network card (T5), connections without their beginning (T6), a cut file or a clock that steps back
    (T7), one direction only (T8). Each names packets that show it.

    \b
    Examples:
      inspector trust traffic.pcap
      inspector trust traffic.pcap --json | jq 'select(.holds == false)'

    \b
    Exit codes: 0 all checks hold or cannot be told, 1 one does not hold, 2 the file cannot be read.
    """
    from inspector.analysis.trust import trust
    from inspector.cli.opening import open_for_command
    from inspector.report.trust import trust_json, trust_lines

    checks = trust(open_for_command(file))
    for line in [json.dumps(trust_json(check)) for check in checks] if as_json else trust_lines(checks):
        click.echo(line)
    if any(check.holds is False for check in checks):
        raise click.exceptions.Exit(1)
