# mypy: ignore-errors
# Cython's pure-Python types are not types to mypy; the tests run this file both compiled and uncompiled.
"""Rule set "ws-4.0": what Wireshark 4.0 says of each TCP segment (``tcp.analysis.*``), compared with tshark 4.0.17.

One connection after the other, its segments in capture order, so that only one connection's state is held at a time.
All comparisons of sequence numbers are signed 32-bit differences. Compiled when a C compiler was there at install
(Cython, pure-Python mode); the same file runs uncompiled.

The rules are an observed program's, not a standard's: where they are known to mislead, ``inspector.analysis.resends``
says something else.
"""

import cython
import numpy as np

from inspector.analysis.option_walk import HAS_WINDOW_SCALE
from inspector.model.tables import SEGMENT_BAD_HEADER, SEGMENT_FRAGMENT, SEGMENT_FROM_B, SEGMENT_QUOTED, SEGMENT_SHORT

__all__ = ["FLAGS", "Analyst"]

# Names of the flags; the position is the bit.
FLAGS = (
    "zero_window_probe",
    "zero_window",
    "lost_segment",
    "keep_alive",
    "window_update",
    "window_full",
    "keep_alive_ack",
    "zero_window_probe_ack",
    "duplicate_ack",
    "ack_lost_segment",
    "spurious_retransmission",
    "fast_retransmission",
    "out_of_order",
    "retransmission",
    "reused_ports",
)

_ZERO_WINDOW_PROBE: cython.int = cython.declare(cython.int, 1 << FLAGS.index("zero_window_probe"))
_ZERO_WINDOW: cython.int = cython.declare(cython.int, 1 << FLAGS.index("zero_window"))
_LOST_SEGMENT: cython.int = cython.declare(cython.int, 1 << FLAGS.index("lost_segment"))
_KEEP_ALIVE: cython.int = cython.declare(cython.int, 1 << FLAGS.index("keep_alive"))
_WINDOW_UPDATE: cython.int = cython.declare(cython.int, 1 << FLAGS.index("window_update"))
_WINDOW_FULL: cython.int = cython.declare(cython.int, 1 << FLAGS.index("window_full"))
_KEEP_ALIVE_ACK: cython.int = cython.declare(cython.int, 1 << FLAGS.index("keep_alive_ack"))
_ZERO_WINDOW_PROBE_ACK: cython.int = cython.declare(cython.int, 1 << FLAGS.index("zero_window_probe_ack"))
_DUPLICATE_ACK: cython.int = cython.declare(cython.int, 1 << FLAGS.index("duplicate_ack"))
_ACK_LOST_SEGMENT: cython.int = cython.declare(cython.int, 1 << FLAGS.index("ack_lost_segment"))
_SPURIOUS: cython.int = cython.declare(cython.int, 1 << FLAGS.index("spurious_retransmission"))
_FAST: cython.int = cython.declare(cython.int, 1 << FLAGS.index("fast_retransmission"))
_OUT_OF_ORDER: cython.int = cython.declare(cython.int, 1 << FLAGS.index("out_of_order"))
_RETRANSMISSION: cython.int = cython.declare(cython.int, 1 << FLAGS.index("retransmission"))
_REUSED_PORTS: cython.int = cython.declare(cython.int, 1 << FLAGS.index("reused_ports"))

_FROM_B: cython.int = cython.declare(cython.int, SEGMENT_FROM_B)
_NOT_SENT: cython.int = cython.declare(cython.int, SEGMENT_QUOTED | SEGMENT_FRAGMENT | SEGMENT_SHORT)
_SHORT: cython.int = cython.declare(cython.int, SEGMENT_SHORT)
_BAD_HEADER: cython.int = cython.declare(cython.int, SEGMENT_BAD_HEADER)
_HAS_WINDOW_SCALE: cython.int = cython.declare(cython.int, HAS_WINDOW_SCALE)
_FIN: cython.int = cython.declare(cython.int, 1)
_SYN: cython.int = cython.declare(cython.int, 2)
_RST: cython.int = cython.declare(cython.int, 4)
_PSH: cython.int = cython.declare(cython.int, 8)
_ACK: cython.int = cython.declare(cython.int, 16)
_S_OR_F: cython.int = cython.declare(cython.int, 3)
_S_F_OR_R: cython.int = cython.declare(cython.int, 7)

