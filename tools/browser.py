"""Debian's Chromium, for tests of pages, for measuring them, and for pictures of them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["chromium_program", "run_chromium"]


def chromium_program() -> str | None:
    """Where Chromium is; None where it is not installed."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


# Any: Playwright's types are not followed by mypy here.
@contextmanager
def run_chromium() -> Iterator[Any]:
    """Chromium without a window, run by Playwright.

    Raises:
        FileNotFoundError: If it is not installed.
    """
    from playwright.sync_api import sync_playwright

    program = chromium_program()
    if program is None:
        raise FileNotFoundError("chromium is not installed")
    with sync_playwright() as running:
        # The sandbox needs a user namespace that root in a container does not get.
        browser = running.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()
