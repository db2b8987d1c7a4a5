"""The process in which scapy builds: one tree on standard input, one JSON object on standard output.

A process of its own keeps scapy's settings, its licence and its slow import away, bounds time and memory, and makes one
promise checkable: building touches nothing. After scapy is imported, an audit hook refuses sockets, name lookups, writing
and programs (some of scapy's fields would otherwise ask the network for an address).

Request: the layers, each ``{"name", "fields", "positional"}``; bytes as ``{"bytes": hex}``, layers as ``{"layers": []}``.
Answer: ``{"bytes", "link_type", "layers": [{"name", "title", "offset", "fields": [[name, first bit, bits, text]]}]}``
or ``{"error", ...}``.
"""

from __future__ import annotations

import difflib
import ipaddress
import json
import logging
import random
import re
import struct
import sys
from typing import Any

__all__ = ["main"]

_MEMORY_BYTES = 2 * 1024**3
_SECONDS = 20
_LONGEST_PACKET = 65_535
_MAC = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}")

# What fields get that scapy would otherwise take from this machine or ask the network for: addresses of documentation
# (RFC 5737, RFC 3849) and locally administered cards.
_DEFAULTS = {
    "SourceMACField": "02:00:00:00:00:01",
    "DestMACField": "02:00:00:00:00:02",
    "ARPSourceMACField": "02:00:00:00:00:01",
    "SourceIPField": "192.0.2.1",
    "SourceIP6Field": "2001:db8::1",
}
_ADDRESS_FIELDS = {"IPField", "SourceIPField", "DestIPField", "IP6Field", "SourceIP6Field", "DestIP6Field"}
_CARD_FIELDS = {"MACField", "SourceMACField", "DestMACField", "ARPSourceMACField"}
_RAW_IP = 101
_REFUSED_EVENTS = (
    "socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.remove", "os.rename", "os.mkdir",
    "shutil.", "urllib.", "ftplib.", "ctypes.dlopen",
)  # fmt: skip