# 64-bit constants are declared: written in place they would be Python integers in the compiled form.
_MASK: cython.longlong = cython.declare(cython.longlong, 0xFFFFFFFF)
_HALF: cython.longlong = cython.declare(cython.longlong, 0x80000000)
# Segments that a direction may have unacknowledged; Wireshark stops adding there.
_MOST_UNACKED: cython.longlong = cython.declare(cython.longlong, 10_000)
# Bytes in flight from here on are taken for nonsense.
_MOST_IN_FLIGHT: cython.longlong = cython.declare(cython.longlong, 2_000_000_000)
_FAST_NS: cython.longlong = cython.declare(cython.longlong, 20_000_000)
_DEFAULT_RTT_NS: cython.longlong = cython.declare(cython.longlong, 3_000_000)
# The in-order list spans less than this, so that signed differences within it cannot turn over.
_WIDEST: cython.longlong = cython.declare(cython.longlong, 0x40000000)

_SCALE_UNKNOWN: cython.longlong = cython.declare(cython.longlong, -1)
_SCALE_OFF: cython.longlong = cython.declare(cython.longlong, -2)

# A direction's state, one int64 each; the letters are those of the published description of the rules.
_NX: cython.int = cython.declare(cython.int, 0)  # highest end seen; 0 is unset
_NX_ROW: cython.int = cython.declare(cython.int, 1)  # the segment that reached it
_CT: cython.int = cython.declare(cython.int, 2)  # highest end reached without a hole; 0 is unset
_LA: cython.int = cython.declare(cython.int, 3)  # acknowledgment field of the last segment …
_LA_TIME: cython.int = cython.declare(cython.int, 4)  # … and when that was
_WINDOW: cython.int = cython.declare(cython.int, 5)  # window field of the last segment, unscaled
_SCALE: cython.int = cython.declare(cython.int, 6)  # window scale shift, or _SCALE_*
_FIRST_ACK: cython.int = cython.declare(cython.int, 7)  # no plain ACK was sent since the SYN
_DUP: cython.int = cython.declare(cython.int, 8)  # duplicate acknowledgments in a row (32 bits)
_DUP_FRAME: cython.int = cython.declare(cython.int, 9)  # what they are duplicates of
_LAST_FLAGS: cython.int = cython.declare(cython.int, 10)  # verdict on the last segment
_IN_FLIGHT_OK: cython.int = cython.declare(cython.int, 11)  # bytes in flight can be known
_SACKED: cython.int = cython.declare(cython.int, 12)  # bytes in the last segment's SACK blocks
_BASE: cython.int = cython.declare(cython.int, 13)  # first sequence number; -1 is unset
_PUSH_SUM: cython.int = cython.declare(cython.int, 14)  # payload since the last PSH
_PUSH_CLOSED: cython.int = cython.declare(cython.int, 15)  # the last segment had PSH
# Unacknowledged segments: oldest and latest node (-1 when empty) of each lane, the last one being the side list.
_COUNT: cython.int = cython.declare(cython.int, 16)
_FIRST: cython.int = cython.declare(cython.int, 17)
_LAST: cython.int = cython.declare(cython.int, 22)
_SIDE_REF: cython.int = cython.declare(cython.int, 27)  # number that the next two count from
_SIDE_LOW_SEQ: cython.int = cython.declare(cython.int, 28)
_SIDE_LOW_END: cython.int = cython.declare(cython.int, 29)
_SIDE_WIDE: cython.int = cython.declare(cython.int, 30)  # too far apart for those two to mean anything
_SIDE_MIN: cython.int = cython.declare(cython.int, 31)  # lowest start and highest end relative to _BASE
_SIDE_MAX: cython.int = cython.declare(cython.int, 32)
_WIDTH: cython.int = cython.declare(cython.int, 33)

# In-order lanes: one for new data, one for its copies where the capture holds everything twice, two for resends.
_SIDE: cython.int = cython.declare(cython.int, 4)


@cython.cfunc
@cython.inline
def _diff(a: cython.longlong, b: cython.longlong) -> cython.longlong:
    """``a - b`` as a signed 32-bit difference: a < b is ``_diff(a, b) < 0``, a > b is ``_diff(b, a) < 0``."""
    return ((a - b + _HALF) & _MASK) - _HALF


