"""``inspector resends``."""

from __future__ import annotations

import json

import click

__all__ = ["command"]


@click.command("resends")
@click.argument("file", type=click.Path())
@click.option("-c", "--connection", type=int, help="Only this connection.")
@click.option("--totals", is_flag=True, help="Only how often each verdict meets each of Wireshark's flags.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per segment.")
def command(file: str, connection: int | None, totals: bool, as_json: bool) -> None:
    """List the TCP segments that came again or late, with Wireshark's opinion and our own beside it.

    Wireshark decides by the clock. Here packets decide (IP identification, timestamps, acknowledgments, SACK and DSACK):
    resend, reorder, capture_duplicate, network_duplicate, or undecided where they do not tell. Each line names the
    deciding packet.

    \b
    Examples:
      inspector resends traffic.pcap
      inspector resends traffic.pcap -c 4 --json
      inspector resends traffic.pcap --totals

    \b
    Exit codes: 0 ok, 2 the file cannot be read or there is no such connection.
    """
    import numpy as np

    from inspector.analysis.resends import resends
    from inspector.cli.opening import open_for_command
    from inspector.i18n import _
    from inspector.report.resends import resend_json, resend_lines, resend_totals

    capture = open_for_command(file)
    table = resends(capture)
    rows = np.arange(len(table))
    if connection is not None:
        capture.rows_of_connection(connection)  # says so when there is none
        rows = np.flatnonzero(capture.segment_connection[table.segment] == connection)
    if totals:
        counts = resend_totals(table, rows)
        lines = [json.dumps(counts)] if as_json else _as_lines(counts)
    elif as_json:
        lines = [json.dumps(resend_json(capture, table, row)) for row in rows.tolist()]
    else:
        lines = list(resend_lines(capture, table, rows)) or [_("No segment came again or late.")]
    click.echo("\n".join(lines))


def _as_lines(counts: dict[str, dict[str, int]]) -> list[str]:
    return [
        f"{verdict:<17}  {flag:<23}  {count:>8}" for verdict, flags in counts.items() for flag, count in flags.items()
    ]
