"""What each lab's capture must show, as measured on real servers; checked on raw packets, not by the analyser."""

from __future__ import annotations

import dataclasses

from inspector.chat.labs.truth import Truth

from . import decoys, handshake, http, layers, proxy, receiving
from .common import Connections, Signature

__all__ = ["SIGNATURES", "Connections", "Signature"]


def _healthy_chat(connections: Connections, truth: Truth) -> None:
    assert not truth.faults and not truth.decoys
    sockets = [c for c in connections.values() if c.status == 101 and c.server == truth.settings["fronts"]["main"]]
    assert len(sockets) == 3
    for connection in sockets:
        assert connection.closes("client")[0].code == 1000 and connection.closes("server")
        assert len([text for _, text in connection.texts("server") if '"chat.message"' in text]) == 6


def _mix(connections: Connections, truth: Truth) -> None:
    parts = {fault.lab for fault in truth.faults} | {decoy.lab for decoy in truth.decoys}
    assert len({fault.lab for fault in truth.faults}) >= 3 and truth.healthy
    for part in sorted(parts):
        own = dataclasses.replace(
            truth,
            faults=tuple(fault for fault in truth.faults if fault.lab == part),
            decoys=tuple(decoy for decoy in truth.decoys if decoy.lab == part),
        )
        SIGNATURES[part](connections, own)


SIGNATURES: dict[str, Signature] = {
    "healthy-chat": _healthy_chat,
    **handshake.SIGNATURES,
    **proxy.SIGNATURES,
    **receiving.SIGNATURES,
    **layers.SIGNATURES,
    **http.SIGNATURES,
    **decoys.SIGNATURES,
    "mix": _mix,
    "mix-redis": _mix,
    "mix-timers": _mix,
}
