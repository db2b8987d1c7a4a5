"""Both directions of an HTTP/2 connection: frames, streams as exchanges, settings, windows, endings."""

from __future__ import annotations

from inspector.model.anomaly import Anomaly
from inspector.model.http import Framing, HttpMessage
from inspector.model.http2 import H2Frame, H2Stream, WindowChange
from inspector.refs import Ref
from inspector.wire.http2.headers import HeaderBlocks, UnreadableBlock

__all__ = ["PREFACE", "Http2Connection", "begins_http2"]

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
"""What a client sends first (RFC 9113 section 3.4)."""

_HEADER = 9
_LARGEST_FRAME = 1 << 24
"""A frame's length has 24 bits."""
_MOST_BLOCK = 1 << 20
"""Bytes of one header block over all CONTINUATION frames (an endless row of them is a known attack)."""
_MOST_FRAMES = 1 << 20
"""Frames other than DATA that are kept for display."""
_MOST_STREAMS = 1 << 20
"""Streams that are kept; a flood of resets on ever new numbers is told by the anomalies, not kept in memory."""
_MOST_SPANS = 1 << 20
"""Ranges of one body."""
_RESYNC_FRAMES = 2
"""Frames that must follow each other before a place after a gap is believed."""
_RECOGNISED_FRAMES = 4
"""Frames in a row that make HTTP/2 of a stream whose beginning was not captured."""
_RECOGNISED_WITHIN = 1 << 14
"""Bytes within which the first of them must begin: one frame of the usual largest size."""

_DATA, _HEADERS, _PRIORITY, _RST_STREAM, _SETTINGS, _PUSH_PROMISE, _PING, _GOAWAY, _WINDOW_UPDATE, _CONTINUATION = (
    range(10)
)
_END_STREAM, _ACK, _END_HEADERS, _PADDED, _PRIORITIES = 0x1, 0x1, 0x4, 0x8, 0x20
_ON_CONNECTION = (_SETTINGS, _PING, _GOAWAY)
_ON_STREAM = (_DATA, _HEADERS, _PRIORITY, _RST_STREAM, _PUSH_PROMISE, _CONTINUATION)
_SIZES = {_PRIORITY: 5, _RST_STREAM: 4, _PING: 8, _WINDOW_UPDATE: 4}


class _Direction:
    """What one side has sent so far."""

    def __init__(self, from_client: bool) -> None:
        self.from_client = from_client
        self.rest = bytearray()
        self.position = 0
        self.headers = HeaderBlocks()
        self.lost = False
        self.preface = from_client
        self.block: bytearray | None = None
        self.block_lost = False
        self.block_stream = 0
        self.block_flags = 0
        self.block_start = 0
        self.promised = 0


