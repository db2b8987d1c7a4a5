"""Firefox, driven over WebDriver BiDi (w3.org/TR/webdriver-bidi), which it speaks without a driver program."""

from __future__ import annotations

import base64
import itertools
import json
import re
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from websockets.sync.client import ClientConnection, connect

SECONDS = 60.0


class Firefox:
    """One headless Firefox with one page."""

    def __init__(self, program: str, profile: Path) -> None:
        profile.mkdir()
        # No first-run pages, no requests to the vendor.
        preferences = {"browser.shell.checkDefaultBrowser": False, "datareporting.policy.dataSubmissionEnabled": False}
        lines = [f'user_pref("{name}", {json.dumps(value)});' for name, value in preferences.items()]
        (profile / "user.js").write_text("\n".join(lines), encoding="ascii")
        command = [program, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        self._numbers = itertools.count(1)
        self._socket: ClientConnection = connect(
            f"{self._address()}/session", max_size=None, compression=None
        ).__enter__()
        self.call("session.new", capabilities={})
        self._context = self.call("browsingContext.getTree")["contexts"][0]["context"]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()
        self._process.terminate()
        self._process.wait(SECONDS)

    def _address(self) -> str:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", line):
                return found[1]
        raise AssertionError("Firefox ended without saying where it listens")

    def call(self, method: str, **parameters: Any) -> Any:
        """Send a command and wait for its result; events in between are not asked for and do not come."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        answer = json.loads(self._socket.recv(SECONDS))
        assert answer.get("id") == number and answer["type"] == "success", answer
        return answer["result"]

    def goto(self, url: str) -> None:
        """Load a page and wait for it."""
        self.call("browsingContext.navigate", context=self._context, url=url, wait="complete")

    def run(self, script: str) -> Any:
        """The value of an expression in the page (JSON types only)."""
        result = self.call(
            "script.evaluate",
            expression=f"Promise.resolve({script}).then(JSON.stringify)",
            target={"context": self._context},
            awaitPromise=True,
        )
        assert result["type"] == "success", result
        return json.loads(result["result"].get("value", "null"))

    def await_true(self, script: str) -> None:
        """Wait until an expression is true in the page."""
        deadline = time.monotonic() + SECONDS
        while not self.run(f"Boolean({script})"):
            assert time.monotonic() < deadline, f"never true in Firefox: {script}"
            time.sleep(0.1)

    def screenshot(self, path: Path) -> None:
        """Keep what the page looks like."""
        data = self.call("browsingContext.captureScreenshot", context=self._context)["data"]
        path.write_bytes(base64.b64decode(data))
