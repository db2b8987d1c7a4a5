cdef class FlowTable:
    cdef unsigned long long[::1] a_high
    cdef unsigned long long[::1] a_low
    cdef unsigned long long[::1] b_high
    cdef unsigned long long[::1] b_low
    cdef unsigned int[::1] ports
    cdef unsigned short[::1] kind
    cdef int[::1] slots
    cdef unsigned long long seed
    cdef Py_ssize_t count

    cdef int find(
        self,
        unsigned long long a_high,
        unsigned long long a_low,
        unsigned long long b_high,
        unsigned long long b_low,
        unsigned int ports,
        unsigned int kind,
    ) except? -1
