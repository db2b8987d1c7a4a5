"""What a fault of the server brings with it on the same connections: rules whose findings it explains."""

from __future__ import annotations

__all__ = ["FRAMES_AND_ENDS", "OF_AN_ENDED_SOCKET", "OF_A_REFUSED_UPGRADE"]

FRAMES_AND_ENDS = ("W6", "W7", "W8", "W9", "W10", "W11", "W12", "W13", "W14", "W15")
"""What can be wrong with a WebSocket's frames and its end."""
OF_A_REFUSED_UPGRADE = ("W1", "W2", "W4", "R1", "R2", "N2", "S1", "H1", "L2")
OF_AN_ENDED_SOCKET = (*FRAMES_AND_ENDS, "R1", "R2", "R4", "N2", "S1", "H1")
