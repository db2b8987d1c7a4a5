"""Made-up TCP packets are such that tshark has nothing to say about them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from addons.wire_packets import SyntheticTcp
from tests.packets import pcap
from tests.tshark import require_tshark, tshark_rows

_TIME = 1_700_000_000_000_000_000


def _talk(client: str, server: str, mtu: int) -> list[bytes]:
    tcp = SyntheticTcp((client, 50000), (server, 9999), _TIME, mtu)
    packets = tcp.open()
    for number in range(3):
        packets += tcp.data(True, bytes([number]) * 100_001)
        packets += tcp.data(False, b"\xff" * 700_000)
    return packets + tcp.finish(False) + tcp.finish(True) + tcp.finish(True) + tcp.data(True, b"late")


@pytest.mark.parametrize("mtu", [1500, 65535])
@pytest.mark.parametrize(
    ("client", "server"),
    [("192.0.2.1", "192.0.2.2"), ("2001:db8::1", "2001:db8::2%eth0"), ("::ffff:192.0.2.1", "192.0.2.2")],
)
def test_tshark_reads_all_bytes_and_warns_of_nothing(tmp_path: Path, client: str, server: str, mtu: int) -> None:
    require_tshark()
    path = tmp_path / "made.pcap"
    packets = _talk(client, server, mtu)
    path.write_bytes(pcap(packets, link_type=101, start_ns=_TIME))

    assert max(map(len, packets)) == mtu
    checks = ["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]
    done = subprocess.run(
        ["tshark", "-n", "-r", str(path), *checks, "-z", "expert,warn", "-q"], capture_output=True, text=True
    )
    assert (done.returncode, done.stdout.strip()) == (0, "")
    rows = tshark_rows(path, ["tcp.srcport", "tcp.len", "tcp.analysis.flags", "tcp.stream"])
    sizes = {port: sum(int(row[1]) for row in rows if row[0] == port) for port in ("50000", "9999")}
    assert sizes == {"50000": 300_003, "9999": 2_100_000}
    assert {row[2] for row in rows} == {""}
    assert {row[3] for row in rows} == {"0"}
    assert tshark_rows(path, ["tcp.completeness"])[-1] == ["31"]  # opened, data, both ended


def test_bytes_left_out_are_seen_as_missing(tmp_path: Path) -> None:
    require_tshark()
    tcp = SyntheticTcp(("192.0.2.1", 50000), ("192.0.2.2", 9999), _TIME)
    packets = [*tcp.open(), *tcp.data(True, b"seen")]
    tcp.skip(True, 1000)
    path = tmp_path / "made.pcap"
    path.write_bytes(pcap([*packets, *tcp.data(True, b"after")], link_type=101))

    assert tshark_rows(path, ["tcp.seq"], "tcp.analysis.lost_segment") == [["1005"]]
