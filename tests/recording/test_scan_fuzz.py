"""Random and damaged packets through every first layer: never an exception, nothing outside the packet; both forms alike."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import inspector
from inspector.model.tables import ASSEMBLED
from inspector.recording.capture import Capture
from tests.packets import pcap
from tests.recording.layer_cases import CASES, Case

_LINKS = sorted({case.link for case in CASES})
_WHOLE = [case for case in CASES if "," not in case.name]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz") / "x.pcap"


def _check(capture: Capture) -> None:
    """Layers lie within their packet, one within the other."""
    layers, packets = capture.layers, capture.packets
    assert packets.layer_count.sum() == len(layers)
    of_packet = np.repeat(np.arange(len(packets)), packets.layer_count)
    start, size = layers.offset.astype(np.int64), layers.size.astype(np.int64)
    joined = start >= ASSEMBLED
    end = np.where(joined, start - ASSEMBLED, start) + size
    assert (end <= np.where(joined, len(capture.assembled), packets.captured[of_packet])).all()
    inside = np.flatnonzero((np.diff(of_packet) == 0) & (joined[1:] == joined[:-1]))
    assert (end[inside + 1] <= end[inside]).all()
    assert (start[inside + 1] >= start[inside]).all()
    for rows in (capture.segments, capture.datagrams):
        assert (rows.captured <= rows.length).all()
        assert (rows.packet[1:] >= rows.packet[:-1]).all()


def _mutated(draw: random.Random, packet: bytes) -> bytes:
    data = bytearray(packet)
    for _ in range(draw.randrange(1, 4)):
        position = draw.randrange(len(data))
        data[position] = draw.choice([0, 1, 4, 6, 0xFF, draw.randrange(256), data[position] ^ (1 << draw.randrange(8))])
    return bytes(data[: draw.randrange(1, len(data) + 1)] if draw.random() < 0.2 else data)


def _damaged_capture(link: int, count: int) -> bytes:
    """Cases of a link type with bytes changed, cut or made longer, the same each time."""
    draw = random.Random(link)
    cases = [case for case in _WHOLE if case.link == link]
    packets = [_mutated(draw, draw.choice(cases).packet) for _ in range(count)]
    return pcap([(packet, len(packet) + draw.choice([0, 0, 0, 40])) for packet in packets], link)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(_LINKS), st.lists(st.binary(max_size=120), min_size=1, max_size=20))
def test_random_bytes(path: Path, link: int, packets: list[bytes]) -> None:
    path.write_bytes(pcap(packets, link))
    _check(inspector.open(path))


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(_WHOLE), st.data())
def test_one_changed_place_in_a_packet(path: Path, case: Case, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(case.packet) - 1))
    change = data.draw(st.binary(min_size=1, max_size=4))
    packet = case.packet[:position] + change + case.packet[position + len(change) :]
    path.write_bytes(pcap([packet], case.link))
    _check(inspector.open(path))


@pytest.mark.parametrize("link", _LINKS)
def test_damaged_packets(path: Path, link: int) -> None:
    path.write_bytes(_damaged_capture(link, 2000))
    _check(inspector.open(path))


def _digest(capture: Capture) -> str:
    """A digest of everything the scan makes."""
    digest = hashlib.sha256(capture.assembled)
    for table in (capture.packets, capture.layers, capture.segments, capture.datagrams, capture.flows):
        for column in type(table).dtypes():
            digest.update(getattr(table, column).tobytes())
    return digest.hexdigest()


_OTHER_FORM = """
import sys
import inspector
from inspector.recording import scan
from tests.recording.test_scan_fuzz import _digest
assert scan.__file__.endswith(".py")
for name in sys.argv[1:]:
    print(_digest(inspector.open(name)))
"""


def test_compiled_and_uncompiled_tables_are_the_same(tmp_path: Path) -> None:
    from inspector.recording import scan

    if scan.__file__.endswith(".py"):
        pytest.skip("the kernels are not compiled here")
    files = []
    for link in _LINKS:
        cases = [(case.packet, case.length) for case in CASES if case.link == link]
        for name, data in (("cases", pcap(cases, link)), ("damaged", _damaged_capture(link, 500))):
            files.append(tmp_path / f"{name}-{link}.pcap")
            files[-1].write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", _OTHER_FORM, *map(str, files)],
        env={**os.environ, "INSPECTOR_UNCOMPILED": "1"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.split() == [_digest(inspector.open(path)) for path in files]
