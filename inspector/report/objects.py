"""Files that were transferred, written out: names made safe, nothing overwritten, sizes capped."""

from __future__ import annotations

import mimetypes
import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote_to_bytes

from inspector.recording.http import HttpExchange
from inspector.wire.forms import media_type, multipart_parts

__all__ = ["safe_name", "write_objects"]

_LONGEST_NAME = 120
"""Bytes of a file name; file systems take 255, and archives and other systems less."""
_MOST_FILES = 10_000
_MOST_BYTES = 2 << 30
"""Bytes written in all: a capture of compression bombs must not fill the disk."""
# Names that Windows takes for devices, with any extension.
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_UNSAFE = re.compile(r'[\\/:*?"<>|]')


def write_objects(exchanges: Iterable[HttpExchange], folder: Path) -> list[tuple[HttpExchange, Path, int]]:
    """Write response bodies and uploaded files into ``folder``, which is made if it is missing.

    Returns:
        (exchange, file, bytes) of each file written; it stops at 10,000 files or 2 GiB.

    Raises:
        OSError: If the folder cannot be written to.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written: list[tuple[HttpExchange, Path, int]] = []
    total = 0
    for item in exchanges:
        for name, data in _objects(item):
            if len(written) >= _MOST_FILES or total + len(data) > _MOST_BYTES:
                return written
            path = _write(folder, f"{item.number:05}-{name}", data)
            written.append((item, path, len(data)))
            total += len(data)
    return written


def _objects(item: HttpExchange) -> list[tuple[str, bytes]]:
    """What the exchange carried: files in the request's form, then the response's body."""
    found = []
    request, response = item.exchange.request, item.exchange.response
    if request is not None and request.body_length:
        kind = request.header("content-type") or b""
        if media_type(kind)[0] == "multipart/form-data":
            parts = multipart_parts(item.content(request).data, kind)
            found += [(safe_name(part.filename), part.data) for part in parts if part.filename]
    if response is not None and response.body_length and item.protocol is None:
        target = (request.target if request is not None else None) or b""
        last = unquote_to_bytes(target.partition(b"?")[0].rpartition(b"/")[2]).decode("utf-8", "replace")
        name = safe_name(last)
        if "." not in name:
            name += mimetypes.guess_extension(media_type(response.header("content-type"))[0]) or ""
        found.append((name, item.content(response).data))
    return found


def safe_name(name: str) -> str:
    """A file name out of captured text: one path component, nothing hidden, no control or direction characters."""
    visible = "".join("_" if unicodedata.category(c)[0] in "CZ" and c != " " else c for c in name)
    plain = _UNSAFE.sub("_", visible).strip(". ")
    if _DEVICES.fullmatch(plain):
        plain = f"_{plain}"
    stem, dot, suffix = plain.rpartition(".")
    if dot and len(suffix) <= 10:
        room = _LONGEST_NAME - len(suffix.encode()) - 1
        return (_cut(stem, room) + dot + suffix) or "object"
    return _cut(plain, _LONGEST_NAME) or "object"


def _cut(text: str, most: int) -> str:
    return text.encode("utf-8", "replace")[:most].decode("utf-8", "ignore")


def _write(folder: Path, name: str, data: bytes) -> Path:
    """Write to a new file; where the name is taken a number is added."""
    path = folder / name
    for attempt in range(1, _MOST_FILES):
        try:
            # "x" fails where anything is there already, a link included.
            with path.open("xb") as file:
                file.write(data)
            return path
        except FileExistsError:
            path = folder / f"{attempt}-{name}"
    raise FileExistsError(name)
