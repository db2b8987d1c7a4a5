"""``inspector chat``."""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

import click

__all__ = ["command"]


@click.group("chat", invoke_without_command=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0 takes a free one.")
@click.option(
    "--server", default="daphne", show_default=True, type=click.Choice(["daphne", "uvicorn", "hypercorn"]),
    help="The ASGI server.",
)  # fmt: skip
@click.option(
    "--layer", default="memory", show_default=True, metavar="LAYER",
    help="Channel layer: memory, redis://HOST:PORT or pubsub+redis://HOST:PORT.",
)  # fmt: skip
@click.option(
    "--profile", type=click.Choice(["nginx"]),
    help="nginx: nginx in front of two processes, with a Redis of their own.",
)  # fmt: skip
@click.option("--processes", type=click.IntRange(1, 64), help="Server processes.  [default: 1, with a profile 2]")
@click.option("--behind-proxy", is_flag=True, help="A reverse proxy in front serves static files and media.")
@click.option(
    "--ping-interval", default=20.0, show_default=True, type=click.FloatRange(min=0.5),
    help="Seconds between WebSocket pings.",
)  # fmt: skip
@click.option(
    "--ping-timeout", default=15.0, show_default=True, type=click.FloatRange(min=0.5),
    help="Seconds to wait for a pong; keep it below the interval.",
)  # fmt: skip
@click.option("--tls", is_flag=True, help="https with a self-signed certificate; session keys go to the data folder.")
@click.option("--trace", metavar="TO", help="Write trace events to a file or udp://127.0.0.1:PORT (see docs/trace.md).")
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), help="Folder for database, uploads and keys.")
@click.option("--debug/--no-debug", default=None, help="Django's debug mode; on by default on loopback.")
@click.option("--demo/--no-demo", default=None, help="Demo users without password; on by default on loopback.")
@click.option("--scripted-users", default=0, type=click.IntRange(0, 2000), help="Demo users to create for drive.")
@click.option("--allowed-host", "allowed_hosts", multiple=True, help="A name the server is reached by; repeatable.")
@click.option("--trusted-origin", "origins", multiple=True, help="Origin of other pages allowed in; repeatable.")
@click.pass_context
def command(
    ctx: click.Context,
    host: str,
    port: int,
    server: str,
    layer: str,
    profile: str | None,
    processes: int | None,
    behind_proxy: bool,
    ping_interval: float,
    ping_timeout: float,
    tls: bool,
    trace: str | None,
    data: Path | None,
    debug: bool | None,
    demo: bool | None,
    scripted_users: int,
    allowed_hosts: tuple[str, ...],
    origins: tuple[str, ...],
) -> None:
    """Start the reference chat server: Django, Channels, SQLite, on this machine only.

    Prints its address and runs until Ctrl-C. Exit codes: 0 stopped, 1 a server process died, 2 it could not start.

    \b
    Examples:
      inspector chat
      inspector chat --port 0 --server uvicorn
      inspector chat --layer redis://127.0.0.1:6379 --processes 2
      inspector chat --trace trace.jsonl
      inspector chat --profile nginx --port 8080
    """
    if ctx.invoked_subcommand is not None:
        return
    from inspector.chat.options import ServerOptions, default_data

    options = ServerOptions(
        data=(data or default_data()).resolve(),
        host=host,
        port=port,
        server=server,
        layer=layer,
        processes=processes or (2 if profile else 1),
        behind_proxy=behind_proxy,
        ping_interval=ping_interval,
        ping_timeout=ping_timeout,
        tls=tls,
        trace=trace,
        debug=debug,
        demo=demo,
        scripted_users=scripted_users,
        allowed_hosts=allowed_hosts,
        trusted_origins=origins,
    )
    ctx.exit(_run(options, profile))


def _run(options: object, profile: str | None) -> int:
    import signal
    import threading

    from inspector.chat.launch import ChatServer
    from inspector.chat.options import ServerOptions
    from inspector.chat.profile import NginxProfile
    from inspector.i18n import _

    assert isinstance(options, ServerOptions)
    stop = threading.Event()
    if options.processes > 1 and options.layer == "memory" and profile is None:
        click.echo(
            _("inspector: with the memory layer, processes cannot hear each other; use --layer redis://…"), err=True
        )
    with NginxProfile(options) if profile else ChatServer(options) as server:
        # Not before: Ctrl-C while it starts takes the short way out, which stops everything as well.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        click.echo(_("Chat server on {url} (data in {folder}; Ctrl-C stops it)").format(
            url=server.url, folder=options.data
        ))  # fmt: skip
        while not stop.wait(0.5):
            code = server.failed()
            if code is not None:
                click.echo(_("inspector: a server process ended (exit code {code})").format(code=code), err=True)
                return 1
    return 0


@command.command("drive")
@click.argument("url", default="http://127.0.0.1:8000/")
@click.option("--users", default=10, show_default=True, type=click.IntRange(1, 2000), help="How many users.")
@click.option("--rooms", default=2, show_default=True, type=click.IntRange(1, 1000), help="Rooms they are spread over.")
@click.option(
    "--rate", default=1.0, show_default=True, type=click.FloatRange(min=0.001), help="Messages/s of each user."
)
@click.option("--seconds", default=10.0, show_default=True, type=click.FloatRange(min=0.1), help="How long they talk.")
@click.option("--seed", default=1, show_default=True, help="The same seed says the same at the same times.")
@click.option("--sync", is_flag=True, help="Talk to the synchronous consumer.")
@click.option("-o", "--output", type=click.File("w", encoding="utf-8"), default="-", help="Log file (JSON lines).")
@click.option("--certificate", type=click.Path(exists=True), help="For https: the server's certificate.")
@click.pass_context
def drive(
    ctx: click.Context,
    url: str,
    users: int,
    rooms: int,
    rate: float,
    seconds: float,
    seed: int,
    sync: bool,
    output: TextIO,
    certificate: str | None,
) -> None:
    """Let scripted users talk, and log every message sent and received.

    The server at URL must offer demo users: inspector chat --scripted-users N. The log goes to the terminal or to -o,
    a summary to standard error. Exit codes: 0 every message reached everybody, 1 messages were lost, 2 could not start.

    \b
    Examples:
      inspector chat drive --users 4 --rooms 1
      inspector chat drive --users 200 --rooms 10 --rate 0.2 --seconds 30 -o drive.jsonl
    """
    from inspector.chat.options import require
    from inspector.i18n import _

    require("websockets")
    from inspector.chat.drive import Script, run

    script = Script(url, users, rooms, rate, seconds, seed, "sync" if sync else "chat", certificate)
    summary = run(script, output)
    click.echo(
        _(
            "{users} users in {rooms} rooms sent {sent} messages in {seconds:.1f} s ({rate:.1f}/s); {received} of "
            "{expected} deliveries arrived ({fanout:.0f}/s), {lost} lost, {duplicate} twice; latency p50 {p50:.1f} ms, "
            "p95 {p95:.1f} ms, max {worst:.1f} ms; {closed} sockets ended early"
        ).format(**summary),
        err=True,
    )
    ctx.exit(1 if summary["lost"] or summary["duplicate"] or summary["closed"] else 0)
