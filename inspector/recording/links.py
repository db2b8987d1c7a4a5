# mypy: ignore-errors
# Cython's pure-Python types are not types to mypy; the tests run this file both compiled and uncompiled.
"""Link layers of the columnar scan, and what stands between them and IP: tags, labels, LLC, ARP.

Compiled when a C compiler was there at install (Cython, pure-Python mode; types of the methods are in the .pxd); the
same file runs uncompiled with the same results.

Every method reads one header at the cursor, adds a row to the layers, moves the cursor behind the header and returns the
kind of the next. Where tshark guesses (what follows MPLS) the guess is the same unless a comment says otherwise.
"""

import cython

from inspector.proto.kinds import LayerKind

if not cython.compiled:
    from inspector.recording.cursor import Cursor

__all__ = ["Links"]

# The numbers of LayerKind as C constants.
_NONE: cython.int = cython.declare(cython.int, LayerKind.NONE)
_UNKNOWN: cython.int = cython.declare(cython.int, LayerKind.UNKNOWN)
_MALFORMED: cython.int = cython.declare(cython.int, LayerKind.MALFORMED)
_FRAGMENT: cython.int = cython.declare(cython.int, LayerKind.FRAGMENT)
_ETHERNET: cython.int = cython.declare(cython.int, LayerKind.ETHERNET)
_VLAN: cython.int = cython.declare(cython.int, LayerKind.VLAN)
_SERVICE_VLAN: cython.int = cython.declare(cython.int, LayerKind.SERVICE_VLAN)
_MPLS: cython.int = cython.declare(cython.int, LayerKind.MPLS)
_PW_CONTROL: cython.int = cython.declare(cython.int, LayerKind.PW_CONTROL)
_PPPOE: cython.int = cython.declare(cython.int, LayerKind.PPPOE)
_PPP: cython.int = cython.declare(cython.int, LayerKind.PPP)
_CHDLC: cython.int = cython.declare(cython.int, LayerKind.CHDLC)
_SLL: cython.int = cython.declare(cython.int, LayerKind.SLL)
_SLL2: cython.int = cython.declare(cython.int, LayerKind.SLL2)
_NULL: cython.int = cython.declare(cython.int, LayerKind.NULL)
_LOOP: cython.int = cython.declare(cython.int, LayerKind.LOOP)
_RAW: cython.int = cython.declare(cython.int, LayerKind.RAW)
_RADIOTAP: cython.int = cython.declare(cython.int, LayerKind.RADIOTAP)
_IEEE80211: cython.int = cython.declare(cython.int, LayerKind.IEEE80211)
_LLC: cython.int = cython.declare(cython.int, LayerKind.LLC)
_SNAP: cython.int = cython.declare(cython.int, LayerKind.SNAP)
_ARP: cython.int = cython.declare(cython.int, LayerKind.ARP)
_IPV4: cython.int = cython.declare(cython.int, LayerKind.IPV4)
_IPV6: cython.int = cython.declare(cython.int, LayerKind.IPV6)

# IEEE 802.3: up to here the field behind the addresses is a length, from the next on an EtherType.
_LONGEST_LENGTH: cython.int = cython.declare(cython.int, 1500)
_SMALLEST_TYPE: cython.int = cython.declare(cython.int, 1536)


