"""``inspector dissect``."""

from __future__ import annotations

import json

import click

from inspector.errors import UsageError
from inspector.i18n import _

__all__ = ["command"]

_PIPE_WIDTH = 120
"""Columns where the output is not a terminal."""
_SHOWN = 10
"""Packets shown when only a filter is given."""


@click.command("dissect")
@click.argument("file", type=click.Path())
@click.argument("number", type=int, required=False)
@click.option("-Y", "display_filter", metavar="FILTER", default="", help="Wireshark's display filter.")
@click.option("--keys", type=click.Path(), help="TLS key log file (SSLKEYLOGFILE).")
@click.option(
    "--with",
    "way",
    type=click.Choice(["sharkd", "pyshark"]),
    help="Which way to ask; by default the first that is here.",
)
@click.option("--timeout", "seconds", type=click.FloatRange(min=0.1), default=60.0, show_default=True, help="Seconds.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON (schema dissect/1), one packet per line.")
def command(
    file: str,
    number: int | None,
    display_filter: str,
    keys: str | None,
    way: str | None,
    seconds: float,
    as_json: bool,
) -> None:
    """Show Wireshark's dissection of a packet beside our own, linked by their bytes.

    With NUMBER and a filter the packet is shown if it matches; with a filter alone the first ten that match.
    Wireshark gets the packet's whole connection and the keys, so that it can put together and decrypt. Numbers
    before a colon in the byte column name other bytes than the packet's (reassembled, decrypted, unmasked).

    \b
    Examples:
      inspector dissect traffic.pcap 4
      inspector dissect traffic.pcap -Y 'http.response.code >= 400'
      inspector dissect traffic.pcapng 12 --keys sslkeys.log --json | jq .wireshark.protocols

    \b
    Exit codes: 0 shown; 1 no packet matches the filter; 2 the file cannot be read, there is no such packet, the
    filter is none, or Wireshark is missing, failed or took too long.
    """
    from inspector.cli.opening import EXIT_CODE, open_for_command

    if number is None and not display_filter:
        raise UsageError(_("say which packet: inspector dissect FILE NUMBER, or -Y FILTER"))
    from captures.opinion import open_session, second_opinion
    from captures.profile import Profile

    capture = open_for_command(file, keys)
    numbers = [] if number is None else [number]
    if number is None:
        with open_session(capture, Profile.thorough(), way=way, seconds=seconds) as session:
            numbers = session.matching(display_filter)
        if len(numbers) > _SHOWN:
            text = _("{count} packets match; the first {shown} are shown").format(count=len(numbers), shown=_SHOWN)
            click.echo(f"inspector: {text}", err=True)
        asked = ""
    else:
        asked = display_filter
    shown = False
    for one in numbers[:_SHOWN]:
        opinion = second_opinion(capture, one, display_filter=asked, way=way, seconds=seconds)
        if opinion.matches:
            _show(capture, opinion, as_json, again=shown)
            shown = True
    if not shown:
        click.echo(
            _("inspector: no packet that was asked for matches {filter}").format(filter=display_filter), err=True
        )
        click.get_current_context().meta[EXIT_CODE] = 1


# object: importing their types would load NumPy for --help.
def _show(capture: object, opinion: object, as_json: bool, again: bool) -> None:
    from captures.beside import build_beside
    from captures.beside_text import render_beside
    from captures.opinion import Opinion
    from inspector.recording.capture import Capture
    from inspector.report.messages import harmless

    assert isinstance(capture, Capture)
    assert isinstance(opinion, Opinion)
    both = build_beside(capture, opinion)
    if as_json:
        click.echo(harmless(json.dumps(both, ensure_ascii=False)))
        return
    from inspector.cli.printing import Terminal

    console = Terminal()
    if again:
        console.print()
    for line in render_beside(both, console.width if console.is_terminal else _PIPE_WIDTH):
        console.print(line)
