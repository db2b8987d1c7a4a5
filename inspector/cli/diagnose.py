"""``inspector diagnose``."""

from __future__ import annotations

import json
import sys

import click

__all__ = ["command"]

_COLOURS = {"X": "red", "!": "yellow", "?": "magenta"}


@click.command("diagnose")
@click.argument("files", type=click.Path(), nargs=-1, required=True, metavar="FILE…")
@click.option("--keys", type=click.Path(), help="TLS key log (SSLKEYLOGFILE); keys inside a pcapng are used anyway.")
@click.option("--trace", type=click.Path(), help="The server's trace (docs/trace.md), JSON lines.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="What the server is set to, see below.")
@click.option("--all", "all_rules", is_flag=True, help="Also tell which rules passed or did not apply, and why.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per file.")
@click.option("--lang", type=click.Choice(["en", "ko"]), help="Language; by default that of the locale.")
def command(
    files: tuple[str, ...],
    keys: str | None,
    trace: str | None,
    settings: tuple[str, ...],
    all_rules: bool,
    as_json: bool,
    lang: str | None,
) -> None:
    """Say what is wrong in a capture, whose fault it is, and which packets prove it.

    The verdict comes first: one sentence, the side at fault, how sure that is, what would settle or refute it, and what
    could not be looked at. Then the findings, the worst first: rule, connection, time, packets, standard, next step.

    Servers that are not set to their defaults: --set ping_interval=4 --set ping_timeout=3.5 (seconds), and the same
    for handshake_timeout, proxy_timeout, expiry, redis_timeout, slow; largest_message in bytes.

    \b
    Examples:
      inspector diagnose traffic.pcap
      inspector diagnose traffic.pcapng --keys sslkeys.log --trace trace.jsonl
      inspector diagnose a.pcap b.pcap --json | jq .verdict
      inspector diagnose traffic.pcap --lang ko

    \b
    Exit codes, by the worst finding of all files: 0 none, 1 a warning or something undecided, 2 a failure; also 2 when
    a file cannot be read.
    """
    from inspector.analysis.facts import Facts
    from inspector.analysis.settings import parse_settings
    from inspector.analysis.trace_events import read_trace
    from inspector.cli.opening import EXIT_CODE, open_for_command
    from inspector.i18n import use_language
    from inspector.report.diagnosis import diagnosis_json, diagnosis_lines, exit_code
    from inspector.rules import diagnose

    if lang is not None:
        use_language(lang)
    chosen = parse_settings(settings)
    events = read_trace(trace) if trace is not None else None
    meta = click.get_current_context().meta
    for index, file in enumerate(files):
        capture = open_for_command(file, keys)
        diagnosis = diagnose(Facts(capture, chosen, events))
        if as_json:
            click.echo(json.dumps(diagnosis_json(capture, diagnosis), ensure_ascii=False))
        else:
            lines = ["", *diagnosis_lines(capture, diagnosis, all_rules=all_rules)]
            for line in lines[0 if index else 1 :]:
                click.echo(_coloured(line))
        meta[EXIT_CODE] = max(meta.get(EXIT_CODE, 0), exit_code(diagnosis))


def _coloured(line: str) -> str:
    """A line that begins with a finding's mark stands out on a terminal; click removes colours elsewhere."""
    colour = _COLOURS.get(line[:1]) if line[1:2] == " " and sys.stdout.isatty() else None
    return click.style(line, fg=colour, bold=True) if colour else line
