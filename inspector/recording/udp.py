"""UDP conversations, counted column by column."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inspector.model.tables import SEGMENT_FROM_B, Datagrams, Packets, UdpConversations

__all__ = ["udp_conversations"]


def udp_conversations(datagrams: Datagrams, packets: Packets) -> UdpConversations:
    """Count the datagrams of each pair of endpoints; quoted and unfinished ones are left out."""
    sent = datagrams.marks & ~np.uint8(SEGMENT_FROM_B) == 0
    flow, packet, payload = datagrams.flow[sent], datagrams.packet[sent], datagrams.length[sent]
    side = (datagrams.marks[sent] & SEGMENT_FROM_B).astype(np.int64)
    distinct, first, number = np.unique(flow, return_index=True, return_inverse=True)
    # Numbered by first appearance, as the rows come.
    order = np.argsort(first, kind="stable")
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    number, first, distinct = rank[number], first[order], distinct[order]
    last = np.zeros(len(first), np.int64)
    last[number] = np.arange(len(number))  # the last assignment stays

    def by_side(weights: NDArray[np.generic] | None = None) -> NDArray[np.int64]:
        counts = np.bincount(2 * number + side, weights, minlength=2 * len(first))
        return np.asarray(counts.reshape(-1, 2).T, np.int64)

    (packets_a, packets_b), (payload_a, payload_b) = by_side(), by_side(payload)
    bytes_a, bytes_b = by_side(packets.length[packet])
    times = packets.time_ns[packet]
    return UdpConversations(
        flow=distinct.astype(np.int32),
        client=side[first].astype(np.int8),
        packets_a=packets_a,
        packets_b=packets_b,
        bytes_a=bytes_a,
        bytes_b=bytes_b,
        payload_a=payload_a,
        payload_b=payload_b,
        first_time_ns=times[first],
        last_time_ns=times[last],
        first_packet=packet[first].astype(np.int64),
        last_packet=packet[last].astype(np.int64),
    )
