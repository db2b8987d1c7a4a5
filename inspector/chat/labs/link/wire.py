"""The link itself: takes frames from one TAP device, spoils some, hands the rest to the other; notes every fate."""

from __future__ import annotations

import heapq
import json
import os
import random
import selectors
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from inspector.chat.labs.link.weather import Weather

__all__ = ["SIDES", "Passage", "Wire"]

SIDES = ("client", "server")

_LONGEST = 65_536
_ETHERNET, _IPV4, _TCP = 14, 0x0800, 6
_SYN, _ACK = 0x02, 0x10
_DOUBLE_S = (0.0001, 0.002)
"""How long after the first copy the second one leaves."""
_TICK_S = 0.05


@dataclass(slots=True)
class Passage:
    """One frame that entered the link.

    Attributes:
        sender: Index of the side it came from, in ``SIDES``.
        time_ns: When it entered.
        fate: ``passed``, ``dropped``, ``too_big``, ``held``, ``doubled`` or ``corrupted``.
        length: Bytes of the frame.
        tcp: IP identification, sequence number, TCP payload bytes, flags, source port; None when it is no TCP over IPv4.
        left_ns: When each copy left towards the other side.
    """

    sender: int
    time_ns: int
    fate: str
    length: int
    tcp: tuple[int, int, int, int, int] | None
    left_ns: list[int] = field(default_factory=list)


class Wire:
    """Passes frames between two TAP devices in a thread of its own until stopped.

    Args:
        devices: File descriptors of the client's and the server's device.
        weather: What happens to frames.
        seed: The same seed takes the same decisions for the same frames.
    """

    def __init__(self, devices: tuple[int, int], weather: Weather, seed: int) -> None:
        self._devices = devices
        self._weather = weather
        self._chance = random.Random(seed)
        self._due: list[tuple[float, int, int, bytes, Passage]] = []
        self._latest = [0.0, 0.0]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="link", daemon=True)
        self.passages: list[Passage] = []

    def start(self) -> None:
        """Begin to pass frames."""
        self._thread.start()

    def stop(self) -> None:
        """Pass no more frames."""
        self._stop.set()
        self._thread.join(10)

    def write_log(self, path: Path) -> None:
        """One JSON object per frame that entered, in order."""
        with path.open("w") as file:
            for number, passage in enumerate(self.passages):
                names = ("ip_id", "seq", "payload", "flags", "source_port")
                tcp = dict(zip(names, passage.tcp, strict=True)) if passage.tcp else None
                row = {
                    "frame": number, "from": SIDES[passage.sender], "time_ns": passage.time_ns, "fate": passage.fate,
                    "length": passage.length, "tcp": tcp, "left_ns": passage.left_ns,
                }  # fmt: skip
                file.write(json.dumps(row) + "\n")

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            for side, device in enumerate(self._devices):
                os.set_blocking(device, False)
                selector.register(device, selectors.EVENT_READ, side)
            while not self._stop.is_set():
                wait = max(min(self._due[0][0] - time.monotonic(), _TICK_S), 0) if self._due else _TICK_S
                for key, _events in selector.select(wait):
                    self._take(key.data)
                self._hand_over()

    def _take(self, side: int) -> None:
        """Everything that waits at one side."""
        while True:
            try:
                frame = os.read(self._devices[side], _LONGEST)
            except (BlockingIOError, OSError):
                return
            tcp = _tcp_of(frame)
            passage = Passage(side, time.time_ns(), "passed", len(frame), tcp)
            self.passages.append(passage)
            now = time.monotonic()
            # Ordinary frames keep their order, whatever the clock does.
            due = self._latest[side] = max(now + self._weather.delay_s, self._latest[side])
            self._decide(passage, frame, due)

    def _decide(self, passage: Passage, frame: bytes, due: float) -> None:
        weather, chance = self._weather, self._chance
        if passage.tcp is None:
            self._schedule(due, passage, frame)
            return
        flags = passage.tcp[3]
        if weather.mtu is not None and passage.length - _ETHERNET > weather.mtu:
            passage.fate = "too_big"
            return
        if weather.no_syn_to_server and passage.sender == 0 and flags & (_SYN | _ACK) == _SYN:
            passage.fate = "dropped"
            return
        draw = chance.random()
        bounds = (weather.loss, weather.reorder, weather.duplicate, weather.corrupt)
        fates = ("dropped", "held", "doubled", "corrupted")
        for share, fate in zip(bounds, fates, strict=True):
            if draw < share:
                passage.fate = fate if fate != "corrupted" or passage.tcp[2] else "passed"
                break
            draw -= share
        if passage.fate == "dropped":
            return
        if passage.fate == "held":
            due += chance.uniform(*weather.hold_s)
        elif passage.fate == "corrupted":
            damaged = bytearray(frame)
            # In the data: with another port or length it would be a packet of nobody's connection.
            at = len(frame) - 1 - chance.randrange(passage.tcp[2])
            damaged[at] ^= 1 << chance.randrange(8)
            frame = bytes(damaged)
        self._schedule(due, passage, frame)
        if passage.fate == "doubled":
            self._schedule(due + chance.uniform(*_DOUBLE_S), passage, frame)

    def _schedule(self, due: float, passage: Passage, frame: bytes) -> None:
        heapq.heappush(self._due, (due, len(self.passages) * 2 + len(passage.left_ns), passage.sender, frame, passage))

    def _hand_over(self) -> None:
        now = time.monotonic()
        while self._due and self._due[0][0] <= now:
            _due, _order, sender, frame, passage = heapq.heappop(self._due)
            # Before the write: whoever captures behind the device cannot see it earlier.
            passage.left_ns.append(time.time_ns())
            try:
                os.write(self._devices[1 - sender], frame)
            except OSError:  # the device is going away
                passage.left_ns.pop()


def _tcp_of(frame: bytes) -> tuple[int, int, int, int, int] | None:
    """IP identification, sequence number, payload bytes, flags and source port, read by hand (RFC 791, RFC 9293)."""
    if len(frame) < _ETHERNET + 40 or int.from_bytes(frame[12:14]) != _IPV4 or frame[_ETHERNET + 9] != _TCP:
        return None
    ip = frame[_ETHERNET:]
    header = (ip[0] & 15) * 4
    total = int.from_bytes(ip[2:4])
    tcp = ip[header:]
    return (
        int.from_bytes(ip[4:6]),
        int.from_bytes(tcp[4:8]),
        total - header - (tcp[12] >> 4) * 4,
        tcp[13],
        int.from_bytes(tcp[:2]),
    )
