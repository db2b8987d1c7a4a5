# mypy: ignore-errors
# Cython's pure-Python types are not types to mypy; the tests run this file both compiled and uncompiled.
"""The columnar scan: from each record's bytes to its layers, TCP segments and UDP datagrams, in one pass.

Every method ``_name`` reads one kind of header at the cursor, adds a row to the layers, moves the cursor behind the
header and returns the kind of the next. Compiled when a C compiler was there at install (Cython, pure-Python mode);
the same file runs uncompiled with the same results.

Nothing is ever read past the captured bytes: each method compares first, and the compiled form keeps bounds checks.
"""

import cython
import numpy as np

from inspector.model.tables import ASSEMBLED, SEGMENT_BAD_HEADER, SEGMENT_FROM_B, SEGMENT_QUOTED, SEGMENT_SHORT
from inspector.proto.kinds import LayerKind

__all__ = ["Scanner"]

# The numbers of LayerKind as C constants.
_NONE: cython.int = cython.declare(cython.int, LayerKind.NONE)
_UNKNOWN: cython.int = cython.declare(cython.int, LayerKind.UNKNOWN)
_MALFORMED: cython.int = cython.declare(cython.int, LayerKind.MALFORMED)
_FRAGMENT: cython.int = cython.declare(cython.int, LayerKind.FRAGMENT)
_ETHERNET: cython.int = cython.declare(cython.int, LayerKind.ETHERNET)
_VLAN: cython.int = cython.declare(cython.int, LayerKind.VLAN)
_SLL: cython.int = cython.declare(cython.int, LayerKind.SLL)
_SLL2: cython.int = cython.declare(cython.int, LayerKind.SLL2)
_NULL: cython.int = cython.declare(cython.int, LayerKind.NULL)
_LOOP: cython.int = cython.declare(cython.int, LayerKind.LOOP)
_RAW: cython.int = cython.declare(cython.int, LayerKind.RAW)
_ARP: cython.int = cython.declare(cython.int, LayerKind.ARP)
_IPV4: cython.int = cython.declare(cython.int, LayerKind.IPV4)
_IPV6: cython.int = cython.declare(cython.int, LayerKind.IPV6)
_IPV6_HOPOPTS: cython.int = cython.declare(cython.int, LayerKind.IPV6_HOPOPTS)
_IPV6_ROUTING: cython.int = cython.declare(cython.int, LayerKind.IPV6_ROUTING)
_IPV6_FRAGMENT: cython.int = cython.declare(cython.int, LayerKind.IPV6_FRAGMENT)
_IPV6_DSTOPTS: cython.int = cython.declare(cython.int, LayerKind.IPV6_DSTOPTS)
_ICMP: cython.int = cython.declare(cython.int, LayerKind.ICMP)
_ICMPV6: cython.int = cython.declare(cython.int, LayerKind.ICMPV6)
_TCP: cython.int = cython.declare(cython.int, LayerKind.TCP)
_UDP: cython.int = cython.declare(cython.int, LayerKind.UDP)

_FROM_B: cython.int = cython.declare(cython.int, SEGMENT_FROM_B)
_QUOTED: cython.int = cython.declare(cython.int, SEGMENT_QUOTED)
_SHORT: cython.int = cython.declare(cython.int, SEGMENT_SHORT)
_BAD_HEADER: cython.int = cython.declare(cython.int, SEGMENT_BAD_HEADER)
_ASSEMBLED: cython.longlong = cython.declare(cython.longlong, ASSEMBLED)

# Deeper nesting than this is an attack, not a network; Wireshark gives up at a similar depth.
_MOST_LAYERS: cython.int = cython.declare(cython.int, 100)

# 64-bit constants are declared: written in place they would be Python integers in the compiled form.
_MASK: cython.ulonglong = cython.declare(cython.ulonglong, 0xFFFFFFFFFFFFFFFF)
_GOLDEN: cython.ulonglong = cython.declare(cython.ulonglong, 0x9E3779B97F4A7C15)


