"""What the words, codes and fields of a report mean, as ``inspector explain`` tells it, and how Wireshark shows a finding."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from inspector.report.both import both, merged
from inspector.report.explain import Explanation, Kind, explain
from inspector.report.explain.text import explanation_as_json
from inspector.report.explain.wireshark import finding_steps

__all__ = ["add_learning"]

_FRAME_FIELDS = ("fin", "rsv", "opcode", "mask", "payload_len", "masking_key")
"""Fields of a WebSocket frame that the page takes apart."""
_CUT_OFF = "1006"
"""What a program is told whose socket ended without a Close frame."""

# Any: JSON.
Json = dict[str, Any]


def add_learning(report: Json) -> None:
    """Add to a report every explanation that its words lead to, and to findings how Wireshark shows them."""
    spoken = {
        row["id"]: row["protocol"].split() for section in report["sections"] for row in section["connections"]["rows"]
    }
    for finding in report["findings"]:
        packets = list(dict.fromkeys(item["number"] for item in finding["evidence"]))
        streams = [int(key.rpartition(".")[2]) for key in finding["connections"]]
        protocols = (name for key in finding["connections"] for name in spoken.get(key, ()))
        steps = finding_steps(packets, streams, protocols)
        finding["wireshark"] = [{"filter": text, "text": both(lambda why=why: str(why))} for text, why in steps]  # type: ignore[misc]
    found = {one.key: one for term, kinds in _terms(report) for one in explain(term) if one.kind in kinds}
    for section in report["sections"]:
        for dictionary, kind in (
            (section["packets"]["fields"], Kind.FIELD),
            (section["packets"]["layers"], Kind.HEADER),
        ):
            for name, entry in dictionary.items():
                meaning = next((one for one in explain(name) if one.kind is kind), None)
                entry["explain"] = meaning.key if meaning is not None else None
                if meaning is not None:
                    found[meaning.key] = meaning
    for one in list(found.values()):
        found.update({other.key: other for term in one.also for other in explain(term) if other.kind is Kind.IDEA})
    report["explanations"] = {key: _told(one, found) for key, one in sorted(found.items())}


def _told(one: Explanation, all_found: Json) -> Json:
    told: Json = merged(lambda: {**explanation_as_json(one), "kind_word": str(one.kind.word)})
    see = (other.key for term in one.also for other in explain(term) if _has_a_place(other))
    return {**told, "see": [key for key in dict.fromkeys(see) if key in all_found]}


def _has_a_place(one: Explanation) -> bool:
    """Whether a page lists it by itself: fields are explained where their bytes are, but for those of frames."""
    return one.kind not in (Kind.FIELD, Kind.HEADER) or (one.header is not None and one.header.name == "websocket")


def _terms(report: Json) -> Iterator[tuple[str, tuple[Kind, ...]]]:
    """Every word of a report that means something, and as what."""
    yield report["verdict"]["confidence"], (Kind.WORD,)
    for finding in report["findings"]:
        yield from (
            (one, (Kind.RULE,)) for one in (finding["rule"], *(inner["rule"] for inner in finding["consequences"]))
        )
    for source in report["sources"]:
        yield from ((row["grade"], (Kind.WORD,)) for row in source["interfaces"])
    for section in report["sections"]:
        yield from _of_websockets(section["websockets"])
        yield from _of_exchanges(section["exchanges"]["rows"])


def _of_websockets(section: Json) -> Iterator[tuple[str, tuple[Kind, ...]]]:
    if section["connections"]:
        yield from ((f"websocket.{name}", (Kind.FIELD,)) for name in _FRAME_FIELDS)
    for item in section["connections"]:
        closings = [item["closing"][side] for side in ("client", "server") if item["closing"][side]]
        codes = [str(close["code"]) for close in closings if close["code"] is not None] if closings else [_CUT_OFF]
        yield from ((code, (Kind.CLOSE_CODE,)) for code in codes)
        yield from ((anomaly["code"], (Kind.ANOMALY,)) for anomaly in item["anomalies"])
        yield from ((extension.partition(";")[0], (Kind.IDEA,)) for extension in item["extensions"])
    for detail in section["details"]:
        yield from ((anomaly["code"], (Kind.ANOMALY,)) for anomaly in detail["anomalies"])


def _of_exchanges(rows: Iterable[Json]) -> Iterator[tuple[str, tuple[Kind, ...]]]:
    seen: dict[tuple[str, Kind], None] = {}
    for row in rows:
        if row["status"] is not None:
            seen[str(row["status"]), Kind.STATUS] = None
        seen.update(((code, Kind.ANOMALY), None) for code in row["anomalies"])
        for side in (row["request"], row["response"]):
            seen.update(
                ((name, _kind_of_field(name)), None) for name, _value in (side["headers"] if side is not None else ())
            )
    yield from ((term, (kind,)) for term, kind in seen)


def _kind_of_field(name: str) -> Kind:
    """As what a header field is explained: by its own entry, or by the idea of its name, such as Origin."""
    return Kind.HTTP_HEADER if any(one.kind is Kind.HTTP_HEADER for one in explain(name)) else Kind.IDEA
