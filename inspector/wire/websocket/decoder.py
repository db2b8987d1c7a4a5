"""WebSocket from one direction's bytes: frames, messages, their content (RFC 6455 sections 5 and 8, RFC 7692)."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from inspector.model.anomaly import Anomaly
from inspector.model.websocket import TEXT, Close, Fault, close_code_may_travel
from inspector.refs import Ref
from inspector.wire.websocket.framing import FrameReader
from inspector.wire.websocket.inflate import Deflate, Inflater, Limits, NotInflatable
from inspector.wire.websocket.kept import Kept
from inspector.wire.websocket.synchronise import find_frame_start
from inspector.wire.websocket.utf8 import not_utf8

__all__ = ["WebSocketDecoder", "WebSocketTables"]

_GROUP_BYTES = 1 << 16
"""Bytes inflated in one go: enough that calls cost nothing, and at DEFLATE's most (1032) still only 66 MB."""
_CONTROL_MOST = 125
"""Bytes of a control frame's payload (RFC 6455 section 5.5); of a longer one only these are kept."""
_AGAIN_BYTES = 1 << 20
"""Compressed bytes of one message that are taken again with a larger window when its sender exceeds the one agreed on."""
_WINDOW_BYTES = 1 << 16
"""Bytes kept while looking for a frame's start after a gap; the longest frame header is 14."""


@dataclass(slots=True, eq=False)
class WebSocketTables:
    """Where decoders put what they find; one for a whole capture, or one for each direction that is decoded live.

    Args:
        keep_bytes: Most content of messages to keep; later ones are read again from the stream when asked for.

    Attributes:
        reader: Holds the columns of frames and messages.
        kept: Content of messages, at their ``content``.
        notes: What a fault of a row means in detail: ``("frame" or "message", row)`` to fault to text.
        closes: Close frames by row of their frame.
    """

    keep_bytes: int = 256 << 20
    reader: FrameReader = field(default_factory=FrameReader)
    kept: Kept = field(default_factory=Kept)
    notes: dict[tuple[str, int], dict[Fault, str]] = field(default_factory=dict)
    closes: dict[int, Close] = field(default_factory=dict)

    def note(self, kind: str, row: int, fault: Fault, text: str) -> None:
        """Say more about a fault of a row, and set its bit."""
        columns = self.reader.frame_columns if kind == "frame" else self.reader.message_columns
        columns["faults"][row] |= np.uint32(fault)
        if text:
            self.notes.setdefault((kind, row), {})[fault] = text

    def take_back(self, row: int, faults: Fault) -> None:
        """What was said about a message does not hold."""
        self.reader.message_columns["faults"][row] &= ~np.uint32(faults)
        for fault in faults:
            self.notes.get(("message", row), {}).pop(fault, None)


@dataclass(slots=True)
class _Open:
    """A message that is taken in parts.

    Args:
        row: In the messages.
        content: Where its content starts in what is kept, -1 when it is not kept.
        raw: What it was inflated from, as long as it may have to be inflated again.
    """

    row: int
    compressed: bool
    content: int
    length: int = 0
    failed: bool = False
    utf8: codecs.IncrementalDecoder | None = None
    raw: bytearray | None = None


