"""What really happened in a lab: ``truth.json``, written by driver and server, never by the analyser.

A diagnosis is scored against it. Every TCP connection that a client opened during the capture is named: in a fault, in a
decoy, or among the healthy ones. A decoy may be a connection with a fault of another rule.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from inspector.errors import UsageError

__all__ = ["FORMAT", "KINDS", "SIDES", "Decoy", "Evidence", "Fault", "Pair", "Truth", "load", "problems"]

FORMAT = "lab-truth/1"

SIDES = ("application", "server", "proxy", "client", "network", "nobody")

KINDS = ("close", "fin", "rst", "status", "frame", "silence", "missing")

_RULE = re.compile(r"[A-Z][0-9]{1,2}|healthy")
_ADDRESS = re.compile(r"(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:]+\]):\d{1,5}")

Json = dict[str, Any]  # Any: JSON values


@dataclass(frozen=True)
class Pair:
    """A TCP connection: ``address:port`` of who opened it and of who was asked."""

    client: str
    server: str


@dataclass(frozen=True)
class Evidence:
    """What a capture of the browser's leg shows of a fault.

    Attributes:
        kind: One of `KINDS`. ``missing``: something that should have come and never did; ``silence``: a side that sent
            nothing for a while.
        sender: ``client`` or ``server``: whose packet it is, or who kept silent. ``from`` in JSON.
        code: Of a Close frame; None when it carries none or it is no Close.
        status: Of an HTTP response.
        more: Further facts of this kind of evidence (counts, texts, seconds).
    """

    kind: str
    sender: str
    code: int | None = None
    status: int | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> Json:
        """As it stands in the file."""
        known = {"code": self.code, "status": self.status}
        return {
            "kind": self.kind,
            "from": self.sender,
            **{k: v for k, v in known.items() if v is not None},
            **self.more,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The reverse of `to_json`."""
        rest = {k: v for k, v in data.items() if k not in ("kind", "from", "code", "status")}
        return cls(data["kind"], data["from"], data.get("code"), data.get("status"), rest)


