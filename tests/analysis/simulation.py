"""Simulates a TCP transfer over a bad path and captures it, knowing what every captured packet really is."""

from __future__ import annotations

import heapq
import random
import struct
from dataclasses import dataclass, field

from tests.analysis.conversations import timed_pcap
from tests.packets import ACK, SYN, ethernet, ipv4, tcp

__all__ = ["Path", "simulate"]

_MS = 1_000_000
_START = 1_700_000_000 * 10**9


@dataclass(frozen=True)
class Path:
    """What the path does and what the hosts tell.

    Args:
        rtt_ms: Round-trip time.
        capture: Where the capture is: 0 at the sender, 1 at the receiver.
        loss, reorder, copies: Chances per data packet: lost, delayed by up to 3 times the RTT, captured twice.
        timestamps, sack: Whether the hosts use the TCP options.
        ids: IP identification: ``"counter"``, ``"zero"`` or ``"random"``.
    """

    rtt_ms: float = 40
    capture: float = 0.5
    loss: float = 0.0
    reorder: float = 0.0
    copies: float = 0.0
    timestamps: bool = True
    sack: bool = True
    ids: str = "counter"


@dataclass
class _Run:
    chance: random.Random
    path: Path
    events: list[tuple[int, int, str, tuple[int, ...]]] = field(default_factory=list)
    captured: list[tuple[int, int, bytes, str, int]] = field(default_factory=list)
    serial: int = 0
    ids: int = 1

    def at(self, time_ns: int, what: str, *values: int) -> None:
        self.serial += 1
        heapq.heappush(self.events, (time_ns, self.serial, what, values))

    def packet(
        self,
        time_ns: int,
        side: int,
        seq: int,
        ack: int,
        flags: int,
        size: int = 0,
        options: bytes = b"",
        echo: int = 0,
    ) -> bytes:
        """A packet as its host makes it at ``time_ns``."""
        addresses = ("10.0.0.1", "10.0.0.2")
        if self.path.timestamps:
            options = b"\x01\x01\x08\x0a" + struct.pack(">II", time_ns // _MS % 2**32, echo) + options
        ends = (addresses[side], addresses[1 - side])
        ports = (40000, 80) if side == 0 else (80, 40000)
        self.ids += 1
        number = {"counter": self.ids, "zero": 0, "random": self.chance.getrandbits(16)}[self.path.ids]
        segment = tcp(b"d" * size, *ends, ports, seq, ack, flags, 65535, options)
        return ethernet(ipv4(segment, *ends, identification=number & 0xFFFF))

    def capture(self, time_ns: float, packet: bytes, truth: str) -> None:
        self.serial += 1
        self.captured.append((int(time_ns), self.serial, packet, truth, self.serial))


def simulate(seed: int, path: Path, segments: int = 300) -> tuple[bytes, dict[int, str]]:
    """Send ``segments`` segments from 10.0.0.1 to 10.0.0.2.

    Returns:
        The capture, and by packet number what each data packet is: ``"first"``, ``"resend"`` or
        ``"capture_duplicate"``. A first copy that arrives late is what ``reorder`` means.
    """
    run = _Run(random.Random(seed), path)
    chance, size, base = run.chance, 1000, run.chance.getrandbits(32)
    half = int(path.rtt_ms * _MS / 2)
    start = _START
    for offset, side, seq, ack, flags in (
        (0, 0, base, 0, SYN),
        (1, 1, 0, base + 1, SYN | ACK),
        (2, 0, base + 1, 1, ACK),
    ):
        made = start + offset * half
        where = path.capture if side == 0 else 1 - path.capture
        run.capture(made + half * where, run.packet(made, side, seq, ack, flags), "handshake")
    run.at(start + 2 * half + 1000, "send")
    next_new, acked, dup_acks, resent_until, received = 0, 0, 0, -1, set[int]()
    attempts = dict[int, int]()
    last_progress = start + 2 * half

    def transmit(now: int, index: int) -> None:
        attempts[index] = attempts.get(index, 0) + 1
        truth = "first" if attempts[index] == 1 else "resend"
        packet = run.packet(now, 0, base + 1 + index * size, 1, ACK, size)
        lost = chance.random() < path.loss
        late = int(chance.uniform(0.05, 3) * path.rtt_ms * _MS) if chance.random() < path.reorder else 0
        before = chance.random() < path.capture  # the mishap happens between the sender and the capture
        transit = half + chance.randrange(1000)
        seen = now + transit * path.capture + (late if before else 0)
        if not (lost and before):
            run.capture(seen, packet, truth)
            if chance.random() < path.copies:
                run.capture(seen + chance.randrange(1_000, 2 * _MS), packet, "capture_duplicate")
        if not lost:
            run.at(now + transit + late, "arrive", index)

    while run.events and acked < segments:
        now, _, what, values = heapq.heappop(run.events)
        if what == "send":
            burst = 0
            while next_new < segments and next_new - acked < 20 and burst < 4:
                transmit(now + burst * 20_000, next_new)
                next_new, burst = next_new + 1, burst + 1
            run.at(now + chance.choice((_MS // 5, 3 * _MS)), "send")
            if now - last_progress > max(200 * _MS, 4 * half):
                transmit(now, acked)
                last_progress, dup_acks, resent_until = now, 0, next_new
        elif what == "arrive":
            index = values[0]
            twice = index in received
            received.add(index)
            edge = next(i for i in range(segments + 1) if i not in received)
            blocks = [(index, index + 1)] if twice or index > edge else []
            blocks += [(i, i + 1) for i in sorted(received) if i > edge][: 3 - len(blocks)] if path.sack else []
            options = b""
            if path.sack and blocks:
                edges = [(base + 1 + number * size) % 2**32 for block in blocks for number in block]
                options = b"\x01\x01\x05" + bytes([2 + 4 * len(edges)]) + struct.pack(f">{len(edges)}I", *edges)
            answer = run.packet(now, 1, 1, base + 1 + edge * size, ACK, options=options)
            run.capture(now + half * (1 - path.capture), answer, "ack")
            run.at(now + half, "acked", edge)
        elif what == "acked":
            if values[0] > acked:
                acked, dup_acks, last_progress = values[0], 0, now
            elif values[0] == acked and acked < next_new:
                dup_acks += 1
                if dup_acks == 3 and acked > resent_until:
                    transmit(now, acked)
                    resent_until = acked
    run.captured.sort(key=lambda item: item[:2])
    truth = {number: item[3] for number, item in enumerate(run.captured, 1) if item[3] not in ("handshake", "ack")}
    return timed_pcap([(item[0], item[2]) for item in run.captured]), truth
