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

    cdef int _walk(self, int kind) except? -1
    cdef int _header(self, int kind) except? -1
    cdef int _ipv4(self) except? -1
    cdef int _ipv6(self) except? -1
    cdef int _protocol(self, int protocol) except? -1
    cdef int _extension(self, int kind) except? -1
    cdef int _ah(self) except? -1
    cdef int _ipv6_fragment(self) except? -1
    cdef int _icmp(self) except? -1
    cdef int _icmpv6(self) except? -1
    cdef int _redirected(self) except? -1
    cdef int _tcp(self) except? -1
    cdef int _udp(self) except? -1
    cdef int _tunnel(self, int source, int destination) except? -1
    cdef int _gre(self) except? -1
    cdef int _geneve(self) except? -1
    cdef int _gtpu(self) except? -1
    cdef int _flow(self, unsigned int source, unsigned int destination, bint from_b, int protocol) except? -1
    cdef bint _from_b(self, unsigned int source, unsigned int destination) except? -1
    cdef unsigned long long _u32(self, Py_ssize_t at) except? -1
