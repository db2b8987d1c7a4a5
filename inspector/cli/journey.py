"""``inspector journey``."""

from __future__ import annotations

import json

import click

__all__ = ["command"]


@click.command("journey")
@click.argument("file", type=click.Path())
@click.option("--message", type=int, metavar="N", help="Show journey N whole: every hop, every recipient.")
@click.option("--trace", type=click.Path(), help="The server's trace (docs/trace.md): journeys become exact.")
@click.option("--keys", type=click.Path(), help="TLS key log (SSLKEYLOGFILE); keys inside a pcapng are used anyway.")
@click.option("--no-payload", is_flag=True, help="Leave contents out of the JSON.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object per journey.")
def command(
    file: str, message: int | None, trace: str | None, keys: str | None, no_payload: bool, as_json: bool
) -> None:
    """Follow each WebSocket message from its sender to every recipient.

    With the server's trace a journey is exact: from the frame through the consumer, group_send, the recipients' queues and
    handlers to the frames that left, with times, missing recipients and SQL. Without it, journeys are inferred from
    texts, rooms and order, each with its confidence and the number of other messages that could have been the cause;
    what is inferred is always said to be.

    \b
    Examples:
      inspector journey chat.pcapng
      inspector journey chat.pcapng --trace trace.jsonl --message 12
      inspector journey chat.pcapng --json | jq 'select(.missing != [])'

    \b
    Exit codes: 0 ok, 2 a file cannot be read or there is no such journey.
    """
    from inspector.analysis.facts import Facts
    from inspector.analysis.journeys import fan_out, journeys_of
    from inspector.analysis.trace_events import read_trace
    from inspector.cli.opening import open_for_command
    from inspector.errors import UsageError
    from inspector.i18n import _
    from inspector.report.journeys import fan_out_lines, journey_json, journey_line, journey_lines

    events = read_trace(trace) if trace is not None else None
    facts = Facts(open_for_command(file, keys), None, events)
    journeys = journeys_of(facts)
    if message is not None:
        if not 1 <= message <= len(journeys):
            text = _("there is no journey {number}; this capture has {count}, numbered from 1")
            raise UsageError(text.format(number=message, count=len(journeys)))
        journeys = [journeys[message - 1]]
    for journey in journeys:
        if as_json:
            click.echo(json.dumps(journey_json(facts, journey, payload=not no_payload), ensure_ascii=False))
        elif message is None:
            click.echo(journey_line(facts, journey))
        else:
            for line in journey_lines(facts, journey):
                click.echo(line)
    if as_json:
        return
    if not journeys:
        click.echo(_("No message was seen to lead to another."))
    elif message is None:
        click.echo("")
        for line in fan_out_lines(fan_out(journeys)):
            click.echo(line)
