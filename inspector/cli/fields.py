"""``inspector fields``."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from inspector.errors import UsageError
from inspector.i18n import _

if TYPE_CHECKING:
    from inspector.analysis.fields import Field

__all__ = ["command"]


@click.command("fields")
@click.argument("file", type=click.Path(), required=False)
@click.option("-e", "names", metavar="NAME", multiple=True, help="A field to print; may be given several times.")
@click.option("-Y", "display_filter", metavar="FILTER", help="Only packets that match, e.g. 'tcp.port == 443'.")
@click.option("--header", is_flag=True, help="Print the names first (tshark's -E header=y).")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array with one object per packet and line.")
@click.option("--list", "list_fields", is_flag=True, help="Print every supported field with its type and meaning.")
def command(
    file: str | None,
    names: tuple[str, ...],
    display_filter: str | None,
    header: bool,
    as_json: bool,
    list_fields: bool,
) -> None:
    """Print fields of every packet under Wireshark's names, as tshark -T fields does.

    One line per packet, columns separated by tabs, several occurrences in one packet by commas.

    \b
    Examples:
      inspector fields traffic.pcap -e frame.number -e ip.src -e tcp.len
      inspector fields traffic.pcap -e tcp.stream -Y 'ip.addr == 10.0.0.0/8 and tcp.flags.reset == 1'
      inspector fields --list

    \b
    Filters: a field or protocol name alone asks whether it is there; ==, !=, <, >, <=, >= and contains
    compare it; and, or, not and parentheses combine. != holds when every occurrence differs.
    tcp.payload and udp.payload may be searched too: 'tcp.payload contains "GET"'.

    \b
    Exit codes: 0 ok, 2 the file cannot be read, a field does not exist or the filter does not parse.
    """
    from inspector.analysis.fields import FIELDS, FILTER_FIELDS

    if list_fields:
        _print_list(FIELDS.values(), as_json)
        return
    if file is None:
        raise UsageError(_("no capture named; try: inspector fields traffic.pcap -e ip.src"))
    if not names:
        raise UsageError(_("no field named; add -e NAME, and see inspector fields --list"))
    unknown = [name for name in names if name not in FIELDS]
    if unknown:
        raise UsageError(
            _("there is no supported field {name}; see inspector fields --list").format(name=repr(unknown[0]))
        )
    from inspector.analysis.fields.filter_grammar import parse_filter
    from inspector.analysis.fields.table import columns_of_text, json_rows
    from inspector.cli.opening import open_for_command

    chosen = None if display_filter is None else parse_filter(display_filter, FILTER_FIELDS)
    fields = [FIELDS[name] for name in names]
    capture = open_for_command(file)
    if as_json:
        _print_json(json_rows(capture, fields, chosen))
    else:
        output = sys.stdout.buffer
        if header:
            output.write("\t".join(names).encode() + b"\n")
        for columns in columns_of_text(capture, fields, chosen):
            if columns[0]:
                output.write("\n".join([*map("\t".join, zip(*columns, strict=True)), ""]).encode())
        output.flush()


def _print_list(fields: Iterable[Field], as_json: bool) -> None:
    if as_json:
        rows = [{"name": field.name, "type": field.kind.name, "meaning": field.meaning} for field in fields]
        click.echo(json.dumps(rows, ensure_ascii=False, indent=1))
        return
    for field in fields:
        click.echo(f"{field.name}\t{field.kind.name}\t{_(field.meaning)}")


def _print_json(rows: Iterable[str]) -> None:
    separator = "[\n"
    for row in rows:
        click.echo(separator + row, nl=False)
        separator = ",\n"
    click.echo("[]" if separator == "[\n" else "\n]")
