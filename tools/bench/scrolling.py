"""How smoothly a list of the report scrolls: intervals between frames, long tasks, and the time of our own drawing.

A frame that takes longer than 16.7 ms misses the next refresh of the screen, and one missed now and then is not seen. What is
seen is a stop: a task over 50 ms (the browser's own bound of a long task), or frames that come at less than 30 a second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["MOST_DRAW_MS", "MOST_FRAME_MS", "Scrolling", "measure_scrolling"]

MOST_FRAME_MS = 34.0
"""95 of 100 frames come sooner: two refreshes of a screen at 60 Hz, and what clocks differ by."""
MOST_DRAW_MS = 4.0
"""95 of 100 drawings of ours take less: a quarter of a frame, which leaves the browser its own part."""
_STEPS = 90
_WHEEL_PIXELS = 240
"""Two notches of a wheel."""
_KEYS = ("ArrowDown", "PageDown", "ArrowDown", "PageUp")

_WATCH = """(name) => {
    const list = R[name].list, seen = { frames: [], draws: [], long: [], last: null, on: true };
    window.__scrolling = seen;
    const draw = Object.getPrototypeOf(list).draw;
    list.draw = () => { const began = performance.now(); draw.call(list); seen.draws.push(performance.now() - began); };
    const watcher = new PerformanceObserver((found) => seen.long.push(...found.getEntries().map((one) => one.duration)));
    watcher.observe({ type: 'longtask' });
    const frame = (now) => {
        if (seen.last !== null) seen.frames.push(now - seen.last);
        seen.last = now;
        if (seen.on) requestAnimationFrame(frame);
        else watcher.disconnect();
    };
    requestAnimationFrame(frame);
}"""
_DONE = """(name) => {
    const seen = window.__scrolling;
    seen.on = false;
    delete R[name].list.draw;
    return { frames: seen.frames, draws: seen.draws, long: seen.long };
}"""


@dataclass(frozen=True, slots=True)
class Scrolling:
    """What scrolling a list for some seconds gave.

    Args:
        frames_ms: Time between each frame and the one before.
        draws_ms: Time of each of our own drawings.
        long_ms: Tasks over 50 ms.
        busy_ms: Processor time of the page's thread for each frame: script, style, layout and painting.
    """

    frames_ms: list[float]
    draws_ms: list[float]
    long_ms: list[float]
    busy_ms: float

    def __str__(self) -> str:
        """In one line."""
        return (
            f"frames {_part(self.frames_ms, 0.5):.1f} ms (95 %: {self.frame_ms:.1f}), our drawing "
            f"{_part(self.draws_ms, 0.5):.2f} ms (95 %: {self.draw_ms:.2f}, {len(self.draws_ms)} times), page's thread "
            f"{self.busy_ms:.1f} ms a frame, tasks over 50 ms: {len(self.long_ms)}"
            + (f", longest {max(self.long_ms):.0f} ms" if self.long_ms else "")
        )

    @property
    def frame_ms(self) -> float:
        """95 of 100 frames come within this time."""
        return _part(self.frames_ms, 0.95)

    @property
    def draw_ms(self) -> float:
        """95 of 100 drawings take less."""
        return _part(self.draws_ms, 0.95)


def _part(values: list[float], share: float) -> float:
    return sorted(values)[int(len(values) * share)] if values else 0.0


# Any: Playwright's types are not followed by mypy here.
def measure_scrolling(page: Any, name: str, grid: str, *, keys: bool = False, steps: int = _STEPS) -> Scrolling:
    """Scroll a list as a reader does.

    Args:
        page: A report in a browser.
        name: Which list: ``packets`` or ``messages``.
        grid: Selector of the list.
        keys: With the keyboard instead of the wheel.
        steps: Turns of the wheel, or keys.
    """
    place = page.locator(grid)
    place.scroll_into_view_if_needed()
    place.focus()
    place.hover()
    session = page.context.new_cdp_session(page)
    # Processor time of the thread: other programs on the machine do not count.
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.evaluate(_WATCH, name)
    before = _task_seconds(session)
    for step in range(steps):
        if keys:
            page.keyboard.press(_KEYS[step % len(_KEYS)])
        else:
            page.mouse.wheel(0, _WHEEL_PIXELS if step % 3 else -_WHEEL_PIXELS // 2)
        page.wait_for_timeout(16)
    page.wait_for_timeout(300)  # the rolling comes to rest
    seconds = _task_seconds(session) - before
    found = page.evaluate(_DONE, name)
    session.detach()
    return Scrolling(found["frames"], found["draws"], found["long"], 1000 * seconds / max(len(found["frames"]), 1))


def _task_seconds(session: Any) -> float:
    metrics = {row["name"]: row["value"] for row in session.send("Performance.getMetrics")["metrics"]}
    return float(metrics["TaskDuration"])
