"""Server-sent events inside HTTP responses, also unfinished ones: tshark 4.0 shows nothing of those."""

from __future__ import annotations

from pathlib import Path

import inspector
from inspector.recording.http import http_exchanges
from tests.packets import ACK, PSH, SYN, pcap, tcp_packet

_UP, _DOWN = ("10.0.0.1", "10.0.0.2", (40000, 80)), ("10.0.0.2", "10.0.0.1", (80, 40000))


def test_events_of_an_unfinished_chunked_response_name_their_packets(tmp_path: Path) -> None:
    request = b"GET /events HTTP/1.1\r\nHost: x\r\n\r\n"
    parts = [
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"9\r\ndata: 1\n\n\r\n",
        b"7\r\ndata: 2\r\n",  # an event in two chunks
        b"2\r\n\n\n\r\n",
    ]
    packets = [
        tcp_packet(*_UP, 0, 0, SYN),
        tcp_packet(*_DOWN, 0, 1, SYN | ACK),
        tcp_packet(*_UP, 1, 1, PSH | ACK, request),
    ]
    at = 1
    for part in parts:
        packets.append(tcp_packet(*_DOWN, at, 1 + len(request), PSH | ACK, part))
        at += len(part)
    path = tmp_path / "sse.pcap"
    path.write_bytes(pcap(packets))

    [item] = http_exchanges(inspector.open(path))

    assert [(event.data, packet) for event, packet in item.events()] == [("1", 5), ("2", 7)]
    assert item.exchange.response is not None
    assert not item.exchange.response.complete
