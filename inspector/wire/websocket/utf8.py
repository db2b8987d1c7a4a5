# mypy: ignore-errors
# Cython's pure-Python types are not types to mypy; the tests run this file both compiled and uncompiled.
"""Which of many texts are not UTF-8: as Python's own decoder would tell, without making the strings.

Compiled when a C compiler was there at install (Cython, pure-Python mode); the same file runs uncompiled.
"""

import cython

__all__ = ["not_utf8"]


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
    size: cython.Py_ssize_t = data.shape[0]
    # Mostly the whole is UTF-8 and no text begins or ends within a character.
    whole: cython.bint = _is_utf8(data, 0, size)
    for row in range(starts.shape[0]):
        if starts[row] < 0 or ends[row] > size:
            raise IndexError("a text reaches past the end of its buffer")
        if starts[row] >= ends[row]:
            continue
        if whole and data[starts[row]] & 0xC0 != 0x80 and (ends[row] == size or data[ends[row]] & 0xC0 != 0x80):
            continue
        if not _is_utf8(data, starts[row], ends[row]):
            found.append(row)
    return found


if cython.compiled:

    @cython.cfunc
    @cython.inline
    @cython.boundscheck(False)  # the caller has checked both ends
    @cython.exceptval(check=False)
    def _is_utf8(data: cython.const[cython.uchar][::1], at: cython.Py_ssize_t, end: cython.Py_ssize_t) -> cython.bint:
        """Byte by byte and without branches, so that compilers take many bytes at a time."""
        index: cython.Py_ssize_t
        wrong: cython.uchar = 0
        for index in range(at + 3, end):
            wrong |= _wrong(data[index - 3], data[index - 2], data[index - 1], data[index])
        # The first and the last three, as if zeros stood before and after the text.
        a: cython.uchar = 0
        b: cython.uchar = 0
        c: cython.uchar = 0
        for index in range(at, min(at + 3, end)):
            wrong |= _wrong(a, b, c, data[index])
            a, b, c = b, c, data[index]
        a = data[end - 3] if end - at >= 3 else 0
        b = data[end - 2] if end - at >= 2 else 0
        c = data[end - 1] if end - at >= 1 else 0
        return not (wrong | _wrong(a, b, c, 0) | _wrong(b, c, 0, 0) | _wrong(c, 0, 0, 0))

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def _wrong(a: cython.uchar, b: cython.uchar, c: cython.uchar, octet: cython.uchar) -> cython.uchar:
        """Whether a byte cannot follow the three before it, by the ranges of RFC 3629 section 4."""
        # A byte belongs to the character before it exactly where one of the three asks for so many.
        wrong: cython.uchar = ((a >= 0xF0) | (b >= 0xE0) | (c >= 0xC0)) != (octet & 0xC0 == 0x80)
        wrong |= (octet == 0xC0) | (octet == 0xC1) | (octet >= 0xF5)
        # No second form of shorter ones, no surrogates, nothing above U+10FFFF.
        wrong |= ((c == 0xE0) & (octet < 0xA0)) | ((c == 0xED) & (octet >= 0xA0))
        wrong |= ((c == 0xF0) & (octet < 0x90)) | ((c == 0xF4) & (octet >= 0x90))
        return wrong

else:

    def _is_utf8(data, at, end):
        try:
            str(data[at:end], "utf-8")
        except UnicodeDecodeError:
            return False
        return True
