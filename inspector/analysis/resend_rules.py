# mypy: ignore-errors
# Cython's pure-Python types are not types to mypy; the tests run this file both compiled and uncompiled.
"""Why were these bytes seen again, or late? Looks around each resent segment for packets that decide it.

Compiled when a C compiler was there at install (Cython, pure-Python mode); the same file runs uncompiled.

Two kinds of question. If an earlier packet of the capture carried some of the same bytes (a *prior copy*), is this the
same packet recorded twice, or another packet? If none did, bytes after it overtook it (the *jumper*): was this packet
made before the jumper (it came late) or after (it repairs a loss that the capture did not see)?
"""

import cython

from inspector.analysis.option_walk import HAS_SACK, HAS_TIMESTAMPS
from inspector.model.tables import SEGMENT_FRAGMENT, SEGMENT_FROM_B, SEGMENT_QUOTED, SEGMENT_SHORT

__all__ = ["REASONS", "VERDICTS", "Judge"]

VERDICTS = ("none", "resend", "reorder", "capture_duplicate", "undecided", "network_duplicate")
REASONS = (
    "none",
    "same_ip_id",
    "identical_at_once",
    "new_ip_id",
    "newer_tsval",
    "older_tsval",
    "newer_ack",
    "older_ack",
    "later_ip_id",
    "earlier_ip_id",
    "different_packet",
    "already_acknowledged",
    "dsack",
    "asked_for",
    "after_timeout",
    "too_soon",
    "same_ip_id_late",
    "network_duplicate",
    "identical",
    "acknowledged_at_once",
    "either_copy",
    "no_evidence",
)

_RESEND: cython.int = cython.declare(cython.int, VERDICTS.index("resend"))
_REORDER: cython.int = cython.declare(cython.int, VERDICTS.index("reorder"))
_CAPTURE_DUPLICATE: cython.int = cython.declare(cython.int, VERDICTS.index("capture_duplicate"))
_UNDECIDED: cython.int = cython.declare(cython.int, VERDICTS.index("undecided"))
_DOUBLED: cython.int = cython.declare(cython.int, VERDICTS.index("network_duplicate"))

_SAME_IP_ID: cython.int = cython.declare(cython.int, REASONS.index("same_ip_id"))
_IDENTICAL_AT_ONCE: cython.int = cython.declare(cython.int, REASONS.index("identical_at_once"))
_NEW_IP_ID: cython.int = cython.declare(cython.int, REASONS.index("new_ip_id"))
_NEWER_TSVAL: cython.int = cython.declare(cython.int, REASONS.index("newer_tsval"))
_NEWER_ACK: cython.int = cython.declare(cython.int, REASONS.index("newer_ack"))
_LATER_IP_ID: cython.int = cython.declare(cython.int, REASONS.index("later_ip_id"))
_DIFFERENT_PACKET: cython.int = cython.declare(cython.int, REASONS.index("different_packet"))
_ALREADY_ACKNOWLEDGED: cython.int = cython.declare(cython.int, REASONS.index("already_acknowledged"))
_DSACK: cython.int = cython.declare(cython.int, REASONS.index("dsack"))
_ASKED_FOR: cython.int = cython.declare(cython.int, REASONS.index("asked_for"))
_AFTER_TIMEOUT: cython.int = cython.declare(cython.int, REASONS.index("after_timeout"))
_TOO_SOON: cython.int = cython.declare(cython.int, REASONS.index("too_soon"))
_SAME_IP_ID_LATE: cython.int = cython.declare(cython.int, REASONS.index("same_ip_id_late"))
_NETWORK_DUPLICATE: cython.int = cython.declare(cython.int, REASONS.index("network_duplicate"))
_IDENTICAL: cython.int = cython.declare(cython.int, REASONS.index("identical"))
_ACKNOWLEDGED_AT_ONCE: cython.int = cython.declare(cython.int, REASONS.index("acknowledged_at_once"))
_EITHER_COPY: cython.int = cython.declare(cython.int, REASONS.index("either_copy"))
_NO_EVIDENCE: cython.int = cython.declare(cython.int, REASONS.index("no_evidence"))

_FROM_B: cython.int = cython.declare(cython.int, SEGMENT_FROM_B)
_NOT_SENT: cython.int = cython.declare(cython.int, SEGMENT_QUOTED | SEGMENT_FRAGMENT | SEGMENT_SHORT)
_HAS_SACK: cython.int = cython.declare(cython.int, HAS_SACK)
_HAS_TIMESTAMPS: cython.int = cython.declare(cython.int, HAS_TIMESTAMPS)
_S_OR_F: cython.int = cython.declare(cython.int, 3)
_ACK: cython.int = cython.declare(cython.int, 16)
_MASK: cython.longlong = cython.declare(cython.longlong, 0xFFFFFFFF)
_HALF: cython.longlong = cython.declare(cython.longlong, 0x80000000)

