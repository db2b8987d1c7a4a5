# mypy: ignore-errors
# Cython's pure-Python types are not types to mypy; the tests run this file both compiled and uncompiled.
"""Which of many texts are not UTF-8: as Python's own decoder would tell, without making the strings.

Compiled when a C compiler was there at install (Cython, pure-Python mode); the same file runs uncompiled.
"""

import cython

if cython.compiled:
    from cython.cimports.libc.string import memcpy

__all__ = ["not_utf8"]

# Declared: as a literal it would be a Python integer when compiled.
_HIGH_BITS: cython.ulonglong = cython.declare(cython.ulonglong, 0x8080808080808080)


def not_utf8(data: cython.const[cython.uchar][::1], starts: cython.longlong[::1], ends: cython.longlong[::1]) -> list:
    """Find texts that are not UTF-8 (RFC 3629), each one checked by itself.

    Args:
        data: Where they are.
        starts, ends: Their places.

    Returns:
        Their rows.
    """
    found: list = []
    row: cython.Py_ssize_t
    start: cython.longlong
    end: cython.longlong
    for row in range(starts.shape[0]):
        start = starts[row]
        end = ends[row]
        if start < 0 or end > data.shape[0]:
            raise IndexError("a text reaches past the end of its buffer")
        if start < end and not _is_utf8(data, start, end):
            found.append(row)
    return found


if cython.compiled:

    @cython.cfunc
    @cython.inline
    @cython.boundscheck(False)  # the caller has checked both ends
    @cython.exceptval(check=False)
    def _is_utf8(data: cython.const[cython.uchar][::1], at: cython.Py_ssize_t, end: cython.Py_ssize_t) -> cython.bint:
        """By the ranges of RFC 3629 section 4."""
        word: cython.ulonglong = 0
        first: cython.uchar
        second: cython.uchar
        while at < end:
            if at + 8 <= end:
                memcpy(cython.address(word), cython.address(data[at]), 8)
                if not word & _HIGH_BITS:
                    at += 8
                    continue
            first = data[at]
            if first < 0x80:
                at += 1
                continue
            if first < 0xC2 or first > 0xF4 or at + 1 >= end:
                return False
            second = data[at + 1]
            if second & 0xC0 != 0x80:
                return False
            if first < 0xE0:
                at += 2
                continue
            if at + 2 >= end or data[at + 2] & 0xC0 != 0x80:
                return False
            if first < 0xF0:
                # No second form of shorter ones, no surrogates.
                if (first == 0xE0 and second < 0xA0) or (first == 0xED and second >= 0xA0):
                    return False
                at += 3
                continue
            if at + 3 >= end or data[at + 3] & 0xC0 != 0x80:
                return False
            # No second form of shorter ones, nothing above U+10FFFF.
            if (first == 0xF0 and second < 0x90) or (first == 0xF4 and second >= 0x90):
                return False
            at += 4
        return True

else:

    def _is_utf8(data, at, end):
        try:
            str(data[at:end], "utf-8")
        except UnicodeDecodeError:
            return False
        return True
