"""The connections table: what the tracking kernel counted, and what follows from it column by column."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.model.ending import Ending
from inspector.model.tables import Connections, Flows, Packets, Segments
from inspector.recording.growing import view
from inspector.recording.track import Tracker

__all__ = ["track_connections"]

# Any: the kernel's columns are of several integer types.
_State = dict[str, NDArray[Any]]

_OF_SIDES = ("packets", "bytes", "payload", "resent", "duplicates", "missing", "strays", "zero_windows")
_AS_THEY_ARE = (
    *("flow", "client", "syns", "syn_acks", "after_rst"),
    *("first_packet", "last_packet", "syn_packet", "syn_ack_packet", "ack_packet", "rst_packet"),
)
_ACKED_KNOWN = 16
"""Bit of the kernel's ``known`` for side A; that of B is one place higher."""
_NEVER = np.iinfo(np.int32).max
"""Sorts behind every row of a packet."""


def track_connections(segments: Segments, packets: Packets, flows: Flows) -> tuple[Connections, NDArray[np.int32]]:
    """Number the connections and gather their facts.

    Returns:
        The table, and the connection of each row of ``segments``.
    """
    tracker = Tracker(len(flows))
    numbers = np.empty(len(segments), np.int32)
    tracker.run(
        view(segments.packet),
        view(segments.flow),
        view(segments.marks),
        view(segments.seq),
        view(segments.ack),
        view(segments.window),
        view(segments.flags),
        view(segments.length),
        view(packets.time_ns),
        view(packets.length),
        view(numbers),
    )
    return _table(tracker.finish(), packets.time_ns, flows), numbers


def _table(state: _State, time_ns: NDArray[np.int64], flows: Flows) -> Connections:
    """Build the table from the kernel's columns."""
    columns = {name: state[name] for name in _AS_THEY_ARE}
    for name in _OF_SIDES:
        columns[f"{name}_a"], columns[f"{name}_b"] = state[name].T
    columns["unseen_a"], columns["unseen_b"] = _unseen(state).T
    columns["last_time_a_ns"], columns["last_time_b_ns"] = state["last_time"].T
    columns["last_time_ns"] = np.maximum(state["last_time"].max(axis=1, initial=-1), state["first_time"])
    columns["first_time_ns"] = state["first_time"]
    columns["fin_a_packet"], columns["fin_b_packet"] = state["fin_packet"].T
    columns["rst_from"] = state["rst_side"]
    columns["rtt_ns"], columns["rtt_plausible"] = _handshake(state, time_ns)
    columns["likely_client"] = _likely_client(state, flows)
    columns["ending"], columns["ended_by"], columns["end_packet"] = _ending(state)
    return Connections.of(columns)


def _unseen(state: _State) -> NDArray[np.int64]:
    """Adds to what was acknowledged inside of holes what was acknowledged beyond the last captured byte."""
    known = (state["known"][:, None] & np.array([_ACKED_KNOWN, _ACKED_KNOWN << 1], np.uint8)) != 0
    beyond = state["acked"] - state["highest"]
    # Farther than the largest window (RFC 7323 section 2.3) it was no acknowledgment of this stream.
    beyond[~known | (beyond < 0) | (beyond > 1 << 30)] = 0
    beyond += state["unseen"]
    return np.asarray(beyond, np.int64)


def _handshake(state: _State, time_ns: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
    """Round trip of each handshake, -1 where not seen whole, and whether it can be taken for one."""
    whole = (state["syn_packet"] >= 0) & (state["syn_ack_packet"] >= 0) & (state["ack_packet"] >= 0)
    rtt_ns = np.full(len(whole), -1, np.int64)
    plausible = np.zeros(len(whole), np.uint8)
    syn, syn_ack, ack = (time_ns[state[name][whole]] for name in ("syn_packet", "syn_ack_packet", "ack_packet"))
    rtt_ns[whole] = np.maximum(ack - syn, 0)
    # Of a repeated SYN nobody knows which copy was answered (Karn's algorithm, RFC 6298 section 3).
    once = (state["syns"][whole] == 1) & (state["syn_acks"][whole] == 1)
    plausible[whole] = once & (syn <= syn_ack) & (syn_ack <= ack) & (syn < ack)
    return rtt_ns, plausible


def _likely_client(state: _State, flows: Flows) -> NDArray[np.int8]:
    """The observed client, else the side with the higher port, else the one that sent first."""
    flow = state["flow"]
    a, b = flows.a_port[flow], flows.b_port[flow]
    guess = np.where(a == b, state["first_side"], np.where(a > b, 0, 1))
    return np.where(state["client"] >= 0, state["client"], guess).astype(np.int8)


def _ending(state: _State) -> tuple[NDArray[np.uint8], NDArray[np.int8], NDArray[np.int32]]:
    """How each connection ended, the side that ended it first (-1: none) and the row of that packet."""
    fin = np.where(state["fin_packet"] < 0, _NEVER, state["fin_packet"])
    rst = np.where(state["rst_packet"] < 0, _NEVER, state["rst_packet"])
    first_fin, last_fin = fin.min(axis=1, initial=_NEVER), fin.max(axis=1, initial=-1)
    packets = state["packets"].sum(axis=1)
    refused = (state["syn_packet"] >= 0) & (state["syn_ack_packet"] < 0) & (state["rst_side"] != state["client"])
    ending = np.select(
        [
            packets == 0,
            (rst < first_fin) & refused,
            rst < first_fin,
            last_fin < rst,
            (first_fin < rst) & (rst < _NEVER),
            first_fin < _NEVER,
            (state["syn_packet"] >= 0) & (packets == state["syns"]),
        ],
        [
            Ending.QUOTED,
            Ending.REFUSED,
            Ending.RESET,
            Ending.CLOSED,
            Ending.RESET_AFTER_FIN,
            Ending.HALF_CLOSED,
            Ending.UNANSWERED,
        ],
        Ending.OPEN,
    )
    reset = rst < first_fin
    packet = np.where(reset, rst, first_fin)
    side = np.where(reset, state["rst_side"], np.argmin(fin, axis=1))
    ended = packet < _NEVER
    return (
        ending.astype(np.uint8),
        np.where(ended, side, -1).astype(np.int8),
        np.where(ended, packet, -1).astype(np.int32),
    )