# Rows of the connection looked at on either side of a segment: more than a window of segments with their ACKs.
_FARTHEST_BACK: cython.Py_ssize_t = cython.declare(cython.Py_ssize_t, 4096)
_FARTHEST_ON: cython.Py_ssize_t = cython.declare(cython.Py_ssize_t, 512)
# A mirror port or a second interface delivers its copy within this time; also how far its order can be wrong.
_COPY_NS: cython.longlong = cython.declare(cython.longlong, 5_000_000)
# The shortest retransmission timeout in wide use (Linux; RFC 6298 asks for 1 s).
_TIMEOUT_NS: cython.longlong = cython.declare(cython.longlong, 200_000_000)
# Duplicate acknowledgments that make a sender resend (RFC 5681, 3.2).
_FAST_ACKS: cython.int = cython.declare(cython.int, 3)
# IP identifications are a counter when neighbours differ by less than this; they are compared no farther apart than …
_ID_STEP: cython.int = cython.declare(cython.int, 64)
_ID_REACH: cython.int = cython.declare(cython.int, 1024)
_ID_SAMPLE: cython.int = cython.declare(cython.int, 8)


@cython.cfunc
@cython.inline
def _diff(a: cython.longlong, b: cython.longlong) -> cython.longlong:
    """``a - b`` as a signed 32-bit difference."""
    return ((a - b + _HALF) & _MASK) - _HALF


