"""What is wrong with opening handshakes, with its sender and its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from inspector.analysis.facts import Facts
from inspector.model.anomaly import Anomaly
from inspector.model.finding import Side
from inspector.rules.places import first

__all__ = ["Wrong", "wrong_handshakes"]


@dataclass(frozen=True, slots=True)
class Wrong:
    """An anomaly of a handshake.

    Args:
        connection: Number of its connection.
        side: Who sent it: the client in its request, or the server in its answer.
        anomaly: What is wrong.
        packet, time_ns: Where and when that message began; None where it was not captured.
    """

    connection: int
    side: Side
    anomaly: Anomaly
    packet: int | None
    time_ns: int | None


def wrong_handshakes(facts: Facts) -> Iterator[Wrong]:
    """Every anomaly of every handshake, the request's before the answer's."""
    for upgrade in facts.upgrades:
        item, shake = upgrade.item, upgrade.handshake
        for anomaly in shake.request_anomalies:
            place = first(item.request_packets), first(item.request_ns)
            yield Wrong(upgrade.connection, Side.CLIENT, anomaly, *place)
        for anomaly in shake.response_anomalies:
            place = first(item.response_packets), first(item.response_ns)
            yield Wrong(upgrade.connection, Side.SERVER, anomaly, *place)
