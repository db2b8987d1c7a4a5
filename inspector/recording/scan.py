# mypy: ignore-errors
# Cython's pure-Python types are not types to mypy; the tests run this file both compiled and uncompiled.
"""The columnar scan: from each record's bytes to its layers, TCP segments and UDP datagrams, in one pass.

Every method ``_name`` reads one kind of header at the cursor, adds a row to the layers, moves the cursor behind the
header and returns the kind of the next; those below IP are in ``links``. Compiled when a C compiler was there at install
(Cython, pure-Python mode; types of attributes and methods are in the .pxd); the same file runs uncompiled with the same
results.

Nothing is ever read past the captured bytes: each method compares first, and the compiled form keeps bounds checks.
"""

import cython

from inspector.model.tables import (
    ASSEMBLED,
    SEGMENT_BAD_HEADER,
    SEGMENT_FRAGMENT,
    SEGMENT_FROM_B,
    SEGMENT_QUOTED,
    SEGMENT_SHORT,
    SEGMENT_UNNUMBERED,
)
from inspector.proto.kinds import LayerKind
from inspector.recording.fragments import Fragments

if not cython.compiled:
    from inspector.recording.flow_table import FlowTable
    from inspector.recording.links import Links

__all__ = ["Scanner"]

# The numbers of LayerKind as C constants.
_NONE: cython.int = cython.declare(cython.int, LayerKind.NONE)
_UNKNOWN: cython.int = cython.declare(cython.int, LayerKind.UNKNOWN)
_MALFORMED: cython.int = cython.declare(cython.int, LayerKind.MALFORMED)
_FRAGMENT: cython.int = cython.declare(cython.int, LayerKind.FRAGMENT)
_ETHERNET: cython.int = cython.declare(cython.int, LayerKind.ETHERNET)
_MPLS: cython.int = cython.declare(cython.int, LayerKind.MPLS)
_PPP: cython.int = cython.declare(cython.int, LayerKind.PPP)
_ARP: cython.int = cython.declare(cython.int, LayerKind.ARP)
_IPV4: cython.int = cython.declare(cython.int, LayerKind.IPV4)
_IPV6: cython.int = cython.declare(cython.int, LayerKind.IPV6)
_HOPOPTS: cython.int = cython.declare(cython.int, LayerKind.IPV6_HOPOPTS)
_ROUTING: cython.int = cython.declare(cython.int, LayerKind.IPV6_ROUTING)
_IPV6_FRAGMENT: cython.int = cython.declare(cython.int, LayerKind.IPV6_FRAGMENT)
_DSTOPTS: cython.int = cython.declare(cython.int, LayerKind.IPV6_DSTOPTS)
_AH: cython.int = cython.declare(cython.int, LayerKind.AH)
_ICMP: cython.int = cython.declare(cython.int, LayerKind.ICMP)
_ICMPV6: cython.int = cython.declare(cython.int, LayerKind.ICMPV6)
_TCP: cython.int = cython.declare(cython.int, LayerKind.TCP)
_UDP: cython.int = cython.declare(cython.int, LayerKind.UDP)
_GRE: cython.int = cython.declare(cython.int, LayerKind.GRE)
_VXLAN: cython.int = cython.declare(cython.int, LayerKind.VXLAN)
_GENEVE: cython.int = cython.declare(cython.int, LayerKind.GENEVE)
_GTPU: cython.int = cython.declare(cython.int, LayerKind.GTPU)

_FROM_B: cython.int = cython.declare(cython.int, SEGMENT_FROM_B)
_QUOTED: cython.int = cython.declare(cython.int, SEGMENT_QUOTED)
_OF_FRAGMENT: cython.int = cython.declare(cython.int, SEGMENT_FRAGMENT)
_SHORT: cython.int = cython.declare(cython.int, SEGMENT_SHORT)
_BAD_HEADER: cython.int = cython.declare(cython.int, SEGMENT_BAD_HEADER)
_UNNUMBERED: cython.int = cython.declare(cython.int, SEGMENT_UNNUMBERED)

# Deeper nesting than this is an attack, not a network; a packet's layers are counted in one byte.
_MOST_LAYERS: cython.int = cython.declare(cython.int, 100)
# Rows that one header may add beyond that: two headers read at once, and MALFORMED.
_LAST_ROWS: cython.int = cython.declare(cython.int, 4)
# Assembled bytes are addressed by 31 bits of an offset.
_MOST_ASSEMBLED = ASSEMBLED - 1

