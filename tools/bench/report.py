"""How long a report of a million packets with fifty thousand WebSocket messages takes, how large it is, how it answers.

python -m tools.bench.report [--packets N]
"""

from __future__ import annotations

import argparse
import struct
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.bench.captures import records
from tools.bench.conversations import small_packets, websocket_chat
from tools.bench.measure import run
from tools.bench.scrolling import measure_scrolling
from tools.browser import chromium_program, run_chromium

__all__ = ["make_report_capture"]

_ROOT = Path(__file__).resolve().parents[2]
_SCRIPTS = 12
"""Chats with words of their own."""
_START_S = 1_760_000_000
_LONGEST_NS = 60 * 10**9
"""About how long a connection lasts."""


def make_report_capture(path: Path, packets: int = 1_000_000, messages: int = 50_000) -> Path:
    """Write (once) a pcap of chats with so many messages, among terminals that make up the packets.

    Every packet waits a random time for the one before it on its connection, so that nothing is regular.

    Args:
        path: File to write.
        packets: At least so many, rounded up to whole connections.
        messages: At least so many WebSocket messages.
    """
    if path.exists():
        return path
    chats, terminal = [websocket_chat(compressed=False, seed=seed) for seed in range(_SCRIPTS)], small_packets()
    each = -(-messages // (600 * _SCRIPTS))
    left = packets - each * sum(map(len, chats))
    groups = [(chat, np.arange(place * each, (place + 1) * each)) for place, chat in enumerate(chats)]
    terminals = max(-(-left // len(terminal)), 1)
    groups.append((terminal, np.arange(each * _SCRIPTS, each * _SCRIPTS + terminals)))
    rng = np.random.default_rng(1)
    times: list[NDArray[np.int64]] = []
    rows: list[bytes] = []
    for steps, numbers in groups:
        now_ns = rng.integers(0, _LONGEST_NS, len(numbers))
        for step in steps:
            now_ns = now_ns + rng.exponential(_LONGEST_NS / len(steps), len(numbers)).astype(np.int64)
            times.append(now_ns)
            rows.extend(row.tobytes() for row in records(step, numbers, 0))
    when = np.concatenate(times)
    order = np.argsort(when, kind="stable")
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
        for place, time_ns in zip(order.tolist(), when[order].tolist(), strict=True):
            file.write(struct.pack("<II", _START_S + time_ns // 10**9, time_ns % 10**9) + rows[place][8:])
    partial.rename(path)
    return path


def main() -> None:
    """Make the capture and its reports, and print what that took."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench.report", description=__doc__)
    parser.add_argument("--packets", type=int, default=1_000_000, help="packets (default %(default)s)")
    options = parser.parse_args()
    folder = _ROOT / ".bench"
    folder.mkdir(exist_ok=True)
    capture = make_report_capture(folder / f"report-{options.packets}.pcap", options.packets)
    for suffix in ("html", "json", "md"):
        output = folder / f"report.{suffix}"
        program = "from inspector.cli import main; main()"
        measured = run([sys.executable, "-c", program, "report", str(capture), "-o", str(output)])
        print(
            f"{suffix}: {measured.seconds:.1f} s ({measured.cpu_seconds:.1f} s of processor time), "
            f"{measured.peak_bytes / 2**20:.0f} MiB of memory, {output.stat().st_size / 2**20:.1f} MiB"
        )
    if chromium_program() is None:
        print("page: not measured, since chromium is not installed")
        return
    with run_chromium() as browser:
        page = browser.new_page(viewport={"width": 1360, "height": 900})
        page.goto((folder / "report.html").as_uri())
        _measure_page(page)


# Any: Playwright's types are not followed by mypy here.
def _measure_page(page: Any) -> None:
    """Print how soon a page answers and how smoothly its lists scroll."""
    page.wait_for_selector("html[data-ready]")
    perf = page.evaluate("R.perf")
    page.select_option("#packet-list select", "rst")
    page.locator("#packet-list [role=status]", has_text=" of ").wait_for()
    page.wait_for_timeout(500)
    filtered = page.evaluate("R.perf.packetFilter")
    page.select_option("#packet-list select", "")
    heap = page.evaluate("performance.memory.usedJSHeapSize") / 2**20
    print(
        f"page: first packets after {perf['packets']:.0f} ms, first messages after {perf['messages']:.0f} ms, "
        f"filter over all packets {filtered:.0f} ms, {heap:.0f} MiB of heap"
    )
    page.wait_for_timeout(1_000)
    for name, grid in (("messages", "#messages .grid"), ("packets", "#packet-list .grid")):
        for keys in (False, True):
            scrolled = measure_scrolling(page, name, grid, keys=keys)
            print(f"scrolling {name} with the {'keyboard' if keys else 'wheel'}: {scrolled}")


if __name__ == "__main__":
    main()
