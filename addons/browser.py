"""A browser with a throw-away profile that uses the proxy and trusts its certificate authority, and nothing else does."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from captures.parent import end_with_parent
from inspector.errors import MissingPart, UsageError
from inspector.i18n import _
from inspector.report.clean import clean

__all__ = ["browse", "chromium_arguments", "find_chromium"]

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "brave-browser")
_APPLICATIONS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
_END_S = 5
"""A browser that has not ended by then is killed."""


def find_chromium() -> str:
    """The path of a browser of the Chromium family.

    Raises:
        MissingPart: If there is none.
    """
    found = next(filter(None, map(shutil.which, (*_NAMES, *_APPLICATIONS))), None)
    if found is None:
        raise MissingPart(_("no Chromium, Chrome, Edge or Brave was found; get one: apt install chromium"))
    return found


def chromium_arguments(
    profile: Path, key_hash: str, *, proxy: str | None, headless: bool, address: str
) -> Sequence[str]:
    """The arguments of a browser.

    Args:
        profile: An empty folder.
        key_hash: ``Authority.key_hash``: its certificates are accepted, no others that are wrong.
        proxy: HOST:PORT of the proxy; None where the browser is to open the proxy's address itself.
        headless: Without a window.
        address: What to open.
    """
    arguments = [
        f"--user-data-dir={profile}",
        f"--ignore-certificate-errors-spki-list={key_hash}",
        # HTTP/3 would pass the proxy by, and a fresh profile has much to ask that is nobody's session.
        "--disable-quic",
        "--no-first-run",
        "--no-default-browser-check",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-default-apps",
        "--disable-sync",
        "--disable-domain-reliability",
        "--disable-client-side-phishing-detection",
        "--disable-component-extensions-with-background-pages",
        "--disable-features=NetworkTimeServiceQuerying,OptimizationHints,MediaRouter,Translate",
        "--metrics-recording-only",
        "--no-pings",
        "--password-store=basic",
    ]
    if proxy is not None:
        arguments += [f"--proxy-server=http://{proxy}", "--proxy-bypass-list=<-loopback>"]
    if headless:
        arguments.append("--headless=new")
    if sys.platform == "linux" and os.geteuid() == 0:
        arguments.append("--no-sandbox")  # it refuses to run as root otherwise
    return [*arguments, address]


async def browse(program: str, key_hash: str, *, proxy: str | None, headless: bool, address: str) -> None:
    """Run a browser until it is closed or this task is cancelled; then nothing of it is left.

    Raises:
        UsageError: If it ends with an error.
    """
    folder = Path(tempfile.mkdtemp(prefix="inspector-browser-"))
    try:
        arguments = chromium_arguments(folder / "profile", key_hash, proxy=proxy, headless=headless, address=address)
        with (folder / "said").open("wb") as said:
            process = await asyncio.create_subprocess_exec(
                program,
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                env={**os.environ, "TMPDIR": str(folder)},  # it leaves a socket there
                start_new_session=True,
                preexec_fn=end_with_parent,
            )
        try:
            code = await process.wait()
        finally:
            await _end(process)
        if code > 0:
            lines = (folder / "said").read_text("utf-8", "replace").splitlines()
            raise UsageError(
                _("{program} ended with exit code {code}: {why}").format(
                    program=program, code=code, why=clean(lines[-1]) if lines else "-"
                )
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _end(process: asyncio.subprocess.Process) -> None:
    """End a browser with all its processes."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(TimeoutError):
            await asyncio.wait_for(process.wait(), _END_S)
