"""``inspector connections``."""

from __future__ import annotations

import sys

import click

from inspector.i18n import _, ngettext

__all__ = ["command"]

_SHOWN = 100
"""Rows shown on a terminal unless a limit is given; a pipe gets all."""
_SORTS = ("number", "start", "duration", "packets", "bytes", "rtt", "resent", "missing", "ending")


@click.command("connections")
@click.argument("file", type=click.Path())
@click.option("--sort", type=click.Choice(_SORTS), default="number", help="Order; amounts come with the largest first.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Only the first N.")
@click.option("--udp", is_flag=True, help="UDP conversations instead of TCP connections.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per line.")
def command(file: str, sort: str, limit: int | None, udp: bool, as_json: bool) -> None:
    """List the TCP connections: who with whom, when, how much, round trip, and how each ended.

    Numbers are Wireshark's tcp.stream. Times are seconds from the first packet; bytes are those on the wire. On a
    terminal the first 100 are shown as a table, amounts as client / server; in a pipe all, separated by tabs, with a line
    of headings.

    \b
    Flags:
      guess         no handshake was captured: who is the client is guessed from the ports
      resent        payload was sent again
      missing       payload was skipped and never captured
      unseen        payload was acknowledged though never captured: the capture lost it
      zero-window   a receiver announced a full buffer
      syn-repeated  the SYN was sent more than once
      after-reset   the side that reset the connection went on sending
      strays        segments too far away to belong to the connection

    \b
    Examples:
      inspector connections traffic.pcap
      inspector connections traffic.pcap --sort bytes --limit 10
      inspector connections traffic.pcap --json | jq 'select(.ending == "reset")'

    \b
    Exit codes: 0 ok, 2 the file cannot be read.
    """
    from inspector.cli.opening import open_for_command
    from inspector.report.connections import list_connections, list_udp

    capture = open_for_command(file)
    total = len(capture.udp_conversations if udp else capture.connections)
    table = sys.stdout.isatty() and not as_json
    if table and limit is None:
        limit = _SHOWN
    chosen = (list_udp if udp else list_connections)(capture, sort, limit)
    if not table:
        sys.stdout.writelines(f"{line}\n" for line in (chosen.json_lines() if as_json else chosen.lines()))
        return
    from inspector.cli.printing import Terminal

    terminal = Terminal(soft_wrap=False)
    terminal.print(chosen.table(terminal.width))
    shown = min(total, limit or total)
    if shown < total:
        note = ngettext(
            "{shown} of {total} shown; --limit {total} shows all",
            "{shown} of {total} shown; --limit {total} shows all",
            total,
        )
        click.echo(note.format(shown=shown, total=total))
    elif not total:
        click.echo(_("There is no UDP in this capture.") if udp else _("There is no TCP in this capture."))
