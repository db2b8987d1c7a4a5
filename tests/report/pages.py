"""Report pages in a browser, watched: an error or a violation of the policy fails the test that caused it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

__all__ = ["AXE", "open_page", "violations"]

AXE = Path(__file__).parent / "vendor" / "axe" / "axe.min.js"
_WATCH = """
window.__blocked = [];
document.addEventListener("securitypolicyviolation", (e) => window.__blocked.push(`${e.violatedDirective} ${e.blockedURI}`));
"""


# Any: Playwright's types are not followed by mypy here.
@contextmanager
def open_page(
    browser: Any, path: Path, place: str = "", *, expected: int = 0, scripts: bool = True, **context: Any
) -> Iterator[Any]:
    """A report in a page of its own.

    Args:
        browser: Chromium.
        path: The report.
        place: What the link points to, without ``#``.
        expected: Violations of the policy that the test itself causes.
        scripts: Whether the page's scripts run.
        context: Of the browser: locale, colours, viewport.
    """
    made = browser.new_context(java_script_enabled=scripts, **context)
    page = made.new_page()
    page.set_default_timeout(20_000)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type in ("error", "warning") else None)
    page.on("request", lambda request: errors.append(request.url) if not request.url.startswith("file:") else None)
    if scripts:
        page.add_init_script(_WATCH)
    page.goto(path.as_uri() + (f"#{place}" if place else ""))
    if scripts:
        page.wait_for_selector("html[data-ready]")
    yield page
    if scripts:
        assert len(page.evaluate("window.__blocked")) == expected, page.evaluate("window.__blocked")
    assert len(errors) == expected, errors
    made.close()


def violations(page: Any) -> list[str]:
    """What axe finds wrong with the page as it stands."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then((r) => JSON.stringify(r.violations))")
    return [
        f"{row['id']} ({row['impact']}): {row['help']}; " + "; ".join(node["html"][:200] for node in row["nodes"][:3])
        for row in json.loads(found)
    ]
