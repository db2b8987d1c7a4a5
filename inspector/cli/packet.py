"""``inspector packet``."""

from __future__ import annotations

import json

import click

__all__ = ["command"]

_PIPE_WIDTH = 100
"""Columns where the output is not a terminal."""


@click.command("packet")
@click.argument("file", type=click.Path())
@click.argument("number", type=int)
@click.option("--bits", is_flag=True, help="Draw each header as an RFC-style bit diagram with its values.")
@click.option("--keys", type=click.Path(), help="TLS key log (SSLKEYLOGFILE); keys inside a pcapng are used anyway.")
@click.option("--json", "as_json", is_flag=True, help="Print the packet as JSON (schema packet/1).")
@click.option(
    "--level",
    type=click.Choice(["normal", "learn"]),
    default="normal",
    show_default=True,
    help="learn: what each header is for, and Wireshark's filter names.",
)
def command(file: str, number: int, bits: bool, keys: str | None, as_json: bool, level: str) -> None:
    """Show one packet: its layers as boxes, every field with meaning and RFC section, its bytes.

    NUMBER counts from 1, as Wireshark does. A number below the bytes is that of the field in the tables. Where the keys of
    TLS are at hand, the WebSocket frames that it protects are shown as well, in bytes of their own.

    Exit codes: 0 shown; 2 the file cannot be read, or has no such packet.

    \b
    Examples:
      inspector packet traffic.pcap 4
      inspector packet traffic.pcap 4 --bits
      inspector packet traffic.pcap 4 --level learn | less -R
      inspector packet traffic.pcap 4 --json | jq '.layers[].title'
    """
    from inspector.cli.opening import open_for_command
    from inspector.report.messages import harmless
    from inspector.report.packet import build_packet

    packet = build_packet(open_for_command(file, keys), number)
    if as_json:
        click.echo(harmless(json.dumps(packet, ensure_ascii=False)))
        return
    from inspector.cli.printing import Terminal
    from inspector.report.packet_text import render_packet

    console = Terminal()
    width = console.width if console.is_terminal else _PIPE_WIDTH
    for line in render_packet(packet, width, bits=bits, learn=level == "learn"):
        console.print(line)