class Http2Connection:
    """Decodes both directions; feed each in order, in any portions.

    Args:
        client_position, server_position: Stream positions of the first bytes that will be fed (after an upgrade).

    Attributes:
        streams: By stream number, in order of appearance.
        frames: (from client, frame) of everything but DATA and CONTINUATION, per direction in order.
        windows: Changes of flow-control windows, per direction in order; sort by time before adding them up.
        goaways: (from client, frame) of every GOAWAY.
        settings: What the client and the server announced last.
        anomalies: (from client, anomaly).
    """

    def __init__(self, client_position: int = 0, server_position: int = 0) -> None:
        self.streams: dict[int, H2Stream] = {}
        self.frames: list[tuple[bool, H2Frame]] = []
        self.windows: list[WindowChange] = []
        self.goaways: list[tuple[bool, H2Frame]] = []
        self.settings: dict[bool, dict[int, int]] = {True: {}, False: {}}
        self.settings_acknowledged = {True: False, False: False}
        self.anomalies: list[tuple[bool, Anomaly]] = []
        self._sides = {True: _Direction(True), False: _Direction(False)}
        self._sides[True].position = client_position
        self._sides[False].position = server_position

    def feed(self, from_client: bool, data: bytes) -> None:
        """Take the next bytes of one direction."""
        side = self._sides[from_client]
        side.rest += data
        if side.preface and not self._take_preface(side):
            return
        while self._frame(side):
            pass

    def begin_mid_stream(self) -> None:
        """The capture began after the connection: header tables are unknown, no preface comes."""
        for side in self._sides.values():
            side.preface = False
            side.lost = True
            side.headers.lost()

    def gap(self, from_client: bool, size: int, exact: bool = True) -> None:
        """``size`` bytes of one direction are missing here; about so many when not ``exact``."""
        side = self._sides[from_client]
        left = self._open_data(side)
        if exact and left is not None and size <= left:
            # Inside a DATA frame nothing else can be lost.
            self._data_missing(side, size)
            return
        self._tell(side, "h2.bytes_missing", Ref("RFC 9113", "4.1"), size=len(side.rest) + size)
        side.position += len(side.rest) + size
        side.rest.clear()
        side.block = None
        side.block_lost = True
        side.lost = True
        side.preface = False
        side.headers.lost()

    def _take_preface(self, side: _Direction) -> bool:
        if len(side.rest) < len(PREFACE) and PREFACE.startswith(side.rest):
            return False
        side.preface = False
        if side.rest.startswith(PREFACE):
            self._skip(side, len(PREFACE))
        else:
            self._tell(side, "h2.no_preface", Ref("RFC 9113", "3.4"))
        return True

    # --- frames ----------------------------------------------------------------------------------------------------

    def _frame(self, side: _Direction) -> bool:
        if side.lost and not self._resynchronise(side):
            return False
        if len(side.rest) < _HEADER:
            return False
        size = int.from_bytes(side.rest[:3], "big")
        kind, flags = side.rest[3], side.rest[4]
        stream_id = int.from_bytes(side.rest[5:9], "big") & 0x7FFFFFFF
        if len(side.rest) < _HEADER + size:
            return False
        frame = H2Frame(side.position, side.position + _HEADER + size, kind, flags, stream_id)
        payload = bytes(side.rest[_HEADER : _HEADER + size])
        self._skip(side, _HEADER + size)
        self._check(side, frame, payload)
        read = _READERS.get(kind)
        if read is not None:
            read(self, side, frame, payload)
        if kind not in (_DATA, _CONTINUATION) and len(self.frames) < _MOST_FRAMES:
            self.frames.append((side.from_client, frame))
        return True

    def _check(self, side: _Direction, frame: H2Frame, payload: bytes) -> None:
        """Sizes, streams and order that RFC 9113 demands of every frame."""
        if side.block is not None and (frame.type != _CONTINUATION or frame.stream_id != side.block_stream):
            self._tell(side, "h2.header_block_interrupted", Ref("RFC 9113", "6.10"), frame)
            side.block = None
            side.headers.lost()
        side.block_lost = side.block_lost and frame.type == _CONTINUATION
        wrong_stream = (frame.type in _ON_CONNECTION and frame.stream_id) or (
            frame.type in _ON_STREAM and not frame.stream_id
        )
        if wrong_stream:
            self._tell(side, "h2.wrong_stream", Ref("RFC 9113", "6"), frame)
        if frame.type in _SIZES and len(payload) != _SIZES[frame.type]:
            self._tell(side, "h2.wrong_frame_size", Ref("RFC 9113", "4.2"), frame)
        if side.from_client and frame.type == _PUSH_PROMISE:
            self._tell(side, "h2.push_from_client", Ref("RFC 9113", "8.4"), frame)

    def _resynchronise(self, side: _Direction) -> bool:
        """Find a place from which believable frames follow each other."""
        for at in range(len(side.rest) - _HEADER + 1):
            if _believable(side.rest, at):
                self._skip(side, at)
                side.lost = False
                return True
        keep = min(len(side.rest), 3 * _HEADER)
        if len(side.rest) > _LARGEST_FRAME:
            self._skip(side, len(side.rest) - keep)
        return False

    def _skip(self, side: _Direction, size: int) -> None:
        del side.rest[:size]
        side.position += size

    def _open_data(self, side: _Direction) -> int | None:
        """Bytes still to come of a DATA frame whose header was read, None when another frame is open."""
        if side.lost or len(side.rest) < _HEADER or side.rest[3] != _DATA:
            return None
        return int.from_bytes(side.rest[:3], "big") + _HEADER - len(side.rest)

    def _data_missing(self, side: _Direction, size: int) -> None:
        """Stand in for missing bytes of a DATA frame, whose stream then tells that they are."""
        stream_id = int.from_bytes(side.rest[5:9], "big") & 0x7FFFFFFF
        message = self._message(side, stream_id)
        if message is not None:
            message.missing += size
        side.rest += bytes(size)
        while self._frame(side):
            pass

    # --- what frames say -------------------------------------------------------------------------------------------

    def _read_data(self, side: _Direction, frame: H2Frame, payload: bytes) -> None:
        start, end = frame.start + _HEADER, frame.end
        if frame.flags & _PADDED and payload:
            start, end = start + 1, end - payload[0]
            if start > end:
                self._tell(side, "h2.padding_too_long", Ref("RFC 9113", "6.1"), frame)
                start = end
        self._window(side, frame, frame.stream_id, -len(payload))
        self._window(side, frame, 0, -len(payload))
        message = self._message(side, frame.stream_id)
        if message is None:
            return
        if end > start:
            spans = message.body_spans
            if spans and spans[-1][1] == start:
                spans[-1] = (spans[-1][0], end)
            elif len(spans) < _MOST_SPANS:
                spans.append((start, end))
        message.end = frame.end
        message.complete = message.complete or bool(frame.flags & _END_STREAM)

    def _read_headers(self, side: _Direction, frame: H2Frame, payload: bytes) -> None:
        if frame.flags & _PADDED and payload:
            payload = payload[1 : max(len(payload) - payload[0], 1)]
        if frame.flags & _PRIORITIES:
            payload = payload[5:]
        side.promised = 0
        self._begin_block(side, frame, payload)

    def _read_push_promise(self, side: _Direction, frame: H2Frame, payload: bytes) -> None:
        if frame.flags & _PADDED and payload:
            payload = payload[1 : max(len(payload) - payload[0], 1)]
        side.promised = int.from_bytes(payload[:4], "big") & 0x7FFFFFFF
        frame.detail["promised_stream_id"] = side.promised
        self._begin_block(side, frame, payload[4:])

    def _begin_block(self, side: _Direction, frame: H2Frame, fragment: bytes) -> None:
        side.block = bytearray(fragment)
        side.block_stream, side.block_flags, side.block_start = frame.stream_id, frame.flags, frame.start
        if frame.flags & _END_HEADERS:
            self._end_block(side, frame)

    def _read_continuation(self, side: _Direction, frame: H2Frame, payload: bytes) -> None:
        if side.block is None:
            if not side.block_lost:
                self._tell(side, "h2.continuation_of_nothing", Ref("RFC 9113", "6.10"), frame)
            side.headers.lost()
            return
        side.block += payload
        if len(side.block) > _MOST_BLOCK:
            self._tell(side, "h2.header_block_too_long", Ref("RFC 9113", "10.5.1"), frame)
            side.block = None
            side.headers.lost()
        elif frame.flags & _END_HEADERS:
            self._end_block(side, frame)

    def _end_block(self, side: _Direction, frame: H2Frame) -> None:
        block, side.block = bytes(side.block or b""), None
        stream = self._stream(side.promised or side.block_stream)
        try:
            fields, known = side.headers.decode(block)
        except UnreadableBlock as broken:
            self._tell(side, "h2.bad_header_block", Ref("RFC 9113", "4.3"), frame, str(broken))
            return
        stream.tables_known = stream.tables_known and known
        self._take_fields(side, stream, fields, frame)

    def _take_fields(
        self, side: _Direction, stream: H2Stream, fields: list[tuple[bytes, bytes]], frame: H2Frame
    ) -> None:
        """Header fields make a message, or are the trailers of the one that is open."""
        pseudo = {name: value for name, value in fields if name.startswith(b":")}
        headers = [(name, value) for name, value in fields if not name.startswith(b":")]
        is_request = side.from_client or bool(side.promised)
        open_message = stream.request if is_request else stream.response
        if open_message is not None and not pseudo:
            open_message.trailers = headers
            open_message.end = frame.end
            open_message.complete = True
            return
        if is_request:
            first_line = b"%s %s HTTP/2" % (
                pseudo.get(b":method", b"?"),
                pseudo.get(b":path") or pseudo.get(b":authority", b"?"),
            )
        else:
            first_line = b"HTTP/2 " + pseudo.get(b":status", b"?")
        message = HttpMessage(first_line, headers, side.block_start, frame.end, frame.end, Framing.LENGTH)
        message.pseudo = [(name, value) for name, value in fields if name.startswith(b":")]
        ends = bool(side.block_flags & _END_STREAM)
        message.complete = ends
        message.framing = Framing.NONE if ends else Framing.LENGTH
        self._place(side, stream, message, is_request, pseudo)

    def _place(
        self, side: _Direction, stream: H2Stream, message: HttpMessage, is_request: bool, pseudo: dict[bytes, bytes]
    ) -> None:
        if is_request:
            stream.request = message
            stream.protocol = pseudo.get(b":protocol")
            if side.promised:
                message.complete = True
                stream.pushed_by = side.block_stream
        elif message.status is not None and 100 <= message.status < 200:
            message.complete = True
            stream.interim.append(message)
        else:
            stream.response = message

    def _read_settings(self, side: _Direction, frame: H2Frame, payload: bytes) -> None:
        if frame.flags & _ACK:
            self.settings_acknowledged[side.from_client] = True
            return
        if len(payload) % 6:
            self._tell(side, "h2.wrong_frame_size", Ref("RFC 9113", "6.5"), frame)
        values = {
            int.from_bytes(payload[at : at + 2], "big"): int.from_bytes(payload[at + 2 : at + 6], "big")
            for at in range(0, len(payload) - 5, 6)
        }
        frame.detail["settings"] = values
        self.settings[side.from_client] |= values
        if 4 in values:
            self.windows.append(WindowChange(side.from_client, frame.start, -1, values[4]))

    def _read_window_update(self, side: _Direction, frame: H2Frame, payload: bytes) -> None:
        increment = int.from_bytes(payload[:4], "big") & 0x7FFFFFFF
        frame.detail["increment"] = increment
        if not increment:
            self._tell(side, "h2.zero_window_update", Ref("RFC 9113", "6.9"), frame)
        self._window(side, frame, frame.stream_id, increment)

    def _read_rst_stream(self, side: _Direction, frame: H2Frame, payload: bytes) -> None:
        code = int.from_bytes(payload[:4], "big")
        frame.detail["error_code"] = code
        stream = self._stream(frame.stream_id)
        if stream.reset_by_client is None:
            stream.reset_by_client, stream.error_code = side.from_client, code

    def _read_goaway(self, side: _Direction, frame: H2Frame, payload: bytes) -> None:
        frame.detail["last_stream_id"] = int.from_bytes(payload[:4], "big") & 0x7FFFFFFF
        frame.detail["error_code"] = int.from_bytes(payload[4:8], "big")
        frame.detail["debug_data"] = payload[8:200].decode("utf-8", "backslashreplace")
        self.goaways.append((side.from_client, frame))

    def _read_ping(self, side: _Direction, frame: H2Frame, payload: bytes) -> None:
        frame.detail["opaque_data"] = payload.hex()

    # --- helpers ---------------------------------------------------------------------------------------------------

    def _stream(self, stream_id: int) -> H2Stream:
        stream = self.streams.get(stream_id)
        if stream is None:
            stream = H2Stream(stream_id)
            if len(self.streams) < _MOST_STREAMS:
                self.streams[stream_id] = stream
        return stream

    def _message(self, side: _Direction, stream_id: int) -> HttpMessage | None:
        stream = self.streams.get(stream_id)
        if stream is None:
            return None
        return stream.request if side.from_client else stream.response

    def _window(self, side: _Direction, frame: H2Frame, stream_id: int, amount: int) -> None:
        if amount and len(self.windows) < _MOST_FRAMES:
            self.windows.append(WindowChange(side.from_client, frame.start, stream_id, amount))

    def _tell(
        self, side: _Direction, code: str, ref: Ref, frame: H2Frame | None = None, detail: str = "", size: int = 0
    ) -> None:
        start, end = (frame.start, frame.end) if frame else (side.position, side.position + size)
        anomaly = Anomaly(code, start, end, ref, detail)
        self.anomalies.append((side.from_client, anomaly))
        if frame is not None and frame.stream_id in self.streams:
            self.streams[frame.stream_id].anomalies.append(anomaly)