@cython.final
@cython.cclass
class Scanner:
    """Fills the tables of a capture, batch by batch.

    The buffers of layers, segments and datagrams are as long as one batch may need; the caller takes their first
    ``layers``, ``segments`` and ``datagrams`` rows after each ``scan`` and the next call starts over.

    Args:
        buffers: NumPy arrays by ``"table.column"`` name (see ``inspector.recording.capture``).
        seed: Random start value of the flow hash, so that nobody can choose addresses that collide.
    """

    kind: cython.uchar[::1]
    offset: cython.uint[::1]
    size: cython.uint[::1]
    layer_start: cython.uint[::1]
    layer_count: cython.uchar[::1]

    seg_packet: cython.uint[::1]
    seg_flow: cython.int[::1]
    seg_marks: cython.uchar[::1]
    seg_seq: cython.uint[::1]
    seg_ack: cython.uint[::1]
    seg_window: cython.ushort[::1]
    seg_flags: cython.ushort[::1]
    seg_length: cython.uint[::1]
    seg_offset: cython.uint[::1]
    seg_captured: cython.uint[::1]

    udp_packet: cython.uint[::1]
    udp_flow: cython.int[::1]
    udp_marks: cython.uchar[::1]
    udp_length: cython.uint[::1]
    udp_offset: cython.uint[::1]
    udp_captured: cython.uint[::1]

    # Flow table: columns by flow, and open-addressing slots that hold flow + 1.
    flow_a_high: cython.ulonglong[::1]
    flow_a_low: cython.ulonglong[::1]
    flow_b_high: cython.ulonglong[::1]
    flow_b_low: cython.ulonglong[::1]
    flow_ports: cython.uint[::1]
    flow_kind: cython.ushort[::1]
    slots: cython.int[::1]
    seed: cython.ulonglong

    layers = cython.declare(cython.Py_ssize_t, visibility="readonly")
    segments = cython.declare(cython.Py_ssize_t, visibility="readonly")
    datagrams = cython.declare(cython.Py_ssize_t, visibility="readonly")
    flows = cython.declare(cython.Py_ssize_t, visibility="readonly")

    # Cursor: where the next header starts, where captured bytes and the bytes on the wire end.
    at: cython.Py_ssize_t
    end: cython.Py_ssize_t
    wire_end: cython.Py_ssize_t
    base: cython.Py_ssize_t  # position that offsets count from
    packet: cython.longlong
    quoted: cython.bint
    version: cython.int
    src_high: cython.ulonglong
    src_low: cython.ulonglong
    dst_high: cython.ulonglong
    dst_low: cython.ulonglong

    def __init__(self, buffers: dict, seed: int):
        self.kind = buffers["layers.kind"]
        self.offset = buffers["layers.offset"]
        self.size = buffers["layers.size"]
        self.layer_start = buffers["packets.layer_start"]
        self.layer_count = buffers["packets.layer_count"]
        self.seg_packet = buffers["segments.packet"]
        self.seg_flow = buffers["segments.flow"]
        self.seg_marks = buffers["segments.marks"]
        self.seg_seq = buffers["segments.seq"]
        self.seg_ack = buffers["segments.ack"]
        self.seg_window = buffers["segments.window"]
        self.seg_flags = buffers["segments.flags"]
        self.seg_length = buffers["segments.length"]
        self.seg_offset = buffers["segments.offset"]
        self.seg_captured = buffers["segments.captured"]
        self.udp_packet = buffers["datagrams.packet"]
        self.udp_flow = buffers["datagrams.flow"]
        self.udp_marks = buffers["datagrams.marks"]
        self.udp_length = buffers["datagrams.length"]
        self.udp_offset = buffers["datagrams.offset"]
        self.udp_captured = buffers["datagrams.captured"]
        self.seed = seed
        self.flows = 0
        self._make_flow_table(1024)

    # --- one batch -------------------------------------------------------------------------------------------------

    def scan(
        self,
        data: cython.const[cython.uchar][::1],
        packets_before: cython.longlong,
        first: cython.Py_ssize_t,
        rows: cython.Py_ssize_t,
        position: cython.longlong[::1],
        captured: cython.uint[::1],
        length: cython.uint[::1],
        interface: cython.ushort[::1],
        link_kind: cython.int[::1],
        layers_before: cython.longlong,
    ):
        """Decode the records ``first`` to ``rows`` of a batch into the buffers.

        Args:
            data: The file.
            packets_before: Packets stored in earlier batches.
            first, rows: Records of this batch to decode.
            position, captured, length, interface: Columns of the records.
            link_kind: First layer's ``LayerKind`` by interface (UNKNOWN for a link type not decoded here).
            layers_before: Layers stored in earlier batches.

        Returns:
            The first record not decoded: ``rows``, or less when the layer buffer is nearly full.
        """
        row: cython.Py_ssize_t
        kind: cython.int
        room: cython.Py_ssize_t = self.kind.shape[0] - _MOST_LAYERS - 1
        self.layers = 0
        self.segments = 0
        self.datagrams = 0
        for row in range(first, rows):
            if self.layers > room:
                return row
            self.packet = packets_before + row
            self.base = self.at = position[row]
            self.end = self.at + captured[row]
            self.wire_end = self.at + max(captured[row], length[row])
            self.quoted = False
            first_layer: cython.Py_ssize_t = self.layers
            self.layer_start[row] = layers_before + first_layer
            kind = link_kind[interface[row]]
            while kind != _NONE:
                if self.layers - first_layer >= _MOST_LAYERS:
                    kind = _MALFORMED
                kind = self._header(data, kind)
            self.layer_count[row] = self.layers - first_layer
        return rows

    @cython.cfunc
    def _header(self, data: cython.const[cython.uchar][::1], kind: cython.int) -> cython.int:
        """Read the header of this kind at the cursor; the most frequent kinds are asked for first."""
        if kind == _IPV4:
            return self._ipv4(data)
        if kind == _TCP:
            return self._tcp(data)
        if kind == _ETHERNET:
            return self._ethernet(data)
        if kind == _UDP:
            return self._udp(data)
        if kind == _IPV6:
            return self._ipv6(data)
        if kind == _VLAN:
            return self._vlan(data)
        if kind in (_IPV6_HOPOPTS, _IPV6_ROUTING, _IPV6_DSTOPTS):
            return self._ipv6_extension(data, kind)
        if kind == _SLL:
            return self._sll(data)
        if kind == _RAW:
            return self._raw(data)
        if kind == _ARP:
            self._add(kind)
            return _NONE
        self._add(kind if kind in (_MALFORMED, _FRAGMENT) else _UNKNOWN)
        return _NONE

    @cython.cfunc
    @cython.inline
    def _add(self, kind: cython.int) -> cython.int:
        """Store a layer that starts at the cursor."""
        row: cython.Py_ssize_t = self.layers
        self.kind[row] = kind
        self.offset[row] = self.at - self.base
        self.size[row] = self.end - self.at
        self.layers = row + 1
        return 0

    # --- link layer ------------------------------------------------------------------------------------------------

    @cython.cfunc
    def _ethernet(self, data: cython.const[cython.uchar][::1]) -> cython.int:
        at: cython.Py_ssize_t = self.at
        if self.end - at < 14:
            return _MALFORMED
        self._add(_ETHERNET)
        self.at = at + 14
        return self._ethertype((data[at + 12] << 8) | data[at + 13])

    @cython.cfunc
    def _ethertype(self, ethertype: cython.int) -> cython.int:
        """The layer that an EtherType names."""
        if ethertype == 0x0800:
            return _IPV4
        if ethertype == 0x86DD:
            return _IPV6
        if ethertype == 0x8100 or ethertype == 0x88A8 or ethertype == 0x9100:
            return _VLAN
        if ethertype == 0x0806:
            return _ARP
        return _UNKNOWN

    @cython.cfunc
    def _vlan(self, data: cython.const[cython.uchar][::1]) -> cython.int:
        at: cython.Py_ssize_t = self.at
        if self.end - at < 4:
            return _MALFORMED
        self._add(_VLAN)
        self.at = at + 4
        return self._ethertype((data[at + 2] << 8) | data[at + 3])

    @cython.cfunc
    def _sll(self, data: cython.const[cython.uchar][::1]) -> cython.int:
        at: cython.Py_ssize_t = self.at
        if self.end - at < 16:
            return _MALFORMED
        self._add(_SLL)
        self.at = at + 16
        return self._ethertype((data[at + 14] << 8) | data[at + 15])

    @cython.cfunc
    def _raw(self, data: cython.const[cython.uchar][::1]) -> cython.int:
        """No link header: the IP version is in the first four bits."""
        if self.end <= self.at:
            return _MALFORMED
        first: cython.int = data[self.at] >> 4
        if first == 4:
            return _IPV4
        if first == 6:
            return _IPV6
        return _UNKNOWN

    # --- network layer ---------------------------------------------------------------------------------------------

    @cython.cfunc
    def _ipv4(self, data: cython.const[cython.uchar][::1]) -> cython.int:
        at: cython.Py_ssize_t = self.at
        if self.end - at < 20:
            return _MALFORMED
        header: cython.Py_ssize_t = (data[at] & 15) * 4
        if header < 20:
            return _MALFORMED
        total: cython.Py_ssize_t = (data[at + 2] << 8) | data[at + 3]
        # Total length 0 is a packet captured before segmentation offload cut it up: it reaches to the end.
        if total >= header and at + total < self.wire_end:
            self.wire_end = at + total
            self.end = min(self.end, self.wire_end)
        self._add(_IPV4)
        self.version = 4
        self.src_high = self.dst_high = 0
        self.src_low = _u32(data, at + 12)
        self.dst_low = _u32(data, at + 16)
        if ((data[at + 6] & 0x3F) << 8) | data[at + 7]:
            self.at = min(at + header, self.end)
            return _FRAGMENT
        self.at = at + header
        if self.at > self.end:
            self.at = self.end
            return _MALFORMED
        return self._protocol(data[at + 9])

    @cython.cfunc
    def _protocol(self, protocol: cython.int) -> cython.int:
        """The layer that an IP protocol number names."""
        if protocol == 6:
            return _TCP
        if protocol == 17:
            return _UDP
        if protocol == 0:
            return _IPV6_HOPOPTS
        if protocol == 43:
            return _IPV6_ROUTING
        if protocol == 60:
            return _IPV6_DSTOPTS
        return _UNKNOWN

    @cython.cfunc
    def _ipv6(self, data: cython.const[cython.uchar][::1]) -> cython.int:
        at: cython.Py_ssize_t = self.at
        if self.end - at < 40:
            return _MALFORMED
        payload: cython.Py_ssize_t = (data[at + 4] << 8) | data[at + 5]
        if payload and at + 40 + payload < self.wire_end:
            self.wire_end = at + 40 + payload
            self.end = min(self.end, self.wire_end)
        self._add(_IPV6)
        self.version = 6
        self.src_high = (_u32(data, at + 8) << 32) | _u32(data, at + 12)
        self.src_low = (_u32(data, at + 16) << 32) | _u32(data, at + 20)
        self.dst_high = (_u32(data, at + 24) << 32) | _u32(data, at + 28)
        self.dst_low = (_u32(data, at + 32) << 32) | _u32(data, at + 36)
        self.at = at + 40
        return self._protocol(data[at + 6])

    @cython.cfunc
    def _ipv6_extension(self, data: cython.const[cython.uchar][::1], kind: cython.int) -> cython.int:
        at: cython.Py_ssize_t = self.at
        if self.end - at < 8:
            return _MALFORMED
        size: cython.Py_ssize_t = (data[at + 1] + 1) * 8
        if self.end - at < size:
            return _MALFORMED
        self._add(kind)
        self.at = at + size
        return self._protocol(data[at])

    # --- transport layer -------------------------------------------------------------------------------------------

    @cython.cfunc
    def _tcp(self, data: cython.const[cython.uchar][::1]) -> cython.int:
        at: cython.Py_ssize_t = self.at
        if self.end - at < 20:
            return _MALFORMED
        self._add(_TCP)
        header: cython.Py_ssize_t = (data[at + 12] >> 4) * 4
        row: cython.Py_ssize_t = self.segments
        self.segments = row + 1
        marks: cython.int = _QUOTED if self.quoted else 0
        source: cython.uint = (data[at] << 8) | data[at + 1]
        destination: cython.uint = (data[at + 2] << 8) | data[at + 3]
        from_b: cython.int = self._from_b(source, destination)
        self.seg_packet[row] = self.packet
        self.seg_flow[row] = self._flow(source, destination, from_b, 6)
        if from_b:
            marks |= _FROM_B
        self.seg_seq[row] = _u32(data, at + 4)
        self.seg_ack[row] = _u32(data, at + 8)
        self.seg_flags[row] = ((data[at + 12] & 15) << 8) | data[at + 13]
        self.seg_window[row] = (data[at + 14] << 8) | data[at + 15]
        start: cython.Py_ssize_t = at + header
        if header < 20 or start > self.wire_end:
            marks |= _SHORT | _BAD_HEADER if header < 20 else _SHORT
            # Wireshark counts what a header of the stated size would leave.
            self.seg_length[row] = self.wire_end - start if header < 20 else 0
            self.seg_captured[row] = 0
            start = at
        else:
            self.seg_length[row] = self.wire_end - start
            self.seg_captured[row] = max(self.end - start, 0)
        self.seg_offset[row] = start - self.base
        self.seg_marks[row] = marks
        return _NONE

    @cython.cfunc
    def _udp(self, data: cython.const[cython.uchar][::1]) -> cython.int:
        at: cython.Py_ssize_t = self.at
        if self.end - at < 8:
            return _MALFORMED
        self._add(_UDP)
        row: cython.Py_ssize_t = self.datagrams
        self.datagrams = row + 1
        marks: cython.int = _QUOTED if self.quoted else 0
        source: cython.uint = (data[at] << 8) | data[at + 1]
        destination: cython.uint = (data[at + 2] << 8) | data[at + 3]
        size: cython.Py_ssize_t = (data[at + 4] << 8) | data[at + 5]
        from_b: cython.int = self._from_b(source, destination)
        self.udp_packet[row] = self.packet
        self.udp_flow[row] = self._flow(source, destination, from_b, 17)
        if from_b:
            marks |= _FROM_B
        if size >= 8 and at + size < self.wire_end:
            self.wire_end = at + size
            self.end = min(self.end, self.wire_end)
        self.udp_length[row] = self.wire_end - at - 8
        self.udp_captured[row] = self.end - at - 8
        self.udp_offset[row] = at + 8 - self.base
        self.udp_marks[row] = marks
        return _NONE

    # --- flows -----------------------------------------------------------------------------------------------------

    @cython.cfunc
    @cython.inline
    def _from_b(self, source: cython.uint, destination: cython.uint) -> cython.int:
        """Whether the sender is the higher of the two (address, port) pairs."""
        if self.src_high != self.dst_high:
            return 1 if self.src_high > self.dst_high else 0
        if self.src_low != self.dst_low:
            return 1 if self.src_low > self.dst_low else 0
        return 1 if source > destination else 0

    @cython.cfunc
    def _flow(
        self, source: cython.uint, destination: cython.uint, from_b: cython.int, protocol: cython.int
    ) -> cython.int:
        """The flow of this 5-tuple; a new one if never seen."""
        a_high: cython.ulonglong = self.dst_high if from_b else self.src_high
        a_low: cython.ulonglong = self.dst_low if from_b else self.src_low
        b_high: cython.ulonglong = self.src_high if from_b else self.dst_high
        b_low: cython.ulonglong = self.src_low if from_b else self.dst_low
        ports: cython.uint = (destination << 16) | source if from_b else (source << 16) | destination
        kind: cython.uint = (self.version << 8) | protocol
        slot_mask: cython.ulonglong = self.slots.shape[0] - 1
        slot: cython.ulonglong = _mix(self.seed, a_high, a_low, b_high, b_low, ports, kind) & slot_mask
        flow: cython.int
        while True:
            flow = self.slots[slot] - 1
            if flow < 0:
                break
            if (
                self.flow_ports[flow] == ports
                and self.flow_a_low[flow] == a_low
                and self.flow_b_low[flow] == b_low
                and self.flow_kind[flow] == kind
                and self.flow_a_high[flow] == a_high
                and self.flow_b_high[flow] == b_high
            ):
                return flow
            slot = (slot + 1) & slot_mask
        flow = self.flows
        if flow * 2 >= self.slots.shape[0]:
            self._make_flow_table(self.slots.shape[0] * 2)
            return self._flow(source, destination, from_b, protocol)
        self.flow_a_high[flow] = a_high
        self.flow_a_low[flow] = a_low
        self.flow_b_high[flow] = b_high
        self.flow_b_low[flow] = b_low
        self.flow_ports[flow] = ports
        self.flow_kind[flow] = kind
        self.slots[slot] = flow + 1
        self.flows = flow + 1
        return flow

    def _make_flow_table(self, size: cython.Py_ssize_t):
        """Make room for ``size / 2`` flows and put the known ones in their new slots."""
        known: cython.Py_ssize_t = self.flows
        self.flow_a_high = _grown(self.flow_a_high if known else None, known, size // 2 + 1, np.uint64)
        self.flow_a_low = _grown(self.flow_a_low if known else None, known, size // 2 + 1, np.uint64)
        self.flow_b_high = _grown(self.flow_b_high if known else None, known, size // 2 + 1, np.uint64)
        self.flow_b_low = _grown(self.flow_b_low if known else None, known, size // 2 + 1, np.uint64)
        self.flow_ports = _grown(self.flow_ports if known else None, known, size // 2 + 1, np.uint32)
        self.flow_kind = _grown(self.flow_kind if known else None, known, size // 2 + 1, np.uint16)
        self.slots = memoryview(np.zeros(size, np.int32))
        slot_mask: cython.ulonglong = size - 1
        flow: cython.Py_ssize_t
        slot: cython.ulonglong
        for flow in range(known):
            slot = (
                _mix(
                    self.seed,
                    self.flow_a_high[flow],
                    self.flow_a_low[flow],
                    self.flow_b_high[flow],
                    self.flow_b_low[flow],
                    self.flow_ports[flow],
                    self.flow_kind[flow],
                )
                & slot_mask
            )
            while self.slots[slot]:
                slot = (slot + 1) & slot_mask
            self.slots[slot] = flow + 1

    def flow_columns(self) -> dict:
        """The columns of ``Flows`` seen so far."""
        count = self.flows
        ports = np.array(self.flow_ports[:count], np.uint32)
        kind = np.array(self.flow_kind[:count], np.uint16)
        return {
            "a_high": np.array(self.flow_a_high[:count], np.uint64),
            "a_low": np.array(self.flow_a_low[:count], np.uint64),
            "b_high": np.array(self.flow_b_high[:count], np.uint64),
            "b_low": np.array(self.flow_b_low[:count], np.uint64),
            "a_port": (ports >> 16).astype(np.uint16),
            "b_port": (ports & 0xFFFF).astype(np.uint16),
            "version": (kind >> 8).astype(np.uint8),
            "protocol": (kind & 0xFF).astype(np.uint8),
        }


@cython.cfunc
@cython.inline
def _u32(data: cython.const[cython.uchar][::1], at: cython.Py_ssize_t) -> cython.ulonglong:
    """The big-endian 32-bit number at ``at``, widened so that it can be shifted."""
    return (cython.cast(cython.ulonglong, data[at]) << 24) | (data[at + 1] << 16) | (data[at + 2] << 8) | data[at + 3]


@cython.cfunc
@cython.inline
def _mix(
    seed: cython.ulonglong,
    a: cython.ulonglong,
    b: cython.ulonglong,
    c: cython.ulonglong,
    d: cython.ulonglong,
    ports: cython.ulonglong,
    kind: cython.ulonglong,
) -> cython.ulonglong:
    """A seeded 64-bit hash: multiply by an odd constant (from the golden ratio) and fold, twice."""
    h: cython.ulonglong = seed ^ b ^ (ports << 32) ^ kind
    h = (h * _GOLDEN) & _MASK
    h ^= (h >> 32) ^ d
    h = (h * _GOLDEN) & _MASK
    if a or c:
        h ^= (h >> 29) ^ a
        h = (h * _GOLDEN) & _MASK
        h ^= (h >> 29) ^ c
        h = (h * _GOLDEN) & _MASK
    return h ^ (h >> 32)


def _grown(old, known, size, dtype):
    """A longer copy of a column, as a memoryview (whose items are Python integers when uncompiled)."""
    new = np.empty(size, dtype)
    if old is not None:
        new[:known] = old[:known]
    return memoryview(new)
