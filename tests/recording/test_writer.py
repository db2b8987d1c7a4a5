"""What the writer writes, read back by Inspector and by tshark."""

from __future__ import annotations

import io
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import inspector
from inspector.errors import UsageError
from inspector.recording.metadata import SecretKind, Statistics
from inspector.recording.reader import Interface
from inspector.recording.writer import PcapngWriter
from tests.packets import SYN, tcp_packet
from tests.recording.reading import agrees_with_tshark, rows_of
from tests.tshark import require_tshark, tshark_rows

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

PACKET = tcp_packet("10.0.0.1", "10.0.0.2", (40000, 80), 1, 0, SYN)
LATEST_NS = 9_223_372_035_999_999_999
TIME_NS = 1_700_000_000_123_456_789


def test_bytes_of_a_small_recording() -> None:
    output = io.BytesIO()
    writer = PcapngWriter(output)
    writer.write_packet(writer.add_interface(Interface(link_type=1, snaplen=96)), 2**32 + 5, b"abcde", length=7)

    expected = (
        "0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000"
        "01000000 20000000 0100 0000 60000000 0900 0100 09000000 0000 0000 20000000"
        "06000000 28000000 00000000 01000000 05000000 05000000 07000000 6162636465000000 28000000"
    )
    assert output.getvalue() == bytes.fromhex(expected)


def test_everything_is_read_back_and_tshark_agrees(tmp_path: Path) -> None:
    path = tmp_path / "recording.pcapng"
    lan = Interface(
        link_type=1,
        snaplen=262144,
        name="eth0",
        description="LAN",
        filter="tcp port 80",
        os="Linux",
        hardware="NIC",
        comments=("on the interface",),
    )
    statistics = Statistics(received=9, dropped=2, accepted=8, dropped_by_os=1, delivered=7)
    names = {"10.0.0.1": ["client.example", "me.example"], "::1": ["localhost"]}
    with PcapngWriter(
        path, application="Inspector", hardware="machine", os_name="Linux", comments=["first", "둘째"]
    ) as writer:
        number = writer.add_interface(lan)
        raw = writer.add_interface(Interface(link_type=101, snaplen=0))
        writer.write_secret(SecretKind.TLS_KEY_LOG, b"CLIENT_RANDOM 00 11\n")
        writer.write_names(names)
        writer.write_packet(number, TIME_NS, PACKET, comments=["one", "한글 메모"])
        writer.write_packet(raw, TIME_NS + 1, PACKET[14:], length=1500)
        writer.write_custom(32473, b"meta")
        writer.write_packet(number, LATEST_NS, b"")
        writer.write_statistics(number, TIME_NS, statistics)

    capture = inspector.open(path)

    assert capture.damage is None
    assert rows_of(capture) == [
        (1, 54, 54, TIME_NS, 0),
        (2, 1500, 40, TIME_NS + 1, 1),
        (3, 4, 4, None, None),
        (4, 0, 0, LATEST_NS, 0),
    ]
    assert [capture.bytes_at(row, 0, 99) for row in range(4)] == [PACKET, PACKET[14:], b"meta", b""]
    assert dict(capture.comments) == {1: ("one", "한글 메모")}
    metadata = capture.metadata
    assert [(secret.kind, secret.data) for secret in metadata.secrets] == [(0x544C534B, b"CLIENT_RANDOM 00 11\n")]
    assert metadata.names == names
    assert metadata.statistics == {0: statistics}
    section = metadata.sections[0]
    assert (section.application, section.hardware, section.os) == ("Inspector", "machine", "Linux")
    assert section.comments == ("first", "둘째")
    read = capture.interfaces[0]
    assert (read.name, read.description, read.filter, read.os) == ("eth0", "LAN", "tcp port 80", "Linux")
    assert (read.hardware, read.comments, read.snaplen) == ("NIC", ("on the interface",), 262144)
    agrees_with_tshark(path)
    require_tshark()
    fields = ("frame.comment", "frame.interface_name", "frame.interface_description", "frame.encap_type")
    assert tshark_rows(path, fields) == [
        ["one,한글 메모", "eth0", "LAN", "1"],
        ["", "unknown", "", "7"],
        ["", "", "", ""],
        ["", "eth0", "LAN", "1"],
    ]