@cython.final
@cython.cclass
class Judge:
    """Judges resent segments.

    Args:
        columns: Memoryviews by name: of ``Segments``, ``TcpOptions``, ``IpColumns``, ``order`` (rows, connection after
            connection), ``resent`` (1 for each segment to be judged or judged before), ``time_ns`` by segment.
    """

    order: cython.longlong[::1]
    resent: cython.uchar[::1]
    marks: cython.uchar[::1]
    seqs: cython.uint[::1]
    acks: cython.uint[::1]
    windows: cython.ushort[::1]
    tcp_flags: cython.ushort[::1]
    lengths: cython.uint[::1]
    time_ns: cython.longlong[::1]
    packet: cython.uint[::1]
    present: cython.uchar[::1]
    tsval: cython.uint[::1]
    tsecr: cython.uint[::1]
    sack_start: cython.uint[::1]
    sack_left: cython.uint[::1]
    sack_right: cython.uint[::1]
    version: cython.uchar[::1]
    identification: cython.ushort[::1]

    # What was found around the segment at hand; rows, -1 where there is none.
    row: cython.longlong
    seq: cython.longlong
    end: cython.longlong
    prior: cython.longlong
    jumper: cython.longlong
    acked: cython.longlong
    asked: cython.longlong
    asks: cython.int
    before: cython.longlong
    id_counts: cython.bint
    told: cython.longlong
    copy: cython.longlong
    decider: cython.longlong
    reason: cython.int

    def __init__(self, columns: dict):
        self.order = columns["order"]
        self.resent = columns["resent"]
        self.marks = columns["marks"]
        self.seqs = columns["seq"]
        self.acks = columns["ack"]
        self.windows = columns["window"]
        self.tcp_flags = columns["flags"]
        self.lengths = columns["length"]
        self.time_ns = columns["time_ns"]
        self.packet = columns["packet"]
        self.present = columns["present"]
        self.tsval = columns["tsval"]
        self.tsecr = columns["tsecr"]
        self.sack_start = columns["sack_start"]
        self.sack_left = columns["sack_left"]
        self.sack_right = columns["sack_right"]
        self.version = columns["version"]
        self.identification = columns["identification"]

    def run(
        self,
        places: cython.longlong[::1],
        firsts: cython.longlong[::1],
        lasts: cython.longlong[::1],
        rtt_ns: cython.longlong[::1],
        verdict: cython.uchar[::1],
        reason: cython.uchar[::1],
        decider: cython.longlong[::1],
    ):
        """Judge the segments at ``places`` in ``order``.

        Args:
            places: Which.
            firsts, lasts: Where the connection of each begins and ends (exclusive) in ``order``.
            rtt_ns: Round-trip time of its connection, -1 where not known.
            verdict, reason, decider: Filled: indexes into ``VERDICTS`` and ``REASONS``, and the row that decides (-1).
        """
        index: cython.Py_ssize_t
        for index in range(places.shape[0]):
            self._look_back(places[index], firsts[index])
            self.decider = -1
            if self.prior >= 0:
                verdict[index] = self._with_prior(places[index], lasts[index])
            else:
                verdict[index] = self._without_prior(places[index], lasts[index], rtt_ns[index])
            reason[index] = self.reason
            decider[index] = self.decider

    @cython.cfunc
    @cython.inline
    def _end(self, row: cython.longlong) -> cython.longlong:
        """The sequence number after a segment."""
        return (self.seqs[row] + self.lengths[row] + (1 if self.tcp_flags[row] & _S_OR_F else 0)) & _MASK

    @cython.cfunc
    def _look_back(self, place: cython.longlong, first: cython.longlong) -> cython.int:
        """Walk back from a segment until the stream was still below it."""
        row: cython.longlong = self.order[place]
        side: cython.int = self.marks[row] & _FROM_B
        self.row = row
        self.seq = self.seqs[row]
        self.end = self._end(row)
        self.prior = self.jumper = self.acked = self.asked = self.before = -1
        self.asks = 0
        asks: cython.int = 0
        mine: cython.longlong = row
        steps: cython.int = 0
        sane: cython.int = 0
        other: cython.longlong
        at: cython.longlong
        step: cython.int
        for at in range(place - 1, max(first, place - _FARTHEST_BACK) - 1, -1):
            other = self.order[at]
            if self.marks[other] & _NOT_SENT:
                continue
            if self.marks[other] & _FROM_B != side:
                asks += self._answer(other)
                continue
            if steps < _ID_SAMPLE and self.version[other] == 4:
                step = (self.identification[mine] - self.identification[other]) & 0xFFFF
                # The segment at hand may be out of line; its neighbours tell whether there is a line.
                if mine != row:
                    steps += 1
                    sane += 1 if 0 < step < _ID_STEP else 0
                mine = other
            if not self.lengths[other] and not self.tcp_flags[other] & _S_OR_F:
                continue
            if _diff(self.seqs[other], self.end) < 0 and _diff(self.seq, self._end(other)) < 0:
                self.prior = other
                self.asks = asks
                break
            if _diff(self.seqs[other], self.end) >= 0:
                self.jumper = other
                self.asks = asks
            elif not self.resent[other]:
                self.before = other
                break
        self.id_counts = steps >= 2 and 2 * sane >= steps
        return 0

    @cython.cfunc
    def _answer(self, other: cython.longlong) -> cython.int:
        """Note what the other side said; returns how strongly it asked for the segment (0 to 3)."""
        if not self.tcp_flags[other] & _ACK:
            return 0
        if _diff(self.acks[other], self.end) >= 0:
            self.acked = other
            return 0
        if self.acks[other] != self.seq or self.lengths[other] or self.tcp_flags[other] & _S_OR_F:
            return 0
        if self.asked < 0:
            self.asked = other
        return _FAST_ACKS if self.present[other] & _HAS_SACK else 1

    @cython.cfunc
    def _made(self, other: cython.longlong) -> cython.int:
        """Was the segment at hand made after (1) or before (-1) another of its side? 0 if nothing tells.

        Sets the reason to the "newer" one; the "older" one follows it in ``REASONS``.
        """
        row: cython.longlong = self.row
        order: cython.longlong = 0
        if self.present[row] & self.present[other] & _HAS_TIMESTAMPS:
            order = _diff(self.tsval[row], self.tsval[other])
            self.reason = _NEWER_TSVAL
        if not order and self.tcp_flags[row] & self.tcp_flags[other] & _ACK:
            order = _diff(self.acks[row], self.acks[other])
            self.reason = _NEWER_ACK
        if not order and self.id_counts and self.version[row] == 4 and self.version[other] == 4:
            order = ((self.identification[row] - self.identification[other] + 0x8000) & 0xFFFF) - 0x8000
            if order > _ID_REACH or order < -_ID_REACH:
                order = 0
            self.reason = _LATER_IP_ID
        if order < 0:
            self.reason += 1
            return -1
        return 1 if order else 0

    @cython.cfunc
    def _with_prior(self, place: cython.longlong, last: cython.longlong) -> cython.int:
        """An earlier packet carried some of these bytes."""
        row: cython.longlong = self.row
        prior: cython.longlong = self.prior
        since: cython.longlong = self.time_ns[row] - self.time_ns[prior]
        four: cython.bint = self.version[row] == 4 and self.version[prior] == 4
        same: cython.bint = self._same_header(prior)
        self.decider = prior
        if same and four and self.identification[row] and self.identification[row] == self.identification[prior]:
            if since > _COPY_NS:
                self.reason = _SAME_IP_ID_LATE
                return _UNDECIDED
            self._look_on(place, last)
            if self.told >= 0:
                self.reason = _NETWORK_DUPLICATE
                return _DOUBLED
            self.reason = _SAME_IP_ID
            return _CAPTURE_DUPLICATE
        made: cython.int = self._made(prior)
        if made < 0:
            return _REORDER
        if made == 0 and self.resent[prior]:
            # Both came late: one is the first copy, the other its repair.
            self.reason = _EITHER_COPY
            return _UNDECIDED
        if four and self.identification[row] != self.identification[prior]:
            self.reason = _NEW_IP_ID
            return _RESEND
        if made > 0:
            return _RESEND
        if not same:
            self.reason = _DIFFERENT_PACKET
            return _RESEND
        if since <= _COPY_NS and not self.asks:
            self.reason = _IDENTICAL_AT_ONCE
            return _CAPTURE_DUPLICATE
        if since >= _TIMEOUT_NS:
            self.reason = _AFTER_TIMEOUT
            return _RESEND
        if self.asks >= _FAST_ACKS:
            self.reason = _ASKED_FOR
            self.decider = self.asked
            return _RESEND
        self.reason = _IDENTICAL
        return _UNDECIDED

    @cython.cfunc
    def _without_prior(self, place: cython.longlong, last: cython.longlong, rtt_ns: cython.longlong) -> cython.int:
        """No packet carried these bytes before; later ones were seen, or acknowledged."""
        row: cython.longlong = self.row
        jumper: cython.longlong = self.jumper
        made: cython.int = self._made(jumper) if jumper >= 0 else 0
        if made:
            self.decider = jumper
            return _RESEND if made > 0 else _REORDER
        if self.acked >= 0:
            self.decider = self.acked
            if self.time_ns[row] - self.time_ns[self.acked] > _COPY_NS:
                self.reason = _ALREADY_ACKNOWLEDGED
                return _RESEND
            self.reason = _ACKNOWLEDGED_AT_ONCE
            return _UNDECIDED
        self._look_on(place, last)
        if self.told >= 0:
            self.decider = self.told
            self.reason = _DSACK
            return _RESEND
        self.decider = jumper
        self.reason = _NO_EVIDENCE
        if jumper < 0:
            return _UNDECIDED
        late: cython.longlong = self.time_ns[row] - self.time_ns[jumper]
        quiet: cython.longlong = self.time_ns[jumper] - self.time_ns[self.before] if self.before >= 0 else _TIMEOUT_NS
        if rtt_ns > 0 and 0 <= late < rtt_ns // 4 and 0 <= quiet < _TIMEOUT_NS // 2:
            self.reason = _TOO_SOON
            return _REORDER
        if self.copy >= 0:
            self.decider = self.copy
            self.reason = _EITHER_COPY
            return _UNDECIDED
        if late >= _TIMEOUT_NS and late > 3 * rtt_ns:
            self.reason = _AFTER_TIMEOUT
            return _RESEND
        stamped: cython.bint = (self.present[row] & self.present[jumper] & _HAS_TIMESTAMPS) != 0
        # Stamped alike, it was made when the jumper was, and not on demand a round trip later.
        if rtt_ns > 0 and self.asks >= _FAST_ACKS and late >= rtt_ns and not stamped:
            self.decider = self.asked
            self.reason = _ASKED_FOR
            return _RESEND
        return _UNDECIDED

    @cython.cfunc
    def _same_header(self, other: cython.longlong) -> cython.bint:
        """Whether all that a sender could have changed is the same."""
        row: cython.longlong = self.row
        return (
            self.seqs[row] == self.seqs[other]
            and self.lengths[row] == self.lengths[other]
            and self.acks[row] == self.acks[other]
            and self.tcp_flags[row] == self.tcp_flags[other]
            and self.windows[row] == self.windows[other]
            and self.present[row] == self.present[other]
            and self.tsval[row] == self.tsval[other]
            and self.tsecr[row] == self.tsecr[other]
        )

    @cython.cfunc
    def _look_on(self, place: cython.longlong, last: cython.longlong) -> cython.int:
        """Find the next copy of these bytes, or the report that they came twice (DSACK, RFC 2883) before that."""
        side: cython.int = self.marks[self.row] & _FROM_B
        other: cython.longlong
        block: cython.longlong
        at: cython.longlong
        self.told = self.copy = -1
        for at in range(place + 1, min(last, place + _FARTHEST_ON)):
            other = self.order[at]
            if self.marks[other] & _NOT_SENT:
                continue
            if self.marks[other] & _FROM_B == side:
                if (
                    self.lengths[other]
                    and _diff(self.seqs[other], self.end) < 0
                    and _diff(self.seq, self._end(other)) < 0
                ):
                    # What is said from here on may be about this one.
                    self.copy = other
                    return 0
            elif self.present[other] & _HAS_SACK:
                block = self.sack_start[other]
                if (
                    _diff(self.sack_right[block], self.acks[other]) <= 0
                    and _diff(self.sack_left[block], self.seq) <= 0
                    and _diff(self.seq, self.sack_right[block]) < 0
                ):
                    self.told = other
                    return 0
        return 0
