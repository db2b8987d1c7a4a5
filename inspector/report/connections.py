"""Lists of connections and UDP conversations as text, JSON lines and a terminal table.

Columns are turned into text column by column: a capture may hold hundreds of thousands of connections.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from inspector.errors import UsageError
from inspector.i18n import _
from inspector.model.ending import Ending
from inspector.model.endpoint import address_texts, endpoint_text
from inspector.model.grade import Grade
from inspector.model.tables import Connections, UdpConversations
from inspector.recording.grades import connection_grades
from inspector.report.duration import duration_text

if TYPE_CHECKING:
    from rich.table import Table

    from inspector.recording.capture import Capture

__all__ = ["SORTS", "ConnectionList", "ending_texts", "list_connections", "list_udp"]

SORTS = ("number", "start", "duration", "packets", "bytes", "rtt", "resent", "missing", "ending")
"""Orders: by number and start rising, by ending's name, by all others with the largest first."""

_FLAGS = ("guess", "resent", "missing", "unseen", "zero-window", "syn-repeated", "after-reset", "strays")
"""guess: who is the client is a guess; unseen: acknowledged bytes that were not captured; after-reset: the side that
reset went on sending; strays: segments too far away to belong to the stream."""

_FLAG_TEXTS = [
    ",".join(name for place, name in enumerate(_FLAGS) if number >> place & 1) for number in range(1 << len(_FLAGS))
]
"""Text of every combination, the first flag in the lowest bit."""

# Any: columns of several types, and JSON.
_Column = NDArray[Any]


_CHUNK = 4096
"""Rows turned into text at a time, so that memory does not grow with the list."""

_Columns = dict[str, list[str]]


class ConnectionList:
    """Chosen rows in order, turned into text when asked for."""

    def __init__(
        self,
        rows: NDArray[np.intp],
        texts: Callable[[NDArray[np.intp]], _Columns],
        objects: Callable[[NDArray[np.intp]], _Columns],
    ) -> None:
        self._rows, self._texts, self._objects = rows, texts, objects

    @property
    def texts(self) -> _Columns:
        """All columns as printed, by heading."""
        return self._texts(self._rows)

    def lines(self) -> Iterator[str]:
        """Tab-separated lines, the headings first."""
        yield "\t".join(self._texts(self._rows[:0]))
        for rows in self._chunks():
            yield from map("\t".join, zip(*self._texts(rows).values(), strict=True))

    def json_lines(self) -> Iterator[str]:
        """One JSON object per row."""
        for rows in self._chunks():
            columns = self._objects(rows)
            template = "{" + ", ".join(f'"{key}": %s' for key in columns) + "}"
            yield from (template % row for row in zip(*columns.values(), strict=True))

    def table(self, width: int) -> Table:
        """A table for a terminal.

        Args:
            width: Its columns: where one line for each connection is too wide, related values stand below each other.
        """
        from rich.cells import cell_len
        from rich.table import Table
        from rich.text import Text

        columns = self.texts
        sides = {
            name: [
                f"{int(client):,} / {int(server):,}"
                for client, server in zip(columns[f"client_{name}"], columns[f"server_{name}"], strict=True)
            ]
            for name in ("packets", "bytes")
        }
        shown = {
            "#": columns["number"],
            _("client"): columns["client"],
            _("server"): columns["server"],
            _("start s"): [f"{float(value):.3f}" for value in columns["start_s"]],
            _("duration s"): [f"{float(value):.3f}" for value in columns["duration_s"]],
            _("packets"): sides["packets"],
            _("bytes"): sides["bytes"],
        }
        words = {_("client"), _("server")}
        if "ending" in columns:
            shown[_("rtt ms")] = [value if value == "-" else f"{float(value):.1f}" for value in columns["rtt_ms"]]
            shown[_("ending")] = columns["ending"]
            shown[_("flags")] = [value.replace(",", " ") for value in columns["flags"]]
        widths = (max(map(cell_len, (heading, *values))) for heading, values in shown.items())
        if sum(widths) + 2 * (len(shown) - 1) > width:
            names = list(shown)
            pairs = [names[:1], names[1:3], names[3:5], names[5:7], names[7:8], names[8:]]
            shown = {
                "\n".join(pair): ["\n".join(cells) for cells in zip(*(shown[name] for name in pair), strict=True)]
                for pair in pairs
                if pair
            }
        table = Table(box=None, header_style="bold", pad_edge=False)
        for heading in shown:
            told = heading.partition("\n")[0] in (_("ending"), _("flags"))
            left = told or heading.partition("\n")[0] in words
            # Nothing is cut off: an address that has no room goes on in the next line.
            table.add_column(
                heading,
                justify="left" if left else "right",
                overflow="fold",
                min_width=8 if told else None,
                no_wrap=not left,
            )
        for row in zip(*shown.values(), strict=True):
            table.add_row(*map(Text, row))
        return table

    def _chunks(self) -> Iterator[NDArray[np.intp]]:
        return (self._rows[first : first + _CHUNK] for first in range(0, len(self._rows), _CHUNK))


