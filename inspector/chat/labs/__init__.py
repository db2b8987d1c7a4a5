"""Labs: real failures of a Django Channels chat, made to happen, with the truth written down.

Each lab is data and one small function; one file per family. `inspector.chat.labs.run` plays them.
"""

from __future__ import annotations

from inspector.chat.labs import handshake, healthy, receiving
from inspector.chat.labs.lab import Lab

__all__ = ["LABS"]

LABS: tuple[Lab, ...] = (*healthy.LABS, *handshake.LABS, *receiving.LABS)
"""Every lab; a test compares names and files."""
