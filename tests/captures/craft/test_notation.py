"""The notation of packets: what it reads, and that it reads nothing else."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from captures.craft.notation import LayerNode, parse_notation
from inspector.errors import UsageError


def test_layers_fields_and_payload_are_read() -> None:
    assert parse_notation('Ether()/IP(dst="10.0.0.1", ttl=1)/TCP(flags="S", seq=-1)/b"\\x00a"') == (
        LayerNode("Ether", {}),
        LayerNode("IP", {"dst": "10.0.0.1", "ttl": 1}),
        LayerNode("TCP", {"flags": "S", "seq": -1}),
        LayerNode("Raw", {"load": b"\x00a"}),
    )
    assert parse_notation("IP") == (LayerNode("IP", {}),)
    assert parse_notation('TCP(options=[("MSS", 1460), ("NOP", None)])')[0].fields["options"] == [
        ["MSS", 1460],
        ["NOP", None],
    ]
    assert parse_notation('DNS(qd=DNSQR(qname="a"))')[0].fields["qd"] == (LayerNode("DNSQR", {"qname": "a"}),)
    assert parse_notation('"ab" * 3') == (LayerNode("Raw", {"load": "ababab"}),)
    assert parse_notation('Raw("안녕")')[0].positional == "안녕"


ATTACKS = [
    '__import__("os").system("id")',
    "().__class__.__bases__[0].__subclasses__()",
    "IP().__class__",
    'IP(dst=__import__("os").getcwd())/TCP()',
    'IP(dst=open("/etc/passwd").read())',
    "(lambda: 1)()/IP()",
    "[x for x in (1,)]",
    "IP(**{'dst': '1.1.1.1'})",
    "IP(*[1])",
    "IP(dst=f'{1}')",
    "IP(dst=x)",
    "IP(dst='a'+'b')",
    "IP(ttl=2**9999999)",
    "IP(ttl=1 if 1 else 2)",
    "IP(ttl=(y:=1))",
    "Raw('x'*10**9)",
    "Raw('x'*999999999)",
    "Raw(('x'*60000)*60000)",
    "IP(a=...)",
    "IP(ttl=1j)",
    "IP(ttl=True and False)",
    "IP(ttl={1: 2})",
    "IP(ttl={1})",
    "IP(ttl=[].append)",
    "IP(dst='1.1.1.1', dst='2.2.2.2')",
    "IP(__init__=1)",
    "IP(1, 2)",
    "IP(1, ttl=2)",
    "IP()//TCP()",
    "IP()*2",
    "IP()|TCP()",
    "-IP()",
    "not IP()",
    "await IP()",
    "yield",
    "IP()[0]",
    "IP();import os",
    "IP()\nimport os",
    "import os",
    "1",
    "1.5/IP()",
    "None",
    "",
    " ",
    "\0",
    "IP(" * 5000,
    "(" * 9000 + ")" * 9000,
    "IP()/" * 200 + "IP()",
    "IP(a=" * 60 + "1" + ")" * 60,
    "[" * 90 + "]" * 90,
    "IP(a=" + "[" * 90 + "]" * 90 + ")",
    "x" * 20_000,
    "'" + "x" * 20_000 + "'",
    "IP(ttl=" + "9" * 5000 + ")",
    'exec("import os")/IP()',
    "sniff()",
    "sendp(Ether())",
    "rdpcap('/etc/passwd')",
    "RandIP()",
]


@pytest.mark.parametrize("text", ATTACKS[:-5])
def test_everything_else_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_notation(text)


@given(st.text(max_size=200) | st.text(alphabet="IPTCR()/*[],='\"0x_. -", max_size=60))
@settings(max_examples=500, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(UsageError):
        assert parse_notation(text)
