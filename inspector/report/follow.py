"""What the two sides of a connection said, as text, hex or JSON."""

from __future__ import annotations

import base64
import codecs
import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from inspector.i18n import _, ngettext
from inspector.recording.turns import Turn
from inspector.report.clean import clean_block

if TYPE_CHECKING:
    from inspector.recording.connection import Connection
    from inspector.recording.streams import Stream

__all__ = ["gap_text", "heading", "hex_lines", "json_lines", "remarks", "text_parts"]

_BYTES_PER_ROW = 16
_PRINTABLE = bytes(byte if 32 <= byte < 127 else ord(".") for byte in range(256))
_MOST_REMARKS = 10
"""Conflicts and ignored packets named one by one; of the rest only their number is told."""


def text_parts(turns: Iterable[Turn], roles: list[str], connection: Connection) -> Iterator[str]:
    """The turns as text, decoded as UTF-8 across segment borders; bytes that are not UTF-8 as ``\\xNN``.

    Line ends become newlines; other control and direction characters become visible tokens.

    Args:
        turns: From ``take_turns``.
        roles: ``"client"`` or ``"server"`` for each stream; headings separate them when there are two.
        connection: Whose turns they are.
    """
    decoders = [codecs.getincrementaldecoder("utf-8")("backslashreplace") for _role in roles]
    held = ["" for _role in roles]  # a carriage return whose newline may come next
    at_line_start = True
    speaker = -1
    for turn in turns:
        if turn.side != speaker and len(roles) > 1 and turn.data is not None:
            yield ("" if at_line_start else "\n") + heading(turn, roles[turn.side], connection) + "\n"
            speaker, at_line_start = turn.side, True
        decoder = decoders[turn.side]
        if turn.data is None:
            raw, piece = held[turn.side] + decoder.decode(b"", True), gap_text(turn, roles)
            decoder.reset()
            held[turn.side] = ""
        else:
            raw, piece = held[turn.side] + decoder.decode(turn.data), ""
            held[turn.side] = "\r" if raw.endswith("\r") else ""
            raw = raw[: len(raw) - len(held[turn.side])]
        text = clean_block(raw.replace("\r\n", "\n")) + piece
        if text:
            at_line_start = text.endswith("\n")
            yield text
    for rest, decoder in zip(held, decoders, strict=True):
        text = clean_block(rest + decoder.decode(b"", True))
        if text:
            at_line_start = False
            yield text
    if not at_line_start:
        yield "\n"


def hex_lines(turns: Iterable[Turn], roles: list[str], connection: Connection) -> Iterator[str]:
    """The turns as rows of hex and ASCII; the number in front is the position in that side's stream."""
    speaker = -1
    for turn in turns:
        if turn.data is None:
            yield gap_text(turn, roles)
            continue
        if turn.side != speaker and len(roles) > 1:
            yield heading(turn, roles[turn.side], connection)
            speaker = turn.side
        for at in range(0, len(turn.data), _BYTES_PER_ROW):
            row = turn.data[at : at + _BYTES_PER_ROW]
            digits = row[:8].hex(" ") + "  " + row[8:].hex(" ")
            yield f"{turn.start + at:08x}  {digits:<49} {row.translate(_PRINTABLE).decode('ascii')}"


def json_lines(turns: Iterable[Turn], roles: list[str]) -> Iterator[str]:
    """One JSON object per turn; bytes as base64, and gaps as ``missing`` bytes."""
    for turn in turns:
        row: dict[str, object] = {"side": roles[turn.side], "start": turn.start, "end": turn.end}
        if turn.data is None:
            row["missing"] = turn.end - turn.start
        else:
            row["packet"], row["time_ns"] = turn.packet, turn.time_ns
            row["data"] = base64.b64encode(turn.data).decode("ascii")
        yield json.dumps(row)


def heading(turn: Turn, role: str, connection: Connection) -> str:
    """The line above a turn: who speaks, from which packet on, and when."""
    endpoint = connection.client if role == "client" else connection.server
    seconds = ((turn.time_ns or connection.start_ns) - connection.start_ns) / 1e9
    words = (
        _("client {endpoint}, packet {packet}, {seconds} s")
        if role == "client"
        else _("server {endpoint}, packet {packet}, {seconds} s")
    )
    arrow = ">>>" if role == "client" else "<<<"
    return f"{arrow} " + words.format(endpoint=endpoint, packet=turn.packet, seconds=f"{seconds:.6f}")


def gap_text(turn: Turn, roles: list[str]) -> str:
    """``[1,448 bytes missing]``, and whose they are when both sides are shown."""
    count = turn.end - turn.start
    if len(roles) == 1:
        text = ngettext("[{count} byte missing]", "[{count} bytes missing]", count)
    elif roles[turn.side] == "client":
        text = ngettext("[{count} byte of the client missing]", "[{count} bytes of the client missing]", count)
    else:
        text = ngettext("[{count} byte of the server missing]", "[{count} bytes of the server missing]", count)
    return text.format(count=f"{count:,}")


def remarks(streams: list[Stream], roles: list[str]) -> Iterator[str]:
    """Sentences about bytes that are not shown: copies that differ, and payload that does not belong."""
    for stream, role in zip(streams, roles, strict=True):
        side = _("client") if role == "client" else _("server")
        for conflict in stream.conflicts[:_MOST_REMARKS]:
            yield _(
                "{side}: bytes {start} to {end} came again with other content in packet {packet}; the first copy is shown"
            ).format(side=side, start=conflict.start, end=conflict.end - 1, packet=conflict.packet)
        if len(stream.conflicts) > _MOST_REMARKS:
            yield _("{side}: {count} conflicts in all").format(side=side, count=len(stream.conflicts))
        if stream.ignored:
            numbers = ", ".join(map(str, stream.ignored[:_MOST_REMARKS]))
            more = ", …" if len(stream.ignored) > _MOST_REMARKS else ""
            yield _("{side}: payload outside of the stream is left out, in packets {numbers}").format(
                side=side, numbers=numbers + more
            )
