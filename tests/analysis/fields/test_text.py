"""Values as text, where tshark's form is not obvious."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import numpy as np
import pytest

from inspector.analysis.fields.text import column_of_text, texts
from inspector.analysis.fields.values import BYTES, HEX16, HEX32, IPV4, IPV6, MAC, NUMBER, SECONDS, Kind, Values


def _objects(*items: object) -> Any:
    column = np.empty(len(items), object)
    column[:] = items
    return column


@pytest.mark.parametrize(
    ("kind", "data", "expected"),
    [
        (NUMBER, np.array([0, 65535, 65536, 2**32 - 1]), ["0", "65535", "65536", "4294967295"]),
        (NUMBER, np.array([-2, 128]), ["-2", "128"]),
        (HEX16, np.array([0x800, 2]), ["0x0800", "0x0002"]),
        (HEX32, np.array([0xB9]), ["0x000000b9"]),
        (
            SECONDS,
            np.array([0, 1, -1_500_000_000, 10**18]),
            ["0.000000000", "0.000000001", "-1.500000000", "1000000000.000000000"],
        ),
        (MAC, np.array([0x0211223344FF], np.uint64), ["02:11:22:33:44:ff"]),
        (IPV4, np.array([0x0A000001, 0xFFFFFFFF]), ["10.0.0.1", "255.255.255.255"]),
        (BYTES, _objects(b"\x00GET", b""), ["00474554", "<MISSING>"]),
    ],
)
def test_values_are_written_as_tshark_writes_them(kind: Kind, data: Any, expected: list[str]) -> None:
    assert texts(kind, data).tolist() == expected


def test_ipv6_addresses_are_as_short_as_rfc_5952_allows() -> None:
    written = ["2001:db8::1", "1:0:0:2::3", "0:0:1::", "::ffff:1.2.3.4", "::"]
    data = np.array([list(ip_address(text).packed) for text in written], np.uint8)
    assert texts(IPV6, data).tolist() == written


def test_several_occurrences_are_joined_and_packets_without_one_are_empty() -> None:
    rows = np.array([0, 0, 2, 2, 2])
    values = Values(rows, rows, np.array([1, 2, 3, 4, 5]))
    assert column_of_text(NUMBER, values, 4) == ["1,2", "", "3,4,5", ""]
    nothing = np.zeros(0, np.int64)
    assert column_of_text(NUMBER, Values(nothing, nothing, nothing), 2) == ["", ""]