@cython.cclass
class Links(Cursor):
    """Reads the headers below IP."""

    def __init__(self, buffers: dict):
        Cursor.__init__(self, buffers)
        self.padded = False

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def link(self, kind: cython.int) -> cython.int:
        """Read the header of this kind; UNKNOWN for a kind that is none of the link layers."""
        if kind in (_VLAN, _SERVICE_VLAN):
            return self._vlan(kind)
        if kind == _NULL:
            return self._null()
        if kind == _LOOP:
            return self._loop()
        if kind == _RAW:
            return self._raw()
        if kind == _SLL:
            return self._sll()
        if kind == _SLL2:
            return self._sll2()
        if kind == _MPLS:
            return self._mpls()
        if kind == _PPPOE:
            return self._pppoe()
        if kind == _PPP:
            return self._ppp(True)
        if kind == _CHDLC:
            return self._chdlc()
        if kind == _ARP:
            return self._arp()
        if kind == _RADIOTAP:
            return self._radiotap()
        if kind == _IEEE80211:
            return self._ieee80211()
        if kind == _LLC:
            return self._llc()
        if kind == _SNAP:
            return self._snap()
        return _UNKNOWN

    # --- Ethernet and its tags -------------------------------------------------------------------------------------

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def ethernet(self) -> cython.int:
        """Ethernet II or IEEE 802.3."""
        at: cython.Py_ssize_t = self.at
        if not self.take(_ETHERNET, 14):
            return _MALFORMED
        return self._type_or_length((self.data[at + 12] << 8) | self.data[at + 13])

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _type_or_length(self, value: cython.int) -> cython.int:
        """The layer named by the field that is an EtherType, or in 802.3 a length."""
        at: cython.Py_ssize_t = self.at
        if value > _LONGEST_LENGTH or value == 0:
            return self.ethertype(value)
        self.clip(at + value)
        if self.end - at >= 2 and self.data[at] == 0xFF and self.data[at + 1] == 0xFF:
            return _UNKNOWN  # Novell's "raw" 802.3: IPX without LLC, its checksum never used
        return _LLC

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def ethertype(self, ethertype: cython.int) -> cython.int:
        """The layer that an EtherType names."""
        if ethertype == 0x0800:
            return _IPV4
        if ethertype == 0x86DD:
            return _IPV6
        if ethertype == 0x8100 or ethertype == 0x9100:
            return _VLAN
        if ethertype == 0x88A8:
            return _SERVICE_VLAN
        if ethertype == 0x0806 or ethertype == 0x8035:
            return _ARP
        if ethertype == 0x8847 or ethertype == 0x8848:
            return _MPLS
        if ethertype == 0x8864 or ethertype == 0x8863:
            return _PPPOE
        if ethertype == 0x6558:
            return _ETHERNET
        return _UNKNOWN

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _vlan(self, kind: cython.int) -> cython.int:
        at: cython.Py_ssize_t = self.at
        if not self.take(kind, 4):
            return _MALFORMED
        self.vlan = ((self.data[at] & 15) << 8) | self.data[at + 1]
        return self._type_or_length((self.data[at + 2] << 8) | self.data[at + 3])

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _llc(self) -> cython.int:
        """IEEE 802.2. Only unnumbered information (control 0x03) carries what is decoded here."""
        at: cython.Py_ssize_t = self.at
        control: cython.int = self.data[at + 2] if self.end - at > 2 else 0
        if not self.take(_LLC, 3 if control & 3 == 3 or self.end - at < 3 else 4):
            return _MALFORMED
        if control == 3 and self.data[at] == 0xAA and self.data[at + 1] == 0xAA:
            return _SNAP
        if control == 3 and self.data[at] == 0x06:
            return _IPV4
        return _UNKNOWN

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _snap(self) -> cython.int:
        at: cython.Py_ssize_t = self.at
        if not self.take(_SNAP, 5):
            return _MALFORMED
        # Organization code 0 means EtherTypes (RFC 1042), 00-00-F8 the same through a bridge (IEEE 802.1H).
        if self.data[at] == 0 and self.data[at + 1] == 0 and (self.data[at + 2] == 0 or self.data[at + 2] == 0xF8):
            return self.ethertype((self.data[at + 3] << 8) | self.data[at + 4])
        return _UNKNOWN

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _arp(self) -> cython.int:
        at: cython.Py_ssize_t = self.at
        size: cython.Py_ssize_t = 8
        if self.end - at >= 8:
            size += 2 * (self.data[at + 4] + self.data[at + 5])
        return _NONE if self.take(_ARP, size) else _MALFORMED

    # --- MPLS (RFC 3032), pseudowires (RFC 4385, RFC 4448) ---------------------------------------------------------

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _mpls(self) -> cython.int:
        """One entry of a label stack."""
        at: cython.Py_ssize_t = self.at
        if not self.take(_MPLS, 4):
            return _MALFORMED
        if not self.data[at + 2] & 1:
            return _MPLS
        if self.at == self.end:
            return _MALFORMED
        if self.data[at] == 0 and self.data[at + 1] == 0 and self.data[at + 2] >> 4 == 14:
            return _UNKNOWN  # label 14: maintenance messages (RFC 3429)
        return self._below_mpls()

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _below_mpls(self) -> cython.int:
        """No label says what it carries: the first four bits are the common guess (RFC 4928)."""
        at: cython.Py_ssize_t = self.at
        nibble: cython.int = self.data[at] >> 4
        channel: cython.int
        if nibble == 4:
            return _IPV4
        if nibble == 6:
            return _IPV6
        if nibble == 0:
            return self._pseudowire()
        if nibble == 1:
            if not self.take(_PW_CONTROL, 4):
                return _MALFORMED
            channel = (self.data[at + 2] << 8) | self.data[at + 3]
            if channel == 0x21:
                return _IPV4
            return _IPV6 if channel == 0x57 else _UNKNOWN
        return _UNKNOWN

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _pseudowire(self) -> cython.int:
        """Ethernet behind a control word, or at once if its EtherType is a known one then.

        tshark asks instead which reading gives addresses of known vendors.
        """
        at: cython.Py_ssize_t = self.at
        if self.end - at >= 14 and self.ethertype((self.data[at + 12] << 8) | self.data[at + 13]) != _UNKNOWN:
            return _ETHERNET
        return _ETHERNET if self.take(_PW_CONTROL, 4) else _MALFORMED

    # --- PPP and relatives -----------------------------------------------------------------------------------------

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _pppoe(self) -> cython.int:
        """PPP over Ethernet (RFC 2516): a session's frame (code 0), or discovery, whose tags are not decoded."""
        at: cython.Py_ssize_t = self.at
        if self.end - at >= 6:
            self.clip(at + 6 + ((self.data[at + 4] << 8) | self.data[at + 5]))
        if not self.take(_PPPOE, 6):
            return _MALFORMED
        return _NONE if self.data[at + 1] else self._ppp(False)

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _ppp(self, framed: cython.bint) -> cython.int:
        """PPP (RFC 1661), with HDLC-like framing where ``framed`` (RFC 1662), which both ends may agree to leave out."""
        at: cython.Py_ssize_t = self.at
        left: cython.Py_ssize_t = self.end - at
        size: cython.Py_ssize_t = 0
        if framed and left > 0 and (self.data[at] == 0x0F or self.data[at] == 0x8F):
            return _CHDLC  # Cisco's framing on a line said to be PPP
        if framed and left > 1 and self.data[at] == 0xFF and self.data[at + 1] == 0x03:
            size = 2
        if left <= size:
            self.take(_PPP, size + 1)
            return _MALFORMED
        protocol: cython.int = self.data[at + size]
        size += 1
        if not protocol & 1:
            if left <= size:
                self.take(_PPP, size + 1)
                return _MALFORMED
            protocol = (protocol << 8) | self.data[at + size]
            size += 1
        self.take(_PPP, size)
        if protocol == 0x21:
            return _IPV4
        if protocol == 0x57:
            return _IPV6
        if protocol == 0x281 or protocol == 0x283:
            return _MPLS
        return _UNKNOWN

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _chdlc(self) -> cython.int:
        """Cisco HDLC."""
        at: cython.Py_ssize_t = self.at
        if not self.take(_CHDLC, 4) or self.at == self.end:
            return _MALFORMED
        ethertype: cython.int = (self.data[at + 2] << 8) | self.data[at + 3]
        if ethertype == 0x0800 or ethertype == 0x86DD or ethertype == 0x8847 or ethertype == 0x6558:
            return self.ethertype(ethertype)
        return _UNKNOWN

    # --- cooked, loopback and raw captures -------------------------------------------------------------------------

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _sll(self) -> cython.int:
        at: cython.Py_ssize_t = self.at
        if not self.take(_SLL, 16):
            return _MALFORMED
        return self._cooked(
            (self.data[at + 2] << 8) | self.data[at + 3], (self.data[at + 14] << 8) | self.data[at + 15]
        )

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _sll2(self) -> cython.int:
        at: cython.Py_ssize_t = self.at
        if not self.take(_SLL2, 20):
            return _MALFORMED
        return self._cooked((self.data[at + 8] << 8) | self.data[at + 9], (self.data[at] << 8) | self.data[at + 1])

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _cooked(self, hardware: cython.int, protocol: cython.int) -> cython.int:
        """What a Linux cooked header carries, by ARPHRD_ and protocol type (LINKTYPE_LINUX_SLL)."""
        if hardware == 824:
            return _UNKNOWN  # netlink messages
        if protocol >= _SMALLEST_TYPE:
            return self.ethertype(protocol)
        if protocol == 3:
            return _ETHERNET
        if protocol == 4:
            return _LLC
        return _PPP if protocol == 7 else _UNKNOWN

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _null(self) -> cython.int:
        """BSD loopback: the address family in the byte order of the capturing host, which nothing states."""
        at: cython.Py_ssize_t = self.at
        if self.end - at >= 2 and self.data[at] == 0xFF and self.data[at + 1] == 0x03:
            return _PPP
        if not self.take(_NULL, 4):
            return _MALFORMED
        # Families and EtherTypes are small: the two bytes that are not zero tell the order.
        if self.data[at] == 0 and self.data[at + 1] == 0:
            return self._family((self.data[at + 2] << 8) | self.data[at + 3])
        if self.data[at + 2] == 0 and self.data[at + 3] == 0:
            return self._family((self.data[at + 1] << 8) | self.data[at])
        return _UNKNOWN

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _loop(self) -> cython.int:
        """OpenBSD loopback: the address family in network byte order."""
        at: cython.Py_ssize_t = self.at
        if not self.take(_LOOP, 4):
            return _MALFORMED
        if self.data[at] == 0 and self.data[at + 1] == 0:
            return self._family((self.data[at + 2] << 8) | self.data[at + 3])
        return _UNKNOWN

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _family(self, family: cython.int) -> cython.int:
        """The layer of an address family: 2 is IPv4 everywhere, IPv6 is 24 (NetBSD), 28 (FreeBSD) or 30 (macOS)."""
        if family == 2:
            return _IPV4
        if family == 24 or family == 28 or family == 30:
            return _IPV6
        return self.ethertype(family) if family >= _SMALLEST_TYPE else _UNKNOWN

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _raw(self) -> cython.int:
        """No link header: the IP version is in the first four bits. Some systems leave PPP's framing in."""
        at: cython.Py_ssize_t = self.at
        if self.end - at < 8:
            return _MALFORMED
        if self.data[at] == 0xFF and self.data[at + 1] == 0x03:
            return _PPP
        if self.data[at] >> 4 == 4:
            return _IPV4
        return _IPV6 if self.data[at] >> 4 == 6 else _UNKNOWN

    # --- wireless --------------------------------------------------------------------------------------------------

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _radiotap(self) -> cython.int:
        """What the radio reported about a frame; its length and one flag field are read."""
        at: cython.Py_ssize_t = self.at
        left: cython.Py_ssize_t = self.end - at
        size: cython.Py_ssize_t = (self.data[at + 2] | (self.data[at + 3] << 8)) if left >= 4 else 8
        if not self.take(_RADIOTAP, max(size, 8)) or size < 8:
            return _MALFORMED
        # Fields are in the order of their bits; bit 31 says that another word of bits follows.
        flags: cython.Py_ssize_t = 8
        while self.data[at + flags - 1] & 0x80 and flags + 4 <= size:
            flags += 4
        if self.data[at + 4] & 1:
            flags = ((flags + 7) & ~7) + 8  # TSFT, 64 bits, aligned
        if self.data[at + 4] & 2 and flags < size:
            if self.data[at + flags] & 0x10:
                # The frame check sequence is at the frame's end.
                self.clip(max(self.wire_end - 4, self.at))
            self.padded = self.data[at + flags] & 0x20 != 0
        return _IEEE80211

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def _ieee80211(self) -> cython.int:
        """802.11: data frames are followed, of others only the header is stored."""
        at: cython.Py_ssize_t = self.at
        left: cython.Py_ssize_t = self.end - at
        if left < 2:
            self.take(_IEEE80211, 2)
            return _MALFORMED
        control: cython.int = self.data[at]
        flags: cython.int = self.data[at + 1]
        padded: cython.bint = self.padded
        self.padded = False
        if control & 15 != 8:
            # Control frames may end after the receiver's address; management frames have all of the header.
            return _NONE if self.take(_IEEE80211, 10 if control & 12 == 4 else 24) else _MALFORMED
        size: cython.Py_ssize_t = 24
        if flags & 3 == 3:
            size += 6  # to and from the distribution system: a fourth address
        qos: cython.Py_ssize_t = size
        if control & 0x80:
            size += 2
            if flags & 0x80:
                size += 4  # HT control
        if padded:
            size = (size + 3) & ~3
        if not self.take(_IEEE80211, size):
            return _MALFORMED
        if control & 0x40:
            return _NONE  # without data
        if flags & 0x40:
            return _UNKNOWN  # encrypted
        if flags & 4 or self.data[at + 22] & 15:
            return _FRAGMENT
        if control & 0x80 and self.data[at + qos] & 0x80:
            return _UNKNOWN  # several frames in one (A-MSDU)
        if self.end - self.at >= 2 and self.data[self.at] == 0xFF and self.data[self.at + 1] == 0xFF:
            return _UNKNOWN  # IPX without LLC
        return _LLC