def list_connections(capture: Capture, sort: str = "number", limit: int | None = None) -> ConnectionList:
    """The TCP connections.

    Args:
        capture: The capture.
        sort: One of ``SORTS``.
        limit: Only the first so many of them.
    """
    table = capture.connections
    templates = _ending_templates()
    grade, codes = connection_grades(capture), [grade.code for grade in Grade]

    def texts(rows: NDArray[np.intp]) -> _Columns:
        rtt_ns = table.rtt_ns[rows].tolist()
        return {
            "number": list(map(str, rows.tolist())),
            **_Oriented(capture, table, table.likely_client, rows).texts(),
            "rtt_ms": [f"{value / 1e6:.3f}" if value >= 0 else "-" for value in rtt_ns],
            "ending": _endings(capture, table, rows, templates),
            "flags": [text or "-" for text in _flags(table, rows)],
        }

    def objects(rows: NDArray[np.intp]) -> _Columns:
        pair = _Oriented(capture, table, table.likely_client, rows)
        rtt_ns, ended_by = table.rtt_ns[rows], table.ended_by[rows]
        return {
            "number": list(map(str, rows.tolist())),
            **pair.objects("client_observed", table.client[rows] >= 0),
            **{name: pair.both(name) for name in ("resent", "missing", "unseen", "duplicates", "zero_windows")},
            "rtt_ns": _or_null(rtt_ns, rtt_ns >= 0),
            "rtt_plausible": _booleans(table.rtt_plausible[rows]),
            "grade": [f'"{codes[value]}"' for value in grade[rows].tolist()],
            "ending": [f'"{_CODES[code]}"' for code in table.ending[rows].tolist()],
            "ended_by": pair.role(ended_by),
            "reset_by": pair.role(table.rst_from[rows]),
            "end_packet": _or_null(table.end_packet[rows] + 1, ended_by >= 0),
            "end_ns": _or_null(_end_ns(capture, table, rows), ended_by >= 0),
            "flags": ['["' + text.replace(",", '", "') + '"]' if text else "[]" for text in _flags(table, rows)],
        }

    return ConnectionList(_order(table, sort)[:limit], texts, objects)


def list_udp(capture: Capture, sort: str = "number", limit: int | None = None) -> ConnectionList:
    """The UDP conversations; the client is the side that sent first.

    Raises:
        UsageError: If UDP has no such facts to sort by.
    """
    table = capture.udp_conversations

    def texts(rows: NDArray[np.intp]) -> _Columns:
        return {"number": list(map(str, rows.tolist())), **_Oriented(capture, table, table.client, rows).texts()}

    def objects(rows: NDArray[np.intp]) -> _Columns:
        pair = _Oriented(capture, table, table.client, rows)
        observed = np.zeros(len(rows), np.bool_)
        return {"number": list(map(str, rows.tolist())), **pair.objects("client_observed", observed)}

    return ConnectionList(_order(table, sort)[:limit], texts, objects)


