"""Wireshark's dissection through sharkd: it reads the file once, then gives each packet's tree in under a millisecond."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from captures.child import Child
from captures.profile import Profile
from captures.programs import Program
from captures.tree import Dissected, Item, Source
from inspector.errors import CaptureError, ProgramError, UsageError
from inspector.i18n import _

__all__ = ["Sharkd"]

# Any: JSON.
Json = dict[str, Any]

_AHEAD = 32
"""Packets asked for before the first of them is read: a few kilobytes of requests, less than a pipe holds."""
_SEVERITIES = {"Comment": "comment", "Chat": "chat", "Note": "note", "Warn": "warning", "Warning": "warning",
               "Error": "error"}  # fmt: skip


class Sharkd:
    """One sharkd that has read one file. Use as a context manager.

    Args:
        program: sharkd.
        file: What to read.
        profile: Preferences.
        seconds: Time limit of the whole session.
        folder: For its files.

    Attributes:
        cut: The file ends inside a packet; those before it are there.
        packets: How many there are.

    Raises:
        CaptureError: If sharkd cannot read the file.
        ProgramError: If it fails or takes too long; from every method.
    """

    def __init__(self, program: Program, file: Path, profile: Profile, seconds: float, folder: Path) -> None:
        self.program = program
        self._child = Child(program.name, [program.path, "-"], profile, seconds, folder)
        self._id = 0
        try:
            # No answer comes for a file that is cut, so that the next answer tells.
            self._request("load", {"file": str(file)})
            answer = self._ask("status", {})
            self.packets = int(answer["result"].get("frames", 0))
            if "filename" not in answer["result"]:
                raise CaptureError(_("Wireshark cannot read the capture: {said}").format(said=self._child.complaint))
            self.cut = "cut short" in self._child.complaint
        except BaseException:
            self._child.close()
            raise

    @property
    def pid(self) -> int:
        """The process."""
        return self._child.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._child.close()

    def matching(self, display_filter: str) -> list[int]:
        """Numbers of the packets that match.

        Raises:
            UsageError: If it is no filter.
        """
        if not display_filter.strip():
            return list(range(1, self.packets + 1))
        self.check(display_filter)
        answer = self._ask("frames", {"filter": display_filter, "column0": "frame.number:1"})
        return [int(row["num"]) for row in _result(answer)]

    def check(self, display_filter: str) -> None:
        """Raise UsageError if this is no display filter."""
        answer = self._ask("check", {"filter": display_filter})
        if "error" in answer:
            said = str(answer["error"].get("message", "")).removeprefix("Filter invalid - ")
            raise UsageError(_("{filter} is no display filter: {said}").format(filter=repr(display_filter), said=said))

    def dissect(self, numbers: Iterable[int]) -> Iterator[Dissected]:
        """The trees of these packets; numbers that do not exist are left out."""
        asked: deque[tuple[int, int]] = deque()
        for number in numbers:
            if 1 <= number <= self.packets:
                # Some ahead, so that sharkd works while the answer before is read.
                asked.append((number, self._request("frame", {"frame": number, "proto": True, "bytes": True})))
            if len(asked) >= _AHEAD:
                yield self._answered(*asked.popleft())
        while asked:
            yield self._answered(*asked.popleft())

    def _answered(self, number: int, wanted: int) -> Dissected:
        return _dissected(number, _result(self._answer(wanted)))

    def _request(self, method: str, parameters: Json) -> int:
        self._id += 1
        self._child.send(json.dumps({"jsonrpc": "2.0", "id": self._id, "method": method, "params": parameters}))
        return self._id

    def _ask(self, method: str, parameters: Json) -> Json:
        return self._answer(self._request(method, parameters))

    def _answer(self, wanted: int) -> Json:
        while True:
            line = self._child.answer()
            try:
                answer: Json = json.loads(line.decode("utf-8", "replace"), strict=False)
            except ValueError as error:
                raise ProgramError(_("sharkd gave an answer that is no JSON: {why}").format(why=error)) from error
            if answer.get("id") == wanted:
                return answer


# Any: an object or a list, as the method has it.
def _result(answer: Json) -> Any:
    if "result" not in answer:
        raise ProgramError(_("sharkd refused: {said}").format(said=answer.get("error", {}).get("message", "")))
    return answer["result"]


def _dissected(number: int, result: Json) -> Dissected:
    sources = [Source("", b64decode(result.get("bytes", "")))]
    sources += [Source(item.get("name", ""), b64decode(item.get("bytes", ""))) for item in result.get("ds", ())]
    return Dissected(number, tuple(_item(item, sources) for item in result["tree"]), tuple(sources))


def _item(node: Json, sources: list[Source]) -> Item:
    source = int(node.get("ds", 0))
    start, size = node.get("h", (0, 0))
    known = 0 <= source < len(sources)
    name, value = _name_and_value(node.get("f", ""))
    items = tuple(_item(child, sources) for child in node.get("n", ()))
    severity = next((item.value for item in items if item.name == "_ws.expert.severity"), "")
    return Item(
        name=name,
        label=node.get("l", ""),
        value=value,
        source=source,
        start=start,
        size=size,
        data=sources[source].data[start : start + size] if known else b"",
        severity=_SEVERITIES.get(severity, "") if name == "_ws.expert" else "",
        packet=int(node.get("fnum", 0)),
        items=items,
    )


_PLAIN_BYTES = re.compile(r"frame\[\d+:\d+\]")
"""How sharkd filters for lines that stand for bytes but have no value: by the bytes."""


def _name_and_value(expression: str) -> tuple[str, str]:
    """What a filter that selects the line says; text lines have none, or the pseudo field ``text``."""
    name, _equals, value = expression.partition(" == ")
    if name == "text" or _PLAIN_BYTES.fullmatch(name):
        return "", ""
    if len(value) >= 2 and value[0] == value[-1] == '"':
        value = _ESCAPE.sub(_unescape, value[1:-1])
    return name, value


_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|.)", re.DOTALL)
_NAMED = {"n": "\n", "r": "\r", "t": "\t", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "0": "\0"}


def _unescape(match: re.Match[str]) -> str:
    code = match[1]
    return chr(int(code[1:], 16)) if code[0] == "x" and len(code) == 3 else _NAMED.get(code, code)
