from inspector.recording.cursor cimport Cursor

cdef class Links(Cursor):
    cdef bint padded

    cdef int ethernet(self)
    cdef int link(self, int kind)
    cdef int ethertype(self, int ethertype)
    cdef int _type_or_length(self, int value)
    cdef int _vlan(self, int kind)
    cdef int _mpls(self)
    cdef int _below_mpls(self)
    cdef int _pseudowire(self)
    cdef int _pppoe(self)
    cdef int _ppp(self, bint framed)
    cdef int _chdlc(self)
    cdef int _sll(self)
    cdef int _sll2(self)
    cdef int _cooked(self, int hardware, int protocol)
    cdef int _null(self)
    cdef int _family(self, int family)
    cdef int _loop(self)
    cdef int _raw(self)
    cdef int _radiotap(self)
    cdef int _ieee80211(self)
    cdef int _llc(self)
    cdef int _snap(self)
    cdef int _arp(self)
