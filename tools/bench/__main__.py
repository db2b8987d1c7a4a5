"""``make bench``: prints one table per task and capture, and writes docs/benchmarks.md.

python -m tools.bench [--packets N] [--only NAME] [--quick]
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import platform
import subprocess
import sys
from pathlib import Path

from tools.bench.captures import make_capture
from tools.bench.conversations import SCRIPTS
from tools.bench.large_stream import make_large_stream
from tools.bench.measure import Measured
from tools.bench.peers import CONNECTIONS, LARGE_BOUND, LARGE_STREAM, PACKETS, WEBSOCKETS, Work

_ROOT = Path(__file__).resolve().parents[2]
_FOLDER = _ROOT / ".bench"
_LARGE, _LARGE_MESSAGES = "large-stream", 1024
"""One stream of 1 GiB."""
_PACKETS = 2_000_000
_SHORT_SECONDS = 5
"""Runs shorter than this are done three times, and the fastest counts: for them start-up noise is a large part."""


def main() -> None:
    """Make the captures, run every tool on each, print and keep the tables."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("--packets", type=int, default=_PACKETS, help="packets per capture (default %(default)s)")
    parser.add_argument("--only", choices=[*SCRIPTS, _LARGE], help="one kind of capture")
    parser.add_argument("--quick", action="store_true", help="leave out what takes minutes (uncompiled, dpkt, pyshark)")
    options = parser.parse_args()
    _FOLDER.mkdir(exist_ok=True)
    lines = _heading(options.packets)
    for kind in [options.only] if options.only else [*SCRIPTS, _LARGE]:
        large = kind == _LARGE
        path = make_large_stream(_LARGE_MESSAGES, _FOLDER) if large else make_capture(kind, options.packets, _FOLDER)
        packets = _count(path)
        size = path.stat().st_size
        lines += ["", f"## {kind}: {packets:,} packets, {size / 1e6:,.0f} MB"]
        tasks = [("List every TCP connection", CONNECTIONS), ("Read every TCP header", PACKETS)]
        if large:
            tasks = [(f"Decode one stream of 1 GiB in at most {LARGE_BOUND / 1e6:,.0f} MB of memory", LARGE_STREAM)]
        if kind.startswith("websocket"):
            tasks.append(("Decode every WebSocket frame and message", WEBSOCKETS))
        for task, works in tasks:
            section = ["", f"{task}:", "", *_table(works, path, packets, options.quick)]
            print("\n".join(section), flush=True)
            lines += section
        if not options.quick:
            # After each capture: an interrupted run keeps what it has.
            (_ROOT / "docs" / "benchmarks.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _heading(packets: int) -> list[str]:
    command = "make bench" if packets == _PACKETS else f"python -m tools.bench --packets {packets}"
    names = ("numpy", "Cython", "nfstream", "dpkt", "scapy", "pyshark")
    versions = [f"{name} {importlib.metadata.version(name)}" for name in names]
    for program in ("tshark", "tcpdump"):
        first = subprocess.run([program, "--version"], capture_output=True, text=True, check=False)
        versions.append((first.stdout or first.stderr).splitlines()[0].strip())
    return [
        "# Benchmarks",
        "",
        f"`{command}`, {datetime.date.today().isoformat()}, {_cores()} cores, Python {platform.python_version()}; "
        + "; ".join(versions) + ".",
        "Whole processes, start-up included (but where a row says *the call alone*: the same in a process that has been",
        "running), one after the other on the same file, which is in the page cache. Memory is the largest resident set of",
        "the process, without what `inspector` maps and gives back. *Ratio* is that tool's time divided by the first row's:",
        "how many times faster the first row is. What takes less than five seconds is run three times and the fastest counts,",
        "for every tool alike. *CPU s* is processor time, *CPU ratio* the same of it: what other work on the machine changes",
        "least.",
    ]  # fmt: skip


def _cores() -> int:
    import os

    return os.cpu_count() or 1


def _count(path: Path) -> int:
    """Packets in the file; counted by a process of its own, since a child's peak memory begins with its parent's."""
    code = "import sys, inspector; print(len(inspector.open(sys.argv[1]).packets))"
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    return int(done.stdout)


def _into_page_cache(path: Path) -> None:
    """Read the file once, so that the disk is the same for all."""
    with path.open("rb") as file:
        while file.read(1 << 20):
            pass


def _table(works: dict[str, Work], path: Path, packets: int, quick: bool) -> list[str]:
    rows = [
        "| tool | seconds | CPU s | packets/s | peak memory | ratio | CPU ratio |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    first: Measured | None = None
    for name, work in works.items():
        if quick and any(word in name for word in ("uncompiled", "dpkt", "pyshark")):
            continue
        _into_page_cache(path)
        print(f"  {path.name}: {name} …", file=sys.stderr, flush=True)
        measured = work(path, packets)
        if measured.seconds < _SHORT_SECONDS:
            measured = min(measured, work(path, packets), work(path, packets), key=lambda run: run.seconds)
        first = first or measured
        rows.append(
            f"| {name} | {measured.whole_seconds:,.2f} | {measured.whole_cpu_seconds:,.2f} | "
            f"{packets / measured.whole_seconds:,.0f} | {measured.peak_bytes / 1e6:,.0f} MB | "
            f"{measured.whole_seconds / first.whole_seconds:.1f} | "
            f"{measured.whole_cpu_seconds / first.whole_cpu_seconds:.1f} |"
        )
    return rows


if __name__ == "__main__":
    main()
