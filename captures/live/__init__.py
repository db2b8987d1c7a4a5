"""Live capture: real packets of an interface into a pcapng, by whichever program may."""

from __future__ import annotations

from captures.live.capture import CaptureRequest, CaptureResult, LiveCapture, Ring

__all__ = ["CaptureRequest", "CaptureResult", "LiveCapture", "Ring"]
