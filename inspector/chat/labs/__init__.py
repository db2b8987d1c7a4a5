"""Labs: real failures of a Django Channels chat, made to happen, with the truth written down.

Each lab is data and one small function; one file per family. `inspector.chat.labs.run` plays them.
"""

from __future__ import annotations

from inspector.chat.labs import decoys, ending, handshake, healthy, http, layers, load, proxy, receiving
from inspector.chat.labs.lab import Lab
from inspector.chat.labs.mixes import make_mixes

__all__ = ["LABS"]

_SINGLE: tuple[Lab, ...] = (
    *healthy.LABS,
    *handshake.LABS,
    *proxy.LABS,
    *receiving.LABS,
    *ending.LABS,
    *layers.LABS,
    *load.LABS,
    *http.LABS,
    *decoys.LABS,
)

LABS: tuple[Lab, ...] = (*_SINGLE, *make_mixes(_SINGLE))
"""Every lab; a test compares names and files."""
