"""``inspector craft``."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from inspector.i18n import _, reason_of

if TYPE_CHECKING:
    from captures.craft import Crafted, CraftedLayer

__all__ = ["command"]

_PIPE_WIDTH = 100
_EPOCH_NS = 1_700_000_000 * 10**9
"""The time stamp of what was never sent: the same each time, so that the same notation gives the same file."""


@click.command("craft")
@click.argument("packets", nargs=-1, required=True, metavar="PACKET...")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="pcapng to write the packets to.")
@click.option("--bits", is_flag=True, help="Draw each header as an RFC-style bit diagram with its values.")
@click.option("--json", "as_json", is_flag=True, help="Print each packet as JSON (schema packet/1) on a line.")
@click.option(
    "--level",
    type=click.Choice(["normal", "learn"]),
    default="normal",
    show_default=True,
    help="learn: what each header is for, and Wireshark's filter names.",
)
def command(packets: tuple[str, ...], output: Path | None, bits: bool, as_json: bool, level: str) -> None:
    """Build packets from scapy's notation, and show every bit of them. Nothing is sent.

    Layers are joined by slashes; what is not given gets its usual value, checksums and lengths are computed. Addresses
    that are not given are those of documentation. The notation is read, never executed; names are not looked up.
    Layers that Inspector does not declare itself are shown as scapy describes them, and said to be.

    \b
    Examples:
      inspector craft 'Ether()/IP(dst="10.0.0.1")/TCP(dport=80,flags="S")'
      inspector craft 'IP(ttl=1)/ICMP()/"안녕"' --bits
      inspector craft 'IP()/UDP(dport=53)/DNS(qd=DNSQR(qname="example.org"))' -o dns.pcapng
      inspector craft 'IP()/TCP(options=[("MSS", 1460), ("WScale", 7)])' --level learn

    \b
    Exit codes: 0 built, 2 this is no packet, or scapy is missing.
    """
    from captures.craft import craft
    from inspector.errors import UsageError
    from inspector.recording.capture import open_capture
    from inspector.report.messages import harmless
    from inspector.report.packet import build_packet

    if output is not None and output.exists():
        raise UsageError(_("{name} exists; name another file").format(name=output))
    built = [craft(text) for text in packets]
    with tempfile.TemporaryDirectory() as folder:
        path = output or Path(folder) / "crafted.pcapng"
        _write(path, built, packets)
        capture = open_capture(path)
        for number, crafted in enumerate(built, 1):
            packet = build_packet(capture, number)
            unknown = _undeclared(packet, crafted)
            if as_json:
                packet["described_by_scapy"] = [_layer_json(layer) for layer in unknown]
                click.echo(harmless(json.dumps(packet, ensure_ascii=False)))
            else:
                _show(packet, unknown, bits, level == "learn")


def _write(path: Path, built: list[Crafted], notations: tuple[str, ...]) -> None:
    from inspector.errors import UsageError
    from inspector.recording.reader import Interface
    from inspector.recording.writer import PcapngWriter

    try:
        with PcapngWriter(path, application="inspector craft") as writer:
            interfaces: dict[int, int] = {}
            for crafted, notation in zip(built, notations, strict=True):
                link = crafted.link_type
                if link not in interfaces:
                    interfaces[link] = writer.add_interface(Interface(link_type=link, snaplen=0, name="crafted"))
                writer.write_packet(interfaces[link], _EPOCH_NS, crafted.data, comments=[notation])
    except OSError as error:
        raise UsageError(_("cannot write {name}: {why}").format(name=path, why=reason_of(error))) from error


def _undeclared(packet: dict[str, Any], crafted: Crafted) -> list[CraftedLayer]:
    """scapy's layers whose bytes none of our headers covers."""
    covered = set()
    for layer in packet["layers"]:
        if layer["space"] == "packet":
            first, size = layer["range"]
            covered |= set(range(first, first + size))
    return [layer for layer in crafted.layers if layer.size and layer.offset not in covered]


def _layer_json(layer: CraftedLayer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "title": layer.title,
        "range": [layer.offset, layer.size],
        "fields": [{"name": f.name, "bits": [f.first_bit, f.bits], "text": f.text} for f in layer.fields],
    }


def _show(packet: dict[str, Any], unknown: list[CraftedLayer], bits: bool, learn: bool) -> None:
    from rich.text import Text

    from inspector.cli.printing import Terminal
    from inspector.report.clean import clean
    from inspector.report.packet_text import render_packet

    console = Terminal()
    for line in render_packet(packet, console.width if console.is_terminal else _PIPE_WIDTH, bits=bits, learn=learn):
        console.print(line)
    for layer in unknown:
        title = _("{title}: as scapy describes it; not declared by Inspector").format(title=clean(layer.title))
        console.print(Text(f"\n{title}", style="bold"))
        for field in layer.fields:
            console.print(
                Text(f"  {_place(field.first_bit, field.bits):>16}  {clean(field.name):<22}  {clean(field.text)}")
            )


def _place(first: int, bits: int) -> str:
    """Bytes from the packet's start, and which bits of a byte where it is no whole one."""
    start, end = first // 8, (first + bits - 1) // 8
    where = f"{start}" if start == end else f"{start}–{end}"
    return where if first % 8 == 0 and bits % 8 == 0 else f"{where} ({bits} b)"