class _Wrong(Exception):
    """What was asked cannot be built: a code and its parameters."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.answer = {"error": code, **params}


def main() -> None:
    """Answer one request."""
    request = json.loads(sys.stdin.readline())
    logging.disable(logging.CRITICAL)
    import scapy.all  # noqa: F401  # fills the list of layers
    from scapy.config import conf

    _bound()
    sys.addaudithook(_refuse)
    random.seed(0)  # fields that are random by default are so the same way each time
    names: dict[str, Any] = {layer.__name__: layer for layer in conf.layers}
    try:
        answer = _answer(request, names, conf)
    except _Wrong as wrong:
        answer = wrong.answer
    except Exception as error:  # scapy's fields raise whatever their conversions raise
        answer = {"error": "unfit", "why": (str(error).splitlines() or [type(error).__name__])[0][:500]}
    print(json.dumps(answer))


def _bound() -> None:
    try:
        import resource
    except ImportError:  # Windows: the caller's time limit remains
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith(_REFUSED_EVENTS) or (event == "open" and _writes(arguments)):
        raise PermissionError(f"building a packet may not do this: {event}")


def _writes(arguments: tuple[Any, ...]) -> bool:
    mode = arguments[1] if len(arguments) > 1 else None
    return isinstance(mode, str) and any(letter in mode for letter in "wax+")


# Any from here on: scapy has no types that say more.
def _answer(request: list[dict[str, Any]], names: dict[str, Any], conf: Any) -> dict[str, Any]:
    packet = _packet(request, names)
    first = type(packet)
    link_type = conf.l2types.layer2num.get(first) if hasattr(conf.l2types, "layer2num") else None
    if first.__name__ in ("IP", "IPv6"):
        link_type = _RAW_IP
    if link_type is None:
        raise _Wrong("no-link", name=first.__name__)
    data = bytes(packet)
    if len(data) > _LONGEST_PACKET + 64:
        raise _Wrong("long", size=len(data), most=_LONGEST_PACKET)
    return {"bytes": data.hex(), "link_type": int(link_type), "layers": _described(first(data), len(data))}


def _packet(nodes: list[dict[str, Any]], names: dict[str, Any]) -> Any:
    layers = [_layer(node, names) for node in nodes]
    packet = layers[0]
    for layer in layers[1:]:
        packet = packet / layer
    return packet


def _layer(node: dict[str, Any], names: dict[str, Any]) -> Any:
    kind = names.get(node["name"])
    if kind is None:
        raise _Wrong("layer", name=node["name"], close=difflib.get_close_matches(node["name"], names, 5))
    fields = {field.name: field for field in kind.fields_desc}
    given = {name: _value(value, names) for name, value in node["fields"].items()}
    for name, value in given.items():
        if name not in fields:
            close = list(dict.fromkeys([*difflib.get_close_matches(name, fields, 5), *fields]))[:12]
            raise _Wrong("field", layer=node["name"], name=name, close=close)
        _check_address(node["name"], name, fields[name], value)
        _check_size(node["name"], name, fields[name], value)
    if node["positional"] is not None:
        if "load" not in fields:
            raise _Wrong("positional", layer=node["name"])
        given["load"] = _value(node["positional"], names)
    for name, field in fields.items():
        default = next((_DEFAULTS[base] for base in _bases(field) if base in _DEFAULTS), None)
        if default is not None and given.get(name) is None:
            given[name] = default
    return kind(**given)


def _bases(field: Any) -> list[str]:
    # A field may stand inside one that is there only on a condition, or that chooses between several.
    inner = getattr(field, "fld", None)
    return [base.__name__ for base in type(field).__mro__] + (_bases(inner) if inner is not None else [])


def _check_address(layer: str, name: str, field: Any, value: Any) -> None:
    """Addresses are written out: a name would be asked for on the network, and a range means many packets."""
    bases = set(_bases(field))
    for text in value if isinstance(value, list) else [value]:
        if not isinstance(text, str):
            continue
        if bases & _ADDRESS_FIELDS:
            try:
                ipaddress.ip_address(text)
            except ValueError:
                raise _Wrong("address", layer=layer, name=name, value=text) from None
        elif bases & _CARD_FIELDS and not _MAC.fullmatch(text):
            raise _Wrong("card", layer=layer, name=name, value=text)


def _check_size(layer: str, name: str, field: Any, value: Any) -> None:
    """A number must fit its bits, and letters must be flags: scapy would cut the one and stumble over the other."""
    while hasattr(field, "fld"):
        field = field.fld
    bases = set(_bases(field))
    if isinstance(value, int) and (bits := _bits(field, bases)):
        if not 0 <= value < 1 << bits:
            raise _Wrong("range", layer=layer, name=name, bits=bits, most=(1 << bits) - 1, value=value)
    elif isinstance(value, str) and "FlagsField" in bases and isinstance(field.names, (str, list)):
        words = value if isinstance(field.names, str) else value.split("+")
        if any(word not in field.names for word in words):
            raise _Wrong("flags", layer=layer, name=name, close=list(field.names), value=value)


def _bits(field: Any, bases: set[str]) -> int:
    """Bits of a field that holds a plain unsigned number; 0 of any other."""
    if "BitField" in bases:
        return int(abs(field.size))
    code = getattr(field, "fmt", "")[-1:]
    whole = type(field).i2m.__qualname__ == "Field.i2m"
    return 8 * struct.calcsize(f">{code}") if whole and code in ("B", "H", "I", "L", "Q") and code else 0


def _value(value: Any, names: dict[str, Any]) -> Any:
    if isinstance(value, list):
        items = [_value(item, names) for item in value]
        # Options are pairs: ("MSS", 1460).
        return [tuple(item) if isinstance(item, list) else item for item in items]
    if isinstance(value, dict):
        return bytes.fromhex(value["bytes"]) if "bytes" in value else _packet(value["layers"], names)
    return value


def _described(packet: Any, size: int) -> list[dict[str, Any]]:
    """Every layer as scapy reads it back: where its fields are, and what it says of them."""
    layers, layer, offset = [], packet, 0
    while layer is not None and layer.name != "NoPayload":
        own = layer.original[: max(len(layer.original) - len(getattr(layer.payload, "original", b"") or b""), 0)]
        if type(layer).__name__ not in ("Raw", "Padding"):
            layers.append(
                {
                    "name": type(layer).__name__,
                    "title": str(layer.name),
                    "offset": offset,
                    "size": min(len(own), size - offset),
                    "fields": _fields(layer, layer.original, offset, len(own) * 8),
                }
            )
        offset += len(own)
        layer = layer.payload
    return layers


def _fields(layer: Any, data: bytes, offset: int, most: int) -> list[list[Any]]:
    """Name, first bit, bits and text of each field, found by letting each take its bytes in turn."""
    rows: list[list[Any]] = []
    rest: Any = data
    at = 0
    for field in layer.fields_desc:
        try:
            rest, _taken = field.getfield(layer, rest)
            # Within a byte, what is left is (bytes, bits used of the first, ...).
            left, bits = (rest[0], rest[1]) if isinstance(rest, tuple) else (rest, 0)
            end = min((len(data) - len(left)) * 8 + bits, most)
            text = str(field.i2repr(layer, layer.getfieldval(field.name)))
        except Exception:  # a field that cannot be read ends the description, not the packet
            break
        if end > at:
            rows.append([field.name, offset * 8 + at, end - at, text[:300]])
        at = end
    return rows


if __name__ == "__main__":
    main()
