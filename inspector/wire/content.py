"""Content codings: gzip, deflate, br, zstd, with caps against bombs (RFC 9110 section 8.4)."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from inspector.model.anomaly import Anomaly
from inspector.refs import Ref

if TYPE_CHECKING:
    import brotli

__all__ = ["LARGEST_BODY", "Decoded", "codings_of", "decode_content"]

LARGEST_BODY = 64 << 20
"""Bytes of a decoded body that are kept: more than people look at, little enough for every machine."""
_LARGEST_RATIO = 2000
"""Output per input beyond which a body is taken for a bomb; gzip reaches 1032 on zeros, br and zstd more."""
_RATIO_FREE = 1 << 20
"""Output up to this size is never a bomb, whatever the ratio."""
_BR_SLICE = 16
_MOST_CODINGS = 4
"""Codings applied one over the other; more are an attack."""

_REF = Ref("RFC 9110", "8.4")


@dataclass(frozen=True, slots=True)
class Decoded:
    """A body with its content codings removed.

    Args:
        data: What could be decoded; all of the body where ``anomalies`` is empty.
        anomalies: Why it is less than all (positions count in the encoded body).
    """

    data: bytes
    anomalies: list[Anomaly] = field(default_factory=list)


class _Broken(Exception):
    """The encoded bytes are not what the coding says."""


def codings_of(values: Iterable[bytes]) -> list[str]:
    """The codings named by Content-Encoding headers, in the order they were applied, lower case."""
    names = [part.strip().lower() for value in values for part in value.split(b",")]
    return [name.decode("ascii", "replace") for name in names if name and name != b"identity"]


def decode_content(body: bytes, codings: list[str], most: int = LARGEST_BODY) -> Decoded:
    """Remove content codings, the last applied first.

    Args:
        body: As transferred; may be cut short, then what can be decoded is.
        codings: From ``codings_of``.
        most: Bytes of output after which decoding stops with the anomaly ``content.capped``.
    """
    anomalies: list[Anomaly] = []

    def tell(code: str, detail: str) -> None:
        anomalies.append(Anomaly(code, 0, len(body), _REF, detail))

    if len(codings) > _MOST_CODINGS:
        tell("content.too_many_codings", str(len(codings)))
        return Decoded(body, anomalies)
    data = body
    for coding in reversed(codings):
        decode = _DECODERS.get(coding)
        if decode is None:
            tell("content.unknown_coding", coding[:40])
            break
        limit = min(most, max(_RATIO_FREE, len(data) * _LARGEST_RATIO))
        data, whole, broken = _run(decode, data, limit)
        if broken:
            tell("content.broken", coding)
        elif len(data) >= limit and not whole:
            tell("content.capped", coding)
        elif not whole:
            tell("content.cut", coding)
    return Decoded(data, anomalies)


def _run(decode: Callable[[bytes, int], tuple[bytes, bool]], data: bytes, limit: int) -> tuple[bytes, bool, bool]:
    """(output, whether it is all of it, whether the input is broken)."""
    if not data:
        return b"", True, False
    try:
        output, whole = decode(data, limit)
    except _Broken as broken:
        return broken.args[0], False, True
    return output, whole, False


def _zlib(data: bytes, limit: int, window_bits: int) -> tuple[bytes, bool]:
    decoder = zlib.decompressobj(window_bits)
    parts: list[bytes] = []
    size = 0
    while data and size < limit:
        try:
            part = decoder.decompress(data, min(limit - size, 1 << 20))
        except zlib.error:
            raise _Broken(b"".join(parts)) from None
        parts.append(part)
        size += len(part)
        if decoder.eof:
            return b"".join(parts), True
        if not part and decoder.unconsumed_tail == data:
            break
        data = decoder.unconsumed_tail
    return b"".join(parts), decoder.eof


def _gzip(data: bytes, limit: int) -> tuple[bytes, bool]:
    return _zlib(data, limit, 31)


def _deflate(data: bytes, limit: int) -> tuple[bytes, bool]:
    """The zlib format (RFC 9110 section 8.4.1.2); "some non-conformant implementations send" raw deflate."""
    try:
        return _zlib(data, limit, 15)
    except _Broken:
        return _zlib(data, limit, -15)


def _br(data: bytes, limit: int) -> tuple[bytes, bool]:
    import brotli

    decoder = brotli.Decompressor()
    parts: list[bytes] = []
    size = 0
    try:
        for part in _br_parts(decoder, data, limit):
            parts.append(part)
            size += len(part)
            if size >= limit:
                break
    except brotli.error:
        raise _Broken(b"".join(parts)) from None
    return b"".join(parts)[:limit], bool(decoder.is_finished()) and size <= limit


def _br_parts(decoder: brotli.Decompressor, data: bytes, limit: int) -> Iterator[bytes]:
    """What the decoder gives, in portions of bounded size."""
    if hasattr(decoder, "can_accept_more_data"):
        part = decoder.process(data, output_buffer_limit=limit)
        while part:
            yield part
            if decoder.is_finished():
                return
            part = decoder.process(b"", output_buffer_limit=limit)
        return
    # Before brotli 1.2: so few bytes at a time that they cannot hold many meta-blocks (16 MiB each at most, RFC 7932
    # section 9.2).
    for at in range(0, len(data), _BR_SLICE):
        if decoder.is_finished():
            return
        yield decoder.process(data[at : at + _BR_SLICE])


def _zstd(data: bytes, limit: int) -> tuple[bytes, bool]:
    import io

    import zstandard

    # RFC 9659: an HTTP peer may not use windows above 8 MB.
    reader = zstandard.ZstdDecompressor(max_window_size=8 << 20).stream_reader(
        io.BytesIO(data), read_across_frames=True
    )
    parts: list[bytes] = []
    size = 0
    try:
        while size < limit and (part := reader.read(min(limit - size, 1 << 20))):
            parts.append(part)
            size += len(part)
        if size >= limit:
            return b"".join(parts), not reader.read(1)
        # The reader does not tell whether the last frame ended; what it gave is known to be small, so ask again.
        return b"".join(parts), _zstd_is_whole(data)
    except zstandard.ZstdError:
        raise _Broken(b"".join(parts)) from None


def _zstd_is_whole(data: bytes) -> bool:
    import zstandard

    while data:
        frame = zstandard.ZstdDecompressor(max_window_size=8 << 20).decompressobj()
        frame.decompress(data)
        if not frame.eof:
            return False
        data = frame.unused_data
    return True


_DECODERS: dict[str, Callable[[bytes, int], tuple[bytes, bool]]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _br,
    "zstd": _zstd,
}
