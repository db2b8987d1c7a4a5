"""Play labs: stages kept while they are useful, packets captured, truth and trace written."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import random
import shutil
import tempfile
import time
from collections import OrderedDict, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from inspector.chat.labs import LABS
from inspector.chat.labs.capture import PacketCapture
from inspector.chat.labs.lab import SERVERS, VIA, Lab, Needs
from inspector.chat.labs.scene import Scene, browser
from inspector.chat.labs.stage import Stage
from inspector.chat.labs.truth import Fault, Pair, Truth
from inspector.errors import UsageError
from inspector.i18n import _

__all__ = ["LabResult", "LabRun", "Outcome", "Player", "find_lab", "run_lab"]

# Server processes cost about 100 MB each.
_STAGES_KEPT = 4
# Two cores: more at once would slow each other down until times mean nothing.
_AT_ONCE = 3
# Of HTTP clients, captures and starts at one time; a mix has about ten.
_BLOCKING_THREADS = 64
_T = TypeVar("_T")

# What the trace's writer thread still holds arrives within this time.
_TRACE_SECONDS = 3.0
_TRACE_QUIET_SECONDS = 0.15


@dataclass(frozen=True)
class LabResult:
    """What a lab left behind.

    Attributes:
        folder: Where its files are.
        truth: What happened.
        capture: The packets; None when capturing is not permitted here.
        trace: The servers' trace; beside it stands server.log, what they wrote for their administrator.
        not_captured: Why there are no packets, or None.
        seconds: How long it took, without starting servers.
    """

    folder: Path
    truth: Truth
    capture: Path | None
    trace: Path
    not_captured: str | None
    seconds: float


@dataclass(frozen=True)
class LabRun:
    """A lab to play, and how; None takes the lab's usual way."""

    name: str
    folder: Path
    via: str | None = None
    server: str | None = None
    seed: int = 1
    settings: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Outcome:
    """A lab that was played, or why it could not be."""

    run: LabRun
    result: LabResult | None
    error: str | None


def find_lab(name: str) -> Lab:
    """The lab of this name.

    Raises:
        UsageError: If there is none.
    """
    for lab in LABS:
        if lab.name == name:
            return lab
    near = [lab.name for lab in LABS if name.lower() in lab.name or name.upper() in lab.rules]
    text = _("there is no lab {name}: {near}") if near else _("there is no lab {name}; `inspector lab list` names them")
    raise UsageError(text.format(name=repr(name), near=", ".join(near)))


def run_lab(
    name: str,
    folder: Path,
    *,
    via: str | None = None,
    server: str | None = None,
    seed: int = 1,
    settings: Mapping[str, Any] | None = None,
    player: Player | None = None,
) -> LabResult:
    """Play one lab.

    Args:
        name: Which.
        folder: Where capture.pcapng, truth.json and trace.jsonl go; made when missing.
        via: ``direct`` or ``nginx``; None for the lab's usual way.
        server: ``daphne`` or ``uvicorn``; None for the lab's usual one.
        seed: What the lab's choices are made from.
        settings: Fields of `Needs` to play with other values, e.g. ``{"ping_interval": 2.0}``.
        player: Keeps servers from one call to the next; without it they are started and stopped by this call.

    Raises:
        LabFailed: If what the lab should show did not happen.
        MissingPart: If a program is missing.
        UsageError: If there is no such lab, or it cannot be played this way.
    """
    run = LabRun(name, folder, via, server, seed, settings)
    if player is not None:
        return player.run(run)
    with Player() as once:
        return once.run(run)


