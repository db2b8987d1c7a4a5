# mypy: ignore-errors
# Cython's pure-Python types are not types to mypy; the tests run this file both compiled and uncompiled.
"""Follows every TCP connection through the segments: who opened it, what each side sent, how it ended.

Sequential work, compiled when a C compiler was there at install (Cython, pure-Python mode); the same file runs
uncompiled. Connection numbers are Wireshark's ``tcp.stream`` (rule 0 of docs: a plain SYN with another first sequence
number on the same 5-tuple starts a new one; headers quoted in ICMP errors take numbers too).
"""

import cython
import numpy as np

from inspector.model.tables import SEGMENT_FRAGMENT, SEGMENT_FROM_B, SEGMENT_QUOTED, SEGMENT_SHORT

__all__ = ["Tracker"]

_FROM_B: cython.int = cython.declare(cython.int, SEGMENT_FROM_B)
_NOT_SENT: cython.int = cython.declare(cython.int, SEGMENT_QUOTED | SEGMENT_FRAGMENT | SEGMENT_SHORT)
_FIN: cython.int = cython.declare(cython.int, 1)
_SYN: cython.int = cython.declare(cython.int, 2)
_RST: cython.int = cython.declare(cython.int, 4)
_ACK: cython.int = cython.declare(cython.int, 16)

# Columns of a connection's state, one int64 row per connection. Those in the first group come twice, for A and for B.
_PACKETS: cython.int = cython.declare(cython.int, 0)
_BYTES: cython.int = cython.declare(cython.int, 2)
_PAYLOAD: cython.int = cython.declare(cython.int, 4)
_RESENT: cython.int = cython.declare(cython.int, 6)
_MISSING: cython.int = cython.declare(cython.int, 8)
_FIN_PACKET: cython.int = cython.declare(cython.int, 10)
_BASE: cython.int = cython.declare(cython.int, 12)
_HIGHEST: cython.int = cython.declare(cython.int, 14)
_FLOW: cython.int = cython.declare(cython.int, 16)
_CLIENT: cython.int = cython.declare(cython.int, 17)
_FIRST_TIME: cython.int = cython.declare(cython.int, 18)
_LAST_TIME: cython.int = cython.declare(cython.int, 19)
_FIRST_PACKET: cython.int = cython.declare(cython.int, 20)
_LAST_PACKET: cython.int = cython.declare(cython.int, 21)
_SYN_PACKET: cython.int = cython.declare(cython.int, 22)
_SYN_ACK_PACKET: cython.int = cython.declare(cython.int, 23)
_ACK_PACKET: cython.int = cython.declare(cython.int, 24)
_RST_PACKET: cython.int = cython.declare(cython.int, 25)
_RST_FROM: cython.int = cython.declare(cython.int, 26)
_SYN_TIME: cython.int = cython.declare(cython.int, 27)
_RTT: cython.int = cython.declare(cython.int, 28)
_WIDTH: cython.int = cython.declare(cython.int, 29)

_COLUMNS = {
    "flow": 16,
    "client": 17,
    "packets_a": 0,
    "packets_b": 1,
    "bytes_a": 2,
    "bytes_b": 3,
    "payload_a": 4,
    "payload_b": 5,
    "resent_a": 6,
    "resent_b": 7,
    "missing_a": 8,
    "missing_b": 9,
    "first_time_ns": 18,
    "last_time_ns": 19,
    "first_packet": 20,
    "last_packet": 21,
    "syn_packet": 22,
    "syn_ack_packet": 23,
    "ack_packet": 24,
    "fin_a_packet": 10,
    "fin_b_packet": 11,
    "rst_packet": 25,
    "rst_from": 26,
    "rtt_ns": 28,
}


