"""The IEEE 802.11 (Wi-Fi) frame header."""

from __future__ import annotations

from inspector.i18n import N_
from inspector.proto.cursor import Cursor
from inspector.proto.field import ByteOrder, Field, Header, Show, Span
from inspector.proto.kinds import LayerKind
from inspector.refs import Ref

__all__ = ["IEEE80211"]

_CONTROL = Ref("IEEE 802.11", "9.2.4.1")
_ADDRESS = Ref("IEEE 802.11", "9.2.4.3")
_SEQUENCE = Ref("IEEE 802.11", "9.2.4.4")

_MANAGEMENT, _CONTROL_TYPE, _DATA_TYPE = 0, 1, 2

_WITH_TRANSMITTER = frozenset({4, 5, 8, 9, 10, 11, 14, 15})
"""Control subtypes that have a second address (e.g. RTS, PS-Poll, block ack); CTS and ACK do not."""

_TRANSMITTER = Field(
    "transmitter_address",
    48,
    N_("Address 2: transmitter"),
    N_("The radio that sent this frame."),
    _ADDRESS,
    "wlan.ta",
    Show.MAC,
)
_NETWORK = Field(
    "bssid", 48, N_("Address 3: network"), N_("The wireless network (BSSID)."), _ADDRESS, "wlan.bssid", Show.MAC
)
_DESTINATION = Field(
    "destination_address",
    48,
    N_("Address 3: destination"),
    N_("Where the packet goes in the end."),
    _ADDRESS,
    "wlan.da",
    Show.MAC,
)
_SOURCE = Field(
    "source_address", 48, N_("Address 3: source"), N_("Who first sent the packet."), _ADDRESS, "wlan.sa", Show.MAC
)
_SOURCE_4 = Field(
    "source_address", 48, N_("Address 4: source"), N_("Who first sent the packet."), _ADDRESS, "wlan.sa", Show.MAC
)
_FRAGMENT = Field(
    "fragment_number", 4, N_("Fragment number"), N_("Which piece of a split frame this is."), _SEQUENCE, "wlan.frag"
)
_SEQUENCE_NUMBER = Field(
    "sequence_number",
    16,
    N_("Sequence number"),
    N_("Counts frames, so that repeats are noticed; its lowest four bits come first, then the fragment number."),
    _SEQUENCE,
    "wlan.seq",
)
_QOS = Field(
    "qos_control",
    16,
    N_("QoS control"),
    N_("Priority of the frame and how it is acknowledged."),
    Ref("IEEE 802.11", "9.2.4.5"),
    "wlan.qos",
    Show.HEX,
    order=ByteOrder.LITTLE,
)
_HT_CONTROL = Field(
    "ht_control",
    32,
    N_("HT control"),
    N_("Fine tuning of fast Wi-Fi."),
    Ref("IEEE 802.11", "9.2.4.6"),
    "wlan.htc",
    Show.HEX,
    order=ByteOrder.LITTLE,
)


def _variable(data: bytes) -> list[Span]:
    """What follows depends on type, subtype and the two distribution system bits."""
    cursor = Cursor(data, 10)
    if len(data) < 10:
        return []
    kind, subtype = data[0] >> 2 & 3, data[0] >> 4
    to_ds, from_ds, order = data[1] & 1, data[1] >> 1 & 1, data[1] >> 7
    if kind == _CONTROL_TYPE:
        if subtype in _WITH_TRANSMITTER:
            cursor.take(_TRANSMITTER)
        return cursor.spans
    if kind not in (_MANAGEMENT, _DATA_TYPE):
        return cursor.spans
    cursor.take(_TRANSMITTER)
    third = {(0, 0): _NETWORK, (0, 1): _SOURCE}.get((to_ds, from_ds), _DESTINATION)
    cursor.take(_NETWORK if kind == _MANAGEMENT else third)
    _sequence_control(cursor)
    if kind == _DATA_TYPE and to_ds and from_ds:
        cursor.take(_SOURCE_4)
    qos = kind == _DATA_TYPE and subtype & 8
    if qos:
        cursor.take(_QOS)
    if order and (qos or kind == _MANAGEMENT):
        cursor.take(_HT_CONTROL)
    return cursor.spans


def _sequence_control(cursor: Cursor) -> None:
    """Sequence control is a little-endian number: fragment number in its low four bits, sequence number above."""
    if cursor.left < 2:
        return
    bit = cursor.at * 8
    value = int.from_bytes(cursor.data[cursor.at : cursor.at + 2], "little")
    fragment = Span(_FRAGMENT, bit + 4, 4, value & 15)
    cursor.spans.append(Span(_SEQUENCE_NUMBER, bit, 16, value >> 4, (fragment,)))
    cursor.at += 2


def _flag(name: str, title: str, meaning: str, filter_name: str) -> Field:
    return Field(name, 1, title, meaning, _CONTROL, filter_name, Show.FLAG)


IEEE80211 = Header(
    name="ieee80211",
    kind=LayerKind.IEEE80211,
    title=N_("802.11 Wi-Fi"),
    meaning=N_("Carries a packet over the air between a station and its access point."),
    tcpip_layer=1,
    osi_layer=2,
    ref=Ref("IEEE 802.11", "9.2"),
    fields=(
        Field("subtype", 4, N_("Subtype"), N_("Kind of frame within its type."), _CONTROL, "wlan.fc.subtype"),
        Field(
            "type",
            2,
            N_("Type"),
            N_("Management, control or data."),
            _CONTROL,
            "wlan.fc.type",
            values={0: N_("management"), 1: N_("control"), 2: N_("data"), 3: N_("extension")},
            next_layer=True,
        ),
        Field("protocol_version", 2, N_("Version"), N_("Always zero."), _CONTROL, "wlan.fc.version"),
        _flag("htc_order", "+HTC/Order", N_("An HT control field follows."), "wlan.fc.order"),
        _flag("protected_frame", N_("Protected"), N_("What follows is encrypted."), "wlan.fc.protected"),
        _flag("more_data", N_("More data"), N_("More is waiting for a sleeping station."), "wlan.fc.moredata"),
        _flag("power_management", N_("Power management"), N_("The station goes to sleep."), "wlan.fc.pwrmgt"),
        _flag("retry", N_("Retry"), N_("Sent again because no acknowledgment came."), "wlan.fc.retry"),
        _flag("more_fragments", N_("More fragments"), N_("Further pieces of this frame follow."), "wlan.fc.frag"),
        _flag("from_ds", N_("From DS"), N_("Comes from the network behind the access point."), "wlan.fc.fromds"),
        _flag("to_ds", N_("To DS"), N_("Goes to the network behind the access point."), "wlan.fc.tods"),
        Field(
            "duration",
            16,
            N_("Duration"),
            N_("Microseconds that the air stays reserved for this exchange."),
            Ref("IEEE 802.11", "9.2.4.2"),
            "wlan.duration",
            unit="µs",
            order=ByteOrder.LITTLE,
        ),
        Field(
            "receiver_address",
            48,
            N_("Address 1: receiver"),
            N_("The radio that this frame is for."),
            _ADDRESS,
            "wlan.ra",
            Show.MAC,
        ),
    ),
    variable=_variable,
    optional=(
        _TRANSMITTER,
        _NETWORK,
        _DESTINATION,
        _SOURCE,
        _SOURCE_4,
        _SEQUENCE_NUMBER,
        _FRAGMENT,
        _QOS,
        _HT_CONTROL,
    ),
)