class WebSocketDecoder:
    """Reads frames and messages from one direction, as files and as a live proxy give it.

    Feed it bytes in any portions; rows appear in ``tables.reader`` as soon as their bytes are there.

    Args:
        is_client: The bytes come from the client, so they must be masked.
        agreed: What permessage-deflate parameters hold for this direction; None when it was not agreed on.
        position: Position in the stream of the first byte that will be fed.
        tables: Where rows go; new ones by default.
        limits: Bounds of inflation.
    """

    def __init__(
        self,
        is_client: bool,
        agreed: Deflate | None,
        position: int = 0,
        *,
        tables: WebSocketTables | None = None,
        limits: Limits | None = None,
    ) -> None:
        self.tables = tables if tables is not None else WebSocketTables()
        self.anomalies: list[Anomaly] = []
        self._is_client = is_client
        self._agreed = agreed
        self._reader = self.tables.reader
        self._reader.begin(is_client, agreed is not None, position)
        self.first_frame, self.first_message = self._reader.frames, self._reader.messages
        self._inflater = Inflater(agreed, limits or Limits()) if agreed is not None else None
        self._open: _Open | None = None
        self._closes_seen = len(self._reader.closes)
        self._window = bytearray()
        self._window_tried = 0
        self._lost_from = position

    @property
    def position(self) -> int:
        """Position in the stream behind the last byte fed."""
        return int(self._reader.position) + len(self._window)

    # --- bytes in --------------------------------------------------------------------------------------------------

    def feed(self, data: bytes | memoryview) -> None:
        """Take the next bytes of the stream."""
        if self._reader.synchronised:
            self._reader.feed(memoryview(data))
            self._settle()
        else:
            self._window += data
            self._synchronise(final=False)

    def gap(self, size: int, exact: bool = True) -> None:
        """The next ``size`` bytes of the stream are missing; about so many when not ``exact``."""
        if not self._reader.synchronised:
            self._synchronise(final=True)
        if not self._reader.synchronised:
            self._pass_over(len(self._window))
            self._reader.skip(size)
            return
        start = self._reader.position
        frame = self._reader.frames - self.first_frame + (self._reader.frame < 0)
        if self._reader.gap(size, exact) and self._inflater is not None:
            self._inflater.lose(f"undecodable from frame {frame} because bytes {start}-{start + size} are missing")
        self._lost_from = start
        self._settle()

    def finish(self) -> None:
        """The direction is over."""
        if not self._reader.synchronised:
            self._synchronise(final=True)
        if not self._reader.synchronised:
            self._say_lost(self._reader.position + len(self._window))
        end = self._reader.position
        rest = self._reader.end()
        self._settle()
        if rest:
            self.anomalies.append(Anomaly("ws.header_cut", end - rest, end, Ref("RFC 6455", "5.2")))

    @property
    def settled(self) -> int:
        """Rows of messages whose content will not change: all but the one that is still open."""
        return self._reader.messages if self._open is None else self._open.row

    def forget(self) -> None:
        """Give back the memory of content kept for settled messages; their ``content`` points nowhere from now on."""
        if self._open is None:
            self.tables.kept.cut(0)
        elif self._open.content > 0:
            self.tables.kept.forget(self._open.content)
            self._open.content = 0

    # --- finding a frame's start after a gap -----------------------------------------------------------------------

    def search(self) -> None:
        """Before any byte is fed: it is not known that a frame starts here, so look for one."""
        self._reader.gap(0)
        if self._inflater is not None:
            self._inflater.lose(f"undecodable from frame 1 because bytes before {self._reader.position} are missing")

    def _synchronise(self, final: bool) -> None:
        """Look for a frame's start in the window; with ``final`` no more bytes will come."""
        while self._window:
            size = len(self._window)
            if not final and size < min(max(2 * self._window_tried, 2), _WINDOW_BYTES):
                return
            self._window_tried = size
            window = bytes(self._window[:_WINDOW_BYTES])
            found = find_frame_start(window, self._is_client, self._agreed is not None, final and size <= _WINDOW_BYTES)
            if found is not None:
                rest = bytes(self._window[found.offset :])
                self._pass_over(found.offset)
                self._window.clear()
                row = self._reader.frames
                self._say_lost(self._reader.position)
                self._reader.resume()
                self._reader.feed(memoryview(rest))
                self.tables.note("frame", row, Fault.RESYNCHRONISED, str(found))
                self._settle()
                return
            if size < _WINDOW_BYTES:
                return
            self._pass_over(_WINDOW_BYTES // 2)

    def _pass_over(self, size: int) -> None:
        del self._window[:size]
        self._window_tried = 0
        self._reader.skip(size)

    def _say_lost(self, end: int) -> None:
        if end > self._lost_from:
            self.anomalies.append(Anomaly("ws.frames_lost", self._lost_from, end, Ref("RFC 6455", "5.2")))

    # --- content of messages ---------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Take the content of messages out of what the reader has unmasked."""
        reader = self._reader
        first, still_open = reader.first_touched, reader.open_message
        count = reader.messages - first
        if count:
            ends = np.asarray(reader.cuts)[:count]
            begin = 0
            if self._open is not None:
                self._part(reader.out[: int(ends[0])], still_open != first)
                begin = 1
            end = count - 1 if still_open >= first + begin else count
            if end > begin:
                starts = np.empty(count, np.int64)
                starts[0] = 0
                starts[1:] = ends[:-1]
                self._whole(first + begin, starts[begin:end], ends[begin:end])
            if end < count:
                self._begin(still_open)
                self._part(reader.out[int(ends[end - 1]) if end else 0 : int(ends[end])], False)
        while self._closes_seen < len(reader.closes):
            self._close(*reader.closes[self._closes_seen])
            self._closes_seen += 1

    def _whole(self, row: int, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> None:
        """Messages that began and ended within one portion, from ``row`` on."""
        columns = self._reader.message_columns
        stop = row + len(starts)
        if self._inflater is None or not columns["compressed"][row:stop].any():
            out = self._reader.out[int(starts[0]) : int(ends[-1])]
            columns["length"][row:stop] = ends - starts
            self._keep(row, out, starts - starts[0])
            self._check_text(row, out, starts - starts[0], ends - starts[0])
            return
        while row < stop:
            # At least one message, and as many as end within a group's bytes.
            count = max(int(np.searchsorted(ends, starts[0] + _GROUP_BYTES, "right")), 1)
            self._inflate_group(row, starts[:count].tolist(), ends[:count].tolist())
            row, starts, ends = row + count, starts[count:], ends[count:]

    def _inflate_group(self, row: int, starts: list[int], ends: list[int]) -> None:
        assert self._inflater is not None
        columns = self._reader.message_columns
        stop = row + len(starts)
        out = self._reader.out
        parts = [out[start:end] for start, end in zip(starts, ends, strict=True)]
        inflated = None
        if columns["complete"][row:stop].all():
            inflated = self._inflater.many(parts, columns["compressed"][row:stop].tolist())
        if inflated is None:
            for index, part in enumerate(parts):
                self._begin(row + index)
                self._part(part, True)
            return
        content, lengths = inflated
        sizes = np.array(lengths, np.int64)
        columns["length"][row:stop] = sizes
        after = np.cumsum(sizes)
        self._keep(row, content, after - sizes)
        self._check_text(row, content, after - sizes, after)

    def _keep(self, row: int, content: bytes | memoryview, starts: NDArray[np.int64]) -> None:
        """Keep the content of messages from ``row`` on, which start at ``starts`` in it."""
        kept = self.tables.kept
        if len(kept) + len(content) <= self.tables.keep_bytes:
            self._reader.message_columns["content"][row : row + len(starts)] = starts + len(kept)
            kept.add(content)

    def _check_text(
        self, row: int, content: bytes | memoryview, starts: NDArray[np.int64], ends: NDArray[np.int64]
    ) -> None:
        """Text must be UTF-8 (RFC 6455 section 8.1), each message by itself."""
        texts = np.flatnonzero(self._reader.message_columns["opcode"][row : row + len(starts)] == TEXT)
        if not len(texts):
            return
        octets = memoryview(content)
        for found in not_utf8(octets, starts[texts], ends[texts]):
            index = int(texts[found])
            try:
                str(octets[int(starts[index]) : int(ends[index])], "utf-8")
            except UnicodeDecodeError as error:
                if self._reader.message_columns["complete"][row + index] or "unexpected end" not in error.reason:
                    self.tables.note("message", row + index, Fault.TEXT_NOT_UTF8, f"byte {error.start}")

    # --- messages in parts -----------------------------------------------------------------------------------------

    def _begin(self, row: int) -> None:
        """A message whose content is taken step by step."""
        columns = self._reader.message_columns
        text = columns["opcode"][row] == TEXT
        content = len(self.tables.kept) if len(self.tables.kept) < self.tables.keep_bytes else -1
        utf8 = codecs.getincrementaldecoder("utf-8")() if text else None
        self._open = _Open(row, bool(columns["compressed"][row]), content, utf8=utf8)
        if self._open.compressed and self._inflater is not None:
            self._inflater.begin()
            self._open.raw = bytearray() if self._inflater.may_widen else None

    def _part(self, part: memoryview, last: bool) -> None:
        """The next bytes of the message in ``_open``."""
        message = self._open
        assert message is not None
        faults = Fault(int(self._reader.message_columns["faults"][message.row]))
        if faults & Fault.BYTES_MISSING:
            message.failed = True
        if not message.failed and message.compressed:
            self._inflate_part(message, part)
        elif not message.failed:
            self._sink(message, part)
        if last:
            self._open = None
            self._finish_message(message)

    def _inflate_part(self, message: _Open, part: memoryview) -> None:
        inflater = self._inflater
        assert inflater is not None
        if message.raw is not None:
            message.raw += part
            if len(message.raw) > _AGAIN_BYTES:
                message.raw = None
        try:
            try:
                self._sink_all(message, inflater.feed(part))
            except NotInflatable as failure:
                if message.raw is None or failure.fault is not Fault.INFLATE_FAILED or not inflater.widen():
                    raise
                self._again(message)
                self._sink_all(message, inflater.feed(bytes(message.raw)))
                self.tables.note("message", message.row, Fault.WINDOW_EXCEEDED, "")
        except NotInflatable as failure:
            message.failed = True
            frame = int(self._reader.message_columns["first_frame"][message.row]) - self.first_frame + 1
            why = f"undecodable after frame {frame}, which could not be inflated"
            inflater.lose(inflater.lost if failure.fault is Fault.CONTEXT_LOST and inflater.lost else why)
            self.tables.note("message", message.row, failure.fault, str(failure))
            # How much came out before the failure goes by the portions fed: that is not judged.
            self.tables.take_back(message.row, Fault.TEXT_NOT_UTF8 | Fault.WINDOW_EXCEEDED)

    def _again(self, message: _Open) -> None:
        """Forget what came out of a message so far."""
        if message.content >= 0:
            self.tables.kept.cut(message.content)
        message.length = 0
        if self._reader.message_columns["opcode"][message.row] == TEXT:
            message.utf8 = codecs.getincrementaldecoder("utf-8")()
            self.tables.take_back(message.row, Fault.TEXT_NOT_UTF8)

    def _sink_all(self, message: _Open, contents: Iterator[bytes]) -> None:
        for content in contents:
            self._sink(message, content)

    def _sink(self, message: _Open, content: bytes | memoryview) -> None:
        """Content of an open message: check it, keep it, count it."""
        if message.utf8 is not None:
            pending = len(message.utf8.getstate()[0])
            try:
                message.utf8.decode(content)
            except UnicodeDecodeError as error:
                self._not_utf8(message, message.length - pending + error.start)
        if message.content >= 0:
            if len(self.tables.kept) + len(content) > self.tables.keep_bytes:
                self.tables.kept.cut(message.content)
                message.content = -1
            else:
                self.tables.kept.add(content)
        message.length += len(content)

    def _not_utf8(self, message: _Open, at: int) -> None:
        self.tables.note("message", message.row, Fault.TEXT_NOT_UTF8, f"byte {at}")
        message.utf8 = None

    def _finish_message(self, message: _Open) -> None:
        columns = self._reader.message_columns
        row = message.row
        complete = bool(columns["complete"][row])
        if message.compressed and self._inflater is not None:
            self._inflater.end()
            columns["faults"][row] |= np.uint32(self._inflater.faults)
            if not complete and not message.failed:
                frame = int(columns["first_frame"][row]) - self.first_frame + 1
                self._inflater.lose(f"undecodable after frame {frame}, whose message was not completed")
        if message.failed:
            if message.content >= 0:
                self.tables.kept.cut(message.content)
            columns["length"][row] = columns["content"][row] = -1
            return
        if complete and message.utf8 is not None:
            try:
                message.utf8.decode(b"", True)
            except UnicodeDecodeError as error:
                self._not_utf8(message, message.length - (error.end - error.start))
        columns["length"][row] = message.length
        columns["content"][row] = message.content

    # --- Close frames ----------------------------------------------------------------------------------------------

    def _close(self, frame: int, start: int, size: int) -> None:
        """Check a Close frame's body (RFC 6455 section 5.5.1)."""
        body = bytes(self._reader.control[start : start + size])
        if len(body) == 1:
            self.tables.note("frame", frame, Fault.CLOSE_ONE_BYTE, body.hex())
        if len(body) < 2:
            self.tables.closes[frame] = Close(frame, None, b"")
            return
        close = Close(frame, int.from_bytes(body[:2], "big"), body[2:])
        self.tables.closes[frame] = close
        if not close_code_may_travel(int.from_bytes(body[:2], "big")):
            self.tables.note("frame", frame, Fault.CLOSE_CODE_ILLEGAL, str(close.code))
        try:
            codecs.utf_8_decode(close.reason, "strict", size < _CONTROL_MOST)
        except UnicodeDecodeError as error:
            self.tables.note("frame", frame, Fault.CLOSE_REASON_NOT_UTF8, f"byte {error.start}")