class _Oriented:
    """Columns of a table as client and server, for chosen rows."""

    def __init__(
        self, capture: Capture, table: Connections | UdpConversations, client: NDArray[np.int8], rows: NDArray[np.intp]
    ) -> None:
        self._table, self._rows = table, rows
        self._begin_ns = int(capture.packets.time_ns[0]) if len(capture.packets) else 0
        self._client = client[rows]
        self._b_is_client = self._client == 1
        flows, flow = capture.flows, table.flow[rows]
        swap = self._b_is_client
        self.addresses: list[list[str]] = []
        self.ports: list[list[int]] = []
        for first, second in (("b", "a"), ("a", "b")):
            high, low, port = (
                np.where(swap, getattr(flows, f"{first}_{part}")[flow], getattr(flows, f"{second}_{part}")[flow])
                for part in ("high", "low", "port")
            )
            distinct, index = address_texts(high, low, flows.version[flow])
            self.addresses.append([distinct[i] for i in index.tolist()])
            self.ports.append(port.tolist())
        self.start_ns = table.first_time_ns[rows]
        self.duration_ns = table.last_time_ns[rows] - self.start_ns
        self.pairs = {name: self._pair(name) for name in ("packets", "bytes", "payload")}

    def _pair(self, name: str) -> tuple[list[int], list[int]]:
        a, b = getattr(self._table, f"{name}_a")[self._rows], getattr(self._table, f"{name}_b")[self._rows]
        return np.where(self._b_is_client, b, a).tolist(), np.where(self._b_is_client, a, b).tolist()

    def both(self, name: str) -> list[str]:
        """A column pair as JSON ``{"client": n, "server": n}``."""
        pair = self.pairs.get(name) or self._pair(name)
        return [f'{{"client": {client}, "server": {server}}}' for client, server in zip(*pair, strict=True)]

    def role(self, side: _Column) -> list[str]:
        """Sides as JSON ``"client"``, ``"server"`` or null."""
        names = np.where(side < 0, "null", np.where(side == self._client, '"client"', '"server"'))
        return [str(name) for name in names.tolist()]

    def texts(self) -> _Columns:
        """The columns that all lists share."""
        begin = self._begin_ns
        ends = [
            list(map(endpoint_text, addresses, ports))
            for addresses, ports in zip(self.addresses, self.ports, strict=True)
        ]
        return {
            "client": ends[0],
            "server": ends[1],
            "start_s": [f"{value / 1e9:.6f}" for value in (self.start_ns - begin).tolist()],
            "duration_s": [f"{value / 1e9:.6f}" for value in self.duration_ns.tolist()],
            "client_packets": list(map(str, self.pairs["packets"][0])),
            "server_packets": list(map(str, self.pairs["packets"][1])),
            "client_bytes": list(map(str, self.pairs["bytes"][0])),
            "server_bytes": list(map(str, self.pairs["bytes"][1])),
        }

    def objects(self, flag: str, observed: NDArray[np.bool_]) -> _Columns:
        """The JSON columns that all lists share."""
        ends = [
            [f'{{"address": "{a}", "port": {p}}}' for a, p in zip(addresses, ports, strict=True)]
            for addresses, ports in zip(self.addresses, self.ports, strict=True)
        ]
        return {
            "client": ends[0],
            "server": ends[1],
            flag: _booleans(observed),
            "start_ns": list(map(str, self.start_ns.tolist())),
            "duration_ns": list(map(str, self.duration_ns.tolist())),
            "first_packet": list(map(str, (self._table.first_packet[self._rows] + 1).tolist())),
            "last_packet": list(map(str, (self._table.last_packet[self._rows] + 1).tolist())),
            **{name: self.both(name) for name in ("packets", "bytes", "payload")},
        }


def _order(table: Connections | UdpConversations, sort: str) -> NDArray[np.intp]:
    """Rows in the order asked for."""
    if sort == "number":
        return np.arange(len(table))
    if sort == "start":
        return np.argsort(table.first_time_ns, kind="stable")
    if sort == "duration":
        key: _Column = table.last_time_ns - table.first_time_ns
    elif sort in ("packets", "bytes"):
        key = getattr(table, f"{sort}_a") + getattr(table, f"{sort}_b")
    elif isinstance(table, UdpConversations):
        raise UsageError(_("UDP conversations have no {fact} to sort by").format(fact=sort))
    elif sort == "ending":
        names = np.array(_CODES)[table.ending]
        return np.argsort(names, kind="stable")
    elif sort == "rtt":
        key = table.rtt_ns
    else:
        key = getattr(table, f"{sort}_a") + getattr(table, f"{sort}_b")
    return np.argsort(-key.astype(np.int64), kind="stable")


