"""Real packets beside a proxied session, captured at the same time by another program."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from inspector.i18n import _, ngettext

if TYPE_CHECKING:
    from captures.live import LiveCapture

__all__ = ["PacketsBeside", "packets_beside", "packets_path"]

_LOOPBACK, _ANY = "lo", "any"


def packets_path(record: str | Path) -> Path:
    """Where the packets of a recording are: ``session.pcapng`` has ``session.packets.pcapng``."""
    path = Path(record)
    return path.with_name(f"{path.stem}.packets.pcapng")


class PacketsBeside:
    """Captures while the proxy runs, and keeps what belongs to the recording.

    Args:
        record: The recording.
        host: That the proxy listens on.
        reverse: The server it stands before, as a URL; None: clients name it.
    """

    def __init__(self, record: str | Path, host: str, reverse: str | None) -> None:
        self._record = Path(record)
        self._host = host
        self._target = urlsplit(reverse) if reverse is not None else None
        self._live: LiveCapture | None = None

    def start(self, port: int) -> None:
        """Capture from now on, or say why not: the session is recorded in any case.

        Args:
            port: That the proxy listens on.
        """
        from captures.live import CaptureRequest, LiveCapture
        from captures.live.own import without_own
        from inspector.cli.live import say
        from inspector.errors import InspectorError

        request = CaptureRequest(self._interface(), self._all, without_own(self._filter(port)))
        live = LiveCapture(request)
        try:
            live.start()
        except InspectorError as error:
            say(_("packets are not captured: {why}").format(why=error))
            return
        self._live = live
        text = _("packets are captured on {interface} with {program}")
        say(text.format(interface=request.interface, program=live.program))

    def stop(self) -> None:
        """End, and write the packets of the connections that were recorded."""
        if self._live is None:
            return
        from inspector.analysis.beside import write_joined
        from inspector.cli.live import say
        from inspector.errors import CaptureError
        from inspector.recording.capture import open_capture

        result = self._live.stop()
        for name, why in result.refused.items():
            say(_("not with {program}: {why}").format(program=name, why=why))
        target = packets_path(self._record)
        try:
            recording, packets = open_capture(self._record), open_capture(self._all)
            joined, count = write_joined(recording, packets, target)
        except (OSError, CaptureError) as error:
            say(_("all packets are in {path}: {why}").format(path=self._all, why=error))
            return
        self._all.unlink()
        text = ngettext("{count} packet of {joined} of {all} connections is in {path}",
                        "{count} packets of {joined} of {all} connections are in {path}", count)  # fmt: skip
        say(text.format(count=count, joined=joined, all=len(recording.connections), path=target))
        if result.drops.kernel or result.drops.interface:
            lost = (result.drops.kernel or 0) + (result.drops.interface or 0)
            text = ngettext(
                "{count} packet was lost while capturing", "{count} packets were lost while capturing", lost
            )
            say(text.format(count=lost))

    @property
    def _all(self) -> Path:
        return self._record.with_name(f"{self._record.stem}.all-packets.pcapng")

    def _interface(self) -> str:
        """Loopback where both legs are there, else all: which way a server is reached is not known before."""
        if _is_loopback(self._host) and self._target is not None and _is_loopback(self._target.hostname or ""):
            return _LOOPBACK
        return _ANY

    def _filter(self, port: int) -> str:
        """Ports of both legs where they are known; of other servers all of TCP, from which is chosen afterwards."""
        if self._target is None or self._target.scheme not in ("http", "https"):
            return "tcp"
        theirs = self._target.port or (443 if self._target.scheme == "https" else 80)
        return f"tcp port {port} or tcp port {theirs}"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@contextmanager
def packets_beside(record: str | Path, host: str, reverse: str | None) -> Iterator[PacketsBeside]:
    """Packets until the end of the block."""
    beside = PacketsBeside(record, host, reverse)
    try:
        yield beside
    finally:
        beside.stop()