@cython.final
@cython.cclass
class Tracker:
    """State of all connections.

    Args:
        flows: Number of flows.
    """

    state: cython.longlong[:, ::1]
    current: cython.int[::1]
    count = cython.declare(cython.Py_ssize_t, visibility="readonly")
    holes: dict

    def __init__(self, flows: int):
        self.state = memoryview(np.empty((1024, _WIDTH), np.int64))
        self.current = memoryview(np.full(max(flows, 1), -1, np.int32))
        self.count = 0
        self.holes = {}
        """(connection, side) → sorted list of [first, end) sequence ranges never seen, bounded per side."""

    def run(
        self,
        packet: cython.uint[::1],
        flow: cython.int[::1],
        marks: cython.uchar[::1],
        seq: cython.uint[::1],
        ack: cython.uint[::1],
        flags: cython.ushort[::1],
        length: cython.uint[::1],
        time_ns: cython.longlong[::1],
        wire_length: cython.uint[::1],
        connection: cython.int[::1],
    ):
        """Go through the segments in capture order and number their connections.

        Args:
            packet … length: Columns of ``Segments``.
            time_ns, wire_length: Columns of ``Packets``.
            connection: Column to fill, one row per segment.
        """
        row: cython.Py_ssize_t
        for row in range(packet.shape[0]):
            connection[row] = self._segment(
                packet[row],
                flow[row],
                marks[row],
                seq[row],
                ack[row],
                flags[row],
                length[row],
                time_ns[packet[row]],
                wire_length[packet[row]],
            )

    @cython.cfunc
    def _segment(
        self,
        packet: cython.longlong,
        flow: cython.int,
        marks: cython.int,
        seq: cython.longlong,
        ack: cython.longlong,
        flags: cython.int,
        length: cython.longlong,
        time_ns: cython.longlong,
        wire_length: cython.longlong,
    ) -> cython.int:
        side: cython.int = 1 if marks & _FROM_B else 0
        number: cython.int = self.current[flow]
        plain_syn: cython.bint = (flags & (_SYN | _ACK)) == _SYN
        if number < 0 or (
            plain_syn
            and not marks & _NOT_SENT
            and self.state[number, _BASE + side] >= 0
            and self.state[number, _BASE + side] != seq
        ):
            number = self._open(flow, packet, time_ns)
        if marks & _NOT_SENT:
            return number
        state: cython.longlong[:, ::1] = self.state
        state[number, _PACKETS + side] += 1
        state[number, _BYTES + side] += wire_length
        state[number, _PAYLOAD + side] += length
        state[number, _LAST_TIME] = time_ns
        state[number, _LAST_PACKET] = packet
        if state[number, _BASE + side] < 0:
            state[number, _BASE + side] = seq if flags & _SYN else (seq - 1) & 0xFFFFFFFF
        if flags & (_SYN | _RST | _FIN):
            self._control(number, side, flags, packet, seq, time_ns)
        elif state[number, _ACK_PACKET] < 0 and flags & _ACK and state[number, _SYN_ACK_PACKET] >= 0:
            state[number, _ACK_PACKET] = packet
            if state[number, _SYN_PACKET] >= 0:
                state[number, _RTT] = time_ns - state[number, _SYN_TIME]
        if length or flags & (_SYN | _FIN):
            self._advance(number, side, seq, length + (1 if flags & (_SYN | _FIN) else 0), length)
        return number

    @cython.cfunc
    def _open(self, flow: cython.int, packet: cython.longlong, time_ns: cython.longlong) -> cython.int:
        """Start a connection."""
        number: cython.Py_ssize_t = self.count
        if number == self.state.shape[0]:
            grown = np.empty((2 * number, _WIDTH), np.int64)
            grown[:number] = self.state
            self.state = memoryview(grown)
        column: cython.int
        for column in range(_FIN_PACKET):
            self.state[number, column] = 0
        for column in range(_FIN_PACKET, _WIDTH):
            self.state[number, column] = -1
        self.state[number, _FLOW] = flow
        self.state[number, _FIRST_TIME] = self.state[number, _LAST_TIME] = time_ns
        self.state[number, _FIRST_PACKET] = self.state[number, _LAST_PACKET] = packet
        self.current[flow] = number
        self.count = number + 1
        return number

    @cython.cfunc
    def _control(
        self,
        number: cython.int,
        side: cython.int,
        flags: cython.int,
        packet: cython.longlong,
        seq: cython.longlong,
        time_ns: cython.longlong,
    ) -> cython.int:
        """SYN, FIN and RST: opening and ending."""
        state: cython.longlong[:, ::1] = self.state
        if flags & _SYN and flags & _ACK:
            if state[number, _SYN_ACK_PACKET] < 0:
                state[number, _SYN_ACK_PACKET] = packet
                state[number, _CLIENT] = 1 - side
        elif flags & _SYN:
            state[number, _SYN_PACKET] = packet
            state[number, _SYN_TIME] = time_ns
            state[number, _CLIENT] = side
        if flags & _FIN and state[number, _FIN_PACKET + side] < 0:
            state[number, _FIN_PACKET + side] = packet
        if flags & _RST and state[number, _RST_PACKET] < 0:
            state[number, _RST_PACKET] = packet
            state[number, _RST_FROM] = side
        return 0

    @cython.cfunc
    def _advance(
        self,
        number: cython.int,
        side: cython.int,
        seq: cython.longlong,
        span: cython.longlong,
        length: cython.longlong,
    ) -> cython.int:
        """Account for the sequence range [seq, seq + span): new, resent, or leaving a hole before it."""
        state: cython.longlong[:, ::1] = self.state
        highest: cython.longlong = state[number, _HIGHEST + side]
        if highest < 0:
            state[number, _HIGHEST + side] = (seq + span) & 0xFFFFFFFF
            return 0
        ahead: cython.longlong = ((seq - highest + 0x80000000) & 0xFFFFFFFF) - 0x80000000
        if ahead == 0:
            state[number, _HIGHEST + side] = (seq + span) & 0xFFFFFFFF
        elif ahead > 0:
            state[number, _MISSING + side] += ahead
            self.holes.setdefault((number, side), []).append((highest, seq))
            state[number, _HIGHEST + side] = (seq + span) & 0xFFFFFFFF
        else:
            filled: cython.longlong = self._fill(number, side, seq, span)
            beyond: cython.longlong = max(ahead + span, 0)
            state[number, _MISSING + side] -= filled
            state[number, _RESENT + side] += max(min(span, length) - filled - beyond, 0)
            if beyond:
                state[number, _HIGHEST + side] = (seq + span) & 0xFFFFFFFF
        return 0

    def _fill(self, number, side, seq, span):
        """Take [seq, seq + span) out of the holes; returns how many bytes it filled."""
        ranges = self.holes.get((number, side))
        if not ranges:
            return 0
        filled = 0
        left = []
        for first, end in ranges:
            start = ((first - seq + 0x80000000) & 0xFFFFFFFF) - 0x80000000
            stop = start + ((end - first) & 0xFFFFFFFF)
            low = max(start, 0)
            high = min(stop, span)
            if low >= high:
                left.append((first, end))
                continue
            filled += high - low
            if start < low:
                left.append((first, (seq + low) & 0xFFFFFFFF))
            if high < stop:
                left.append(((seq + high) & 0xFFFFFFFF, end))
        self.holes[(number, side)] = left
        return filled

    def columns(self) -> dict:
        """The columns of ``Connections``."""
        table = np.asarray(self.state)[: self.count]
        return {name: table[:, index] for name, index in _COLUMNS.items()}