# Well-known ports of tunnels, and the first port that is not a system port.
_VXLAN_PORT: cython.int = cython.declare(cython.int, 4789)
_GENEVE_PORT: cython.int = cython.declare(cython.int, 6081)
_GTPU_PORT: cython.int = cython.declare(cython.int, 2152)
_FIRST_USER_PORT: cython.int = cython.declare(cython.int, 1024)


@cython.final
@cython.cclass
class Scanner(Links):
    """Fills the tables of a capture, batch by batch.

    The buffers of layers, segments and datagrams are as long as one batch may need; the caller takes their first
    ``layers``, ``segments`` and ``datagrams`` rows after each ``scan`` and the next call starts over.

    Args:
        buffers: NumPy arrays by ``"table.column"`` name (see ``inspector.recording.capture``).
        seed: Random start value of the flow hash.

    Attributes:
        assembled: IP datagrams put together from fragments, one after the other.
    """

    def __init__(self, buffers: dict, seed: int):
        Links.__init__(self, buffers)
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
        self.segments = 0
        self.datagrams = 0
        self.flow_table = FlowTable(seed)
        self.fragments = Fragments()
        self.assembled = bytearray()

    def flow_columns(self) -> dict:
        """The columns of ``Flows`` seen so far."""
        return self.flow_table.columns()

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
        first_layer: cython.Py_ssize_t
        room: cython.Py_ssize_t = self.kind.shape[0] - _MOST_LAYERS - _LAST_ROWS
        self.data = data
        self.layers = 0
        self.segments = 0
        self.datagrams = 0
        for row in range(first, rows):
            first_layer = self.layers
            if first_layer > room:
                break
            self.last_layer = first_layer + _MOST_LAYERS
            self.packet = packets_before + row
            self.base = self.at = position[row]
            self.end = self.at + captured[row]
            self.wire_end = self.at + max(captured[row], length[row])
            self.marks = 0
            self.vlan = 0
            self.layer_start[row] = layers_before + first_layer
            self._walk(link_kind[interface[row]])
            self.layer_count[row] = self.layers - first_layer
        else:
            row = rows
        self.data = memoryview(b"")
        return row

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _walk(self, kind: cython.int) -> cython.int:
        """Read headers from this kind on until there are no more."""
        while kind != _NONE:
            if self.layers >= self.last_layer:
                kind = _MALFORMED
            kind = self._header(kind)
        return _NONE

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _header(self, kind: cython.int) -> cython.int:
        """Read the header of this kind at the cursor; the most frequent kinds are asked for first."""
        if kind == _IPV4:
            return self._ipv4()
        if kind == _TCP:
            return self._tcp()
        if kind == _ETHERNET:
            return self.ethernet()
        if kind == _UDP:
            return self._udp()
        if kind == _IPV6:
            return self._ipv6()
        if kind == _MALFORMED:
            self.add(kind)
            return _NONE
        if kind in (_UNKNOWN, _FRAGMENT):
            self.take(kind, 0)
            return _NONE
        if kind < _ARP:
            return self.link(kind)
        if kind == _ICMP:
            return self._icmp()
        if kind == _ICMPV6:
            return self._icmpv6()
        if kind in (_HOPOPTS, _ROUTING, _DSTOPTS):
            return self._extension(kind)
        if kind == _IPV6_FRAGMENT:
            return self._ipv6_fragment()
        if kind == _AH:
            return self._ah()
        if kind == _GRE:
            return self._gre()
        if kind == _VXLAN:
            return _ETHERNET if self.take(_VXLAN, 8) else _MALFORMED
        if kind == _GENEVE:
            return self._geneve()
        if kind == _GTPU:
            return self._gtpu()
        return self.link(kind)

    # --- network layer ---------------------------------------------------------------------------------------------

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _ipv4(self) -> cython.int:
        at: cython.Py_ssize_t = self.at
        left: cython.Py_ssize_t = self.end - at
        if left <= 0:
            return _MALFORMED
        first: cython.int = self.data[at]
        if first >> 4 == 6:
            return _IPV6
        header: cython.Py_ssize_t = (first & 15) * 4
        if first >> 4 != 4 or header < 20 or left < 20:
            self.take(_IPV4, left)
            return _MALFORMED
        total: cython.Py_ssize_t = (self.data[at + 2] << 8) | self.data[at + 3]
        # Total length 0 is a packet captured before segmentation offload cut it up: it reaches to the end.
        if total:
            if total < header:
                self.take(_IPV4, left)
                return _MALFORMED
            if self.marks & _QUOTED:
                # An ICMP error quotes the beginning of a longer datagram: it ends where its own length says.
                self.wire_end = at + total
                self.end = min(self.end, self.wire_end)
            elif at + total < self.wire_end:
                self.wire_end = at + total
                self.end = min(self.end, self.wire_end)
        self.version = 4
        self.src_high = self.dst_high = 0
        self.src_low = self._u32(at + 12)
        self.dst_low = self._u32(at + 16)
        if not self.take(_IPV4, header):
            return _MALFORMED
        protocol: cython.int = self.data[at + 9]
        if self.data[at + 6] & 0x3F or self.data[at + 7]:
            start: cython.Py_ssize_t = (((self.data[at + 6] & 0x1F) << 8) | self.data[at + 7]) * 8
            if start == 0 and self.end < self.wire_end:
                # The first piece, cut by the capture, can never be joined: what it holds is shown, as tshark does.
                self.marks |= _OF_FRAGMENT
                return self._protocol(protocol)
            identification: cython.int = (self.data[at + 4] << 8) | self.data[at + 5]
            more: cython.bint = self.data[at + 6] & 0x20 != 0
            return self._fragment((protocol, identification), start, more, self._protocol(protocol))
        if self.at == self.wire_end:
            return _NONE
        return self._protocol(protocol)

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _ipv6(self) -> cython.int:
        at: cython.Py_ssize_t = self.at
        left: cython.Py_ssize_t = self.end - at
        if left > 0 and self.data[at] >> 4 != 6:
            return _UNKNOWN
        if left >= 6:
            payload: cython.Py_ssize_t = (self.data[at + 4] << 8) | self.data[at + 5]
            if self.marks & _QUOTED:
                self.wire_end = at + 40 + payload
                self.end = min(self.end, self.wire_end)
            else:
                self.clip(at + 40 + payload)
        if not self.take(_IPV6, 40):
            return _MALFORMED
        self.version = 6
        self.src_high = (self._u32(at + 8) << 32) | self._u32(at + 12)
        self.src_low = (self._u32(at + 16) << 32) | self._u32(at + 20)
        self.dst_high = (self._u32(at + 24) << 32) | self._u32(at + 28)
        self.dst_low = (self._u32(at + 32) << 32) | self._u32(at + 36)
        return self._protocol(self.data[at + 6])

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _protocol(self, protocol: cython.int) -> cython.int:
        """The layer that an IP protocol number names."""
        if protocol == 6:
            return _TCP
        if protocol == 17:
            return _UDP
        if protocol == 1:
            return _ICMP
        if protocol == 58:
            return _ICMPV6
        if protocol == 4:
            return _IPV4
        if protocol == 41:
            return _IPV6
        if protocol == 47:
            return _GRE
        if protocol == 0:
            return _HOPOPTS
        if protocol == 43:
            return _ROUTING
        if protocol == 44:
            return _IPV6_FRAGMENT
        if protocol == 51:
            return _AH
        if protocol == 60:
            return _DSTOPTS
        if protocol == 137:
            return _MPLS
        if protocol == 143:
            return _ETHERNET
        # Also 50 (ESP: the rest is encrypted) and 59 (no next header, yet bytes follow).
        return _UNKNOWN

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _extension(self, kind: cython.int) -> cython.int:
        """Hop-by-hop options, routing, destination options: the second byte counts 8 bytes beyond the first 8."""
        at: cython.Py_ssize_t = self.at
        size: cython.Py_ssize_t = 8
        if self.end - at >= 2:
            size = (self.data[at + 1] + 1) * 8
        if not self.take(kind, size):
            return _MALFORMED
        return self._protocol(self.data[at])

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _ah(self) -> cython.int:
        """Authentication header (RFC 4302): the second byte counts 4 bytes beyond the first 8."""
        at: cython.Py_ssize_t = self.at
        if self.end - at < 12:
            self.take(_AH, 12)
            return _MALFORMED
        if not self.take(_AH, (self.data[at + 1] + 2) * 4):
            return _MALFORMED
        return self._protocol(self.data[at])

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _ipv6_fragment(self) -> cython.int:
        at: cython.Py_ssize_t = self.at
        if not self.take(_IPV6_FRAGMENT, 8):
            return _MALFORMED
        following: cython.int = self._protocol(self.data[at])
        start: cython.Py_ssize_t = ((self.data[at + 2] << 8) | self.data[at + 3]) & 0xFFF8
        more: cython.bint = self.data[at + 3] & 1
        if start == 0 and (not more or self.marks & _QUOTED):
            return following
        return self._fragment(self._u32(at + 4), start, more, following)

    def _fragment(self, identification, start: cython.Py_ssize_t, more: cython.bint, following: cython.int):
        """A piece of a datagram: when it is the last one missing, the whole is read from here on.

        Args:
            identification: What the pieces have in common beside the addresses.
            start: Where the piece belongs in the datagram.
            more: Whether others come behind it.
            following: What the datagram carries.
        """
        if self.marks & _QUOTED or self.end < self.wire_end:
            return _FRAGMENT
        key = (self.vlan, self.src_high, self.src_low, self.dst_high, self.dst_low, identification)
        whole = self.fragments.add(key, start, more, bytes(self.data[self.at : self.end]))
        before = len(self.assembled)
        if whole is None or before + len(whole) > _MOST_ASSEMBLED:
            return _FRAGMENT
        self.assembled += whole
        outer = self.data
        self.data = memoryview(whole)
        self.at = 0
        self.end = self.wire_end = len(whole)
        self.base = -(before + ASSEMBLED)
        self._walk(following)
        self.data = outer
        return _NONE

    # --- ICMP ------------------------------------------------------------------------------------------------------

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _icmp(self) -> cython.int:
        """ICMP (RFC 792): errors quote the datagram they are about, some only its header and 8 bytes."""
        at: cython.Py_ssize_t = self.at
        if not self.take(_ICMP, 8):
            return _MALFORMED
        kind: cython.int = self.data[at]
        if not (3 <= kind <= 5 or kind == 11 or kind == 12) or self.at == self.end:
            return _NONE
        self.marks |= _QUOTED
        if kind == 5:
            # Of a redirect, tshark reads what RFC 792 says is quoted, and no more.
            self.clip(self.at + (self.data[self.at] & 15) * 4 + 8)
        return _IPV4

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _icmpv6(self) -> cython.int:
        """ICMPv6 (RFC 4443): types 1 to 4 are errors and quote the datagram they are about."""
        at: cython.Py_ssize_t = self.at
        if not self.take(_ICMPV6, 4):
            return _MALFORMED
        kind: cython.int = self.data[at]
        if kind == 137:
            return self._redirected()
        if not 1 <= kind <= 4:
            return _NONE
        if self.end - at <= 8:
            return _MALFORMED
        self.at = at + 8
        self.marks |= _QUOTED
        return _IPV6

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _redirected(self) -> cython.int:
        """An ICMPv6 redirect quotes the datagram in an option, after two addresses (RFC 4861 section 4.5)."""
        option: cython.Py_ssize_t = self.at + 36
        size: cython.Py_ssize_t
        while self.end - option >= 8:
            size = self.data[option + 1] * 8
            if size == 0:
                return _NONE
            if self.data[option] == 4:
                self.clip(option + size)
                self.at = min(option + 8, self.end)
                self.marks |= _QUOTED
                return _IPV6
            option += size
        return _NONE

    # --- transport layer -------------------------------------------------------------------------------------------

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _tcp(self) -> cython.int:
        at: cython.Py_ssize_t = self.at
        left: cython.Py_ssize_t = self.end - at
        if left < 4:
            self.at = self.end
            return _MALFORMED
        self.add(_TCP)
        row: cython.Py_ssize_t = self.segments
        self.segments = row + 1
        marks: cython.int = self.marks
        source: cython.uint = (self.data[at] << 8) | self.data[at + 1]
        destination: cython.uint = (self.data[at + 2] << 8) | self.data[at + 3]
        from_b: cython.bint = self._from_b(source, destination)
        if from_b:
            marks |= _FROM_B
        self.seg_packet[row] = self.packet
        self.seg_flow[row] = self._flow(source, destination, from_b, 6)
        self.seg_offset[row] = at - self.base
        self.seg_length[row] = 0
        self.seg_captured[row] = 0
        if left < 16:
            self.seg_marks[row] = marks | _SHORT | _UNNUMBERED
            self.seg_seq[row] = 0
            self.seg_ack[row] = 0
            self.seg_flags[row] = 0
            self.seg_window[row] = 0
            self.at = self.end
            return _MALFORMED
        header: cython.Py_ssize_t = (self.data[at + 12] >> 4) * 4
        length: cython.Py_ssize_t = self.wire_end - at - header
        self.seg_seq[row] = self._u32(at + 4)
        self.seg_ack[row] = self._u32(at + 8)
        self.seg_flags[row] = ((self.data[at + 12] & 15) << 8) | self.data[at + 13]
        self.seg_window[row] = (self.data[at + 14] << 8) | self.data[at + 15]
        if header >= 20 and length >= 0:
            self.seg_marks[row] = marks
            self.seg_length[row] = length
            if header <= left:
                self.seg_offset[row] = at + header - self.base
                self.seg_captured[row] = left - header
                return _NONE
        else:
            if header < 20:
                marks |= _BAD_HEADER
            self.seg_marks[row] = marks | _SHORT
            # tshark counts payload behind such a header all the same, but none when the header itself is too long.
            self.seg_length[row] = max(length, 0)
        self.at = self.end
        return _MALFORMED

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _udp(self) -> cython.int:
        at: cython.Py_ssize_t = self.at
        left: cython.Py_ssize_t = self.end - at
        if left < 4:
            self.at = self.end
            return _MALFORMED
        size: cython.Py_ssize_t = 0
        if left >= 6:
            size = (self.data[at + 4] << 8) | self.data[at + 5]
            if size == 0 and self.version == 6:
                size = max(self.wire_end - at, 8)  # a jumbogram's length does not fit (RFC 2675)
            elif size >= 8:
                self.clip(at + size)
        row: cython.Py_ssize_t = self.datagrams
        self.datagrams = row + 1
        marks: cython.int = self.marks
        source: cython.int = (self.data[at] << 8) | self.data[at + 1]
        destination: cython.int = (self.data[at + 2] << 8) | self.data[at + 3]
        from_b: cython.bint = self._from_b(source, destination)
        if from_b:
            marks |= _FROM_B
        self.udp_packet[row] = self.packet
        self.udp_flow[row] = self._flow(source, destination, from_b, 17)
        if size < 8 or not self.take(_UDP, 8):
            if size < 8:
                self.take(_UDP, left)
            self.udp_marks[row] = marks | _SHORT | _UNNUMBERED
            self.udp_length[row] = max(size - 8, 0)
            self.udp_captured[row] = 0
            self.udp_offset[row] = self.at - self.base
            return _MALFORMED
        self.udp_marks[row] = marks
        self.udp_length[row] = max(self.wire_end - self.at, 0)
        self.udp_captured[row] = self.end - self.at
        self.udp_offset[row] = self.at - self.base
        return self._tunnel(source, destination)

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _flow(
        self, source: cython.uint, destination: cython.uint, from_b: cython.bint, protocol: cython.int
    ) -> cython.int:
        """The flow of this 5-tuple."""
        kind: cython.uint = (self.version << 8) | protocol
        if from_b:
            return self.flow_table.find(
                self.dst_high, self.dst_low, self.src_high, self.src_low, (destination << 16) | source, kind
            )
        return self.flow_table.find(
            self.src_high, self.src_low, self.dst_high, self.dst_low, (source << 16) | destination, kind
        )

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    @cython.inline
    def _from_b(self, source: cython.uint, destination: cython.uint) -> cython.bint:
        """Whether the sender is the higher of the two (address, port) pairs."""
        if self.src_high != self.dst_high:
            return self.src_high > self.dst_high
        if self.src_low != self.dst_low:
            return self.src_low > self.dst_low
        return source > destination

    # --- tunnels ---------------------------------------------------------------------------------------------------

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _tunnel(self, source: cython.int, destination: cython.int) -> cython.int:
        """The tunnel a UDP port names; a system port at the other end means that this one is a client's by chance."""
        if source < _FIRST_USER_PORT or destination < _FIRST_USER_PORT:
            return _NONE
        if source == _VXLAN_PORT or destination == _VXLAN_PORT:
            return _VXLAN
        if source == _GENEVE_PORT or destination == _GENEVE_PORT:
            return _GENEVE
        gtp: cython.bint = source == _GTPU_PORT or destination == _GTPU_PORT
        # Version 1, protocol type GTP (3GPP TS 29.281 section 5.1); anything else is not GTP-U.
        if gtp and self.end > self.at and self.data[self.at] >> 4 == 3:
            return _GTPU
        return _NONE

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _gre(self) -> cython.int:
        """GRE (RFC 2784, 2890, routing of RFC 1701) and its version 1 (RFC 2637, PPTP)."""
        at: cython.Py_ssize_t = self.at
        left: cython.Py_ssize_t = self.end - at
        size: cython.Py_ssize_t = 4
        flags: cython.int = 0
        if left >= 2:
            flags = (self.data[at] << 8) | self.data[at + 1]
            if flags & 0xC000:
                size += 4
            if flags & 0x2000:
                size += 4
            if flags & 0x1000:
                size += 4
            if flags & 7 == 1 and flags & 0x80:
                size += 4
        if flags & 0x4000:
            # Source route entries, ended by one that is empty.
            while left >= size + 4 and self.data[at + size + 3]:
                size += 4 + self.data[at + size + 3]
            size += 4
        if not self.take(_GRE, size):
            return _MALFORMED
        if self.at == self.wire_end and flags & 7 == 1:
            return _NONE  # an acknowledgment alone
        protocol: cython.int = (self.data[at + 2] << 8) | self.data[at + 3]
        if protocol == 0x880B:
            return _PPP
        if protocol in (0x0800, 0x86DD, 0x6558, 0x8847, 0x8848, 0x0806):
            return self.ethertype(protocol)
        return _UNKNOWN

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _geneve(self) -> cython.int:
        """GENEVE (RFC 8926): the first byte counts its options in 4 bytes."""
        at: cython.Py_ssize_t = self.at
        size: cython.Py_ssize_t = 8
        if self.end > at:
            size += (self.data[at] & 63) * 4
        if not self.take(_GENEVE, size):
            return _MALFORMED
        return self.ethertype((self.data[at + 2] << 8) | self.data[at + 3])

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _gtpu(self) -> cython.int:
        """GTP-U (3GPP TS 29.281 section 5): a T-PDU (255) carries a user's packet."""
        at: cython.Py_ssize_t = self.at
        left: cython.Py_ssize_t = self.end - at
        if left < 8:
            self.take(_GTPU, 8)
            return _MALFORMED
        self.clip(at + 8 + ((self.data[at + 2] << 8) | self.data[at + 3]))
        left = self.end - at
        size: cython.Py_ssize_t = 8
        if self.data[at] & 7:
            size = 12
            if self.data[at] & 4:
                # Each extension header ends with the type of the next and begins with its own length in 4 bytes.
                while left > size and self.data[at + size - 1] and self.data[at + size]:
                    size += self.data[at + size] * 4
        if not self.take(_GTPU, size):
            return _MALFORMED
        if self.data[at + 1] != 255 or self.at == self.end:
            return _NONE
        version: cython.int = self.data[self.at] >> 4
        if version == 4:
            return _IPV4
        if version == 6:
            return _IPV6
        at = self.at
        if self.end - at >= 14 and self.ethertype((self.data[at + 12] << 8) | self.data[at + 13]) != _UNKNOWN:
            return _ETHERNET
        return _UNKNOWN

    # --- bytes -----------------------------------------------------------------------------------------------------

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    @cython.inline
    def _u32(self, at: cython.Py_ssize_t) -> cython.ulonglong:
        """The big-endian 32-bit number at ``at``, widened so that it can be shifted."""
        return (
            (cython.cast(cython.ulonglong, self.data[at]) << 24)
            | (self.data[at + 1] << 16)
            | (self.data[at + 2] << 8)
            | self.data[at + 3]
        )
