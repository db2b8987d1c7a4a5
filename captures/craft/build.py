"""Builds a packet from its notation, with scapy in a process of its own."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from captures.craft.notation import LayerNode, Value, parse_notation
from inspector.errors import MissingPart, UsageError
from inspector.i18n import _

__all__ = ["Crafted", "CraftedField", "CraftedLayer", "craft"]

_SECONDS = 90
"""scapy's import takes one to three seconds, on a busy machine twenty times that; building takes milliseconds, and
``worker`` bounds its processor time."""


@dataclass(frozen=True, slots=True)
class CraftedField:
    """A field as scapy describes it: ``first_bit`` counts from the packet's start."""

    name: str
    first_bit: int
    bits: int
    text: str


@dataclass(frozen=True, slots=True)
class CraftedLayer:
    """A layer as scapy describes it; ``offset`` and ``size`` of its header in bytes."""

    name: str
    title: str
    offset: int
    size: int
    fields: tuple[CraftedField, ...]


@dataclass(frozen=True, slots=True)
class Crafted:
    """A built packet: its bytes, its link type (LINKTYPE number), and scapy's own description of its layers."""

    data: bytes
    link_type: int
    layers: tuple[CraftedLayer, ...]


def craft(text: str) -> Crafted:
    """Build the packet that a notation describes.

    Raises:
        UsageError: If the text is not the notation of a packet, or names layers, fields or values that do not exist.
        MissingPart: If scapy is not installed.
    """
    nodes = parse_notation(text)
    if importlib.util.find_spec("scapy") is None:
        raise MissingPart(_("building packets needs scapy; get it: pip install 'wire-inspector[craft]'"))
    answer = _ask([_plain(node) for node in nodes])
    if "error" in answer:
        raise UsageError(_sentence(answer))
    layers = tuple(
        CraftedLayer(
            layer["name"],
            layer["title"],
            layer["offset"],
            layer["size"],
            tuple(CraftedField(*field) for field in layer["fields"]),
        )
        for layer in answer["layers"]
    )
    return Crafted(bytes.fromhex(answer["bytes"]), answer["link_type"], layers)


# Any: JSON of the shape that captures.craft.worker describes.
def _ask(request: list[dict[str, Any]]) -> dict[str, Any]:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "captures.craft.worker"],
            input=json.dumps(request) + "\n",
            capture_output=True,
            text=True,
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise UsageError(_("this packet takes longer than {seconds} s to build").format(seconds=_SECONDS)) from error
    lines = done.stdout.strip().splitlines()
    if not lines:
        why = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise UsageError(_("scapy could not build this packet: {why}").format(why=why))
    answer: dict[str, Any] = json.loads(lines[-1])
    return answer


def _plain(node: LayerNode) -> dict[str, Any]:
    return {
        "name": node.name,
        "fields": {name: _plain_value(value) for name, value in node.fields.items()},
        "positional": None if node.positional is None else _plain_value(node.positional),
    }


def _plain_value(value: Value) -> Any:
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, tuple):
        return {"layers": [_plain(node) for node in value]}
    return [_plain_value(item) for item in value] if isinstance(value, list) else value


def _sentence(answer: dict[str, Any]) -> str:
    close = ", ".join(answer.get("close", ()))
    sentences = {
        "layer": _("there is no layer {name}; close to it: {close}") if close else _("there is no layer {name}"),
        "field": _("{layer} has no field {name}; it has: {close}"),
        "positional": _("{layer} takes named fields only, as in IP(ttl=64)"),
        "address": _("{layer}: {name} must be one IP address written out, not {value}: nothing is looked up"),
        "card": _("{layer}: {name} must be an Ethernet address such as 02:00:00:00:00:01, not {value}"),
        "range": _("{layer}: {name} has {bits} bits and takes 0 to {most}, not {value}"),
        "flags": _("{layer}: {name} takes these flags: {close}; not {value}"),
        "no-link": _("a capture cannot begin with {name}; begin with Ether(), IP() or IPv6()"),
        "long": _("the packet has {size} bytes; the most is {most}"),
        "unfit": _("scapy could not build this packet: {why}"),
    }
    return sentences[answer["error"]].format(**{**answer, "close": close})
