"""Makes fuzzed TCP conversations from a seed: everything that a rule of "ws-4.0" could look at, in any order.

The two ends are half sane (they remember what they sent and heard), so that the rules' equalities are really met, and
half mad, so that every state is left in every way.
"""

from __future__ import annotations

import random
import struct
from dataclasses import dataclass, field

from tests.packets import ACK, FIN, PSH, RST, SYN, checksum, ethernet, ipv4, tcp

__all__ = ["fuzzed_pcap", "timed_pcap"]

_STARTS = (0, 1, 2**31 - 500, 2**31, 2**32 - 1, 2**32 - 700, 2**32 - 4000)
_STEPS_NS = (0, 1_000, 50_000, 900_000, 2_999_000, 3_000_000, 19_999_000, 20_000_000, 45_000_000, 200_000_000)


def timed_pcap(packets: list[tuple[int, bytes]], link_type: int = 1) -> bytes:
    """A little-endian nanosecond pcap file of (time in ns since the epoch, packet)."""
    parts = [struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, link_type)]
    for time_ns, packet in packets:
        parts.append(struct.pack("<IIII", time_ns // 10**9, time_ns % 10**9, len(packet), len(packet)))
        parts.append(packet)
    return b"".join(parts)


@dataclass
class _End:
    address: str
    port: int
    next: int
    window: int = 65535
    scale: int = 0
    heard: int = 0
    acked: int = 0
    identification: int = 1
    clock: int = 1000
    sent: list[tuple[int, int]] = field(default_factory=list)


class _Conversation:
    """One pair of addresses and ports, through one or more connections."""

    def __init__(self, chance: random.Random, number: int) -> None:
        self.chance = chance
        self.number = number
        self.packets: list[bytes] = []
        self.held: list[bytes] = []
        self.options = chance.random() < 0.7
        self.mss = chance.choice((100, 536, 1000, 1460))
        self.calm = chance.random()
        self.start()

    def start(self) -> None:
        chance = self.chance
        seqs = [chance.choice(_STARTS) if chance.random() < 0.5 else chance.getrandbits(32) for _ in range(2)]
        client = _End(f"10.0.{self.number >> 8 & 255}.{self.number & 255}", 40000 + self.number % 9, seqs[0])
        self.ends = (client, _End("10.1.0.1", 80, seqs[1]))
        if chance.random() < 0.8:
            self.handshake()
        else:
            for end, peer in (self.ends, self.ends[::-1]):
                end.heard = peer.next

    def send(
        self,
        side: int,
        seq: int,
        flags: int,
        size: int = 0,
        *,
        ack: int | None = None,
        window: int | None = None,
        options: bytes = b"",
    ) -> None:
        """Make a segment and put it on the wire, mostly."""
        end, peer = self.ends[side], self.ends[1 - side]
        end.identification = (end.identification + 1) & 0xFFFF
        end.clock += self.chance.choice((0, 1, 40))
        if self.options and not options and self.chance.random() < 0.5:
            options = b"\x01\x01\x08\x0a" + struct.pack(">II", end.clock, peer.clock)
        number = end.heard if ack is None else ack
        field_window = end.window if window is None else window
        ports = (end.port, peer.port)
        body = self.chance.randbytes(size) if size < 8 else b"x" * size
        segment = tcp(body, end.address, peer.address, ports, seq, number, flags, field_window, options)
        packet = ethernet(ipv4(segment, end.address, peer.address, identification=end.identification))
        fate = self.chance.random()
        if fate < 0.04 * (1 - self.calm):
            return
        if fate < 0.09 * (1 - self.calm):
            self.held.append(packet)
            return
        self.packets.append(packet)
        if fate < 0.12 * (1 - self.calm):
            self.packets.append(packet)

    def handshake(self) -> None:
        chance = self.chance
        for side in (0, 1):
            options = b""
            if self.options:
                options += b"\x02\x04" + struct.pack(">H", self.mss)
                if chance.random() < 0.7:
                    self.ends[side].scale = chance.choice((0, 1, 7, 14, 15))
                    options += b"\x01\x03\x03" + bytes([self.ends[side].scale])
                if chance.random() < 0.7:
                    options += b"\x04\x02"
            seq = self.ends[side].next
            for _ in range(chance.choice((1, 1, 1, 2))):
                self.send(side, seq, SYN | (ACK if side else 0), options=options, ack=None if side else 0)
            self.ends[side].next = seq + 1
            self.ends[1 - side].heard = seq + 1
        if chance.random() < 0.9:
            self.send(0, self.ends[0].next, ACK)

    def step(self) -> None:
        """Do one thing."""
        acts = (
            (self.data, 30),
            (self.acknowledge, 25),
            (self.repeat_ack, 8),
            (self.resend, 8),
            (self.lose, 3),
            (self.window, 6),
            (self.probe, 4),
            (self.keep_alive, 4),
            (self.fill_window, 3),
            (self.sack, 6),
            (self.release, 4),
            (self.end, 2),
            (self.odd_syn, 1),
            (self.nonsense, 3),
        )
        self.chance.choices([act for act, _ in acts], [weight for _, weight in acts])[0](self.chance.randrange(2))

    def data(self, side: int) -> None:
        end = self.ends[side]
        for _ in range(self.chance.choice((1, 1, 2, 5))):
            size = self.chance.choice((1, 2, 17, self.mss, self.mss, self.mss))
            flags = ACK | (PSH if self.chance.random() < 0.3 else 0)
            end.sent.append((end.next, size))
            self.send(side, end.next, flags, size)
            end.next += size

    def acknowledge(self, side: int) -> None:
        end, peer = self.ends[side], self.ends[1 - side]
        how = self.chance.random()
        if how < 0.6 or not peer.sent:
            end.heard = peer.next
        elif how < 0.95:
            seq, size = self.chance.choice(peer.sent[-6:])
            end.heard = seq + self.chance.choice((size, size, size // 2))
        else:
            end.heard = peer.next + self.chance.choice((1, 1000))
        self.send(side, end.next, ACK)

    def repeat_ack(self, side: int) -> None:
        for _ in range(self.chance.choice((1, 2, 3, 5))):
            self.send(side, self.ends[side].next, ACK)

    def resend(self, side: int) -> None:
        end, peer = self.ends[side], self.ends[1 - side]
        if not end.sent:
            return
        seq, size = self.chance.choice(end.sent[-8:])
        how = self.chance.random()
        if how < 0.2:
            seq, size = seq + size // 2, size
        elif how < 0.4:
            seq = peer.heard
        self.send(side, seq, ACK | (FIN if self.chance.random() < 0.05 else 0), size)

    def lose(self, side: int) -> None:
        end = self.ends[side]
        size = self.chance.choice((1, self.mss, 3 * self.mss))
        end.sent.append((end.next, size))
        end.next += size

    def window(self, side: int) -> None:
        end = self.ends[side]
        end.window = self.chance.choice((0, 0, 1, 512, 1000, 65535))
        for _ in range(self.chance.choice((1, 1, 2))):
            self.send(side, end.next, ACK)

    def probe(self, side: int) -> None:
        """Close the window, probe it, answer the probe."""
        end, peer = self.ends[side], self.ends[1 - side]
        peer.heard = end.next
        self.send(1 - side, peer.next, ACK, window=0)
        peer.window = 0
        for _ in range(self.chance.choice((1, 2, 3))):
            self.send(side, end.next, ACK, 1)
            self.send(1 - side, peer.next, ACK, window=0)

    def keep_alive(self, side: int) -> None:
        end, peer = self.ends[side], self.ends[1 - side]
        for _ in range(self.chance.choice((1, 2))):
            self.send(side, end.next - 1, ACK, self.chance.choice((0, 1)))
            self.send(1 - side, peer.next, ACK)

    def fill_window(self, side: int) -> None:
        """Send exactly up to the edge of the peer's window."""
        end, peer = self.ends[side], self.ends[1 - side]
        peer.window = self.chance.choice((10, 300, 600))
        self.send(1 - side, peer.next, ACK)
        for scale in {0, min(peer.scale, 14)}:
            room = ((peer.heard & 0xFFFFFFFF) + (peer.window << scale) - end.next) & 0xFFFFFFFF
            if 0 < room < 20_000:
                for size in {min(room, 1400), room % 1400}:
                    end.sent.append((end.next, size))
                    self.send(side, end.next, ACK, size)
                    end.next += size

    def sack(self, side: int) -> None:
        end, peer = self.ends[side], self.ends[1 - side]
        ranges = self.chance.sample(peer.sent[-8:], min(len(peer.sent[-8:]), self.chance.choice((1, 1, 2, 3, 4))))
        if not ranges:
            return
        blocks = b"".join(struct.pack(">II", seq % 2**32, (seq + size) % 2**32) for seq, size in ranges)
        for _ in range(self.chance.choice((1, 1, 3))):
            self.send(side, end.next, ACK, options=b"\x01\x01\x05" + bytes([2 + len(blocks)]) + blocks)

    def release(self, side: int) -> None:
        """What was held back arrives late, in any order."""
        self.chance.shuffle(self.held)
        self.packets += self.held
        self.held.clear()

    def end(self, side: int) -> None:
        end = self.ends[side]
        if self.chance.random() < 0.6:
            for _ in range(self.chance.choice((1, 1, 2))):
                self.send(side, end.next, FIN | ACK, self.chance.choice((0, 0, 5)))
            end.next += 1
            self.ends[1 - side].heard = end.next
        else:
            how = self.chance.random()
            self.send(side, end.next, RST | (ACK if how < 0.5 else 0), ack=0 if how > 0.3 else None, window=0)

    def odd_syn(self, side: int) -> None:
        end = self.ends[side]
        how = self.chance.random()
        if how < 0.4:
            self.start()
        elif how < 0.7:
            self.send(side, end.next + self.chance.choice((0, 5, 10**9)), SYN, ack=0)
        else:
            self.send(side, end.next + self.chance.choice((0, 5, 10**9)), SYN | ACK, self.chance.choice((0, 3)))

    def nonsense(self, side: int) -> None:
        chance, end, peer = self.chance, self.ends[side], self.ends[1 - side]
        near = chance.choice((end.next, peer.next, 0, chance.getrandbits(32)))
        flags = chance.choice((0, ACK, PSH, SYN | FIN, FIN, SYN | RST, 63, chance.getrandbits(6)))
        self.send(
            side,
            near + chance.choice((-1, 0, 1, 2000, 2**30)),
            flags,
            chance.choice((0, 0, 1, 50)),
            ack=peer.next + chance.choice((0, 0, -1, 1, 5000, 2**30)),
            window=chance.choice((0, 1, 65535)),
            options=chance.choice(
                (b"", b"\x03\x02", b"\x05\x0a" + bytes(8), b"\x08\x0a", b"\x02\x04\x05\xb4\x03\x03\x02")
            ),
        )


def _icmp_error(packet: bytes, quoted: int) -> bytes:
    """A router's "fragmentation needed" about an Ethernet packet, quoting its IP header and some bytes more."""
    body = bytes([3, 4, 0, 0]) + struct.pack(">HH", 0, 1400) + packet[14 : 14 + 20 + quoted]
    body = body[:2] + struct.pack(">H", checksum(body)) + body[4:]
    source = ".".join(str(byte) for byte in packet[26:30])
    return ethernet(ipv4(body, "10.9.9.9", source, protocol=1))


def _mangled(chance: random.Random, packet: bytes, quoting: bool) -> bytes:
    """The packet quoted by a router, with an impossible data offset, or as a first fragment."""
    how = chance.randrange(4 if quoting else 2)
    if how == 0:
        return packet[:46] + bytes([chance.choice((0, 0x40, 0xF0)) | packet[46] & 15]) + packet[47:]
    if how == 1:
        head = bytearray(packet[14:34])
        head[6:8] = b"\x20\x00"
        head[10:12] = b"\0\0"
        head[10:12] = struct.pack(">H", checksum(bytes(head)))
        return packet[:14] + bytes(head) + packet[34:]
    if how == 2:
        return _icmp_error(packet, chance.choice((8, 16, 40)))
    return _icmp_error(_mangled(chance, packet, False), 20)


def fuzzed_pcap(seed: int, frames: int, *, quoting: bool = False) -> bytes:
    """A capture of ``frames`` packets of interleaved fuzzed conversations; the same for the same seed.

    Args:
        seed: Anything.
        frames: How many.
        quoting: Whether routers quote some of the packets in ICMP errors.
    """
    chance = random.Random(seed)
    packets: list[tuple[int, bytes]] = []
    time_ns = 1_700_000_000 * 10**9 + chance.randrange(10**9)
    number = 0
    mangling = chance.choice((0, 0.01, 0.05))
    while len(packets) < frames:
        talks = [_Conversation(chance, number + index) for index in range(chance.choice((1, 2, 4)))]
        number += len(talks)
        for _ in range(chance.choice((5, 40, 150))):
            talk = chance.choice(talks)
            talk.step()
            for packet in talk.packets:
                if chance.random() < mangling:
                    packets.append((time_ns, _mangled(chance, packet, quoting)))
                packets.append((time_ns, packet))
                time_ns += chance.choice(_STEPS_NS) if chance.random() < 0.5 else chance.randrange(1_000_000)
                if chance.random() < 0.002:
                    time_ns -= 40_000_000
            talk.packets.clear()
    return timed_pcap(packets[:frames])
