"""What ``inspector demo`` runs: the chat server, the recording proxy, scripted users, one deliberate fault, the report."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from inspector.errors import InspectorError, MissingPart
from inspector.i18n import _

__all__ = ["Demonstration", "Outcome"]

_USERS, _ROOMS, _RATE = 6, 2, 0.8
_TALK_SECONDS = 9.0
_READY_SECONDS = 60.0
_STOP_SECONDS = 15.0
_ROOM = "demo"
_MEMBERS = 3
_LISTENING = re.compile(r"http://(?:\S+@)?127\.0\.0\.1:(\d+)|127\.0\.0\.1:(\d+)")


@dataclass
class Outcome:
    """What the demonstration left.

    Args:
        folder: Where it is.
        recording: The proxy's recording, or the packets where there is no proxy.
        report: The report as JSON-ready values.
        left_out: What could not be shown here, and why.
    """

    folder: Path
    recording: Path
    report: dict[str, Any]  # Any: JSON
    left_out: list[str] = field(default_factory=list)


class Demonstration:
    """Runs once.

    Args:
        folder: Where its files go.
        language: Of the HTML's first view.
        tell: Told what happens, a line at a time.
    """

    def __init__(self, folder: Path, language: str, tell: Callable[[str], None]) -> None:
        self._folder = folder
        self._language = language
        self._tell = tell
        self._left_out: list[str] = []

    def run(self) -> Outcome:
        """Everything, in about twenty seconds; whatever happens, nothing is left running."""
        from inspector.chat.launch import ChatServer
        from inspector.chat.options import ServerOptions

        trace = self._folder / "trace.jsonl"
        options = ServerOptions(
            data=self._folder / "chat",
            port=0,
            scripted_users=_USERS,
            trace=str(trace),
            environment={"INSPECTOR_CHAT_LABS": "1"},
        )
        # What is missing is told before a folder is made; the trace goes into that folder, and is checked by the server.
        dataclasses.replace(options, trace=None).check()
        self._folder.mkdir(parents=True, exist_ok=True)
        with ChatServer(options, log=self._folder / "server.log") as server:
            self._tell(_("chat server on {url}, with trace").format(url=server.url))
            with self._packets(server.port) as packets, self._proxy(server.url) as front:
                self._talk(front or server.url)
                self._break(front or server.url)
        recording = self._folder / "session.pcapng"
        if not recording.exists():
            if packets is None:
                raise MissingPart(_("nothing can be recorded here: {why}").format(why="; ".join(self._left_out)))
            recording = packets
        return Outcome(self._folder, recording, self._report(recording, trace), self._left_out)

    # --- recording -------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _packets(self, port: int) -> Iterator[Path | None]:
        """Real packets of the server's port, where they may be captured."""
        from captures.live import CaptureRequest, LiveCapture

        path = self._folder / "packets.pcapng"
        live = LiveCapture(CaptureRequest("lo" if sys.platform == "linux" else "lo0", path, f"tcp port {port}"))
        try:
            live.start()
        except InspectorError as error:
            self._left_out.append(_("real packets beside the recording: {why}").format(why=error))
            yield None
            return
        self._tell(_("packets are captured with {program}").format(program=live.program))
        try:
            yield path
        finally:
            live.stop()

    @contextlib.contextmanager
    def _proxy(self, url: str) -> Iterator[str | None]:
        """The recording proxy in a process of its own; its address."""
        python = _python_with_mitmproxy()
        if python is None:
            why = _("mitmproxy is not installed; get it: pip install 'wire-inspector[proxy]'")
            self._left_out.append(_("the recording proxy with both legs: {why}").format(why=why))
            yield None
            return
        command = [
            python, "-c", "from inspector.cli import main; main()", "proxy", "--reverse", url.rstrip("/"), "--listen",
            "127.0.0.1:0", "--quiet", "--record", str(self._folder / "session.pcapng"),
            "--confdir", str(self._folder / "proxy"),
        ]  # fmt: skip
        root = str(Path(__file__).parents[2])
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")]),
            "LANGUAGE": "en",
        }
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            env=environment, start_new_session=True,
        )  # fmt: skip
        try:
            port = _port_told(process)
            if port is None:
                self._left_out.append(_("the recording proxy with both legs: it did not start"))
                yield None
            else:
                self._tell(_("recording proxy on {url}").format(url=f"http://127.0.0.1:{port}/"))
                yield f"http://127.0.0.1:{port}/"
        finally:
            _stop(process)

    # --- traffic ---------------------------------------------------------------------------------------------------

    def _talk(self, url: str) -> None:
        from inspector.chat.drive import Script, run

        self._tell(
            _("{users} people talk in {rooms} rooms for {seconds:.0f} s").format(
                users=_USERS, rooms=_ROOMS, seconds=_TALK_SECONDS
            )
        )
        with (self._folder / "users.jsonl").open("w", encoding="utf-8") as log:
            run(Script(url, _USERS, _ROOMS, _RATE, _TALK_SECONDS), log)

    def _break(self, url: str) -> None:
        """The deliberate fault: a group message of a type that the consumer has no method for."""
        from websockets.exceptions import ConnectionClosed
        from websockets.sync.client import connect
        from websockets.typing import Origin

        self._tell(_("one message breaks a room: its type has no handler"))
        address = f"{url.replace('http', 'ws', 1)}ws/labs/trusting/{_ROOM}/"
        with contextlib.ExitStack() as stack:
            members = [
                stack.enter_context(connect(address, origin=Origin(url.rstrip("/")), compression=None))
                for _member in range(_MEMBERS)
            ]
            for text in ("안녕하세요, 여러분", "Did you see the capture?"):
                members[0].send(json.dumps({"type": "chat.message", "text": text}, ensure_ascii=False))
                for member in members:
                    member.recv(timeout=10)
                time.sleep(0.3)
            members[1].send(json.dumps({"type": "chat.mesage", "text": "오타가 있는 메시지"}, ensure_ascii=False))
            for member in members:
                with contextlib.suppress(ConnectionClosed, TimeoutError):
                    member.recv(timeout=10)

    # --- report ----------------------------------------------------------------------------------------------------

    def _report(self, recording: Path, trace: Path) -> dict[str, Any]:  # Any: JSON
        from inspector.analysis.facts import Facts
        from inspector.analysis.trace_events import read_trace
        from inspector.recording.capture import open_capture
        from inspector.report.build import build_report
        from inspector.report.html import render_html
        from inspector.report.options import ReportOptions

        self._tell(_("reading what was recorded"))
        events = read_trace(trace) if trace.exists() and trace.stat().st_size else None
        options = ReportOptions(language=self._language, command=f"inspector report {recording} --trace {trace}")
        report = build_report([Facts(open_capture(recording), None, events)], options)
        (self._folder / "report.json").write_text(json.dumps(report, ensure_ascii=False), "utf-8")
        (self._folder / "report.html").write_text(render_html(report, self._language), "utf-8")
        return report


def _python_with_mitmproxy() -> str | None:
    """This Python, or the one that INSPECTOR_PROXY_PYTHON names: mitmproxy for Python 3.11 needs one of its own."""
    if importlib.util.find_spec("mitmproxy") is not None:
        return sys.executable
    named = os.environ.get("INSPECTOR_PROXY_PYTHON")
    return named if named and Path(named).exists() else None


def _port_told(process: subprocess.Popen[str]) -> int | None:
    """The port that the proxy says it listens on."""
    found: list[int] = []
    ready = threading.Event()

    def listen(stream: IO[str]) -> None:
        # To the end: a proxy whose messages nobody reads would stop at a full pipe.
        for line in stream:
            match = _LISTENING.search(line)
            if match and not found:
                found.append(int(match[1] or match[2]))
                ready.set()
        ready.set()

    assert process.stderr is not None
    threading.Thread(target=listen, args=(process.stderr,), daemon=True).start()
    ready.wait(_READY_SECONDS)
    return found[0] if found else None


def _stop(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()
