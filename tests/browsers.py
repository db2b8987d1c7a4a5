"""Browsers of the machine, for tests of pages; a test is skipped with a message where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tools.browser import chromium_program, run_chromium

__all__ = ["chromium"]


# Any: Playwright's types are not followed by mypy here.
@contextmanager
def chromium() -> Iterator[Any]:
    """Debian's Chromium, run by Playwright."""
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if chromium_program() is None:
        pytest.skip("chromium is not installed")
    with run_chromium() as browser:
        yield browser