def test_embedded_secrets_let_tshark_decrypt(tmp_path: Path, shared_captures: Path) -> None:
    require_tshark()
    source = shared_captures / "h2-tls13-dsb.pcapng"
    capture = inspector.open(source)
    path = tmp_path / "copy.pcapng"
    with PcapngWriter(path) as writer:
        for interface in capture.interfaces:
            writer.add_interface(interface)
        for secret in capture.metadata.secrets:
            writer.write_secret(secret.kind, secret.data)
        packets = capture.packets
        for row in range(len(packets)):
            writer.write_packet(
                int(packets.interface[row]), int(packets.time_ns[row]), capture.bytes_at(row, 0, 1 << 20)
            )

    fields = ("frame.number", "frame.time_epoch", "http2.type")
    rows = tshark_rows(path, fields)

    assert rows == tshark_rows(source, fields)
    assert any(kinds for _number, _time, kinds in rows)


def test_a_killed_writer_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "recording.pcapng"
    program = (
        "import sys\n"
        "from inspector.recording.reader import Interface\n"
        "from inspector.recording.writer import PcapngWriter\n"
        "writer = PcapngWriter(sys.argv[1])\n"
        "number = writer.add_interface(Interface(link_type=1, snaplen=0))\n"
        "for count in range(10**9):\n"
        "    writer.write_packet(number, count, bytes(count % 1500), comments=[str(count)])\n"
    )
    process = subprocess.Popen([sys.executable, "-c", program, str(path)])
    deadline = time.monotonic() + 60
    while (not path.exists() or path.stat().st_size < 200_000) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.kill()
    process.wait()

    capture = inspector.open(path)

    assert len(capture.packets) > 100
    assert capture.damage is None or capture.damage.kind == "cut"
    assert capture.packets.time_ns.tolist() == list(range(len(capture.packets)))
    assert capture.packets.captured.tolist() == [count % 1500 for count in range(len(capture.packets))]
    assert capture.comments[len(capture.packets)] == (str(len(capture.packets) - 1),)


class _Reluctant(io.RawIOBase):
    """Takes at most 7 bytes a time, as a raw file may."""

    def __init__(self) -> None:
        self.taken = b""

    def write(self, data: Buffer, /) -> int:
        some = bytes(memoryview(data)[:7])
        self.taken += some
        return len(some)


def test_an_output_that_takes_less_than_all_gets_the_rest() -> None:
    whole, reluctant = io.BytesIO(), _Reluctant()
    for output in (whole, reluctant):
        writer = PcapngWriter(output, application="Inspector")
        writer.write_packet(writer.add_interface(Interface(link_type=1, snaplen=0)), 1, PACKET)

    assert reluctant.taken == whole.getvalue()


def test_what_cannot_be_written_is_refused_before_anything_is_written() -> None:
    output = io.BytesIO()
    writer = PcapngWriter(output)
    number = writer.add_interface(Interface(link_type=1, snaplen=0))
    size = len(output.getvalue())

    with pytest.raises(UsageError, match="no interface 1"):
        writer.write_packet(1, 0, PACKET)
    with pytest.raises(UsageError, match="time -1"):
        writer.write_packet(number, -1, PACKET)
    with pytest.raises(UsageError, match="262145 captured"):
        writer.write_packet(number, 0, bytes(262_145))
    with pytest.raises(UsageError, match="65535"):
        writer.write_packet(number, 0, PACKET, comments=["x" * 65_536])
    with pytest.raises(UsageError, match="NUL"):
        writer.write_packet(number, 0, PACKET, comments=["a\0b"])
    with pytest.raises(UsageError, match="link type -1"):
        writer.add_interface(Interface(link_type=-1, snaplen=0))
    with pytest.raises(UsageError, match="not an IP address"):
        writer.write_names({"nobody": ["x"]})
    assert len(output.getvalue()) == size
