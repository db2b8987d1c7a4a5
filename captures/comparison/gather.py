"""Collects both sides' units of a capture: ours from the decoders, Wireshark's from its trees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from captures.comparison.http import our_http, our_http2, put_together, their_http, their_http2
from captures.comparison.names import our_dns, our_tls, their_dns, their_tls
from captures.comparison.places import Places
from captures.comparison.spoken import spoken_protocols
from captures.comparison.unit import Unit
from captures.comparison.websocket import our_websockets, their_websockets
from captures.opinion import open_session
from captures.profile import Profile
from captures.tree import Dissected
from inspector.recording.application import Applications, speaks_http1, speaks_http2
from inspector.recording.secrets import secrets_inside

if TYPE_CHECKING:
    from inspector.recording.capture import Capture

__all__ = ["Gathered", "gather_units"]

_FILTER = "http or http2 or websocket or dns or mdns or llmnr or tls"
"""Packets whose trees are looked at: those with a protocol that we decode."""

_PLAIN = "tls.plain"

Side = tuple[int, int]
"""Connection, and the endpoint that sends."""


@dataclass(slots=True)
class Gathered:
    """Both sides' units, and what reasons need to know about them.

    Args:
        capture: The capture.
        places: Finds places in it.
        ours, theirs: The units.
        decode_as: What Wireshark was told about ports: the protocols that we found there by their bytes.
        data: For each packet the bytes that Wireshark shows as plain data.
        malformed: Packets that Wireshark gave up as malformed.
        protected: Packets with protected application data of TLS.
    """

    capture: Capture
    places: Places
    ours: list[Unit] = field(default_factory=list)
    theirs: list[Unit] = field(default_factory=list)
    decode_as: Mapping[tuple[str, int], str] = field(default_factory=dict)
    data: dict[int, tuple[bytes, ...]] = field(default_factory=dict)
    malformed: set[int] = field(default_factory=set)
    protected: set[int] = field(default_factory=set)


def gather_units(capture: Capture, *, way: str | None, seconds: float) -> Gathered:
    """Decode the capture, let Wireshark dissect it, and collect what both say.

    Wireshark puts segments in order for this, except for streams of which bytes are missing: it would wait for them to
    the capture's end and show nothing that follows. For those it is asked as it comes. Once more it is asked where a port
    is used for several protocols, of which it can be told one at a time.
    """
    spoken = spoken_protocols(capture)
    found = Gathered(capture, Places(capture), decode_as=spoken.decode_as)
    for collect in (our_websockets, our_http, our_http2, our_dns, our_tls):
        found.ours += collect(capture, found.places)
    gaps = _sides_with_gaps(capture)
    apart = {
        name: {(number, side) for number in numbers for side in (0, 1)} - gaps for name, numbers in spoken.apart.items()
    }
    if found.ours or len(capture.segments) or len(capture.datagrams):
        _ask(found, Profile.thorough(found.decode_as), gaps.union(*apart.values()), False, way, seconds)
        if gaps:
            _ask(found, Profile({}, found.decode_as), gaps, True, way, seconds)
        for name, sides in apart.items():
            ports = {("tcp.port", spoken.ports[number]): name for number in spoken.apart[name]}
            _ask(found, Profile.thorough({**found.decode_as, **ports}), sides, True, way, seconds)
    found.ours, found.theirs = put_together(found.ours), put_together(found.theirs)
    _add_plain(found)
    return found


def _ask(found: Gathered, profile: Profile, sides: set[Side], wanted: bool, way: str | None, seconds: float) -> None:
    """Collect Wireshark's units of all packets that are (``wanted``) or are not of these sides."""
    with open_session(found.capture, profile, way=way, seconds=seconds) as session:
        for packet in session.dissect(session.matching(_FILTER)):
            where = found.places.of_packet(packet.number)
            if (where in sides) is wanted:
                found.theirs += _theirs(packet, found.places)
                found.data[packet.number] = tuple(item.data for item in packet.walk() if item.name == "data.data")
                if any(layer.first("tls.app_data") is not None for layer in packet.protocol("tls")):
                    found.protected.add(packet.number)
                if packet.protocol("_ws.malformed"):
                    found.malformed.add(packet.number)


def _theirs(packet: Dissected, places: Places) -> Iterator[Unit]:
    for collect in (their_websockets, their_http, their_http2, their_dns, their_tls):
        yield from collect(packet, places)


def _sides_with_gaps(capture: Capture) -> set[Side]:
    """Sides of connections that sent payload of which bytes are missing."""
    table = capture.connections
    suspects = [
        number
        for number in range(len(table))
        if int(table.missing_a[number]) or int(table.missing_b[number]) or int(table.client[number]) < 0
    ]
    return {(number, side) for number in suspects for side in (0, 1) if capture.stream(number, side).gaps}


def _add_plain(found: Gathered) -> None:
    """What TLS carried where no protocol of ours is spoken: decrypted bytes, those of a direction as one unit."""
    capture = found.capture
    applications = Applications(capture, secrets_inside(capture))
    sockets = {socket.connection for socket in capture.websockets.connections}
    theirs: dict[Side, list[bytes]] = {}
    for number in sorted(found.protected):
        where = found.places.of_packet(number)
        if where is not None:
            theirs.setdefault(where, []).extend(found.data[number])
    for number in range(len(capture.connections)):
        application = applications.of(number)
        spoken = speaks_http1(application) or speaks_http2(application) or number in sockets
        if application.tls is None or spoken:
            continue
        for stream, side in (
            (application.client, application.client_side),
            (application.server, 1 - application.client_side),
        ):
            mine, other = stream.read(0, stream.end), b"".join(theirs.get((number, side), ()))
            if mine:
                found.ours.append(Unit(_PLAIN, (number, side), 0, {"data": mine}))
            if other:
                found.theirs.append(Unit(_PLAIN, (number, side), 0, {"data": other}))
