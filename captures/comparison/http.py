"""HTTP/1.x messages and HTTP/2 frames, header fields and data, ours and Wireshark's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from captures.comparison.places import Places
from captures.comparison.unit import Unit, Value
from captures.parsers import WiresharkHttp2, parse_http, parse_http2
from captures.tree import Dissected
from inspector.model.http import HttpMessage
from inspector.recording.application import Application, Applications, speaks_http1, speaks_http2
from inspector.recording.derived import ByteStream, Tail
from inspector.recording.exchanges import decode_http1
from inspector.recording.http import HttpExchange, http_exchanges
from inspector.recording.http2 import read_http2
from inspector.recording.secrets import secrets_inside
from inspector.wire.http2 import Http2Connection

if TYPE_CHECKING:
    from inspector.recording.capture import Capture

__all__ = ["our_http", "our_http2", "put_together", "their_http", "their_http2"]

_HTTP = "http.message"
_FRAME, _FIELDS, _DATA = "http2.frame", "http2.fields", "http2.data"
_MOST_TUNNELS = 4
_END_HEADERS = 0x4
_WITH_FIELDS = (1, 5, 9)
_COMPARED_DETAIL = ("increment", "error_code", "last_stream_id", "promised_stream_id", "opaque_data")


def our_http(capture: Capture, places: Places) -> Iterator[Unit]:
    """Every HTTP/1.x message."""
    for found in http_exchanges(capture):
        if found.stream is not None:
            continue
        application = found.application
        exchange = found.exchange
        sides = [(exchange.request, application.client, application.client_side)]
        sides += [
            (message, application.server, 1 - application.client_side)
            for message in (*exchange.interim, exchange.response)
        ]
        for message, stream, side in sides:
            if message is not None:
                yield _our_message(found, message, stream, (found.connection, side), places)


def _our_message(
    found: HttpExchange, message: HttpMessage, stream: ByteStream, where: tuple[int, int], places: Places
) -> Unit:
    packet = places.complete(stream, message.start, max(message.end, message.start + 1))
    is_exchange_body = message in (found.exchange.request, found.exchange.response)
    decoded = found.content(message) if is_exchange_body else None
    values: dict[str, Value] = {
        "first_line": message.first_line,
        "headers": tuple((name, value) for name, value in message.headers),
        "content": (decoded.data if decoded is not None else b"") or None,
    }
    return Unit(_HTTP, where, packet, values, (found, message), ("first_line", "headers"))


def their_http(found: Dissected, places: Places) -> Iterator[Unit]:
    """The HTTP/1.x messages that Wireshark shows in a packet."""
    where = places.of_packet(found.number)
    for parsed in parse_http(found):
        if where is not None:
            values: dict[str, Value] = {
                "first_line": parsed.message.first_line,
                "headers": tuple(parsed.message.headers),
                "content": parsed.content or None,
            }
            yield Unit(_HTTP, where, found.number, values, parsed, ("first_line", "headers"))


# --- HTTP/2 ------------------------------------------------------------------------------------------------------------


def our_http2(capture: Capture, places: Places) -> Iterator[Unit]:
    """Every frame that is kept, every header block, and what the DATA frames of each stream carry."""
    applications = Applications(capture, secrets_inside(capture))
    for number in range(len(capture.connections)):
        for application, http2 in _connections(applications, applications.of(number), _MOST_TUNNELS):
            yield from _frames(application, http2, places)
            yield from _messages(application, http2, places)


def _connections(
    applications: Applications, application: Application, tunnels: int
) -> Iterator[tuple[Application, Http2Connection]]:
    if speaks_http2(application):
        yield application, read_http2(application)
    elif speaks_http1(application):
        http = decode_http1(application.client, application.server)
        response = http.switched
        if response is None or not http.client.messages:
            return  # without the request it is not known where the client's side of the other protocol begins
        client_end, server_end = http.client.messages[-1].end, response.end
        if response.status == 101 and response.lists("upgrade", "h2c"):
            yield application, read_http2(application, client_end, server_end)
        elif response.status != 101 and tunnels:
            tails = Tail(application.client, client_end), Tail(application.server, server_end)
            inner = Application(application.connection, *tails, application.tls, application.client_side)
            yield from _connections(applications, applications.unwrap(inner), tunnels - 1)


def _frames(application: Application, http2: Http2Connection, places: Places) -> Iterator[Unit]:
    for from_client, frame in http2.frames:
        stream = application.client if from_client else application.server
        side = application.client_side if from_client else 1 - application.client_side
        yield Unit(
            _FRAME,
            (application.connection, side),
            places.complete(stream, frame.start, frame.end),
            {
                "type": frame.type,
                "flags": frame.flags,
                "stream_id": frame.stream_id,
                "length": frame.end - frame.start - 9,
                **_detail(frame.detail),
            },
            frame,
            ("type", "flags", "stream_id", "length"),
        )


def _detail(detail: dict[str, int | str | dict[int, int]]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for name in _COMPARED_DETAIL:
        value = detail.get(name)
        if isinstance(value, (int, str)):
            found[name] = value
    settings = detail.get("settings")
    if isinstance(settings, dict):
        found["settings"] = tuple((key, value) for key, value in settings.items())
    return found


def _messages(application: Application, http2: Http2Connection, places: Places) -> Iterator[Unit]:
    for stream in http2.streams.values():
        for message, from_client in (
            (stream.request, True),
            *((interim, False) for interim in stream.interim),
            (stream.response, False),
        ):
            if message is None:
                continue
            carrier = application.client if from_client else application.server
            side = application.client_side if from_client else 1 - application.client_side
            if stream.pushed_by is not None and from_client:
                carrier, side = application.server, 1 - application.client_side
            where = application.connection, side
            packet = places.complete(carrier, message.start, message.head_end)
            fields = (*message.pseudo, *message.headers)
            values: dict[str, Value] = {"stream_id": stream.id, "fields": tuple(fields)}
            yield Unit(_FIELDS, (*where, stream.id), packet, values, (stream, message), ("stream_id", "fields"))
            if message.trailers:
                end = places.complete(carrier, message.end - 1, message.end)
                values = {"stream_id": stream.id, "fields": tuple(message.trailers)}
                yield Unit(_FIELDS, (*where, stream.id), end, values, (stream, message), ("stream_id", "fields"))
            data = b"".join(carrier.read(start, end) for start, end in message.body_spans)
            if data:
                values = {"stream_id": stream.id, "data": data}
                yield Unit(_DATA, (*where, stream.id), 0, values, (stream, message), ("stream_id",))


def their_http2(found: Dissected, places: Places) -> Iterator[Unit]:
    """What Wireshark shows of HTTP/2 in a packet; the pieces of DATA are joined by ``put_together``."""
    where = places.of_packet(found.number)
    if where is None:
        return
    for parsed in parse_http2(found):
        yield from _their_frame(parsed, where, found.number)


def _their_frame(parsed: WiresharkHttp2, where: tuple[int, int], packet: int) -> Iterator[Unit]:
    frame = parsed.frame
    if frame.type == 0:
        values: dict[str, Value] = {"stream_id": frame.stream_id, "data": parsed.data}
        yield Unit(_DATA, (*where, frame.stream_id), packet, values, parsed, ("stream_id",))
    elif frame.type != 9:
        values = {"type": frame.type, "flags": frame.flags, "stream_id": frame.stream_id, "length": parsed.length}
        identity = ("type", "flags", "stream_id", "length")
        yield Unit(_FRAME, where, packet, {**values, **_detail(frame.detail)}, parsed, identity)
    if frame.type in _WITH_FIELDS:
        stream = int(str(frame.detail.get("promised_stream_id", frame.stream_id)))
        values = {"stream_id": stream, "fields": tuple(parsed.fields)}
        yield Unit(_FIELDS, (*where, stream), packet, values, parsed, ("stream_id", "fields"))


def put_together(units: list[Unit]) -> list[Unit]:
    """The units with all DATA of a stream and direction as one, and header blocks joined with their continuations.

    Wireshark shows both frame by frame; a header block ends with END_HEADERS (RFC 9113 section 4.3).
    """
    rest: list[Unit] = []
    data: dict[tuple[tuple[int, ...], Value], list[bytes]] = {}
    begun: dict[tuple[int, ...], list[tuple[Value, ...]]] = {}
    for unit in units:
        content, fields = unit.values.get("data"), unit.values.get("fields")
        if unit.kind == _DATA and isinstance(content, bytes):
            if content:
                data.setdefault((unit.where, unit.values["stream_id"]), []).append(content)
        elif isinstance(unit.source, WiresharkHttp2) and isinstance(fields, tuple):
            begun.setdefault(unit.where, []).append(fields)
            if unit.source.frame.flags & _END_HEADERS:
                joined = tuple(item for part in begun.pop(unit.where) for item in part)
                rest.append(replace(unit, values={**unit.values, "fields": joined}))
        else:
            rest.append(unit)
    for (where, stream), pieces in data.items():
        values: dict[str, Value] = {"stream_id": stream, "data": b"".join(pieces)}
        rest.append(Unit(_DATA, where, 0, values, None, ("stream_id",)))
    return rest
