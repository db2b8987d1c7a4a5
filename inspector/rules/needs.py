"""What a connection must offer so that a rule can judge it."""

from __future__ import annotations

from enum import Enum
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.facts import Facts
from inspector.i18n import N_
from inspector.model.finding import Text
from inspector.model.grade import Grade

__all__ = ["Need", "eligible", "missing"]


class Need(Enum):
    """A requirement of a rule; the value says why it cannot be judged without (translatable)."""

    TCP = N_("There is no TCP connection.")
    CAPTURED = N_("TCP and IP headers were made by the program that recorded this: they say nothing about the network.")
    AS_SENT = N_(
        "The bytes were written anew from what another program kept: frames, compression and pings are not those of the wire."
    )
    BOTH_DIRECTIONS = N_("Only one direction was captured.")
    HANDSHAKE = N_("The beginning of the connection was not captured.")
    HTTP = N_("No HTTP request was seen.")
    HTTP2 = N_("No HTTP/2 was seen.")
    WEBSOCKET = N_("No WebSocket was seen.")
    UPGRADE = N_("No request for a WebSocket was seen.")
    TLS = N_("No TLS connection was seen.")
    DNS = N_("No DNS lookup was seen.")
    TRACE = N_("The server's trace is needed: give it with --trace.")

    @property
    def word(self) -> str:
        """What is needed, in a word or two (translatable)."""
        return _NAMES[self]


_NAMES = {
    Need.TCP: N_("tcp"),
    Need.CAPTURED: N_("captured"),
    Need.AS_SENT: N_("as sent"),
    Need.BOTH_DIRECTIONS: N_("both directions"),
    Need.HANDSHAKE: N_("handshake"),
    Need.HTTP: N_("http"),
    Need.HTTP2: N_("http2"),
    Need.WEBSOCKET: N_("websocket"),
    Need.UPGRADE: N_("upgrade"),
    Need.TLS: N_("tls"),
    Need.DNS: N_("dns"),
    Need.TRACE: N_("trace"),
}
_OF_CAPTURE = (Need.DNS, Need.TRACE)
"""Needs that the capture as a whole meets or does not."""
_MASKS: WeakKeyDictionary[Facts, dict[Need, NDArray[np.bool_]]] = WeakKeyDictionary()
"""Which connections meet a need, worked out once for all rules that have it."""


def eligible(facts: Facts, needs: tuple[Need, ...]) -> NDArray[np.bool_]:
    """Which connections meet all needs; shape (connections,)."""
    mask = np.ones(len(facts.table), np.bool_)
    for need in needs:
        if need not in _OF_CAPTURE:
            mask &= _mask(facts, need)
    return mask


def missing(facts: Facts, needs: tuple[Need, ...]) -> Text | None:
    """Why nothing in the capture can be judged by a rule with these needs; None when something can."""
    mask = np.ones(len(facts.table), np.bool_)
    for need in needs:
        if need is Need.DNS:
            met = bool(facts.lookups)
        elif need is Need.TRACE:
            met = facts.trace is not None
        else:
            mask &= _mask(facts, need)
            met = bool(mask.any())
        if not met:
            return Text(need.value)
    return None


def _mask(facts: Facts, need: Need) -> NDArray[np.bool_]:
    masks = _MASKS.setdefault(facts, {})
    if need not in masks:
        masks[need] = _meeting(facts, need)
    return masks[need]


def _meeting(facts: Facts, need: Need) -> NDArray[np.bool_]:
    table = facts.table
    if need is Need.CAPTURED:
        return np.equal(facts.grades, Grade.CAPTURED)
    if need is Need.AS_SENT:
        return np.not_equal(facts.grades, Grade.RECONSTRUCTED)
    if need is Need.BOTH_DIRECTIONS:
        return np.logical_and(table.packets_a > 0, table.packets_b > 0)
    if need is Need.HANDSHAKE:
        return np.logical_and(table.syn_packet >= 0, table.syn_ack_packet >= 0)
    mask = np.zeros(len(table), np.bool_)
    if need is Need.TCP:
        mask[:] = True
    elif need is Need.HTTP:
        mask[[e.connection for e in facts.exchanges]] = True
    elif need is Need.HTTP2:
        mask[list(facts.http2)] = True
    elif need is Need.WEBSOCKET:
        mask[[w.connection for w in facts.websockets.connections]] = True
    elif need is Need.UPGRADE:
        mask[[u.connection for u in facts.upgrades]] = True
        mask[[c.connection for c in facts.connects]] = True
    else:
        mask[[session.connection for session in facts.tls_sessions]] = True
    return mask
