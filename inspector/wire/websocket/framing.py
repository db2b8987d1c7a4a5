# mypy: ignore-errors
# Cython's pure-Python types are not types to mypy; the tests run this file both compiled and uncompiled.
"""The framing kernel: from a stream's bytes to rows of frames and messages, and unmasked payload (RFC 6455 section 5).

Compiled when a C compiler was there at install (Cython, pure-Python mode); the same file runs uncompiled with the same
results. It only cuts, unmasks and checks what a header shows; inflating and UTF-8 are in ``decoder``.
"""

import cython
import numpy as np

if cython.compiled:
    from cython.cimports.libc.string import memcpy

from inspector.model.tables import room_for
from inspector.model.websocket import Fault

__all__ = ["FrameReader"]

# Fault bits as C constants; their meaning is in inspector.model.websocket.
_UNMASKED: cython.int = cython.declare(cython.int, int(Fault.UNMASKED_CLIENT_FRAME))
_MASKED: cython.int = cython.declare(cython.int, int(Fault.MASKED_SERVER_FRAME))
_RSV1: cython.int = cython.declare(cython.int, int(Fault.RSV1_NOT_AGREED))
_RSV1_MISPLACED: cython.int = cython.declare(cython.int, int(Fault.RSV1_MISPLACED))
_RSV23: cython.int = cython.declare(cython.int, int(Fault.RSV2_RSV3))
_RESERVED: cython.int = cython.declare(cython.int, int(Fault.RESERVED_OPCODE))
_CONTROL_FRAGMENT: cython.int = cython.declare(cython.int, int(Fault.CONTROL_FRAGMENTED))
_CONTROL_LONG: cython.int = cython.declare(cython.int, int(Fault.CONTROL_TOO_LONG))
_NOT_MINIMAL: cython.int = cython.declare(cython.int, int(Fault.LENGTH_NOT_MINIMAL))
_TOP_BIT: cython.int = cython.declare(cython.int, int(Fault.LENGTH_TOP_BIT))
_ORPHAN: cython.int = cython.declare(cython.int, int(Fault.CONTINUATION_WITHOUT_START))
_INTERRUPTING: cython.int = cython.declare(cython.int, int(Fault.MESSAGE_INTERRUPTED))
_AFTER_CLOSE: cython.int = cython.declare(cython.int, int(Fault.AFTER_CLOSE))
_MISSING: cython.int = cython.declare(cython.int, int(Fault.BYTES_MISSING))
_CUT: cython.int = cython.declare(cython.int, int(Fault.CUT))

# A control frame's payload may have 125 bytes (RFC 6455 section 5.5); no more are kept of one that has more.
_CONTROL_KEPT: cython.Py_ssize_t = cython.declare(cython.Py_ssize_t, 125)

# 64-bit constants are declared: written in place they would be Python integers in the compiled form.
_LENGTH_MASK: cython.ulonglong = cython.declare(cython.ulonglong, 0x7FFFFFFFFFFFFFFF)

_FRAME_COLUMNS = {
    "start": np.int64,
    "end": np.int64,
    "length": np.int64,
    "mask_key": np.uint32,
    "message": np.int32,
    "faults": np.uint32,
    "header": np.uint8,
    "first_byte": np.uint8,
}
_MESSAGE_COLUMNS = {
    "first_frame": np.int32,
    "last_frame": np.int32,
    "frames": np.int32,
    "wire_length": np.int64,
    "length": np.int64,
    "content": np.int64,
    "faults": np.uint32,
    "opcode": np.uint8,
    "compressed": np.uint8,
    "complete": np.uint8,
}


