"""Wireshark's dissection through pyshark, where there is tshark but no sharkd: same trees, a process per question."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from struct import pack
from types import TracebackType
from typing import Any, Self

from captures.child import Child
from captures.profile import Profile
from captures.programs import Program, environment
from captures.tree import UNKNOWN_SOURCE, Dissected, Item, Source
from inspector.errors import CaptureError, MissingPart, ProgramError, UsageError
from inspector.i18n import _

__all__ = ["Pyshark", "check_filter"]

_ROOT = Path(__file__).resolve().parent.parent
_FILTER_SECONDS = 20
_NUMBERS_AT_A_TIME = 1000
"""Packet numbers named in one display filter."""
_SEVERITIES = {1048576: "comment", 2097152: "chat", 4194304: "note", 6291456: "warning", 8388608: "error"}
"""Values of ``_ws.expert.severity``."""


class Pyshark:
    """Questions about one file. Use as a context manager; arguments and errors as for ``captures.sharkd.Sharkd``.

    Args:
        packet_bytes: Gives a packet's captured bytes by its number in the file: PDML does not say whose bytes a field
            stands for, so they are compared.
        packets: How many there are.
    """

    def __init__(
        self,
        program: Program,
        file: Path,
        profile: Profile,
        seconds: float,
        folder: Path,
        packet_bytes: Callable[[int], bytes],
        packets: int,
    ) -> None:
        if importlib.util.find_spec("pyshark") is None:
            raise MissingPart(
                _(
                    "pyshark is not installed and sharkd is missing; get it with: pip install 'wire-inspector[wireshark]'"
                )
            )
        if not file.exists():
            raise CaptureError(_("Wireshark cannot read the capture: {said}").format(said=file))
        self.program = program
        self.packets = packets
        self.cut = False
        self.pid = 0
        self._file, self._profile, self._seconds, self._folder = file, profile, seconds, folder
        self._packet_bytes = packet_bytes

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is left between questions."""

    def matching(self, display_filter: str) -> list[int]:
        """See ``Sharkd.matching``."""
        check_filter(self.program, display_filter, self._folder)
        command = [self.program.path, "-n", "-2", "-r", str(self._file), "-T", "fields", "-e", "frame.number"]
        if display_filter.strip():
            command += ["-Y", display_filter]
        with Child("tshark", command, self._profile, self._seconds, self._folder) as child:
            child.end_input()
            numbers = []
            while (line := child.line()) is not None:
                numbers.append(int(line))
            code = child.exit_code()
            if code is None or code < 0:
                raise child.gone()
            self._note_end(child.complaint, code)
        return numbers

    def dissect(self, numbers: Iterable[int]) -> Iterator[Dissected]:
        """See ``Sharkd.dissect``; the trees come in the order of the file."""
        wanted = sorted({number for number in numbers if 1 <= number <= self.packets})
        for first in range(0, len(wanted), _NUMBERS_AT_A_TIME):
            some = ", ".join(map(str, wanted[first : first + _NUMBERS_AT_A_TIME]))
            yield from self._ask(f"frame.number in {{{some}}}")

    def _ask(self, display_filter: str) -> Iterator[Dissected]:
        code = f"import sys; sys.path.insert(0, {str(_ROOT)!r}); from captures.worker import main; main()"
        command = [sys.executable, "-W", "ignore", "-c", code]
        request = {"tshark": self.program.path, "file": str(self._file), "filter": display_filter}
        with Child("pyshark", command, self._profile, self._seconds, self._folder) as child:
            self.pid = child.pid
            child.send(json.dumps(request))
            child.end_input()
            while True:
                line = child.answer()
                try:
                    answer = json.loads(line)
                except ValueError:
                    raise child.gone() from None
                if "end" in answer:
                    self._note_end(f"{answer['said']} {child.complaint}", int(answer["end"]))
                    return
                yield self._dissected(answer)

    def _note_end(self, said: str, code: int = 0) -> None:
        if "cut short" in said or code == 2:
            self.cut = True
        elif code:
            raise ProgramError(_("tshark failed: {said}").format(said=said.strip()))

    # Any: JSON.
    def _dissected(self, answer: dict[str, Any]) -> Dissected:
        number = int(answer["number"])
        packet = self._packet_bytes(number)
        names = _packet_number_fields(self.program.path)
        first = 0
        layers: list[Item] = []
        for line in answer["layers"]:
            layers.append(_item(line, packet, first, names))
            if layers[-1].size and layers[-1].source == 0 and layers[-1].name != "frame":
                first = layers[-1].start
        return Dissected(number, tuple(layers), (Source("", packet),))


def check_filter(program: Program, display_filter: str, folder: Path) -> None:
    """Raise UsageError if this is no display filter: asked of tshark with an empty file, since pyshark does not tell."""
    empty = folder / "empty.pcap"
    empty.write_bytes(pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
    try:
        done = subprocess.run(
            [program.path, "-n", "-r", str(empty), "-Y", display_filter],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_FILTER_SECONDS,
            check=False,
            env=environment(Path(os.devnull)),
        )
    except subprocess.TimeoutExpired as error:
        raise ProgramError(_("tshark did not answer within {seconds:g} s").format(seconds=_FILTER_SECONDS)) from error
    if done.returncode:
        said = re.search(r"tshark: (.*)", done.stderr.decode("utf-8", "replace"))
        raise UsageError(
            _("{filter} is no display filter: {said}").format(
                filter=repr(display_filter), said=said[1] if said else done.returncode
            )
        )


@lru_cache(maxsize=4)
def _packet_number_fields(path: str) -> frozenset[str]:
    """Names of the fields whose value is the number of a packet, as tshark lists them; none where it does not."""
    try:
        done = subprocess.run(
            [path, "-G", "fields"],
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_FILTER_SECONDS,
            check=False,
            env=environment(Path(os.devnull)),
        )
    except subprocess.TimeoutExpired:
        return frozenset()
    rows = (line.split(b"\t") for line in done.stdout.splitlines() if b"\tFT_FRAMENUM\t" in line)
    return frozenset(row[2].decode() for row in rows)


# Any: a line of JSON, see captures.worker.
def _item(line: list[Any], packet: bytes, room: int | None, names: frozenset[str]) -> Item:
    """A line and those below it.

    PDML gives positions without saying in which bytes. They are taken for the packet's where it has these bytes there,
    and not before what the line above stands for; positions in other bytes begin at 0 again.

    Args:
        line: As the worker wrote it.
        packet: The packet's bytes.
        room: Where lines below this one may begin in the packet; None when the one above is not in it.
        names: Fields whose value is the number of a packet.
    """
    name, label, value, start, size, data, below = line
    own = bytes.fromhex(data)
    inside = room is not None and size > 0 and room <= start and start + size <= len(packet)
    inside = inside and packet[start : start + len(own)] == own
    if inside and not own and any(child[3] < start for child in below if child[4]):
        inside = False  # PDML has wrong places for some lines that have no bytes of their own
    if size:
        room = start if inside else None
    number = int(value) if name == "_ws.expert.severity" and value.isdecimal() else 0
    items = tuple(_item(child, packet, room, names) for child in below)
    severity = next((item.value for item in items if item.name == "_ws.expert.severity"), "")
    return Item(
        name=name,
        label=label,
        value=_SEVERITIES.get(number, value) if number else value,
        source=0 if inside or not size else UNKNOWN_SOURCE,
        start=start,
        size=size,
        data=packet[start : start + size] if inside else own,
        severity=severity if name == "_ws.expert" else "",
        packet=int(value) if name in names and value.isdecimal() else 0,
        items=items,
    )