@dataclass(frozen=True)
class Fault:
    """One thing that went wrong.

    Attributes:
        rule: Number of the failure, e.g. ``F13``.
        side: Who is at fault, one of `SIDES`.
        connections: The affected connections of the browser's side, the one that caused it first.
        upstream: What stands behind them at the server, same order, when a proxy stands between; None where the proxy
            opened none or nobody saw it.
        time_ns: When the cause acted: the handshake or the fatal frame was sent, the process was killed.
        seen_ns: When a client saw the outcome; None when there was nothing to see.
        evidence: What the capture shows.
        decidable: Whether the packets alone tell this rule from others.
        would_decide: What would tell, when they do not: ``trace``, ``keys``, ``other leg``.
        reason: The cause within the rule, as a code (``invalid_json``, ``foreign_origin`` …).
        reason_decidable: Whether the packets tell the reason.
        lab: The lab that made it; of a mix, the part.
    """

    rule: str
    side: str
    connections: tuple[Pair, ...]
    time_ns: int
    evidence: tuple[Evidence, ...]
    upstream: tuple[Pair | None, ...] = ()
    seen_ns: int | None = None
    decidable: bool = True
    would_decide: str | None = None
    reason: str | None = None
    reason_decidable: bool = True
    lab: str = ""

    def to_json(self) -> Json:
        """As it stands in the file; the first connection also by itself, since most faults have one."""
        behind = [pair and dataclasses.asdict(pair) for pair in self.upstream]
        return {
            "rule": self.rule,
            "side": self.side,
            **dataclasses.asdict(self.connections[0]),
            **(
                {"connections": [dataclasses.asdict(pair) for pair in self.connections]} if self.connections[1:] else {}
            ),
            **({"upstream": behind[0]} if behind else {}),
            **({"upstreams": behind} if behind[1:] else {}),
            "time_ns": self.time_ns,
            "seen_ns": self.seen_ns,
            "evidence": [item.to_json() for item in self.evidence],
            "decidable": self.decidable,
            "would_decide": self.would_decide,
            "reason": self.reason,
            "reason_decidable": self.reason_decidable,
            "lab": self.lab,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The reverse of `to_json`."""
        pairs = data.get("connections") or [{"client": data["client"], "server": data["server"]}]
        behind = data.get("upstreams") or ([data["upstream"]] if "upstream" in data else [])
        return cls(
            rule=data["rule"],
            side=data["side"],
            connections=tuple(Pair(**pair) for pair in pairs),
            time_ns=data["time_ns"],
            evidence=tuple(Evidence.from_json(item) for item in data["evidence"]),
            upstream=tuple(pair and Pair(**pair) for pair in behind),
            seen_ns=data.get("seen_ns"),
            decidable=data["decidable"],
            would_decide=data.get("would_decide"),
            reason=data.get("reason"),
            reason_decidable=data.get("reason_decidable", True),
            lab=data.get("lab", ""),
        )


@dataclass(frozen=True)
class Decoy:
    """Something that looks like a failure and is none; a diagnosis that reports it is wrong."""

    looks_like: str
    client: str
    server: str
    why: str
    lab: str = ""


@dataclass(frozen=True)
class Truth:
    """The whole file; see the module and docs/labs.md.

    Attributes:
        packets_dropped: How many packets the capture lost: with any, it is no fair exercise.
        legs: Behind a proxy, each connection of a browser with the one to the server that carries it on.
    """

    lab: str
    title: str
    seed: int
    via: str
    server: str
    settings: Mapping[str, Any]
    packets_captured: bool
    faults: tuple[Fault, ...] = ()
    decoys: tuple[Decoy, ...] = ()
    healthy: tuple[Pair, ...] = ()
    legs: tuple[tuple[Pair, Pair], ...] = ()
    packets_dropped: int = 0

    def to_json(self) -> Json:
        """As it stands in the file."""
        return {
            "format": FORMAT,
            "lab": self.lab,
            "title": self.title,
            "seed": self.seed,
            "via": self.via,
            "server": self.server,
            "settings": dict(self.settings),
            "packets_captured": self.packets_captured,
            "packets_dropped": self.packets_dropped,
            "faults": [fault.to_json() for fault in self.faults],
            "decoys": [dataclasses.asdict(decoy) for decoy in self.decoys],
            "healthy": [dataclasses.asdict(pair) for pair in self.healthy],
            "legs": [
                {**dataclasses.asdict(pair), "upstream": dataclasses.asdict(behind)} for pair, behind in self.legs
            ],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The reverse of `to_json`.

        Raises:
            UsageError: If it is not a lab's truth, naming what is wrong.
        """
        wrong = problems(data)
        if wrong:
            raise UsageError(f"not a {FORMAT}: {'; '.join(wrong[:5])}")
        return cls(
            **{key: data[key] for key in ("lab", "title", "seed", "via", "server", "settings", "packets_captured")},
            faults=tuple(Fault.from_json(item) for item in data["faults"]),
            decoys=tuple(Decoy(**item) for item in data["decoys"]),
            healthy=tuple(Pair(**item) for item in data["healthy"]),
            packets_dropped=data["packets_dropped"],
            legs=tuple((Pair(leg["client"], leg["server"]), Pair(**leg["upstream"])) for leg in data["legs"]),
        )

    def write(self, path: Path) -> None:
        """Write the file.

        Raises:
            UsageError: If this is not a valid truth: a fault of the lab.
        """
        data = self.to_json()
        wrong = problems(data)
        if wrong:
            raise UsageError(f"lab {self.lab} states no valid truth: {'; '.join(wrong[:5])}")
        path.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def load(path: Path) -> Truth:
    """Read a truth.json.

    Raises:
        UsageError: If it cannot be read or is not one.
    """
    try:
        return Truth.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise UsageError(f"cannot read {path}: {error}") from None


_FIELDS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "truth": {
        "lab": str, "title": str, "seed": int, "via": str, "server": str, "settings": dict, "packets_captured": bool,
        "packets_dropped": int,
        "faults": list, "decoys": list, "healthy": list, "legs": list,
    },
    "fault": {
        "rule": str, "side": str, "client": str, "server": str, "time_ns": int, "evidence": list, "decidable": bool,
    },
    "decoy": {"looks_like": str, "client": str, "server": str, "why": str},
    "pair": {"client": str, "server": str},
    "evidence": {"kind": str, "from": str},
}  # fmt: skip


