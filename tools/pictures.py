"""Pictures of the report for README and manual, made in Chromium from a sample that ships: ``python -m tools.pictures``."""

from __future__ import annotations

import argparse
import io
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image

import inspector
from inspector.report.build import build_report
from inspector.report.html import render_html
from inspector.report.options import ReportOptions
from tools.browser import run_chromium

__all__ = ["FOLDER", "MOST_BYTES", "PICTURES", "make_pictures"]

_ROOT = Path(__file__).resolve().parents[1]
_SAMPLES = _ROOT / "captures" / "samples"
FOLDER = _ROOT / "docs" / "images"
MOST_BYTES = 150_000
"""Of one picture: pages that show them load at once."""
_COLOURS = 128
"""Of a picture's palette: text on plain grounds needs no more."""
_MARGIN = 12


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture.

    Args:
        name: Of its file, without the suffix.
        sample: Of which sample.
        place: What the page's link points to.
        top: Selector of what stands at the upper edge.
        language: ``en`` or ``ko``.
        theme: ``light`` or ``dark``.
        height: Pixels.
        click: Selector of what is clicked before.
    """

    name: str
    sample: str
    place: str
    top: str
    language: str
    theme: str
    height: int
    click: str = ""


PICTURES = (
    Picture("verdict", "close-1006.pcapng", "", "body", "en", "light", 720),
    Picture("verdict-ko-dark", "close-1006.pcapng", "", "body", "ko", "dark", 720),
    Picture("journey", "slow-server.pcapng", "", "#journeys", "en", "light", 620),
    Picture(
        "messages-ko", "chat-ws.pcapng", "", "#messages", "ko", "light", 1100, click="#messages .grid-row >> nth=3"
    ),
    Picture(
        "bytes", "close-1011.pcapng", "packet-12", "#packet-12", "en", "dark", 720, click="#packet-12 .octet >> nth=68"
    ),
)


def make_pictures(folder: Path) -> list[Path]:
    """Make all pictures.

    Args:
        folder: Where they go.

    Returns:
        The files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as scratch, run_chromium() as browser:
        return [_make(browser, one, Path(scratch), folder / f"{one.name}.png") for one in PICTURES]


# Any: Playwright's types are not followed by mypy here.
def _make(browser: Any, one: Picture, scratch: Path, path: Path) -> Path:
    page_file = scratch / f"{one.sample}.html"
    if not page_file.exists():
        report = build_report(inspector.open(_SAMPLES / one.sample), ReportOptions())
        page_file.write_text(render_html(report), encoding="utf-8")
    page = browser.new_page(
        viewport={"width": 1200, "height": one.height}, color_scheme=one.theme, reduced_motion="reduce"
    )
    page.goto(page_file.as_uri() + (f"#{one.place}" if one.place else ""))
    page.wait_for_selector("html[data-ready]")
    page.click(f"[data-language={one.language}]")
    if one.click:
        page.locator(one.click).click()
        page.wait_for_timeout(300)
    page.evaluate(
        """([selector, margin]) => {
            document.activeElement?.blur();
            const bar = selector === 'body' ? 0 : document.querySelector('.top').getBoundingClientRect().height;
            const place = document.querySelector(selector).getBoundingClientRect().top + scrollY;
            scrollTo(0, selector === 'body' ? 0 : place - bar - margin);
        }""",
        [one.top, _MARGIN],
    )
    page.mouse.move(0, 0)
    page.wait_for_timeout(300)
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    page.close()
    shot.quantize(_COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    return path


def main() -> None:
    """Make the pictures where README and manual look for them."""
    argparse.ArgumentParser(prog="python -m tools.pictures", description=__doc__).parse_args()
    for path in make_pictures(FOLDER):
        print(f"{path.relative_to(_ROOT)}  {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
