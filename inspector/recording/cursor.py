# mypy: ignore-errors
# Cython's pure-Python types are not types to mypy; the tests run this file both compiled and uncompiled.
"""Where the scan stands within a packet, and the layers table it fills.

Compiled when a C compiler was there at install (Cython, pure-Python mode; types of the attributes are in the .pxd); the
same file runs uncompiled with the same results.
"""

import cython

__all__ = ["Cursor"]

_NOTHING = memoryview(b"")


@cython.cclass
class Cursor:
    """A position in a packet's bytes.

    Attributes:
        data: The file, or an IP datagram put together from fragments.
        kind, offset, size: Columns of the layers of one batch.
        layers: Rows filled.
        at: Where the next header starts.
        end: Where captured bytes end that belong to the header before.
        wire_end: Where they ended on the wire; never before ``end``.
        base: The position that offsets count from.
        vlan: VLAN identifier of the tag passed last, 0 without one.
    """

    def __init__(self, buffers: dict):
        self.kind = buffers["layers.kind"]
        self.offset = buffers["layers.offset"]
        self.size = buffers["layers.size"]
        self.data = _NOTHING
        self.layers = 0
        self.at = self.end = self.wire_end = self.base = 0
        self.vlan = 0

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def add(self, kind: cython.int) -> cython.int:
        """Store a layer of the bytes from the cursor on, without moving it."""
        row: cython.Py_ssize_t = self.layers
        self.kind[row] = kind
        self.offset[row] = self.at - self.base
        self.size[row] = self.end - self.at
        self.layers = row + 1
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def take(self, kind: cython.int, size: cython.Py_ssize_t) -> cython.bint:
        """Store a layer that starts at the cursor and move behind its ``size`` bytes of header.

        Returns:
            Whether so many bytes are there. If not, the cursor goes to the end, and there is a row if any byte is there.
        """
        at: cython.Py_ssize_t = self.at
        left: cython.Py_ssize_t = self.end - at
        if left > 0:
            self.add(kind)
        if size > left:
            self.at = self.end
            return False
        self.at = at + size
        return True

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def clip(self, wire_end: cython.Py_ssize_t) -> cython.int:
        """Let what follows end at ``wire_end`` by the word of a length field, unless it ends before."""
        if wire_end < self.wire_end:
            self.wire_end = wire_end
            self.end = min(self.end, wire_end)
        return 0
