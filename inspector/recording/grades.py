"""The grade of truth of each connection."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inspector.recording.capture import Capture

__all__ = ["connection_grades"]


def connection_grades(capture: Capture) -> NDArray[np.uint8]:
    """The ``Grade`` of each connection: that of the interface of its first packet.

    Args:
        capture: The capture, n connections.

    Returns:
        Values of ``inspector.model.grade.Grade``, shape (n,).
    """
    of_interface = np.array([interface.grade for interface in capture.interfaces], np.uint8)
    first = capture.connections.first_packet
    grades: NDArray[np.uint8] = of_interface[capture.packets.interface[first]] if len(first) else np.zeros(0, np.uint8)
    return grades
