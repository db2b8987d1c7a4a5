"""``inspector diagnose`` and ``inspector rules``."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from inspector.cli import cli
from inspector.recording.reader import Interface
from inspector.recording.writer import PcapngWriter
from inspector.rules import RULES
from tests.packets import tcp_packet

_SAMPLES = Path(__file__).resolve().parents[2] / "captures" / "samples"


def test_a_failure_is_the_verdict_and_exits_with_2() -> None:
    done = CliRunner().invoke(cli, ["diagnose", str(_SAMPLES / "refused.pcap")])
    assert done.exit_code == 2
    assert "nothing listens there  (certain)  packets: 1, 2" in done.output.splitlines()[1]


def test_blocks_without_a_time_do_not_count_for_the_duration(tmp_path: Path) -> None:
    syn = tcp_packet("192.0.2.1", "192.0.2.2", (50000, 80), 1000, 0, 0x02)
    refusal = tcp_packet("192.0.2.2", "192.0.2.1", (80, 50000), 0, 1001, 0x14)
    path = tmp_path / "noted.pcapng"
    with path.open("wb") as output, PcapngWriter(output, application="test") as writer:
        writer.add_interface(Interface(link_type=1, snaplen=0, name="lan"))
        writer.write_custom(32473, b"a note")
        writer.write_packet(0, 1_700_000_000_000_000_000, syn)
        writer.write_packet(0, 1_700_000_000_250_000_000, refusal)

    done = CliRunner().invoke(cli, ["diagnose", str(path)])

    assert done.output.splitlines()[0].partition("noted.pcapng")[2].startswith("  2 packets  0.2 s  ")
    assert "X N2   The connection was refused  #0  +0.000 s" in done.output


def test_json_names_side_packets_and_rule() -> None:
    done = CliRunner().invoke(cli, ["diagnose", "--json", str(_SAMPLES / "refused.pcap")])
    found = json.loads(done.output)
    assert found["schema"] == "diagnosis/1"
    assert (found["verdict"]["side"], found["verdict"]["because"], found["verdict"]["packets"]) == (
        "server",
        ["N2"],
        [1, 2],
    )
    assert [finding["rule"] for finding in found["findings"]] == ["N2"]


def test_several_files_end_with_the_worst_of_them() -> None:
    names = [str(_SAMPLES / name) for name in ("korean-http.pcap", "refused.pcap", "korean-http.pcap")]
    done = CliRunner().invoke(cli, ["diagnose", "--json", *names])
    assert done.exit_code == 2
    assert len(done.output.splitlines()) == 3


def test_unknown_settings_are_refused() -> None:
    done = CliRunner().invoke(cli, ["diagnose", "--set", "ping=4", str(_SAMPLES / "refused.pcap")])
    assert done.exit_code != 0
    assert "ping_interval" in str(done.exception)


def test_rules_are_listed_and_explained() -> None:
    listed = CliRunner().invoke(cli, ["rules"])
    assert [line.split()[0] for line in listed.output.splitlines()] == [rule.id for rule in RULES]
    one = CliRunner().invoke(cli, ["rules", "n2"])
    assert one.output.startswith("# N2: The connection was refused")
    assert CliRunner().invoke(cli, ["rules", "Z9"]).exit_code != 0
