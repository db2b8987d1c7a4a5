from inspector.recording.cursor cimport Cursor

cdef class Links(Cursor):
    cdef bint padded

    cdef int ethernet(self) except? -1
    cdef int link(self, int kind) except? -1
    cdef int ethertype(self, int ethertype) except? -1
    cdef int _type_or_length(self, int value) except? -1
    cdef int _vlan(self, int kind) except? -1
    cdef int _mpls(self) except? -1
    cdef int _below_mpls(self) except? -1
    cdef int _pseudowire(self) except? -1
    cdef int _pppoe(self) except? -1
    cdef int _ppp(self, bint framed) except? -1
    cdef int _chdlc(self) except? -1
    cdef int _sll(self) except? -1
    cdef int _sll2(self) except? -1
    cdef int _cooked(self, int hardware, int protocol) except? -1
    cdef int _null(self) except? -1
    cdef int _family(self, int family) except? -1
    cdef int _loop(self) except? -1
    cdef int _raw(self) except? -1
    cdef int _radiotap(self) except? -1
    cdef int _ieee80211(self) except? -1
    cdef int _llc(self) except? -1
    cdef int _snap(self) except? -1
    cdef int _arp(self) except? -1
