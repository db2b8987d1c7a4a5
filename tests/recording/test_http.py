"""HTTP exchanges of real captures against tshark."""

from __future__ import annotations

import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from collections import Counter
from pathlib import Path

import pytest

import inspector
from inspector.recording.http import http_exchanges
from tests.packets import ACK, PSH, SYN, pcap, tcp_packet
from tests.recording.against_tshark import compare, keys_of, options_of, tshark_values

Messages = Counter[tuple[str, ...]]

_EXCEPTIONS: dict[str, tuple[Messages, Messages]] = {
    # The chunk size does not fit 64 bits, so the body's end is unknown (RFC 9112 section 7.1): the request that
    # follows in the stream is found again by its request line; tshark stops at the overflow.
    "http1-chunk-size-2pow64.pcap": (Counter(), Counter({("0", "GET", "/smuggled-chunk-2pow64"): 1})),
    # The response's body is cut; tshark shows a response only when its body is whole.
    "tcp-out-of-order-sliced-reset.pcap": (Counter(), Counter({("0", "200"): 1})),
    "tunnel-gtp-fragmented.pcap": (Counter(), Counter({("0", "206"): 1})),
    # A segment is missing; with reassembly in any order switched on, tshark waits for it to the end of the capture.
    "http1-1000-pipelined-one-lost.pcap.gz": (Counter(), Counter({("0", "200"): 999})),
    "tcp-gap-in-http-body.pcap": (Counter(), Counter({("0", "200"): 2})),
    # The response to the request inside the CONNECT tunnel (RFC 9110 section 9.3.6), which tshark takes for data.
    "http1-connect-tunnel-split.pcap": (Counter(), Counter({("0", "200"): 1})),
    # "GET /" without a version is HTTP/0.9, which RFC 9112 no longer knows; we say nothing rather than guess.
    "tunnel-mixed-vlan-mpls-http.pcap": (Counter({("2", "GET", "/"): 1}), Counter()),
}
"""file: (messages only tshark has, messages only we have), each with its reason."""


def _of_tshark(path: Path) -> Messages:
    requests = (("http.request.method", "http.request.uri"), ("http2.headers.method", "http2.headers.path"))
    fields = [*requests[0], *requests[1], "http.response.code", "http2.headers.status"]
    messages: Messages = Counter()
    for stream, *values in tshark_values(path, fields, "http or http2"):
        for methods, targets in (values[0:2], values[2:4]):
            messages.update((stream[0], m, t) for m, t in zip(methods, targets, strict=False) if m)
        messages.update((stream[0], code) for codes in values[4:] for code in codes if code)
    return messages


def _of_ours(path: Path) -> Messages:
    messages: Messages = Counter()
    for item in http_exchanges(inspector.open(path, keys=keys_of(path))):
        stream = str(item.connection)
        request, response = item.exchange.request, item.exchange.response
        if request and request.method and request.target:
            messages[(stream, request.method.decode(), request.target.decode("latin-1"))] += 1
        for message in (*item.exchange.interim, response):
            if message:
                messages[(stream, str(message.status))] += 1
    return messages


def test_requests_and_responses_equal_tsharks(shared_captures: Path) -> None:
    differences, compared = compare(shared_captures, _of_tshark, _of_ours, _EXCEPTIONS)
    assert differences == {}
    assert compared > 1500


def test_a_resent_segment_with_further_bytes_hides_nothing(tmp_path: Path) -> None:
    """tshark drops the bytes that come new with a resent segment, and with them the response."""
    body = b"0123456789" * 100
    response = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + body
    path = tmp_path / "overlap.pcap"
    up, down = ("10.0.0.1", "10.0.0.2", (40000, 80)), ("10.0.0.2", "10.0.0.1", (80, 40000))
    packets = [
        tcp_packet(*up, 0, 0, SYN),
        tcp_packet(*down, 0, 1, SYN | ACK),
        tcp_packet(*up, 1, 1, PSH | ACK, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
        tcp_packet(*down, 1, 28, ACK, response[:300]),
        tcp_packet(*down, 1, 28, PSH | ACK, response),  # from the start again, and more
    ]
    path.write_bytes(pcap(packets))
    [item] = http_exchanges(inspector.open(path))
    assert item.exchange.response is not None
    assert (item.exchange.response.complete, item.body(item.exchange.response)) == (True, body)
    assert item.response_packets == (4, 5)


_HTTP2 = {
    "h2-tls13-dsb.pcapng", "h2-tls13-keylog.pcapng", "h2c-continuation.pcap", "h2c-deflate-body.pcap",
    "h2c-doh-post-many-streams.pcap", "h2c-grpc-bidi-streaming.pcapng", "h2c-long-frames.pcap",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(_HTTP2))
def test_header_lists_of_http2_equal_tsharks(shared_captures: Path, name: str) -> None:
    if not shutil.which("tshark"):
        pytest.skip("tshark is not installed")
    path = shared_captures / name
    ours: Messages = Counter()
    for item in http_exchanges(inspector.open(path, keys=keys_of(path))):
        if item.stream is None:
            continue  # the HTTP/1.1 request that asked for the upgrade
        for message in (item.exchange.request, *item.exchange.interim, item.exchange.response):
            for fields in (message.pseudo + message.headers, message.trailers) if message else ():
                if fields:
                    pairs = (part.decode("latin-1") for pair in fields for part in pair)
                    ours[str(item.connection), str(item.stream.id), *pairs] += 1
    assert ours == _header_lists_of_tshark(path)
    assert ours.total() >= 1


def _header_lists_of_tshark(path: Path) -> Messages:
    told = subprocess.run(
        ["tshark", "-n", "-r", str(path), "-Y", "http2", "-T", "pdml", *options_of(path)],
        capture_output=True,
        check=True,
    )
    lists: list[list[str]] = []
    for packet in ElementTree.fromstring(told.stdout).iter("packet"):
        connection = next(field.get("show", "") for field in packet.iter("field") if field.get("name") == "tcp.stream")
        for frame in (field for field in packet.iter("field") if field.get("name") == "http2.stream"):
            stream, kind, pairs = "", "", []
            for field in frame.iter("field"):
                if field.get("name") == "http2.streamid" and not stream:
                    stream = field.get("show", "")
                elif field.get("name") == "http2.type" and not kind:
                    kind = field.get("show", "")
                elif field.get("name") in ("http2.header.name", "http2.header.value"):
                    pairs.append(field.get("show", ""))
            if pairs and kind == "9":  # tshark shows what a CONTINUATION adds beside the HEADERS it continues
                next(one for one in reversed(lists) if one[:2] == [connection, stream]).extend(pairs)
            elif pairs:
                lists.append([connection, stream, *pairs])
    return Counter(tuple(one) for one in lists)


def test_gzip_body_of_a_real_response(shared_captures: Path) -> None:
    [item] = http_exchanges(inspector.open(shared_captures / "http1-chunked-gzip.pcap"))
    response = item.exchange.response
    assert response is not None
    content = item.content(response)
    assert content.anomalies == []
    assert content.data.rstrip().endswith(b"</html>")
    assert len(content.data) == 97845  # what `tshark --export-objects http,…` writes
