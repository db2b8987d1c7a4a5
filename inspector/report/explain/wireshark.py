"""How to see the same in Wireshark: what to type as a display filter, where to click."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from inspector.i18n import N_
from inspector.model.finding import NOTHING, Text, told
from inspector.report.explain.explanation import Explanation, Kind

__all__ = ["Step", "finding_steps", "menu_of"]

_FIELD = N_(
    "In the packet's details open {header} and select the field; its name stands in the status bar. Apply as Column lists it."
)
_HEADER = N_("In the packet's details open {header}: choosing a line marks its bytes, and choosing a byte its line.")
_MENUS = {
    Kind.CLOSE_CODE: N_("In the packet's details: WebSocket, Close, Status code."),
    Kind.STATUS: N_("Statistics > HTTP > Packet Counter counts them; Analyze > Follow > HTTP Stream shows the exchange."),
    Kind.ALERT: N_("In the packet's details: Transport Layer Security, Alert Message; in TLS 1.3 only with Edit > Preferences > "
                   "Protocols > TLS > (Pre)-Master-Secret log filename."),
    Kind.H2_ERROR: N_("In the packet's details: HyperText Transfer Protocol 2, Error."),
    Kind.ANOMALY: N_("Analyze > Expert Information lists what Wireshark itself warns of; it does not warn of everything told here."),
    Kind.PORT: N_("Statistics > Conversations > TCP lists who talked to the port; Analyze > Decode As reads it as another protocol."),
}  # fmt: skip
_PACKETS = N_("The packets of the finding; Go > Go to Packet leads to one of them")
_STREAMS = N_("All of its connections; Analyze > Follow > TCP Stream shows what was said")
_HTTP = N_("The HTTP of these connections; Analyze > Follow > HTTP Stream, and Statistics > HTTP > Requests")
_WEBSOCKET = N_("Their WebSocket frames; in the details, WebSocket, is each bit of the frame's header, the mask undone")
_TLS = N_(
    "Their TLS; with Edit > Preferences > Protocols > TLS > (Pre)-Master-Secret log filename Wireshark decrypts what it has keys of"
)
_TCP = N_(
    "What Wireshark says about their segments; Statistics > TCP Stream Graphs > Time Sequence (tcptrace) draws them"
)
_MOST = 12
"""Numbers in a filter: a longer one does not fit the bar."""

Step = tuple[str, Text]
"""A display filter, and what it shows and where to go on."""


def menu_of(one: Explanation) -> Text:
    """Where in Wireshark's window to look for what is explained; NOTHING where there is no such place."""
    if one.kind is Kind.FIELD and one.header is not None:
        return told(_FIELD, header=Text(one.header.title))
    if one.kind is Kind.HEADER:
        return told(_HEADER, header=Text(one.title))
    menu = _MENUS.get(one.kind)
    return Text(menu) if menu is not None else NOTHING


def finding_steps(packets: Sequence[int], connections: Sequence[int], protocols: Iterable[str]) -> list[Step]:
    """How to see a finding in Wireshark.

    Args:
        packets: ``frame.number`` of its evidence.
        connections: ``tcp.stream`` of its connections.
        protocols: What was spoken on them: ``TLS``, ``HTTP``, ``WebSocket``.
    """
    steps: list[Step] = []
    if packets:
        steps.append((f"frame.number in {_set(packets)}", Text(_PACKETS)))
    if not connections:
        return steps
    where = f"tcp.stream in {_set(connections)}"
    steps.append((where, Text(_STREAMS)))
    spoken = set(protocols)
    for name, filter_name, text in (
        ("HTTP", "http", _HTTP),
        ("WebSocket", "websocket", _WEBSOCKET),
        ("TLS", "tls", _TLS),
    ):
        if name in spoken:
            steps.append((f"{where} && {filter_name}", Text(text)))
    steps.append((f"{where} && tcp.analysis.flags", Text(_TCP)))
    return steps


def _set(numbers: Sequence[int]) -> str:
    return "{" + ", ".join(str(number) for number in numbers[:_MOST]) + "}"