@cython.final
@cython.cclass
class FrameReader:
    """Reads the frames of one direction after another into tables that keep growing.

    ``begin`` starts a direction; ``feed`` takes its bytes, ``gap`` says that some are missing, ``end`` that it is over.
    ``closes`` has (row, position in ``control``, size) of each Close frame; ``control`` has the payload of control
    frames one after another, at most 125 bytes of each.
    After each ``feed`` the payload of data frames is in ``out[:out_size]``, unmasked: the rows of ``messages`` from
    ``first_touched`` on own it one after another, row ``i`` up to ``cuts[i - first_touched]``. A complete compressed
    message has the four bytes added that its sender took away (RFC 7692 section 7.2.2).
    """

    f_start: cython.longlong[::1]
    f_end: cython.longlong[::1]
    f_length: cython.longlong[::1]
    f_mask_key: cython.uint[::1]
    f_message: cython.int[::1]
    f_faults: cython.uint[::1]
    f_header: cython.uchar[::1]
    f_first_byte: cython.uchar[::1]

    m_first_frame: cython.int[::1]
    m_last_frame: cython.int[::1]
    m_frames: cython.int[::1]
    m_wire_length: cython.longlong[::1]
    m_length: cython.longlong[::1]
    m_content: cython.longlong[::1]
    m_faults: cython.uint[::1]
    m_opcode: cython.uchar[::1]
    m_compressed: cython.uchar[::1]
    m_complete: cython.uchar[::1]

    frames = cython.declare(cython.Py_ssize_t, visibility="readonly")
    messages = cython.declare(cython.Py_ssize_t, visibility="readonly")
    position = cython.declare(cython.longlong, visibility="readonly")
    first_touched = cython.declare(cython.Py_ssize_t, visibility="readonly")
    out_size = cython.declare(cython.Py_ssize_t, visibility="readonly")
    control_size = cython.declare(cython.Py_ssize_t, visibility="readonly")
    open_message = cython.declare(cython.Py_ssize_t, visibility="readonly")
    synchronised = cython.declare(cython.bint, visibility="readonly")
    frame_columns = cython.declare(dict, visibility="readonly")
    message_columns = cython.declare(dict, visibility="readonly")
    out = cython.declare(object, visibility="readonly")
    cuts = cython.declare(object, visibility="readonly")
    control = cython.declare(object, visibility="readonly")
    closes = cython.declare(list, visibility="readonly")

    out_view: cython.uchar[::1]
    cuts_view: cython.longlong[::1]
    control_view: cython.uchar[::1]
    head: cython.uchar[::1]
    have: cython.Py_ssize_t  # header bytes read
    need: cython.Py_ssize_t  # header bytes there are, as far as is known
    left: cython.longlong  # payload bytes to come
    seen: cython.longlong  # payload bytes passed
    frame = cython.declare(cython.Py_ssize_t, visibility="readonly")  # whose payload is being read, or -1
    is_client: cython.bint
    compression: cython.bint
    closed: cython.bint

    def __init__(self, rows: int = 1024):
        """Start with room for that many frames and messages; memory that is not written to costs nothing."""
        self.frames = 0
        self.messages = 0
        self.frame_columns = {}
        self.message_columns = {}
        self.closes = []
        self._grow_frames(rows)
        self._grow_messages(rows)
        self.head = memoryview(bytearray(14))
        self.out = memoryview(bytearray(1))
        self.out_view = self.out
        self.control = memoryview(bytearray(4096))
        self.control_view = self.control
        self.control_size = 0
        self.cuts = memoryview(np.zeros(64, np.int64))
        self.cuts_view = self.cuts
        self.begin(True, False, 0)

    def begin(self, is_client: bool, compression: bool, position: int) -> None:
        """Start with a new direction.

        Args:
            is_client: The bytes come from the client, so they must be masked.
            compression: Whether permessage-deflate was agreed on, so RSV1 has a meaning.
            position: Position in the stream of the first byte that will be fed.
        """
        self.is_client = is_client
        self.compression = compression
        self.position = position
        self.have = 0
        self.need = 2
        self.left = 0
        self.seen = 0
        self.frame = -1
        self.open_message = -1
        self.closed = False
        self.synchronised = True
        self.first_touched = self.messages
        self.out_size = 0

    # --- bytes in --------------------------------------------------------------------------------------------------

    def feed(self, data: cython.const[cython.uchar][::1]):
        """Take the next bytes of the stream.

        Args:
            data: Contiguous with what was fed before. Bytes that come while not ``synchronised`` are passed over.
        """
        at: cython.Py_ssize_t = 0
        end: cython.Py_ssize_t = data.shape[0]
        self.first_touched = self.open_message if self.open_message >= 0 else self.messages
        self.out_size = 0
        if self.out_view.shape[0] < 2 * end + 16:
            # Two bytes of header at least stand before each four that are added to a compressed message.
            self.out = memoryview(bytearray(3 * end + 16))
            self.out_view = self.out
        if self.cuts_view.shape[0] < end // 2 + 2:
            self.cuts = memoryview(np.zeros(end // 2 + 2, np.int64))
            self.cuts_view = self.cuts
        while at < end and self.synchronised:
            if self.frame < 0:
                while at < end and self.have < self.need:
                    self.head[self.have] = data[at]
                    at += 1
                    self.have += 1
                    if self.have == 2:
                        self.need = _header_size(self.head[1])
                if self.have < self.need:
                    break
                self._begin_frame(self.position + at - self.have)
            if self.left:
                at = self._payload(data, at, end)
            if not self.left:
                self._end_frame()
        self.position += end
        if self.open_message >= 0:
            self._cut_here(self.open_message)

    def gap(self, size: int, exact: bool = True) -> bool:
        """``size`` bytes are missing here; within one payload framing goes on, else ``synchronised`` becomes False.

        Args:
            size: How many.
            exact: Whether that is known; where it is a guess, the end of a payload cannot be counted out.

        Returns:
            Whether bytes of messages may be among them.
        """
        self.first_touched = self.open_message if self.open_message >= 0 else self.messages
        self.out_size = 0
        if self.frame >= 0:
            self.f_faults[self.frame] |= _MISSING
            if self.f_message[self.frame] >= 0:
                self.m_faults[self.f_message[self.frame]] |= _MISSING
            if exact and size <= self.left:
                if self.f_message[self.frame] >= 0:
                    self.m_wire_length[self.f_message[self.frame]] += size
                else:
                    self._skip_control(size)
                self.left -= size
                self.seen += size
                data: cython.bint = self.f_message[self.frame] >= 0
                if not self.left:
                    self._end_frame()
                self.position += size
                if self.open_message >= 0:
                    self._cut_here(self.open_message)
                return data
        if self.open_message >= 0:
            self.m_faults[self.open_message] |= _MISSING
        self._abandon()
        self.synchronised = False
        self.position += size
        return True

    def skip(self, size: int) -> None:
        """While not ``synchronised``: pass over bytes in which no frame's start was found."""
        self.position += size

    def resume(self) -> None:
        """A frame starts at ``position``: go on from there."""
        self.synchronised = True

    def end(self) -> int:
        """The direction is over; a frame or message that is not complete is cut.

        Returns:
            Bytes at the end that are part of a header.
        """
        self.first_touched = self.open_message if self.open_message >= 0 else self.messages
        self.out_size = 0
        if self.frame >= 0:
            self.f_faults[self.frame] |= _CUT
        if self.open_message >= 0:
            self.m_faults[self.open_message] |= _CUT
        rest = self.have if self.frame < 0 else 0
        self._abandon()
        return rest

    @cython.cfunc
    def _abandon(self):
        """Leave the frame and message that were being read as they are."""
        if self.frame >= 0:
            self.f_end[self.frame] = self.position
            if self.f_message[self.frame] < 0:
                self._skip_control(self.left)
            self.frame = -1
        if self.open_message >= 0:
            self._cut_here(self.open_message)
            self.open_message = -1
        self.left = 0
        self.have = 0
        self.need = 2

    # --- one frame -------------------------------------------------------------------------------------------------

    @cython.cfunc
    def _begin_frame(self, start: cython.longlong):
        """The header is complete: add a row, check what it shows, find the message it belongs to."""
        row: cython.Py_ssize_t = self.frames
        if row >= self.f_start.shape[0]:
            self._grow_frames(2 * row)
        first: cython.int = self.head[0]
        second: cython.int = self.head[1]
        opcode: cython.int = first & 15
        faults: cython.int = 0
        length: cython.ulonglong = second & 127
        if length == 126:
            length = (self.head[2] << 8) | self.head[3]
            if length < 126:
                faults |= _NOT_MINIMAL
        elif length == 127:
            length = self._big_endian(2, 8)
            if length > _LENGTH_MASK:
                faults |= _TOP_BIT
                length &= _LENGTH_MASK
            if length < 65536:
                faults |= _NOT_MINIMAL
        if second & 0x80:
            self.f_mask_key[row] = self._big_endian(self.need - 4, 4)
            if not self.is_client:
                faults |= _MASKED
        else:
            self.f_mask_key[row] = 0
            if self.is_client:
                faults |= _UNMASKED
        if first & 0x30:
            faults |= _RSV23
        if first & 0x40:
            if not self.compression:
                faults |= _RSV1
            elif opcode != 1 and opcode != 2:
                faults |= _RSV1_MISPLACED
        self.f_start[row] = start
        self.f_end[row] = start + self.need  # until the payload's end has been seen
        self.f_length[row] = length
        self.f_header[row] = self.need
        self.f_first_byte[row] = first
        self.f_message[row] = -1
        self.frames = row + 1
        self.frame = row
        self.left = length
        self.seen = 0
        if opcode >= 8:
            faults |= self._control(opcode, first, length)
        else:
            if self.closed:
                faults |= _AFTER_CLOSE
            if opcode <= 2:
                faults |= self._data(row, opcode, first)
            else:
                faults |= _RESERVED
        self.f_faults[row] = faults

    @cython.cfunc
    def _control(self, opcode: cython.int, first: cython.int, length: cython.ulonglong) -> cython.int:
        """What is wrong with a control frame's header (RFC 6455 section 5.5)."""
        faults: cython.int = 0
        if opcode > 10:
            faults |= _RESERVED
        if not first & 0x80:
            faults |= _CONTROL_FRAGMENT
        if length > 125:
            faults |= _CONTROL_LONG
        if opcode == 8:
            self.closed = True
        if self.control_size + _CONTROL_KEPT > self.control_view.shape[0]:
            longer = bytearray(2 * self.control_view.shape[0])
            longer[: self.control_size] = self.control[: self.control_size]
            self.control = memoryview(longer)
            self.control_view = self.control
        return faults

    @cython.cfunc
    def _data(self, row: cython.Py_ssize_t, opcode: cython.int, first: cython.int) -> cython.int:
        """Put a data frame into the open message or a new one (RFC 6455 section 5.4)."""
        faults: cython.int = 0
        message: cython.Py_ssize_t = self.open_message
        if opcode == 0 and message >= 0:
            self.m_last_frame[message] = row
            self.m_frames[message] += 1
            self.f_message[row] = message
            return 0
        if opcode == 0:
            faults = _ORPHAN
        elif message >= 0:
            faults = _INTERRUPTING
            self.m_faults[message] |= _INTERRUPTING
            self._cut_here(message)
        message = self.messages
        if message >= self.m_first_frame.shape[0]:
            self._grow_messages(2 * message)
        self.m_first_frame[message] = row
        self.m_last_frame[message] = row
        self.m_frames[message] = 1
        self.m_wire_length[message] = 0
        self.m_length[message] = -1
        self.m_content[message] = -1
        self.m_faults[message] = faults & _ORPHAN
        self.m_opcode[message] = opcode
        self.m_compressed[message] = 1 if opcode and first & 0x40 and self.compression else 0
        self.m_complete[message] = 0
        self.messages = message + 1
        self.open_message = message
        self.f_message[row] = message
        return faults

    @cython.cfunc
    def _payload(
        self, data: cython.const[cython.uchar][::1], at: cython.Py_ssize_t, end: cython.Py_ssize_t
    ) -> cython.Py_ssize_t:
        """Unmask what there is of the payload (RFC 6455 section 5.3); the position behind it."""
        row: cython.Py_ssize_t = self.frame
        key: cython.uint = self.f_mask_key[row]
        take: cython.Py_ssize_t = min(self.left, end - at)
        kept: cython.Py_ssize_t = take
        to: cython.Py_ssize_t
        target: cython.uchar[::1] = self.out_view
        if self.f_message[row] >= 0:
            to = self.out_size
            self.out_size += take
            self.m_wire_length[self.f_message[row]] += take
        elif self.f_first_byte[row] & 8:
            target = self.control_view
            to = self.control_size
            kept = max(min(self.seen + take, _CONTROL_KEPT) - self.seen, 0)
            self.control_size += kept
        else:
            to = kept = 0
        if kept:
            if self.seen & 3:
                key = (key << (8 * (self.seen & 3)) | key >> (32 - 8 * (self.seen & 3))) & 0xFFFFFFFF
            if cython.compiled:
                if at + kept > data.shape[0] or to + kept > target.shape[0]:
                    raise IndexError("a payload is longer than its buffer")
                _unmask(cython.address(data[at]), cython.address(target[to]), kept, key)
            else:
                pattern = int.from_bytes((key.to_bytes(4, "big") * (kept // 4 + 1))[:kept], "big")
                target[to : to + kept] = (int.from_bytes(data[at : at + kept], "big") ^ pattern).to_bytes(kept, "big")
        self.left -= take
        self.seen += take
        return at + take

    @cython.cfunc
    def _skip_control(self, size: cython.longlong):
        """Bytes of a control frame's payload that are missing stand as zeros, so that later ones keep their place."""
        if self.f_first_byte[self.frame] & 8:
            kept: cython.Py_ssize_t = max(min(self.seen + size, _CONTROL_KEPT) - self.seen, 0)
            index: cython.Py_ssize_t
            for index in range(self.control_size, self.control_size + kept):
                self.control_view[index] = 0
            self.control_size += kept

    @cython.cfunc
    def _end_frame(self):
        """The payload is complete, and with FIN the message."""
        self.f_end[self.frame] += self.f_length[self.frame]
        message: cython.Py_ssize_t = self.f_message[self.frame]
        if message >= 0 and self.f_first_byte[self.frame] & 0x80:
            if self.m_compressed[message]:
                self.out_view[self.out_size] = 0
                self.out_view[self.out_size + 1] = 0
                self.out_view[self.out_size + 2] = 0xFF
                self.out_view[self.out_size + 3] = 0xFF
                self.out_size += 4
            self.m_complete[message] = 1
            self._cut_here(message)
            self.open_message = -1
        elif self.f_first_byte[self.frame] & 15 == 8:
            size: cython.Py_ssize_t = min(self.seen, _CONTROL_KEPT)
            self.closes.append((self.frame, self.control_size - size, size))
        self.frame = -1
        self.have = 0
        self.need = 2

    @cython.cfunc
    def _cut_here(self, message: cython.Py_ssize_t):
        """What was written so far is of messages up to this one."""
        self.cuts_view[message - self.first_touched] = self.out_size

    @cython.cfunc
    def _big_endian(self, first: cython.Py_ssize_t, size: cython.Py_ssize_t) -> cython.ulonglong:
        value: cython.ulonglong = 0
        index: cython.Py_ssize_t
        for index in range(first, first + size):
            value = (value << 8) | self.head[index]
        return value

    # --- tables ----------------------------------------------------------------------------------------------------

    def _grow_frames(self, rows: int):
        columns = self.frame_columns = _grown(self.frame_columns, _FRAME_COLUMNS, rows)
        self.f_start = memoryview(columns["start"])
        self.f_end = memoryview(columns["end"])
        self.f_length = memoryview(columns["length"])
        self.f_mask_key = memoryview(columns["mask_key"])
        self.f_message = memoryview(columns["message"])
        self.f_faults = memoryview(columns["faults"])
        self.f_header = memoryview(columns["header"])
        self.f_first_byte = memoryview(columns["first_byte"])

    def _grow_messages(self, rows: int):
        columns = self.message_columns = _grown(self.message_columns, _MESSAGE_COLUMNS, rows)
        self.m_first_frame = memoryview(columns["first_frame"])
        self.m_last_frame = memoryview(columns["last_frame"])
        self.m_frames = memoryview(columns["frames"])
        self.m_wire_length = memoryview(columns["wire_length"])
        self.m_length = memoryview(columns["length"])
        self.m_content = memoryview(columns["content"])
        self.m_faults = memoryview(columns["faults"])
        self.m_opcode = memoryview(columns["opcode"])
        self.m_compressed = memoryview(columns["compressed"])
        self.m_complete = memoryview(columns["complete"])


@cython.cfunc
@cython.inline
@cython.nogil
@cython.exceptval(check=False)
def _unmask(
    source: cython.pointer(cython.const[cython.uchar]),
    target: cython.p_uchar,
    size: cython.Py_ssize_t,
    key: cython.uint,
) -> cython.void:
    """XOR with the key repeated (RFC 6455 section 5.3), eight bytes at a time; both ranges were checked."""
    if not key:
        memcpy(target, source, size)
        return
    pattern = cython.declare(cython.uchar[8])
    index: cython.Py_ssize_t
    for index in range(8):
        pattern[index] = (key >> (24 - 8 * (index & 3))) & 0xFF
    wide: cython.ulonglong = 0
    word: cython.ulonglong = 0
    memcpy(cython.address(wide), cython.address(pattern[0]), 8)
    index = 0
    while index + 8 <= size:
        memcpy(cython.address(word), source + index, 8)
        word ^= wide
        memcpy(target + index, cython.address(word), 8)
        index += 8
    while index < size:
        target[index] = source[index] ^ pattern[index & 7]
        index += 1


@cython.cfunc
@cython.inline
def _header_size(second: cython.int) -> cython.Py_ssize_t:
    """Bytes of a header by its second byte."""
    size: cython.Py_ssize_t = second & 127
    if size < 126:
        size = 2
    elif size == 126:
        size = 4
    else:
        size = 10
    return size + 4 if second & 0x80 else size


def _grown(old, dtypes, rows):
    """A longer copy of columns; rows are written as they begin."""
    new = room_for({name: np.dtype(dtype) for name, dtype in dtypes.items()}, rows)
    for name, column in old.items():
        new[name][: len(column)] = column
    return new