_READERS = {
    _DATA: Http2Connection._read_data,
    _HEADERS: Http2Connection._read_headers,
    _PUSH_PROMISE: Http2Connection._read_push_promise,
    _CONTINUATION: Http2Connection._read_continuation,
    _SETTINGS: Http2Connection._read_settings,
    _WINDOW_UPDATE: Http2Connection._read_window_update,
    _RST_STREAM: Http2Connection._read_rst_stream,
    _GOAWAY: Http2Connection._read_goaway,
    _PING: Http2Connection._read_ping,
}


def begins_http2(data: bytes) -> bool:
    """Whether these bytes, from anywhere in a stream, are HTTP/2 frames: believable ones that follow each other."""
    return any(_believable(data, at, _RECOGNISED_FRAMES) for at in range(min(len(data), _RECOGNISED_WITHIN)))


def _believable(data: bytes | bytearray, at: int, count: int = _RESYNC_FRAMES) -> bool:
    """Whether ``count`` frames of known types with fitting sizes follow each other from here."""
    for _ in range(count):
        if len(data) - at < _HEADER:
            return False
        size, kind = int.from_bytes(data[at : at + 3], "big"), data[at + 3]
        stream_id = int.from_bytes(data[at + 5 : at + 9], "big")
        if kind > _CONTINUATION or size > 1 << 20 or stream_id >> 31:
            return False
        if (kind in _ON_CONNECTION and stream_id) or (kind in _ON_STREAM and not stream_id):
            return False
        if kind in _SIZES and size != _SIZES[kind]:
            return False
        at += _HEADER + size
        if at == len(data):
            return True
    return True
