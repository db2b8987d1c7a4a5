from inspector.recording.flow_table cimport FlowTable
from inspector.recording.links cimport Links

cdef class Scanner(Links):
    cdef FlowTable flow_table
    cdef object fragments
    cdef readonly object assembled
    cdef readonly Py_ssize_t segments
    cdef readonly Py_ssize_t datagrams

    cdef unsigned int[::1] layer_start
    cdef unsigned char[::1] layer_count

    cdef unsigned int[::1] seg_packet
    cdef int[::1] seg_flow
    cdef unsigned char[::1] seg_marks
    cdef unsigned int[::1] seg_seq
    cdef unsigned int[::1] seg_ack
    cdef unsigned short[::1] seg_window
    cdef unsigned short[::1] seg_flags
    cdef unsigned int[::1] seg_length
    cdef unsigned int[::1] seg_offset
    cdef unsigned int[::1] seg_captured

    cdef unsigned int[::1] udp_packet
    cdef int[::1] udp_flow
    cdef unsigned char[::1] udp_marks
    cdef unsigned int[::1] udp_length
    cdef unsigned int[::1] udp_offset
    cdef unsigned int[::1] udp_captured

    cdef Py_ssize_t last_layer
    cdef long long packet
    cdef int marks
    cdef int version
    cdef unsigned long long src_high
    cdef unsigned long long src_low
    cdef unsigned long long dst_high
    cdef unsigned long long dst_low

    cdef int _walk(self, int kind)
    cdef int _header(self, int kind)
    cdef int _ipv4(self)
    cdef int _ipv6(self)
    cdef int _protocol(self, int protocol)
    cdef int _extension(self, int kind)
    cdef int _ah(self)
    cdef int _ipv6_fragment(self)
    cdef int _icmp(self)
    cdef int _icmpv6(self)
    cdef int _redirected(self)
    cdef int _tcp(self)
    cdef int _udp(self)
    cdef int _tunnel(self, int source, int destination)
    cdef int _gre(self)
    cdef int _geneve(self)
    cdef int _gtpu(self)
    cdef int _flow(self, unsigned int source, unsigned int destination, bint from_b, int protocol)
    cdef bint _from_b(self, unsigned int source, unsigned int destination)
    cdef unsigned long long _u32(self, Py_ssize_t at)
