cdef class Cursor:
    cdef const unsigned char[::1] data
    cdef unsigned char[::1] kind
    cdef unsigned int[::1] offset
    cdef unsigned int[::1] size
    cdef readonly Py_ssize_t layers
    cdef Py_ssize_t at
    cdef Py_ssize_t end
    cdef Py_ssize_t wire_end
    cdef Py_ssize_t base
    cdef int vlan

    cdef int add(self, int kind) except? -1
    cdef bint take(self, int kind, Py_ssize_t size) except? -1
    cdef int clip(self, Py_ssize_t wire_end) except? -1