_CODES = [ending.code for ending in Ending]


def ending_texts(capture: Capture, rows: NDArray[np.intp]) -> list[str]:
    """How each of these connections ended, in words."""
    return _endings(capture, capture.connections, rows, _ending_templates())


def _ending_templates() -> list[str]:
    """Sentences by ``ending * 4 + (ended by the server) * 2 + (reset by the server)``; ``%s`` is the time."""
    closed = _("client closed after {time}"), _("server closed after {time}")
    half = _("client closed after {time}, server did not"), _("server closed after {time}, client did not")
    reset = _("client reset after {time}"), _("server reset after {time}")
    after_fin = (
        (_("client closed, client reset after {time}"), _("client closed, server reset after {time}")),
        (_("server closed, client reset after {time}"), _("server closed, server reset after {time}")),
    )
    refused = _("server refused after {time}")
    rows = {
        Ending.OPEN: [_("still open")] * 4,
        Ending.CLOSED: [closed[0], closed[0], closed[1], closed[1]],
        Ending.HALF_CLOSED: [half[0], half[0], half[1], half[1]],
        Ending.RESET: [reset[0], reset[0], reset[1], reset[1]],
        Ending.RESET_AFTER_FIN: [*after_fin[0], *after_fin[1]],
        Ending.REFUSED: [refused] * 4,
        Ending.UNANSWERED: [_("no answer")] * 4,
        Ending.QUOTED: [_("only quoted in ICMP errors")] * 4,
    }
    return [text.format(time="%s") for ending in Ending for text in rows[ending]]


def _end_ns(capture: Capture, table: Connections, rows: NDArray[np.intp]) -> NDArray[np.int64]:
    """When each connection ended, in nanoseconds after its start; 0 while open."""
    if not len(rows):
        return np.zeros(0, np.int64)
    reset = table.ending[rows] == Ending.RESET_AFTER_FIN
    packet = np.where(reset, table.rst_packet[rows], table.end_packet[rows])
    return np.where(packet >= 0, capture.packets.time_ns[packet] - table.first_time_ns[rows], 0)


def _endings(capture: Capture, table: Connections, rows: NDArray[np.intp], templates: list[str]) -> list[str]:
    """How each connection ended, in words."""
    client = table.likely_client[rows]
    key = 4 * table.ending[rows].astype(np.int64)
    key += 2 * (table.ended_by[rows] == 1 - client) + (table.rst_from[rows] == 1 - client)
    timed = ["%s" in text for text in templates]
    return [
        templates[k] % duration_text(ns) if timed[k] else templates[k]
        for k, ns in zip(key.tolist(), _end_ns(capture, table, rows).tolist(), strict=True)
    ]


def _flags(table: Connections, rows: NDArray[np.intp]) -> list[str]:
    """Names of what is remarkable, joined by commas."""

    def some(name: str) -> NDArray[np.bool_]:
        """Whether either side has any; of these rows only, since the list is made in many parts."""
        return np.asarray((getattr(table, f"{name}_a")[rows] > 0) | (getattr(table, f"{name}_b")[rows] > 0))

    facts = (
        table.client[rows] < 0,
        some("resent"),
        some("missing"),
        some("unseen"),
        some("zero_windows"),
        table.syns[rows] > 1,
        table.after_rst[rows] > 0,
        some("strays"),
    )
    bits = sum(fact.astype(np.int64) << place for place, fact in enumerate(facts))
    return [_FLAG_TEXTS[number] for number in np.asarray(bits).tolist()]


def _booleans(column: _Column) -> list[str]:
    return ["true" if value else "false" for value in column.tolist()]


def _or_null(column: _Column, known: NDArray[np.bool_]) -> list[str]:
    return [str(value) if there else "null" for value, there in zip(column.tolist(), known.tolist(), strict=True)]
