"""Checksums of a dissected packet: computed, compared, and the reasons why one may be wrong without damage."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from inspector.proto import LayerKind

if TYPE_CHECKING:
    from inspector.recording.dissect import Layer

__all__ = ["Checksum", "ChecksumState", "Direction", "check", "internet_checksum"]

_IPV4_PROTOCOL = {LayerKind.TCP: 6, LayerKind.UDP: 17}


class ChecksumState(Enum):
    """Outcome of comparing a checksum."""

    CORRECT = "correct"
    WRONG = "wrong"
    OFFLOADED = "offloaded"
    """Not filled in yet: the network card does it after the point of capture."""
    UNUSED = "unused"
    """The sender made none (UDP's zero)."""
    CUT = "cut"
    """Cannot be checked: bytes it covers were not captured."""
    FRAGMENT = "fragment"
    """Cannot be checked: it covers a datagram of which this is a piece."""


class Direction(Enum):
    """Whether the capturing machine sent a packet itself."""

    SENT = "sent"
    RECEIVED = "received"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Checksum:
    """A checksum and what it should be.

    Args:
        state: The outcome.
        stored: As in the packet.
        computed: What it should be; None when that cannot be computed.
    """

    state: ChecksumState
    stored: int
    computed: int | None = None


def internet_checksum(data: bytes) -> int:
    """The Internet checksum of ``data`` (RFC 1071): the complement of the one's complement sum of 16-bit words."""
    return ~_sum(data) & 0xFFFF


def _sum(data: bytes) -> int:
    """One's complement sum of 16-bit words, folded into 16 bits."""
    padded = data + b"\0" if len(data) % 2 else data
    total = int(np.frombuffer(padded, ">u2").sum(dtype=np.uint64))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def check(
    layer: Layer, network: Layer | None, layers: list[Layer], direction: Direction, missing: int
) -> Checksum | None:
    """Check the checksum of a layer.

    Args:
        layer: The layer; its checksum is found by its kind.
        network: The IP header that it travels in, for the pseudo-header.
        layers: All layers down to this one, outermost first.
        direction: Whether the capturing machine sent the packet.
        missing: Bytes of the packet that were not captured.

    Returns:
        The outcome; None for layers without a checksum, or whose checksum was not captured.
    """
    if layer.kind is LayerKind.IPV4:
        return _ipv4(layer, direction)
    stored = layer.value("checksum")
    if stored is None or layer.kind not in (
        LayerKind.TCP,
        LayerKind.UDP,
        LayerKind.ICMP,
        LayerKind.ICMPV6,
        LayerKind.GRE,
    ):
        return None
    if network is None and layer.kind is not LayerKind.GRE:
        return None
    if layer.kind is LayerKind.UDP and stored == 0 and network is not None and network.kind is LayerKind.IPV4:
        return Checksum(ChecksumState.UNUSED, 0)
    if _is_fragment(layers):
        return Checksum(ChecksumState.FRAGMENT, stored)
    covered = _covered(layer, network, missing)
    if covered is None:
        return Checksum(ChecksumState.CUT, stored)
    pseudo = b""
    if layer.kind in (LayerKind.TCP, LayerKind.UDP, LayerKind.ICMPV6) and network is not None:
        pseudo = _pseudo_header(layer.kind, network, layers, len(covered))
    return _compare(layer.kind, stored, covered, pseudo, direction)


def _ipv4(layer: Layer, direction: Direction) -> Checksum | None:
    stored, ihl = layer.value("header_checksum"), layer.value("ihl")
    if stored is None or ihl is None:
        return None
    header = layer.data[: ihl * 4]
    if len(header) < ihl * 4 or ihl < 5:
        return Checksum(ChecksumState.CUT, stored)
    computed = internet_checksum(header[:10] + b"\0\0" + header[12:])
    if stored == computed:
        return Checksum(ChecksumState.CORRECT, stored, computed)
    if stored == 0 and direction is not Direction.RECEIVED:
        return Checksum(ChecksumState.OFFLOADED, stored, computed)
    return Checksum(ChecksumState.WRONG, stored, computed)


def _is_fragment(layers: list[Layer]) -> bool:
    """Whether the innermost layer stands in a piece of a datagram (and not in one put together)."""
    innermost = layers[-1]
    for layer in layers:
        if layer.assembled != innermost.assembled:
            continue
        offset, more = layer.value("fragment_offset"), layer.value("more_fragments")
        if (offset or more) and layer.kind in (LayerKind.IPV4, LayerKind.IPV6_FRAGMENT):
            return True
    return False


def _covered(layer: Layer, network: Layer | None, missing: int) -> bytes | None:
    """The bytes that the checksum covers; None when some were not captured."""
    if layer.assembled:
        return layer.data
    if layer.kind is LayerKind.UDP:
        length = layer.value("length") or len(layer.data)
        return layer.data[:length] if length <= len(layer.data) else None
    if network is None:
        return None if missing else layer.data
    total = network.value("total_length") if network.kind is LayerKind.IPV4 else network.value("payload_length")
    start = network.offset if network.kind is LayerKind.IPV4 else network.offset + 40
    if not total or network.assembled:
        return None if missing else layer.data
    size = start + total - layer.offset
    return layer.data[:size] if 0 < size <= len(layer.data) else None


def _pseudo_header(kind: LayerKind, network: Layer, layers: list[Layer], size: int) -> bytes:
    """What the checksum covers besides the layer itself (RFC 9293 section 3.1, RFC 8200 section 8.1)."""
    if network.kind is LayerKind.IPV4:
        protocol = _IPV4_PROTOCOL.get(kind, 0)
        return network.data[12:20] + bytes((0, protocol)) + (size & 0xFFFF).to_bytes(2, "big")
    protocol = 58 if kind is LayerKind.ICMPV6 else _IPV4_PROTOCOL[kind]
    destination = _final_destination(layers) or network.data[24:40]
    return network.data[8:24] + destination + size.to_bytes(4, "big") + protocol.to_bytes(4, "big")


def _final_destination(layers: list[Layer]) -> bytes | None:
    """The last address of a routing header that still has nodes to visit; that is what the sender summed."""
    for layer in reversed(layers):
        if layer.kind is LayerKind.IPV6_ROUTING and layer.value("segments_left"):
            addresses = [span for span in layer.spans if span.field.bits == 128]
            if addresses:
                last = addresses[0] if layer.value("routing_type") == 4 else addresses[-1]
                return last.value.to_bytes(16, "big")
    return None


def _compare(kind: LayerKind, stored: int, covered: bytes, pseudo: bytes, direction: Direction) -> Checksum:
    at = {LayerKind.TCP: 16, LayerKind.UDP: 6, LayerKind.GRE: 4}.get(kind, 2)
    computed = internet_checksum(pseudo + covered[:at] + b"\0\0" + covered[at + 2 :])
    if kind is LayerKind.UDP and computed == 0:
        computed = 0xFFFF
    if stored == computed or (stored in (0, 0xFFFF) and computed in (0, 0xFFFF) and kind is not LayerKind.UDP):
        return Checksum(ChecksumState.CORRECT, stored, computed)
    if direction is not Direction.RECEIVED and stored in _unfinished(pseudo, len(covered)):
        return Checksum(ChecksumState.OFFLOADED, stored, computed)
    return Checksum(ChecksumState.WRONG, stored, computed)


def _unfinished(pseudo: bytes, size: int) -> set[int]:
    """What stands in the field before the network card fills it in: nothing, or the pseudo-header's sum alone.

    Drivers that let the card cut segments leave the length out of that sum.
    """
    if not pseudo:
        return {0}
    partial = _sum(pseudo)
    without_length = partial - size
    while without_length < 0:
        without_length += 0xFFFF
    return {0, partial, without_length}
