"""``inspector follow``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from inspector.i18n import _

if TYPE_CHECKING:
    from inspector.recording.capture import Capture
    from inspector.recording.connection import Connection

__all__ = ["command"]


@click.command("follow")
@click.argument("file", type=click.Path())
@click.argument("connection", type=int)
@click.option(
    "--as",
    "form",
    type=click.Choice(["text", "hex", "raw", "http", "websocket"]),
    default="text",
    help="The bytes as text, in hex or as they are; or decoded, as HTTP or WebSocket.",
)
@click.option("--side", type=click.Choice(["client", "server", "both"]), default="both", help="Whose bytes.")
@click.option("--keys", type=click.Path(), help="TLS key log (SSLKEYLOGFILE); keys inside a pcapng are used anyway.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per turn or message, bytes as base64.")
def command(file: str, connection: int, form: str, side: str, keys: str | None, as_json: bool) -> None:
    """Show what the two sides of TCP connection number CONNECTION (from 0) said to each other.

    Bytes are put in order, resent ones shown once, and bytes that were not captured marked: [1,448 bytes missing].
    As text they are decoded as UTF-8, and control characters are made visible; raw writes the exact bytes and tells
    of missing ones on stderr. Both sides are shown turn by turn in the order of time.

    With --as http or --as websocket it is shown what was said in that protocol: messages put together, without transfer
    coding, compression and masks; out of TLS where keys are at hand, out of HTTP/2, and out of CONNECT tunnels.

    \b
    Examples:
      inspector follow traffic.pcap 0
      inspector follow traffic.pcap 0 --side server --as raw > answer.bin
      inspector follow traffic.pcap 3 --as hex
      inspector follow traffic.pcapng 3 --as http --keys sslkeys.log
      inspector follow traffic.pcap 5 --as websocket --json

    \b
    Exit codes: 0 ok, 2 the file cannot be read or there is no such connection.
    """
    from inspector.cli.opening import open_for_command
    from inspector.recording.turns import take_turns
    from inspector.report.follow import gap_text, hex_lines, json_lines, remarks, text_parts

    capture = open_for_command(file, keys)
    row = capture.connections[connection]
    roles = ["client", "server"] if side == "both" else [side]
    if form in ("http", "websocket"):
        _decoded(capture, row, roles, form, as_json)
        return
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


def _decoded(capture: Capture, row: Connection, roles: list[str], form: str, as_json: bool) -> None:
    """Show the connection as HTTP or as WebSocket."""
    from inspector.cli.websocket_options import write_lines
    from inspector.recording.websockets import read_websockets
    from inspector.report import follow_decoded as decoded

    if form == "http":
        turns = decoded.http_turns(capture, row.number, roles)
        lines, nothing = (
            decoded.http_json(turns) if as_json else decoded.http_text(turns, row),
            _("inspector: no HTTP was found on this connection; --as text shows its bytes") if not turns else "",
        )
    else:
        websockets = read_websockets(capture, only=[row.number])
        rows = decoded.websocket_rows(websockets, roles)
        lines, nothing = (
            decoded.websocket_json(websockets, rows) if as_json else decoded.websocket_text(websockets, rows, row),
            _("inspector: no WebSocket was found on this connection; --as text shows its bytes")
            if not websockets.connections
            else "",
        )
    write_lines(lines if as_json else (line.removesuffix("\n") for line in lines if line))
    if nothing:
        click.echo(nothing, err=True)
