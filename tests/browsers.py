"""Browsers of the machine, for tests of pages; a test is skipped with a message where there is none."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

__all__ = ["chromium"]


# Any: Playwright's types are not followed by mypy here.
@contextmanager
def chromium() -> Iterator[Any]:
    """Debian's Chromium, run by Playwright."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as running:
        # The sandbox needs a user namespace that root in a container does not get.
        browser = running.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()