class Player:
    """Plays labs one after the other, or several at once; keeps their servers until it is closed.

    A context manager. Its folder for databases and configurations is temporary.
    """

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="inspector-labs-"))
        # nginx as root serves as root; the folder is nobody else's business.
        self._folder.chmod(0o700)
        self._stages: OrderedDict[tuple[Needs, str, str], Stage] = OrderedDict()
        self._made = 0
        # Linux ends an External with the thread that started it: threads that live as long as the stages.
        self._threads = ThreadPoolExecutor(_AT_ONCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop every server and remove their files."""
        while self._stages:
            self._stages.popitem()[1].stop()
        self._threads.shutdown()
        shutil.rmtree(self._folder, ignore_errors=True)

    def run(self, run: LabRun) -> LabResult:
        """Play one lab; see `run_lab`."""
        lab, key = _plan(run)
        return _in_loop(self._on_stage(lab, key, run))

    async def _on_stage(self, lab: Lab, key: tuple[Needs, str, str], run: LabRun) -> LabResult:
        async with self._stage(key) as stage:
            return await _play(lab, stage, run)

    def run_all(self, runs: Sequence[LabRun], tell: Callable[[Outcome], None] = lambda outcome: None) -> list[Outcome]:
        """Play several: those of one stage one after the other, a few stages at once.

        Each stage has its own ports and its own capture, so that a lab sees none of another's packets.

        Args:
            runs: What to play.
            tell: Called after each.
        """
        return _in_loop(self._run_all(runs, tell))

    async def _run_all(self, runs: Sequence[LabRun], tell: Callable[[Outcome], None]) -> list[Outcome]:
        groups: dict[tuple[Needs, str, str], list[LabRun]] = defaultdict(list)
        outcomes: dict[LabRun, Outcome] = {}
        for run in runs:
            groups[_plan(run)[1]].append(run)
        gate = asyncio.Semaphore(_AT_ONCE)

        async def play(key: tuple[Needs, str, str], group: list[LabRun]) -> None:
            async with gate:
                for run in group:
                    outcomes[run] = await self._attempt(key, run)
                    tell(outcomes[run])
                await self._drop(key)

        async with asyncio.TaskGroup() as tasks:
            # The longest first: the end is not one straggler alone.
            for key, group in sorted(groups.items(), key=lambda item: -sum(find_lab(r.name).seconds for r in item[1])):
                tasks.create_task(play(key, group))
        return [outcomes[run] for run in runs]

    async def _attempt(self, key: tuple[Needs, str, str], run: LabRun) -> Outcome:
        try:
            return Outcome(run, await self._on_stage(find_lab(run.name), key, run), None)
        except Exception as error:  # a lab that broke is told, the others go on
            return Outcome(run, None, f"{error}" or type(error).__name__)

    @asynccontextmanager
    async def _stage(self, key: tuple[Needs, str, str]) -> AsyncIterator[Stage]:
        stage = self._stages.pop(key, None)
        if stage is not None and not stage.usable:
            await asyncio.to_thread(stage.stop)
            stage = None
        if stage is None:
            self._made += 1
            stage = Stage(*key, self._folder / f"{self._made:04d}")
            try:
                await asyncio.get_running_loop().run_in_executor(self._threads, stage.start)
            except BaseException:
                # Cancelled: the thread goes on; stop() waits for it.
                await asyncio.to_thread(stage.stop)
                raise
        # While it is in use nobody else finds it.
        try:
            yield stage
        except BaseException:
            # Nobody knows in what state a lab left it that did not come to its end.
            stage.stop()
            raise
        self._stages[key] = stage
        while len(self._stages) > _STAGES_KEPT:
            await self._drop(next(iter(self._stages)))

    async def _drop(self, key: tuple[Needs, str, str]) -> None:
        stage = self._stages.pop(key, None)
        if stage is not None:
            # In a thread: the clients of other labs must go on answering pings.
            await asyncio.to_thread(stage.stop)
            shutil.rmtree(stage.folder, ignore_errors=True)


def _in_loop(work: Coroutine[Any, Any, _T]) -> _T:
    async def run() -> _T:
        # A page that is asked for must not wait for a thread: how long it takes is evidence.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(_BLOCKING_THREADS))
        return await work

    return asyncio.run(run())


def _plan(run: LabRun) -> tuple[Lab, tuple[Needs, str, str]]:
    """The lab and its stage.

    Raises:
        UsageError: If it cannot be played this way.
    """
    lab = find_lab(run.name)
    via, server = run.via or lab.via[0], run.server or lab.servers[0]
    for what, value, known, possible in (("via", via, VIA, lab.via), ("server", server, SERVERS, lab.servers)):
        if value not in known:
            raise UsageError(
                _("{what} is one of {known}, not {value}").format(what=what, known=", ".join(known), value=repr(value))
            )
        if value not in possible:
            raise UsageError(
                _("lab {lab} cannot be played with {what} {value}: only {possible}").format(
                    lab=lab.name, what=what, value=value, possible=", ".join(possible)
                )
            )
    try:
        needs = dataclasses.replace(lab.needs, **(run.settings or {}))
    except TypeError as error:
        names = ", ".join(field.name for field in dataclasses.fields(Needs))
        raise UsageError(_("settings of a lab are {names}: {why}").format(names=names, why=error)) from None
    return lab, (needs, via, server)


async def _unwrapped(play: Awaitable[None]) -> None:
    """The first error of several parts stands for all."""
    try:
        await play
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None


async def _play(lab: Lab, stage: Stage, run: LabRun) -> LabResult:
    run.folder.mkdir(parents=True, exist_ok=True)
    path = run.folder / "capture.pcapng"
    path.unlink(missing_ok=True)
    scene = Scene(lab.name, stage, random.Random(f"{lab.name}/{run.seed}"))
    seen = {path: _size(path) for path in (stage.trace, stage.log)}
    capture = PacketCapture(path, stage.ports)
    start = time.monotonic()
    try:
        await asyncio.to_thread(capture.start)
        try:
            await _unwrapped(lab.play(scene))
        finally:
            await scene.leave()
    finally:
        await asyncio.to_thread(capture.stop)
    await _settled(stage.trace)
    events = [json.loads(line) for line in _copy_tail(stage.trace, seen[stage.trace], run.folder).splitlines()]
    _copy_tail(stage.log, seen[stage.log], run.folder)
    legs = {} if scene.direct else _legs(events)
    faults = sorted(scene.faults, key=lambda fault: fault.time_ns)
    truth = Truth(
        lab=lab.name,
        title=lab.title,
        seed=run.seed,
        via=stage.via,
        server=stage.server,
        settings=stage.settings,
        packets_captured=capture.refused is None,
        packets_dropped=capture.dropped,
        faults=tuple(fault if scene.direct else _with_upstream(fault, legs) for fault in faults),
        decoys=tuple(scene.decoys),
        healthy=tuple(scene.healthy),
        legs=tuple((pair, legs[pair.client]) for pair in scene.connections if pair.client in legs),
    )
    truth.write(run.folder / "truth.json")
    return LabResult(
        folder=run.folder,
        truth=truth,
        capture=path if capture.refused is None else None,
        trace=run.folder / "trace.jsonl",
        not_captured=capture.refused,
        seconds=time.monotonic() - start,
    )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


async def _settled(path: Path) -> None:
    """Wait until the servers have stopped writing."""
    deadline = time.monotonic() + _TRACE_SECONDS
    size = -1
    while time.monotonic() < deadline and (now := _size(path)) != size:
        size = now
        await asyncio.sleep(_TRACE_QUIET_SECONDS)


def _copy_tail(source: Path, start: int, folder: Path) -> bytes:
    """Copy what was written to a file since it had this size; returns it."""
    data = b""
    if source.exists():
        with source.open("rb") as file:
            file.seek(start)
            data = file.read()
    (folder / source.name).write_bytes(data)
    return data


def _legs(events: list[dict[str, Any]]) -> dict[str, Pair]:
    """The server's leg by the browser's end: nginx tells the server the browser's port, the only join of the two."""
    return {
        client: Pair("{}:{}".format(*event["client"]), "{}:{}".format(*event["server"]))
        for event in events
        if event["e"] == "open" and (client := browser(event)) is not None
    }


def _with_upstream(fault: Fault, legs: dict[str, Pair]) -> Fault:
    return dataclasses.replace(fault, upstream=tuple(legs.get(pair.client) for pair in fault.connections))
