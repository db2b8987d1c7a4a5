"""Packets built with scapy: their bytes, what is refused, and that building touches nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import inspector
from captures.craft import craft
from inspector.errors import UsageError
from tests.captures.craft.test_notation import ATTACKS

pytest.importorskip("scapy", reason="scapy is not installed")


def test_a_syn_is_built_to_the_byte() -> None:
    built = craft('Ether()/IP(dst="10.0.0.1", id=1)/TCP(sport=20, dport=80, flags="S", seq=0)')
    assert built.link_type == 1
    # Bytes by hand: RFC 791 and RFC 9293; checksums by adding the words.
    assert built.data.hex() == (
        "020000000002020000000001" "0800" "45000028000100004006aecdc00002010a000001"
        "0014005000000000000000005002 2000c37c0000".replace(" ", "")
    )  # fmt: skip
    tcp = built.layers[2]
    assert (tcp.name, tcp.offset, tcp.size) == ("TCP", 34, 20)
    flags = next(field for field in tcp.fields if field.name == "flags")
    assert (flags.first_bit, flags.bits, flags.text) == ((34 + 12) * 8 + 7, 9, "S")


def test_the_same_notation_gives_the_same_bytes() -> None:
    text = 'IP()/UDP(dport=53)/DNS(qd=DNSQR(qname="example.org"))'
    assert craft(text) == craft(text)
    assert craft(text).link_type == 101
    assert b"\x07example\x03org\x00" in craft(text).data


@pytest.mark.parametrize("text", ATTACKS[-5:])
def test_names_that_are_no_layers_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"no layer|not part of the notation"):
        craft(text)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('IP(dst="example.org")', "one IP address written out"),
        ('IP(dst="10.0.0.0/8")', "one IP address written out"),
        ('IP(dst=["10.0.0.1", "localhost"])', "one IP address written out"),
        ('Ether(dst="host")', "Ethernet address"),
        ("IP(dts=1)", "IP has no field dts"),
        ("Ehter()/IP()", "close to it: Ether"),
        ("IP()/NOPE()", "^there is no layer NOPE$"),
        ("IP(tt1=3)", "it has: ttl, version"),
        ("IP(ttl=300)/TCP()", "^IP: ttl has 8 bits and takes 0 to 255, not 300$"),
        ("IP(ttl=-1)/TCP()", "takes 0 to 255, not -1"),
        ("IP(version=20)", "version has 4 bits and takes 0 to 15"),
        ("IP()/TCP(dport=70000)", "dport has 16 bits and takes 0 to 65535"),
        ("IP()/TCP(seq=4294967296)", "seq has 32 bits"),
        ('IP()/TCP(flags="Q")', "flags takes these flags: F, S, R, P"),
        ('IP(flags="XX")', "flags takes these flags: MF, DF"),
        ("IP()/TCP(", "bracket at character 9 is never closed"),
        ("IP()TCP()", r"not understood from character 5 on: TCP\(\)"),
        ("IP()/", "something is missing at its end"),
        ('IP(dst="10.0.0.1)', "text from character 8 on has no closing quote"),
        ("TCP()", "begin with Ether"),
        ("IP(5)", "named fields only"),
        ('IP(ttl="x")', "could not build"),
        ("IP(ttl=[1,2]*9)", "not part of the notation"),
        ('IP()/("x" * 65535)', "has 65555 bytes|could not build"),
    ],
)
def test_wrong_packets_are_told_in_a_line(text: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        craft(text)


@pytest.mark.parametrize(
    "text",
    [
        'IP(flags="DF",ttl=255,frag=8191,id=65535)/TCP(flags="FSRPAUEC",seq=4294967295,urgptr=65535)',
        'IP(flags="MF+DF")/UDP(sport=0)',
        "Ether()/Dot1Q(vlan=4095,prio=7)/IPv6(fl=1048575,tc=255)/ICMPv6EchoRequest(id=65535)",
        'IP()/TCP(flags=0x1ff,options=[("MSS",1460),("WScale",14)])',
    ],
)
def test_the_largest_values_that_fit_are_taken(text: str) -> None:
    assert craft(text).data


@pytest.mark.parametrize(
    "attempt",
    [
        "import socket; socket.socket()",
        "import socket; socket.getaddrinfo('localhost', 1)",
        "import subprocess; subprocess.run(['true'])",
        "import os; os.system('true')",
        "open('written', 'w')",
        "import os; os.remove('nothing')",
    ],
)
def test_building_touches_nothing(attempt: str, tmp_path: Path) -> None:
    code = f"import sys; from captures.craft import worker; sys.addaudithook(worker._refuse)\n{attempt}"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, timeout=60,
        env={"PYTHONPATH": str(Path(inspector.__file__).parents[1])},
    )  # fmt: skip
    assert "building a packet may not do this" in done.stderr


def _command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from inspector.cli import main; main()", "craft", *arguments],
        capture_output=True, text=True, encoding="utf-8", timeout=120,
    )  # fmt: skip


def test_the_command_shows_bits_and_writes_a_capture(tmp_path: Path) -> None:
    path = tmp_path / "dhcp.pcapng"
    done = _command(
        'IP()/UDP(sport=68,dport=67)/BOOTP(xid=7)/DHCP(options=[("message-type","discover"),"end"])', "-o", str(path)
    )
    assert done.returncode == 0, done.stderr
    assert "BOOTP: as scapy describes it; not declared by Inspector" in done.stdout
    assert inspector.open(path).packet_count == 1
    again = _command("IP()", "-o", str(path))
    assert (again.returncode, "exists" in again.stderr) == (2, True)


def test_json_names_what_scapy_describes() -> None:
    done = _command("IP()/UDP(dport=67)/BOOTP(xid=7)", "--json")
    packet = json.loads(done.stdout)
    assert [layer["name"] for layer in packet["layers"]] == ["ipv4", "udp"]
    bootp = packet["described_by_scapy"][0]
    xid = next(field for field in bootp["fields"] if field["name"] == "xid")
    assert (bootp["range"][0], xid["bits"], xid["text"]) == (28, [32 * 8, 32], "0x7")
