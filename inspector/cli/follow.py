"""``inspector follow``."""

from __future__ import annotations

import sys

import click

from inspector.i18n import _

__all__ = ["command"]


@click.command("follow")
@click.argument("file", type=click.Path())
@click.argument("connection", type=int)
@click.option("--as", "form", type=click.Choice(["text", "hex", "raw"]), default="text", help="How to show the bytes.")
@click.option("--side", type=click.Choice(["client", "server", "both"]), default="both", help="Whose bytes.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per turn, bytes as base64.")
def command(file: str, connection: int, form: str, side: str, as_json: bool) -> None:
    """Show what the two sides of TCP connection number CONNECTION (from 0) said to each other.

    Bytes are put in order, resent ones shown once, and bytes that were not captured marked: [1,448 bytes missing].
    As text they are decoded as UTF-8, and control characters are made visible; raw writes the exact bytes and tells
    of missing ones on stderr. Both sides are shown turn by turn in the order of time.

    \b
    Examples:
      inspector follow traffic.pcap 0
      inspector follow traffic.pcap 0 --side server --as raw > answer.bin
      inspector follow traffic.pcap 3 --as hex

    \b
    Exit codes: 0 ok, 2 the file cannot be read or there is no such connection.
    """
    from inspector.cli.opening import open_for_command
    from inspector.recording.turns import take_turns
    from inspector.report.follow import gap_text, hex_lines, json_lines, remarks, text_parts

    capture = open_for_command(file)
    row = capture.connections[connection]
    roles = ["client", "server"] if side == "both" else [side]
    streams = [capture.stream(connection, role) for role in roles]
    turns = take_turns(capture, streams)
    if row.client_is_guess:
        click.echo(_("inspector: who is the client is a guess: its handshake was not captured"), err=True)
    if as_json:
        for line in json_lines(turns, roles):
            sys.stdout.write(line + "\n")
    elif form == "raw":
        for turn in turns:
            if turn.data is None:
                click.echo(f"inspector: {gap_text(turn, roles)}", err=True)
            else:
                sys.stdout.buffer.write(turn.data)
        sys.stdout.buffer.flush()
    elif form == "hex":
        for line in hex_lines(turns, roles, row):
            sys.stdout.write(line + "\n")
    else:
        for text in text_parts(turns, roles, row):
            sys.stdout.write(text)
    for sentence in remarks(streams, roles):
        click.echo(f"inspector: {sentence}", err=True)
