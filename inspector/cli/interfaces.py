"""``inspector interfaces``."""

from __future__ import annotations

import json

import click

__all__ = ["command"]


@click.command("interfaces")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per line.")
def command(as_json: bool) -> None:
    """List the network interfaces that can be captured on.

    Exit code 0.

    \b
    Examples:
      inspector interfaces
      inspector interfaces --json | jq -r 'select(.loopback) | .name'
    """
    from dataclasses import asdict

    from captures.live.interfaces import interfaces
    from inspector.report.clean import clean

    for interface in interfaces():
        if as_json:
            click.echo(json.dumps(asdict(interface), ensure_ascii=False))
        else:
            words = [interface.name, *interface.addresses, interface.description and f"({interface.description})"]
            click.echo(clean("  ".join(word for word in words if word)))
