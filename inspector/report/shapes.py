"""Geometry of the drawings in a page: ladders, waterfalls, rows of bytes. Templates draw what is told here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["Arrow", "Bar", "JourneyRow", "JourneyShape", "LadderShape", "Piece", "hex_rows", "waterfall_shape"]

# Any: JSON.
Json = dict[str, Any]

_STEP = 34
_PAUSE = 22
_TOP = 46
_ROW_OCTETS = 16
_JOURNEY_ROW = 26
_CHARACTER = 7
"""Width of a character of a label; Korean ones are wider, and their labels shorter."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """An arrow's place: ``y``, and ``x`` from the sender's line to the receiver's."""

    y: int
    x1: int
    x2: int
    pause_y: int | None
    row: Json

    @property
    def head(self) -> str:
        """Points of the arrow's head."""
        back = -9 if self.x2 > self.x1 else 9
        return f"{self.x2},{self.y} {self.x2 + back},{self.y - 4.5} {self.x2 + back},{self.y + 4.5}"

    @property
    def room(self) -> int:
        """Characters that fit between the lines."""
        return abs(self.x2 - self.x1) // _CHARACTER

    @property
    def middle(self) -> float:
        """Where its label stands."""
        return (self.x1 + self.x2) / 2


class LadderShape:
    """Places of a ladder's lines and arrows.

    Args:
        ladder: As in the report; arrows with a ``leg`` make three lifelines.
    """

    width = 940

    def __init__(self, ladder: Json) -> None:
        arrows = ladder["arrows"]
        legs = any("leg" in row for row in arrows)
        self.lines = [150, 470, 790] if legs else [190, 750]
        self.arrows: list[Arrow] = []
        y = _TOP
        for row in arrows:
            pause_y = None
            if row["pause_ns"] is not None:
                pause_y = y + 2
                y += _PAUSE
            left = row.get("leg", 0)
            ends = self.lines[left], self.lines[left + 1]
            if not row["from_client"]:
                ends = ends[::-1]
            self.arrows.append(Arrow(y + 14, *ends, pause_y, row))
            y += _STEP
        self.height = y + 16


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of time or a mark in the row of a journey."""

    code: str
    x: float
    width: float = 0.0


@dataclass(frozen=True, slots=True)
class JourneyRow:
    """One party of a journey: the sender, a recipient, or a member that got nothing (``took_ns`` None)."""

    name: str
    y: int
    from_x: float | None
    parts: list[Piece]
    marks: list[Piece]
    took_ns: int | None


class JourneyShape:
    """Places in the picture of a journey: a row per party, time to the right.

    Args:
        journey: As in the report.
    """

    width, left, right = 940, 120, 830

    def __init__(self, journey: Json) -> None:
        times = [hop["at_ns"] for part in (journey, *journey["recipients"]) for hop in part["hops"]]
        times += [arrival["at_ns"] for arrival in journey["recipients"] if arrival["at_ns"] is not None]
        self._start = journey["at_ns"]
        self._span = max([time - self._start for time in times], default=0) or 1
        marks = [Piece(hop["code"], self._x(hop["at_ns"])) for hop in journey["hops"]]
        marks = marks or [Piece("wire", self._x(self._start))]  # without a trace: only that it was sent
        branch = marks[-1].x
        self.rows = [JourneyRow(f"#{journey['connection']}", _JOURNEY_ROW, None, [], marks, 0)]
        for arrival in journey["recipients"]:
            self._add(
                f"→ #{arrival['connection']}", branch, self._parts(arrival), self._marks(arrival), arrival["latency_ns"]
            )
        gone = [item for item in journey["missing"] if item["code"] != "nothing_sent"]
        self.lost = len(gone)
        for item in gone:
            self._add(f"✕ #{item['connection']}" if item["connection"] is not None else "✕", branch, [], [], None)
        self.height = _JOURNEY_ROW * (len(self.rows) + 1)

    def _add(self, name: str, branch: float, parts: list[Piece], marks: list[Piece], took_ns: int | None) -> None:
        self.rows.append(JourneyRow(name, _JOURNEY_ROW * (len(self.rows) + 1), branch, parts, marks, took_ns))

    def _parts(self, arrival: Json) -> list[Piece]:
        at = {hop["code"]: hop for hop in arrival["hops"]}
        stretches = []
        if not at.keys() & {"queue", "handler", "tx"} and arrival["at_ns"] is not None:
            stretches.append(("untraced", self._start, arrival["at_ns"]))
        if "queue" in at and at["queue"]["duration_ns"] is not None:
            stretches.append(("queue", at["queue"]["at_ns"] - at["queue"]["duration_ns"], at["queue"]["at_ns"]))
        if "handler" in at and "tx" in at:
            stretches.append(("handler", at["handler"]["at_ns"], at["tx"]["at_ns"]))
        if "tx" in at and arrival["at_ns"] is not None:
            stretches.append(("out", at["tx"]["at_ns"], arrival["at_ns"]))
        return [
            Piece(code, self._x(start), max(self._x(end) - self._x(start), 1.0))
            for code, start, end in stretches
            if end >= start
        ]

    def _marks(self, arrival: Json) -> list[Piece]:
        return [Piece("wire", self._x(arrival["at_ns"]))] if arrival["at_ns"] is not None else []

    def _x(self, time_ns: int) -> float:
        share: float = min(max((time_ns - self._start) / self._span, 0.0), 1.0)
        return round(self.left + share * (self.right - self.left), 1)


@dataclass(frozen=True, slots=True)
class Bar:
    """One phase of an exchange: its name, where it begins and how long it is, in per cent of the whole width."""

    name: str
    left: float
    width: float


def waterfall_shape(rows: list[Json], most: int = 40) -> list[tuple[Json, list[Bar]]]:
    """The first exchanges with the bars of their phases."""
    shown = [row for row in rows[:most] if row["start_ns"] is not None]
    if not shown:
        return []
    begin = min(row["start_ns"] - (row["phases"]["connect_ns"] or 0) for row in shown)
    end = max(row["start_ns"] + sum(_known(row).values()) for row in shown)
    scale = 100 / max(end - begin, 1)
    found = []
    for row in shown:
        bars = []
        phases = _known(row)
        at = (row["start_ns"] - begin) * scale
        if row["phases"]["connect_ns"]:
            connect = row["phases"]["connect_ns"] * scale
            bars.append(Bar("connect", max(at - connect, 0), max(connect, 0.15)))
        for name, length in phases.items():
            if row["phases"][f"{name}_ns"] is None:
                continue
            bars.append(Bar(name, at, max(length * scale, 0.15)))
            at += length * scale
        if row["status"] is None:
            bars.append(Bar("unknown", at, max(100 - at, 0.5)))
        found.append((row, bars))
    return found


def _known(row: Json) -> dict[str, int]:
    return {name: row["phases"][f"{name}_ns"] or 0 for name in ("send", "wait", "receive")}


def hex_rows(data: str, start: int, marked: list[int]) -> list[Json]:
    """Bytes in hexadecimal, sixteen to a row, in runs that are marked or not.

    Args:
        data: The bytes, in hexadecimal.
        start: Offset of the first one.
        marked: First byte marked and the one behind the last.
    """
    octets = bytes.fromhex(data)
    rows = []
    for at in range(0, len(octets), _ROW_OCTETS):
        row = octets[at : at + _ROW_OCTETS]
        runs: list[list[Any]] = []
        for index, octet in enumerate(row):
            inside = marked[0] <= start + at + index < marked[1]
            if not runs or runs[-1][1] != inside:
                runs.append([[], inside])
            runs[-1][0].append(f"{octet:02x}")
        text = "".join(chr(octet) if 32 <= octet < 127 else "·" for octet in row)
        rows.append(
            {"offset": f"{start + at:04x}", "runs": [(" ".join(run), inside) for run, inside in runs], "text": text}
        )
    return rows
