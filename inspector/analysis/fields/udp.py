"""Fields of UDP: ``udp.*``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.fields.field import Field, both, declared
from inspector.analysis.fields.values import HEX16, NUMBER, SECONDS, Kind, Values
from inspector.analysis.fields.window import Headers, Window
from inspector.i18n import N_
from inspector.proto import LayerKind

__all__ = ["UDP_FIELDS"]

_HEADER = 8
_UNVERIFIED, _ABSENT, _ILLEGAL = 2, 3, 4
"""Checksum states: not verified (tshark's default), none sent (IPv4 allows it), zero over IPv6 (RFC 8200 section 8.1)."""


def _possible_length(_window: Window, found: Headers) -> NDArray[np.bool_]:
    """The length is at least the header's; without that tshark shows nothing behind it."""
    return found.number(32, 16) >= _HEADER


def _datagrams(
    name: str,
    kind: Kind,
    meaning: str,
    column: Callable[[Window, slice], NDArray[Any]],
    only: Callable[[Window, Headers], NDArray[np.bool_]] = _possible_length,
) -> Field:
    """A field with one value per datagram, made from tables by row."""

    def extract(window: Window) -> Values:
        found = window.headers(LayerKind.UDP)
        return found.values(column(window, window.datagrams), found.fits(_HEADER) & only(window, found))

    return Field(name, kind, meaning, extract)


def _checksum_status(window: Window, rows: slice) -> NDArray[np.int64]:
    capture = window.capture
    over_ipv6 = capture.flows.version[capture.datagrams.flow[rows]] == 6
    absent = window.headers(LayerKind.UDP).number(48, 16) == 0
    return np.where(absent, np.where(over_ipv6, _ILLEGAL, _ABSENT), _UNVERIFIED)


def _timed(window: Window, _found: Headers) -> NDArray[np.bool_]:
    return window.facts.datagram_timed[window.datagrams]


_SRCPORT = declared("udp.srcport", NUMBER, needs=4)
_DSTPORT = declared("udp.dstport", NUMBER)

UDP_FIELDS = (
    _SRCPORT,
    _DSTPORT,
    both("udp.port", N_("Either port."), _SRCPORT, _DSTPORT),
    declared("udp.length", NUMBER),
    declared("udp.checksum", HEX16, only=_possible_length),
    _datagrams(
        "udp.checksum.status", NUMBER, N_("2: not verified, 3: none was sent, 4: wrongly zero."), _checksum_status
    ),
    _datagrams(
        "udp.stream",
        NUMBER,
        N_("Number of the pair of endpoints, from 0 in order of first packets."),
        lambda window, rows: window.facts.datagram_stream[rows],
    ),
    _datagrams(
        "udp.time_relative",
        SECONDS,
        N_("Time since the first packet of these endpoints."),
        lambda window, rows: window.facts.datagram_times.relative[rows],
        _timed,
    ),
    _datagrams(
        "udp.time_delta",
        SECONDS,
        N_("Time since the packet before of these endpoints."),
        lambda window, rows: window.facts.datagram_times.delta[rows],
        _timed,
    ),
)