@cython.final
@cython.cclass
class Analyst:
    """Goes through the segments of one connection after the other and fills the output columns.

    Args:
        columns: Memoryviews by name: those of ``Segments`` (except offset and captured), ``time_ns`` of ``Packets``,
            ``present``, ``window_scale``, ``sack_start``, ``sack_count``, ``sack_left``, ``sack_right`` of
            ``TcpOptions``, and the columns of ``TcpFlags``, which are written.
    """

    packet: cython.uint[::1]
    marks: cython.uchar[::1]
    seqs: cython.uint[::1]
    acks: cython.uint[::1]
    windows: cython.ushort[::1]
    tcp_flags: cython.ushort[::1]
    lengths: cython.uint[::1]
    time_ns: cython.longlong[::1]
    present: cython.uchar[::1]
    window_scale: cython.uchar[::1]
    sack_start: cython.uint[::1]
    sack_count: cython.uchar[::1]
    sack_left: cython.uint[::1]
    sack_right: cython.uint[::1]

    out_flags: cython.ushort[::1]
    out_dup_num: cython.uint[::1]
    out_dup_frame: cython.uint[::1]
    out_acks_frame: cython.uint[::1]
    out_ack_rtt: cython.longlong[::1]
    out_initial_rtt: cython.longlong[::1]
    out_in_flight: cython.uint[::1]
    out_push_bytes: cython.uint[::1]
    out_rto: cython.longlong[::1]
    out_rto_frame: cython.uint[::1]

    state: cython.longlong[:, ::1]
    syn_time: cython.longlong
    initial_rtt: cython.longlong

    # Unacknowledged segments of both directions: nodes, used and free ones.
    node_seq: cython.uint[::1]
    node_end: cython.uint[::1]
    node_row: cython.longlong[::1]
    node_next: cython.int[::1]
    nodes: cython.int
    free: cython.int

    # The segment at hand.
    row: cython.Py_ssize_t
    d: cython.int
    o: cython.int
    seq: cython.longlong
    ack: cython.longlong
    window: cython.longlong
    control: cython.int
    length: cython.longlong
    now: cython.longlong
    recorded: cython.bint  # Wireshark made a record for it, and so shows the initial RTT

    def __init__(self, columns: dict):
        self.packet = columns["packet"]
        self.marks = columns["marks"]
        self.seqs = columns["seq"]
        self.acks = columns["ack"]
        self.windows = columns["window"]
        self.tcp_flags = columns["tcp_flags"]
        self.lengths = columns["length"]
        self.time_ns = columns["time_ns"]
        self.present = columns["present"]
        self.window_scale = columns["window_scale"]
        self.sack_start = columns["sack_start"]
        self.sack_count = columns["sack_count"]
        self.sack_left = columns["sack_left"]
        self.sack_right = columns["sack_right"]
        self.out_flags = columns["flags"]
        self.out_dup_num = columns["duplicate_ack_num"]
        self.out_dup_frame = columns["duplicate_ack_frame"]
        self.out_acks_frame = columns["acks_frame"]
        self.out_ack_rtt = columns["ack_rtt_ns"]
        self.out_initial_rtt = columns["initial_rtt_ns"]
        self.out_in_flight = columns["bytes_in_flight"]
        self.out_push_bytes = columns["push_bytes_sent"]
        self.out_rto = columns["rto_ns"]
        self.out_rto_frame = columns["rto_frame"]
        self.state = memoryview(np.zeros((2, _WIDTH), np.int64))
        self.node_seq = memoryview(np.zeros(2 * _MOST_UNACKED, np.uint32))
        self.node_end = memoryview(np.zeros(2 * _MOST_UNACKED, np.uint32))
        self.node_row = memoryview(np.zeros(2 * _MOST_UNACKED, np.int64))
        self.node_next = memoryview(np.zeros(2 * _MOST_UNACKED, np.int32))

    def run(self, order: cython.longlong[::1], starts: cython.longlong[::1], reused: cython.uchar[::1]):
        """Analyse every connection.

        Args:
            order: Rows of ``Segments``, connection after connection, each in capture order.
            starts: Where each connection starts in ``order``; one more at the end.
            reused: Whether the connection's first segment is a SYN that took over a used pair of ports.
        """
        connection: cython.Py_ssize_t
        index: cython.Py_ssize_t
        for connection in range(starts.shape[0] - 1):
            self._reset()
            for index in range(starts[connection], starts[connection + 1]):
                self._load(order[index])
                if index == starts[connection] and reused[connection]:
                    self.out_flags[self.row] |= _REUSED_PORTS
                if self._base():
                    self._analyse()
                    if self.marks[self.row] & _BAD_HEADER:
                        self._hide()
                    else:
                        self._remember()

    @cython.cfunc
    def _reset(self) -> cython.int:
        """Forget the connection before this one."""
        side: cython.int
        column: cython.int
        for side in range(2):
            for column in range(_WIDTH):
                self.state[side, column] = 0
            self.state[side, _WINDOW] = _MASK
            self.state[side, _SCALE] = _SCALE_UNKNOWN
            self.state[side, _BASE] = -1
            self.state[side, _IN_FLIGHT_OK] = 1
            for column in range(_FIRST, _LAST):
                self.state[side, column] = -1
        self.syn_time = 0  # Wireshark, too, takes the epoch itself for "never"
        self.initial_rtt = 0
        self.nodes = 0
        self.free = -1
        return 0

    @cython.cfunc
    def _load(self, row: cython.Py_ssize_t) -> cython.int:
        """Make ``row`` the segment at hand."""
        self.row = row
        self.d = 1 if self.marks[row] & _FROM_B else 0
        self.o = 1 - self.d
        self.seq = self.seqs[row]
        self.ack = self.acks[row]
        self.window = self.windows[row]
        self.control = self.tcp_flags[row]
        self.length = self.lengths[row]
        self.now = self.time_ns[self.packet[row]]
        self.recorded = False
        return 0

    @cython.cfunc
    def _base(self) -> cython.bint:
        """Rule 0, what is left of it within a connection; False where the rules stop."""
        state: cython.longlong[:, ::1] = self.state
        d: cython.int = self.d
        base: cython.longlong = state[d, _BASE]
        marks: cython.int = self.marks[self.row]
        sent: cython.bint = not marks & _NOT_SENT or marks & (_NOT_SENT | _BAD_HEADER) == _SHORT | _BAD_HEADER
        if base >= 0 and self.control & _SYN:
            if not self.control & _ACK:
                state[d, _NX] = state[d, _CT]
                self.recorded = True
            elif base != self.seq:
                state[d, _BASE] = self.seq
                self.out_flags[self.row] |= _REUSED_PORTS
                self._side_survey(d)
        state[d, _SACKED] = 0
        if not sent:
            if self.recorded or self.out_flags[self.row]:
                self.out_initial_rtt[self.row] = self.initial_rtt
            return False
        if state[d, _BASE] < 0:
            state[d, _BASE] = self.seq if self.control & _SYN else (self.seq - 1) & _MASK
        if state[self.o, _BASE] < 0 and self.control & _ACK:
            state[self.o, _BASE] = (self.ack - 1) & _MASK
        return True

    @cython.cfunc
    def _analyse(self) -> cython.int:
        """Rules 1 to 16."""
        state: cython.longlong[:, ::1] = self.state
        d: cython.int = self.d
        if self.control & _ACK:
            state[self.o, _IN_FLIGHT_OK] = 1
        found: cython.int = 0
        if self.length == 1 and self.seq == state[d, _NX] and state[self.o, _WINDOW] == 0:
            found = _ZERO_WINDOW_PROBE
        else:
            found = self._window_rules()
            found |= self._repeat_rule()
        if self.ack != state[d, _LA]:
            state[d, _DUP_FRAME] = self.packet[self.row] + 1
            state[d, _DUP] = 0
        found |= self._ack_rule()
        if (self.length or self.control & _S_OR_F) and not found & _KEEP_ALIVE:
            found |= self._resend_rule()
        self._advance(found)
        state[d, _WINDOW] = self.window
        state[d, _LA] = self.ack
        state[d, _LA_TIME] = self.now
        state[d, _LAST_FLAGS] = found
        self.out_flags[self.row] |= found
        self._acknowledge()
        if self.length and state[d, _COUNT] and state[d, _IN_FLIGHT_OK]:
            self._in_flight()
        return 0

    @cython.cfunc
    def _hide(self) -> cython.int:
        """A header with an impossible data offset takes part in the rules, but nothing is shown of it."""
        row: cython.Py_ssize_t = self.row
        self.out_flags[row] = 0
        self.out_dup_num[row] = self.out_dup_frame[row] = 0
        self.out_acks_frame[row] = self.out_rto_frame[row] = 0
        self.out_ack_rtt[row] = self.out_initial_rtt[row] = self.out_rto[row] = 0
        self.out_in_flight[row] = self.out_push_bytes[row] = 0
        return 0

    @cython.cfunc
    def _window_rules(self) -> cython.int:
        """Rules 3 to 7."""
        state: cython.longlong[:, ::1] = self.state
        d: cython.int = self.d
        o: cython.int = self.o
        found: cython.int = 0
        ahead: cython.longlong = _diff(self.seq, state[d, _NX])
        plain: cython.bint = not self.control & _S_F_OR_R
        if plain and self.window == 0:
            found |= _ZERO_WINDOW
        if state[d, _NX] and _diff(state[d, _NX], self.seq) < 0 and not self.control & _RST:
            found |= _LOST_SEGMENT
            state[d, _IN_FLIGHT_OK] = 0
        if not plain:
            return found
        if self.length <= 1 and ahead == -1:
            found |= _KEEP_ALIVE
        if (
            self.length == 0
            and self.window
            and self.window != state[d, _WINDOW]
            and ahead == 0
            and self.ack == state[d, _LA]
        ):
            found |= _WINDOW_UPDATE
        if self.length and state[o, _SCALE] != _SCALE_UNKNOWN:
            window: cython.longlong = state[o, _WINDOW]
            if not state[o, _FIRST_ACK] and state[o, _SCALE] > 0:
                window <<= state[o, _SCALE]
            if (self.seq + self.length - state[o, _LA] - window) & _MASK == 0:
                found |= _WINDOW_FULL
        return found

    @cython.cfunc
    def _repeat_rule(self) -> cython.int:
        """Rule 8: the same acknowledgment once more."""
        state: cython.longlong[:, ::1] = self.state
        d: cython.int = self.d
        if (
            self.length
            or self.control & _S_F_OR_R
            or self.window != state[d, _WINDOW]
            or self.seq != state[d, _NX]
            or self.ack != state[d, _LA]
        ):
            return 0
        before: cython.longlong = state[self.o, _LAST_FLAGS]
        if self.window == 0:
            return _ZERO_WINDOW_PROBE_ACK if before & _ZERO_WINDOW_PROBE else 0
        if before & _KEEP_ALIVE:
            return _KEEP_ALIVE_ACK
        state[d, _DUP] = 1 if state[d, _DUP] == _MASK else state[d, _DUP] + 1
        self.out_dup_num[self.row] = state[d, _DUP]
        self.out_dup_frame[self.row] = state[d, _DUP_FRAME]
        return _DUPLICATE_ACK

    @cython.cfunc
    def _ack_rule(self) -> cython.int:
        """Rule 10: an acknowledgment of bytes that are not in the capture."""
        state: cython.longlong[:, ::1] = self.state
        o: cython.int = self.o
        if not state[o, _CT] or not self.control & _ACK or _diff(state[o, _CT], self.ack) >= 0:
            return 0
        self.recorded = True
        if _diff(state[o, _CT], state[o, _NX]) < 0:
            state[o, _CT] = state[o, _NX]
            return _ACK_LOST_SEGMENT
        found: cython.int = 0 if state[o, _DUP] else _ACK_LOST_SEGMENT
        state[o, _DUP] = _MASK
        return found

    @cython.cfunc
    def _resend_rule(self) -> cython.int:
        """Rule 11: bytes below the highest already seen; the first match wins."""
        state: cython.longlong[:, ::1] = self.state
        d: cython.int = self.d
        o: cython.int = self.o
        ahead: cython.longlong = _diff(self.seq, state[d, _NX])
        old: cython.bint = state[d, _NX] != 0 and ahead < 0 and not (self.length > 1 and ahead == -1)
        end: cython.longlong = (self.seq + self.length) & _MASK
        if self.length and state[o, _LA] and _diff(end, state[o, _LA]) <= 0:
            return _SPURIOUS
        if not old:
            return 0
        since: cython.longlong = self.now - state[o, _LA_TIME]
        if state[o, _DUP] >= 2 and state[o, _LA] == self.seq and 0 <= since < _FAST_NS:
            return _FAST
        since = self.now - self.time_ns[self.packet[state[d, _NX_ROW]]]
        limit: cython.longlong = self.initial_rtt if self.initial_rtt else _DEFAULT_RTT_NS
        if self.control & _S_OR_F:
            end = (end + 1) & _MASK
        # Wireshark compares them as unsigned numbers, so a negative limit (the clock stepped back) lets all times pass.
        soon: cython.bint = since < limit if (since < 0) == (limit < 0) else limit < 0
        if soon and state[d, _NX] != end:
            return _OUT_OF_ORDER
        first: cython.longlong = self._oldest(d)
        if first < 0:
            first = state[d, _NX_ROW]
        self.out_rto[self.row] = self.now - self.time_ns[self.packet[first]]
        if self.out_rto[self.row]:
            self.out_rto_frame[self.row] = self.packet[first] + 1
        return _RETRANSMISSION

    @cython.cfunc
    def _advance(self, found: cython.int) -> cython.int:
        """Rules 12 and 13: what was sent is unacknowledged, and how far the direction got."""
        state: cython.longlong[:, ::1] = self.state
        d: cython.int = self.d
        end: cython.longlong = (self.seq + self.length) & _MASK
        if (self.length or self.control & _S_OR_F) and state[d, _COUNT] < _MOST_UNACKED:
            if self.control & _S_OR_F:
                end = (end + 1) & _MASK
            self._add(end)
        if found & _ZERO_WINDOW_PROBE:
            return 0
        if not state[d, _NX] or _diff(state[d, _NX], end) < 0:
            state[d, _NX] = end
            state[d, _NX_ROW] = self.row
        if not state[d, _CT] or self.seq == state[d, _CT]:
            state[d, _CT] = state[d, _NX]
        return 0

    @cython.cfunc
    def _in_flight(self) -> cython.int:
        """Rule 16: bytes on their way, and bytes since the last PSH."""
        state: cython.longlong[:, ::1] = self.state
        d: cython.int = self.d
        base: cython.longlong = state[d, _BASE]
        low: cython.longlong = _MASK
        high: cython.longlong = 0
        left: cython.longlong
        right: cython.longlong
        lane: cython.int
        node: cython.int
        for lane in range(_SIDE):
            node = state[d, _FIRST + lane]
            if node < 0:
                continue
            left = (self.node_seq[node] - base) & _MASK
            right = (self.node_end[state[d, _LAST + lane]] - base) & _MASK
            if left > right:
                # The lane lies across the point where relative numbers start over.
                left = _MASK
                right = 0
                while node >= 0:
                    left = min(left, (self.node_seq[node] - base) & _MASK)
                    right = max(right, (self.node_end[node] - base) & _MASK)
                    node = self.node_next[node]
            low = min(low, left)
            high = max(high, right)
        if state[d, _FIRST + _SIDE] >= 0:
            low = min(low, state[d, _SIDE_MIN])
            high = max(high, state[d, _SIDE_MAX])
        flying: cython.longlong = (high - low - state[self.o, _SACKED]) & _MASK
        if 0 < flying < _MOST_IN_FLIGHT:
            self.out_in_flight[self.row] = flying - (1 if self.control & _S_OR_F else 0)
        self.recorded = True
        pushed: cython.bint = self.control & _PSH != 0
        if state[d, _PUSH_CLOSED]:
            state[d, _PUSH_SUM] = self.length
        else:
            state[d, _PUSH_SUM] = (state[d, _PUSH_SUM] + self.length) & _MASK
        state[d, _PUSH_CLOSED] = pushed
        if self.out_in_flight[self.row]:
            self.out_push_bytes[self.row] = state[d, _PUSH_SUM]
        return 0

    @cython.cfunc
    def _remember(self) -> cython.int:
        """Rule 17: round-trip time of the handshake, window scale and SACK blocks."""
        state: cython.longlong[:, ::1] = self.state
        d: cython.int = self.d
        if self.present[self.row] & _HAS_WINDOW_SCALE:
            state[d, _SCALE] = min(self.window_scale[self.row], 14)
        if self.control & _SYN:
            if not self.control & _ACK:
                self.syn_time = self.now
            state[d, _FIRST_ACK] = 1
            if state[d, _SCALE] == _SCALE_UNKNOWN or (self.control & _ACK and state[self.o, _SCALE] == _SCALE_OFF):
                state[d, _SCALE] = state[self.o, _SCALE] = _SCALE_OFF
        elif self.control & _ACK:
            state[d, _FIRST_ACK] = 0
            if self.initial_rtt == 0 and self.syn_time:
                self.initial_rtt = self.now - self.syn_time
        if self.recorded or self.out_flags[self.row]:
            self.out_initial_rtt[self.row] = self.initial_rtt
        block: cython.Py_ssize_t
        start: cython.Py_ssize_t = self.sack_start[self.row]
        for block in range(start, start + min(self.sack_count[self.row], 3)):
            state[d, _SACKED] += _diff(self.sack_right[block], self.sack_left[block])
        return 0

    # --- unacknowledged segments -----------------------------------------------------------------------------------
    # Wireshark walks one list from newest to oldest on every packet. Here a segment goes to the first lane whose latest
    # segment ends at or below its start, so that acknowledgments take from the front of lanes and are done; what fits
    # no lane goes to the side list, which is only walked when an acknowledgment reaches into it.

    @cython.cfunc
    def _oldest(self, d: cython.int) -> cython.longlong:
        """Row of the oldest unacknowledged segment, -1 if there is none."""
        oldest: cython.longlong = -1
        node: cython.longlong
        lane: cython.int
        for lane in range(_SIDE + 1):
            node = self.state[d, _FIRST + lane]
            if node >= 0 and (oldest < 0 or self.node_row[node] < oldest):
                oldest = self.node_row[node]
        return oldest

    @cython.cfunc
    def _add(self, end: cython.longlong) -> cython.int:
        """Add the segment at hand."""
        state: cython.longlong[:, ::1] = self.state
        d: cython.int = self.d
        node: cython.int = self.free
        if node >= 0:
            self.free = self.node_next[node]
        else:
            node = self.nodes
            self.nodes = node + 1
        self.node_seq[node] = self.seq
        self.node_end[node] = end
        self.node_row[node] = self.row
        self.node_next[node] = -1
        state[d, _COUNT] += 1
        lane: cython.int = self._lane(end)
        if state[d, _FIRST + lane] < 0:
            state[d, _FIRST + lane] = node
        else:
            self.node_next[state[d, _LAST + lane]] = node
        state[d, _LAST + lane] = node
        if lane == _SIDE:
            if state[d, _FIRST + lane] == node:
                self._side_clear(d)
            self._side_note(d, node)
        return 0

    @cython.cfunc
    def _lane(self, end: cython.longlong) -> cython.int:
        """The first lane that the segment at hand can be added to and stay in order."""
        first: cython.longlong
        lane: cython.int
        for lane in range(_SIDE):
            first = self.state[self.d, _FIRST + lane]
            if first < 0:
                return lane
            if (
                _diff(self.seq, self.node_end[self.state[self.d, _LAST + lane]]) >= 0
                and (end - self.node_seq[first]) & _MASK < _WIDEST
            ):
                return lane
        return _SIDE

    @cython.cfunc
    def _drop(self, d: cython.int, node: cython.int, before: cython.int, lane: cython.int) -> cython.int:
        """Take the node that follows ``before`` (-1: the first) out of its lane."""
        after: cython.int = self.node_next[node]
        if before < 0:
            self.state[d, _FIRST + lane] = after
        else:
            self.node_next[before] = after
        if after < 0:
            self.state[d, _LAST + lane] = before
        self.node_next[node] = self.free
        self.free = node
        self.state[d, _COUNT] -= 1
        return 0

    @cython.cfunc
    def _acknowledge(self) -> cython.int:
        """Rule 15: take what is acknowledged out of the other direction's lanes."""
        o: cython.int = self.o
        if not self.state[o, _COUNT]:
            return 0
        best: cython.longlong = -1
        found: cython.longlong
        lane: cython.int
        for lane in range(_SIDE + 1):
            if self.state[o, _FIRST + lane] < 0:
                continue
            found = self._acknowledge_aside(o) if lane == _SIDE else self._acknowledge_in_order(o, lane)
            if best < 0 or 0 <= found < best:
                best = found
        if best >= 0:
            self.recorded = True
            self.out_acks_frame[self.row] = self.packet[best] + 1
            self.out_ack_rtt[self.row] = self.now - self.time_ns[self.packet[best]]
        return 0

    @cython.cfunc
    def _acknowledge_in_order(self, o: cython.int, lane: cython.int) -> cython.longlong:
        """The same for one lane; returns the row that ends exactly at the acknowledgment, or -1."""
        ack: cython.longlong = self.ack
        node: cython.int = self.state[o, _FIRST + lane]
        ahead: cython.longlong = _diff(ack, self.node_seq[node])
        best: cython.longlong = -1
        if ahead <= 0:
            span: cython.longlong = (self.node_end[self.state[o, _LAST + lane]] - self.node_seq[node]) & _MASK
            return -1 if span - ahead < _HALF else self._walk(o, lane)
        while node >= 0 and _diff(self.node_end[node], ack) <= 0:
            if self.node_end[node] == ack:
                best = self.node_row[node]
            self._drop(o, node, -1, lane)
            node = self.state[o, _FIRST + lane]
        if node >= 0 and _diff(self.node_seq[node], ack) < 0:
            self.node_seq[node] = ack
        return best

    @cython.cfunc
    def _acknowledge_aside(self, o: cython.int) -> cython.longlong:
        """The same for the side list, unless the acknowledgment lies below all of it."""
        state: cython.longlong[:, ::1] = self.state
        ahead: cython.longlong = _diff(self.ack, state[o, _SIDE_REF])
        if not state[o, _SIDE_WIDE] and -_WIDEST < ahead <= state[o, _SIDE_LOW_SEQ] and ahead < state[o, _SIDE_LOW_END]:
            return -1
        self._side_clear(o)
        return self._walk(o, _SIDE)

    @cython.cfunc
    def _walk(self, o: cython.int, lane: cython.int) -> cython.longlong:
        """Rule 15 as it is written, on one lane."""
        best: cython.longlong = -1
        before: cython.int = -1
        after: cython.int
        node: cython.int = self.state[o, _FIRST + lane]
        beyond: cython.longlong
        while node >= 0:
            after = self.node_next[node]
            beyond = _diff(self.ack, self.node_end[node])
            if beyond >= 0:
                if beyond == 0 and best < 0:
                    best = self.node_row[node]
                self._drop(o, node, before, lane)
            else:
                if _diff(self.node_seq[node], self.ack) < 0:
                    self.node_seq[node] = self.ack
                if lane == _SIDE:
                    self._side_note(o, node)
                before = node
            node = after
        return best

    @cython.cfunc
    def _side_clear(self, d: cython.int) -> cython.int:
        """Start the summary of the side list; numbers will count from its first node."""
        state: cython.longlong[:, ::1] = self.state
        state[d, _SIDE_REF] = self.node_seq[state[d, _FIRST + _SIDE]]
        state[d, _SIDE_LOW_SEQ] = state[d, _SIDE_LOW_END] = state[d, _SIDE_MIN] = _MASK
        state[d, _SIDE_MAX] = state[d, _SIDE_WIDE] = 0
        return 0

    @cython.cfunc
    def _side_note(self, d: cython.int, node: cython.int) -> cython.int:
        """Bring a node into the summary of the side list."""
        state: cython.longlong[:, ::1] = self.state
        seq: cython.longlong = self.node_seq[node]
        end: cython.longlong = self.node_end[node]
        start: cython.longlong = _diff(seq, state[d, _SIDE_REF])
        stop: cython.longlong = _diff(end, state[d, _SIDE_REF])
        if start <= -_WIDEST or start >= _WIDEST or stop <= -_WIDEST or stop >= _WIDEST:
            state[d, _SIDE_WIDE] = 1
        state[d, _SIDE_LOW_SEQ] = min(state[d, _SIDE_LOW_SEQ], start)
        state[d, _SIDE_LOW_END] = min(state[d, _SIDE_LOW_END], stop)
        state[d, _SIDE_MIN] = min(state[d, _SIDE_MIN], (seq - state[d, _BASE]) & _MASK)
        state[d, _SIDE_MAX] = max(state[d, _SIDE_MAX], (end - state[d, _BASE]) & _MASK)
        return 0

    @cython.cfunc
    def _side_survey(self, d: cython.int) -> cython.int:
        """Summarise the side list anew, because the base that it counts from changed."""
        node: cython.int = self.state[d, _FIRST + _SIDE]
        if node < 0:
            return 0
        self._side_clear(d)
        while node >= 0:
            self._side_note(d, node)
            node = self.node_next[node]
        return 0
