"""The grade of truth of each connection: what its packets were made from."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from inspector.recording.capture import Capture

__all__ = ["Grade", "grades"]


class Grade(IntEnum):
    """How much of a connection is real, the most first."""

    CAPTURED = 0
    """Real packets."""
    TAPPED = 1
    """Payload bytes and their times are real; TCP and IP headers were made by the program that recorded them."""
    RECONSTRUCTED = 2
    """Written anew from somebody's parsed view."""


_WORDS = {"grade: tapped": Grade.TAPPED, "grade: reconstructed": Grade.RECONSTRUCTED}
"""How the comment on an interface of a recording begins."""


def grades(capture: Capture) -> NDArray[np.uint8]:
    """The ``Grade`` of each connection, by the interface of its first packet."""
    of_interface = np.array(
        [_grade(interface.comments) for interface in capture.interfaces] or [Grade.CAPTURED], np.uint8
    )
    first = capture.connections.first_packet
    found: NDArray[np.uint8] = of_interface[capture.packets.interface[np.maximum(first, 0)]] if len(first) else (
        np.zeros(0, np.uint8)
    )  # fmt: skip
    return found


def _grade(comments: tuple[str, ...]) -> Grade:
    return next((g for comment in comments for word, g in _WORDS.items() if comment.startswith(word)), Grade.CAPTURED)
