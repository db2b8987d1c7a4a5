"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# An example that takes long on a busy machine is no fault; what must end soon says so itself.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

SHARED_CAPTURES = Path(__file__).resolve().parents[2] / "shared" / "captures"


@pytest.fixture(scope="session")
def shared_captures() -> Path:
    """The folder of real captures; tests that need it are skipped where it is absent."""
    if not SHARED_CAPTURES.is_dir():
        pytest.skip("the shared captures are not beside this checkout")
    return SHARED_CAPTURES
