"""How rows of layers and rows of segments correspond."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from inspector.proto import LayerKind
from inspector.recording.capture import Capture

__all__ = ["segment_layers"]


def segment_layers(capture: Capture) -> NDArray[np.int64]:
    """The row of ``Capture.layers`` of each row of ``Capture.segments``."""
    return np.flatnonzero(capture.layers.kind == LayerKind.TCP)
