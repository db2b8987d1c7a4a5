"""``inspector capture``."""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from inspector.i18n import _, ngettext

if TYPE_CHECKING:
    from captures.live import CaptureResult, LiveCapture, Ring
    from captures.live.follow import Follower

__all__ = ["command"]

_TICK_S = 0.1
_UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9}


@click.command("capture")
@click.option("-i", "--interface", required=True, help="Interface to capture on; inspector interfaces lists them.")
@click.option("-f", "--filter", "filter_text", default="", metavar="BPF", help="Capture filter, e.g. 'tcp port 8000'.")
@click.option("--for", "seconds", type=click.FloatRange(min=0.1), metavar="S", help="Stop after so many seconds.")
@click.option("--packets", type=click.IntRange(min=1), metavar="N", help="Stop after so many packets.")
@click.option("--ring", metavar="SIZExN", help="N files of at most SIZE bytes, the oldest replaced, e.g. 100Mx10.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="pcapng to write.")
@click.option("--follow", is_flag=True, help="Show connections and WebSocket messages while capturing.")
@click.option("--own-traffic", is_flag=True, help="Also this terminal's SSH connection, which is left out otherwise.")
@click.option(
    "--with", "program", type=click.Choice(["dumpcap", "tcpdump", "scapy"]), help="Capture with this program only."
)
@click.option("--json", "as_json", is_flag=True, help="At the end one JSON document: files, packets, drops.")
def command(
    interface: str,
    filter_text: str,
    seconds: float | None,
    packets: int | None,
    ring: str | None,
    output: Path | None,
    follow: bool,
    own_traffic: bool,
    program: str | None,
    as_json: bool,
) -> None:
    """Capture packets of an interface into a pcapng, until Ctrl-C.

    dumpcap is used where it is installed and may capture, otherwise tcpdump, otherwise scapy's sniffer; it is said
    which. Packets that were lost are counted and told. Without -o the file is named by the time.

    The file holds everything that passed, cookies and passwords too.

    \b
    Examples:
      inspector capture -i lo -f 'tcp port 8000' -o chat.pcapng
      inspector capture -i eth0 --for 60 --follow
      inspector capture -i any --ring 100Mx10 -o rolling.pcapng

    \b
    Exit codes: 0 captured, 1 captured but packets were lost, 2 it could not start.
    """
    from captures.live import CaptureRequest, LiveCapture
    from captures.live.own import without_own
    from inspector.errors import UsageError

    if ring is not None and follow:
        raise UsageError(_("--follow reads one growing file; leave out --ring"))
    path = output or Path(time.strftime("capture-%Y%m%d-%H%M%S.pcapng"))
    request = CaptureRequest(
        interface,
        path,
        filter_text if own_traffic else without_own(filter_text),
        packets,
        _ring(ring) if ring else None,
    )
    if path.exists():
        raise UsageError(_("{name} exists; captures overwrite nothing: name another file").format(name=path))
    live = LiveCapture(request, (program,)) if program else LiveCapture(request)
    live.start()
    try:
        started = _("capturing on {interface} with {program} into {path}; Ctrl-C ends")
        click.echo(started.format(interface=interface, program=live.program, path=path), err=True)
        _watch(live, seconds, follow)
    except KeyboardInterrupt:
        pass
    finally:
        result = live.stop()
    _tell(result, as_json)
    if result.drops.kernel or result.drops.interface:
        click.get_current_context().exit(1)


def _ring(text: str) -> Ring:
    from captures.live import Ring
    from inspector.errors import UsageError

    found = re.fullmatch(r"(\d+)([kMG]?)[x×](\d+)", text)
    if found is None or int(found.group(3)) < 1 or int(found.group(1)) < 1:
        raise UsageError(_("--ring {text} is not SIZExN, as 100Mx10 for ten files of 100 MB").format(text=text))
    return Ring(int(found.group(1)) * _UNITS[found.group(2)], int(found.group(3)))


def _watch(live: LiveCapture, seconds: float | None, follow: bool) -> None:
    """Until time is up or the program has ended by itself."""
    follower = None
    if follow:
        from captures.live.follow import Follower

        follower = Follower(live.growing)
    end = time.monotonic() + seconds if seconds is not None else None
    counting = sys.stderr.isatty() and not follow
    while live.running() and (end is None or time.monotonic() < end):
        time.sleep(_TICK_S if end is None else min(_TICK_S, max(end - time.monotonic(), 0)))
        if follower is not None and follower.due():
            _print_new(follower)
        count = live.count()
        if counting and count is not None:
            click.echo(
                "\r" + ngettext("{count} packet", "{count} packets", count).format(count=count), err=True, nl=False
            )
    if counting:
        click.echo("\r\x1b[K", err=True, nl=False)
    if follower is not None:
        time.sleep(_TICK_S)
        _print_new(follower)


def _print_new(follower: Follower) -> None:
    for line in follower.lines():
        click.echo(line)


def _tell(result: CaptureResult, as_json: bool) -> None:
    drops = result.drops
    if as_json:
        document = {
            "program": result.program,
            "files": [str(path) for path in result.files],
            "packets": drops.received,
            "dropped_by_kernel": drops.kernel,
            "dropped_by_interface": drops.interface,
            "refused": result.refused,
        }
        click.echo(json.dumps(document, ensure_ascii=False))
        return
    for name, why in result.refused.items():
        click.echo(_("not with {program}: {why}").format(program=name, why=why), err=True)
    count = drops.received or 0
    text = ngettext("{count} packet captured: {files}", "{count} packets captured: {files}", count)
    click.echo(text.format(count=count, files=", ".join(map(str, result.files))), err=True)
    if drops.kernel or drops.interface:
        lost = _("LOST: {kernel} packets by the kernel, {interface} by the interface; a narrower -f helps")
        click.echo(lost.format(kernel=drops.kernel or 0, interface=drops.interface or 0), err=True)
    elif drops.kernel is None:
        click.echo(_("whether packets were lost is not known"), err=True)
