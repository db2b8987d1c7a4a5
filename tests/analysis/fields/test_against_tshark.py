"""Every supported field of every packet equals tshark's, on real captures and on generated ones."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.analysis.conversations import fuzzed_pcap
from tests.analysis.fields.crafted import CRAFTED
from tests.analysis.fields.differences import Deviation, differences
from tests.conftest import SHARED_CAPTURES
from tests.tshark import require_tshark

_DEVIATIONS: tuple[Deviation, ...] = (
    Deviation(
        "bad-fuzzed-pcap.pcap",
        "frame.time_",
        lambda number: number == 2,
        "More than a million microseconds within a second (draft-ietf-opsawg-pcap 5) overflow in tshark.",
    ),
)

_NOT_CAPTURES = ("bad-reserved-linktype-bits.pcap", "bad-pcapng-shb-option-too-long.pcapng")
"""Files without a readable packet: there is nothing to compare (what is said about them: tests of reading)."""

_LONG_UNCOMPILED = ("big-82582-packets.pcap.gz",)
"""Files that take many seconds when the kernels run as plain Python."""

_CAPTURES = [
    pytest.param(path.name, marks=pytest.mark.slow)
    if path.name in _LONG_UNCOMPILED and os.environ.get("INSPECTOR_UNCOMPILED")
    else path.name
    for path in sorted(SHARED_CAPTURES.glob("*.pcap*"))
    if path.name not in _NOT_CAPTURES
]


@pytest.mark.parametrize("name", _CAPTURES)
def test_fields_equal_tshark_on_a_real_capture(shared_captures: Path, name: str) -> None:
    require_tshark()
    deviations = [deviation for deviation in _DEVIATIONS if deviation.file == name]

    found = differences(shared_captures / name)

    unexpected = [
        item
        for item in found
        if not any(item.field.startswith(known.prefix) and known.number(item.number) for known in deviations)
    ]
    assert unexpected[:10] == []
    assert bool(found) == bool(deviations), "a listed deviation no longer exists"


@pytest.mark.parametrize("name", CRAFTED)
def test_fields_equal_tshark_in_every_state_of_a_header(tmp_path: Path, name: str) -> None:
    require_tshark()
    path = tmp_path / "crafted.pcap"
    path.write_bytes(CRAFTED[name]())
    assert differences(path)[:10] == []


@pytest.mark.parametrize("seed", range(4))
def test_fields_equal_tshark_on_fuzzed_conversations(tmp_path: Path, seed: int) -> None:
    require_tshark()
    path = tmp_path / "fuzzed.pcap"
    path.write_bytes(fuzzed_pcap(seed, 2000, quoting=seed % 2 == 1))
    assert differences(path)[:10] == []