def problems(data: object) -> list[str]:
    """What keeps this JSON value from being a truth; empty when nothing does."""
    found: list[str] = []
    if not _fields(data, "truth", "file", found):
        return found
    assert isinstance(data, Mapping)
    if data.get("format") != FORMAT:
        found.append(f"format is {data.get('format')!r}")
    if data["via"] not in ("direct", "nginx", "link"):
        found.append(f"via is {data['via']!r}")
    for number, fault in enumerate(data["faults"]):
        _check_fault(fault, f"faults[{number}]", found)
    for name, kind in (("decoys", "decoy"), ("healthy", "pair"), ("legs", "pair")):
        for number, item in enumerate(data[name]):
            _fields(item, kind, f"{name}[{number}]", found)
    for number, leg in enumerate(data["legs"]):
        if isinstance(leg, Mapping):
            _fields(leg.get("upstream"), "pair", f"legs[{number}].upstream", found)
    if not found:
        _check_places(data, found)
    return found


def _fields(data: object, kind: str, where: str, found: list[str]) -> bool:
    """Whether the fields are there with their types; also checks addresses."""
    if not isinstance(data, Mapping):
        found.append(f"{where} is no object")
        return False
    wrong = [
        f"{where}.{name} is {data.get(name)!r}"
        for name, expected in _FIELDS[kind].items()
        if not isinstance(data.get(name), expected) or (expected is int and isinstance(data.get(name), bool))
    ]
    if kind != "truth":
        wrong += [
            f"{where}.{name} is no address: {data[name]!r}"
            for name in ("client", "server")
            if isinstance(data.get(name), str) and not _ADDRESS.fullmatch(data[name])
        ]
    found += wrong
    return not wrong


def _check_fault(fault: object, where: str, found: list[str]) -> None:
    if not _fields(fault, "fault", where, found):
        return
    assert isinstance(fault, Mapping)
    if not _RULE.fullmatch(fault["rule"]):
        found.append(f"{where}.rule is {fault['rule']!r}")
    if fault["side"] not in SIDES:
        found.append(f"{where}.side is {fault['side']!r}")
    if not fault["decidable"] and not fault.get("would_decide"):
        found.append(f"{where} is not decidable and names nothing that would decide")
    if not fault["evidence"]:
        found.append(f"{where} has no evidence")
    for number, item in enumerate(fault["evidence"]):
        if _fields(item, "evidence", f"{where}.evidence[{number}]", found) and (
            item["kind"] not in KINDS or item["from"] not in ("client", "server")
        ):
            found.append(f"{where}.evidence[{number}] is {item!r}")
    for pair in [*fault.get("connections", ()), *filter(None, fault.get("upstreams", ()))]:
        _fields(pair, "pair", where, found)


def _check_places(data: Mapping[str, Any], found: list[str]) -> None:
    """Nothing is healthy and something else, and nothing is a decoy of its own fault."""
    faulty = {
        (pair["client"], pair["server"], fault["rule"])
        for fault in data["faults"]
        for pair in fault.get("connections") or [fault]
    }
    decoys = {(item["client"], item["server"], item["looks_like"]) for item in data["decoys"]}
    found.extend(f"{client} is a decoy of its own fault" for client, _server, _rule in sorted(faulty & decoys))
    named = {(client, server) for client, server, _rule in faulty | decoys}
    healthy = {(item["client"], item["server"]) for item in data["healthy"]}
    found.extend(f"{client} is healthy and something else" for client, _server in sorted(named & healthy))
