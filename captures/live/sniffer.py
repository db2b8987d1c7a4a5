"""scapy's sniffer as a program: ``python -m captures.live.sniffer INTERFACE OUTPUT FILTER [COUNT]``.

Says ``listening on`` when it captures, and on SIGINT how many packets it got and how many the kernel dropped, as tcpdump
does. A process of its own, so that scapy's settings and its licence stay there.
"""

from __future__ import annotations

import logging
import signal
import socket
import sys
import threading
from pathlib import Path
from struct import unpack

from inspector.recording.reader import Interface
from inspector.recording.writer import PcapngWriter

_SOL_PACKET = 263
_PACKET_STATISTICS = 6
_PACKET_IGNORE_OUTGOING = 23
_ETHERNET = 1
_SO_RCVBUFFORCE = 33
_BUFFER_BYTES = 16 << 20
"""Asked of the kernel; a burst is kept there until it is read."""


def main(interface: str, output: str, filter_text: str, count: int = 0) -> int:
    """Capture until SIGINT or until `count` packets came (0: no end)."""
    logging.getLogger("scapy").setLevel(logging.ERROR)
    from scapy.config import conf
    from scapy.error import Scapy_Exception
    from scapy.packet import Packet
    from scapy.sendrecv import AsyncSniffer

    try:
        source = conf.L2listen(iface=interface, filter=filter_text or None)
    except (OSError, ValueError, Scapy_Exception) as error:
        print(f"sniffer: {error}", file=sys.stderr)
        return 1
    inner = getattr(source, "ins", None)
    if isinstance(inner, socket.socket):
        _enlarge(inner)
        if interface == "lo":
            # On loopback every packet goes out and comes in: as libpcap does, only what comes in is kept.
            inner.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)
    # Reading the count sets it to 0: what the socket dropped before it had its filter is none of this capture's.
    _dropped(source)
    stopped = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: stopped.set())
    captured = 0
    with PcapngWriter(Path(output), application="scapy") as writer:
        number = writer.add_interface(
            Interface(link_type=_ETHERNET, snaplen=0, name=interface, filter=filter_text or None)
        )

        def write(packet: Packet) -> None:
            nonlocal captured
            writer.write_packet(
                number, int(packet.time * 10**9), bytes(packet.original), length=packet.wirelen or len(packet.original)
            )
            captured += 1
            if captured == count:
                stopped.set()

        sniffer = AsyncSniffer(opened_socket=source, store=False, prn=write, count=count)
        sniffer.start()
        print(f"listening on {interface}", file=sys.stderr, flush=True)
        stopped.wait()
        if sniffer.running:
            sniffer.stop()
    print(f"{captured} packets captured", file=sys.stderr)
    dropped = _dropped(source)
    if dropped is not None:
        print(f"{dropped} packets dropped by kernel", file=sys.stderr)
    source.close()
    return 0


def _enlarge(inner: socket.socket) -> None:
    """Give the socket its buffer: beyond the system's limit where we may, else as much as is granted."""
    try:
        inner.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER_BYTES)
    except PermissionError:
        inner.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)


def _dropped(source: object) -> int | None:
    """What Linux says it dropped on a packet socket since this was asked last; None elsewhere."""
    inner = getattr(source, "ins", None)
    if not isinstance(inner, socket.socket):
        return None
    try:
        _packets, drops = unpack("=II", inner.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8))
    except OSError:
        return None
    return int(drops)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]) if len(sys.argv) > 4 else 0))
