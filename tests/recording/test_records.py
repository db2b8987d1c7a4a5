"""The kernel that walks records gives the same compiled and uncompiled, whatever the bytes are."""

from __future__ import annotations

import importlib.util
from array import array
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.recording import records
from inspector.recording.growing import view
from tests.blocks import block, epb, obsolete, option, record, spb


def _source_form() -> ModuleType:
    path = Path(records.__file__).parent / "records.py"
    spec = importlib.util.spec_from_file_location("records_uncompiled", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


UNCOMPILED = _source_form()

# Any: what the untyped kernels return.
Result = tuple[Any, ...]


def _columns(rows: int) -> dict[str, np.ndarray[Any, Any]]:
    dtypes = {"position": "i8", "time_ns": "i8", "captured": "u4", "length": "u4", "interface": "u2"}
    return {name: np.zeros(rows, dtype) for name, dtype in dtypes.items()}


def _pcap(module: ModuleType, data: bytes, big: bool, nanoseconds: bool, header: int, swap: int) -> Result:
    columns = _columns(20)
    views = [view(columns[name]) for name in ("position", "time_ns", "captured", "length")]
    result = module.walk_pcap(memoryview(data), 0, 1 << 20, big, nanoseconds, header, swap, 262_144, *views)
    return (*result, *(column.tolist() for column in columns.values()))


def _pcapng(module: ModuleType, data: bytes, big: bool, scale: int, unit: int, offset: int, snaplen: int) -> Result:
    columns = _columns(20)
    views = [view(column) for column in columns.values()]
    commented, untimed = array("q"), array("q")
    section = array("H", [3]), array("B", [scale]), array("Q", [unit]), array("q", [offset]), array("q", [262_144])
    result = module.walk_pcapng(memoryview(data), 0, 1 << 20, big, *section, snaplen, 0, *views, 7, commented, untimed)
    return (*result, *(column.tolist() for column in columns.values()), commented.tolist(), untimed.tolist())


_TICKS = st.one_of(st.integers(0, 2**64 - 1), st.sampled_from([0, 2**32 - 1, 2**32, 2**63 - 1, 2**63, 2**64 - 1]))
_WORDS = st.one_of(st.integers(0, 2**32 - 1), st.sampled_from([0, 4, 60, 262_144, 2**31 - 1, 2**31, 2**32 - 1]))
_SCALES = st.one_of(
    st.tuples(st.just(records.SCALE_PLAIN), st.sampled_from([10**n for n in range(10)])),
    st.tuples(st.just(records.SCALE_FINE), st.sampled_from([*(10**n for n in range(1, 20)), 2**64 - 1])),
    st.tuples(st.just(records.SCALE_BINARY), st.integers(0, 95)),
)
_OFFSETS = st.sampled_from([0, 1, -1, 1000, 9_223_372_035, -9_223_372_035])


@settings(max_examples=200, deadline=None)
@given(ticks=_TICKS, scale=_SCALES, offset=_OFFSETS)
def test_times_are_exact_and_held_at_the_ends_of_64_bits(ticks: int, scale: tuple[int, int], offset: int) -> None:
    data = epb(b"", ticks=ticks)

    found, same = (_pcapng(module, data, False, *scale, offset, 0) for module in (records, UNCOMPILED))

    assert found == same
    kind, unit = scale
    match kind:
        case records.SCALE_PLAIN:
            time_ns = ticks * 10**9 // unit
        case records.SCALE_FINE:
            time_ns = ticks // unit
        case _:
            time_ns = ticks * 10**9 >> unit
    seconds, fraction = divmod(time_ns, 10**9)
    latest = 9_223_372_035
    seconds = max(-latest, min(min(seconds, latest) + offset, latest))
    assert found[6][0] == seconds * 10**9 + fraction


@settings(max_examples=150, deadline=None)
@given(
    words=st.lists(st.tuples(_WORDS, _WORDS, _WORDS, _WORDS), max_size=3),
    tail=st.binary(max_size=80),
    order=st.sampled_from("<>"),
    nanoseconds=st.booleans(),
    header=st.sampled_from([16, 20, 24, 28]),
    swap=st.sampled_from([0, 1, 2]),
)
def test_pcap_records(
    words: list[tuple[int, int, int, int]], tail: bytes, order: str, nanoseconds: bool, header: int, swap: int
) -> None:
    data = b"".join(
        record(bytes(60), word[:2], captured=word[2], length=word[3], order=order) + bytes(header - 16)
        for word in words
    )
    data = record(b"good", order=order) + bytes(header - 16) + data + tail
    arguments = (data, order == ">", nanoseconds, header, swap)

    assert _pcap(records, *arguments) == _pcap(UNCOMPILED, *arguments)


@st.composite
def _blocks(draw: st.DrawFn) -> bytes:
    order = draw(st.sampled_from("<>"))
    makers = [
        lambda: epb(draw(st.binary(max_size=9)), order=order, ticks=draw(_TICKS), length=draw(_WORDS)),
        lambda: epb(b"x", option(draw(st.integers(0, 9)), draw(st.binary(max_size=9)), order), order=order),
        lambda: epb(b"x", interface=draw(st.integers(0, 2)), order=order),
        lambda: obsolete(b"abc", order=order, ticks=draw(_TICKS)),
        lambda: spb(draw(st.binary(max_size=9)), draw(_WORDS), order=order),
        lambda: block(draw(_WORDS), draw(st.binary(max_size=30)), order),
    ]
    data = bytearray(b"".join(draw(st.sampled_from(makers))() for _ in range(draw(st.integers(0, 6)))))
    for _ in range(draw(st.integers(0, 2))):
        if data:
            data[draw(st.integers(0, len(data) - 1))] ^= 1 << draw(st.integers(0, 7))
    return bytes(data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data)


@settings(max_examples=200, deadline=None)
@given(data=_blocks(), big=st.booleans(), scale=_SCALES, snaplen=st.sampled_from([0, 4, 262_144]))
def test_pcapng_blocks(data: bytes, big: bool, scale: tuple[int, int], snaplen: int) -> None:
    arguments = (data, big, *scale, 5, snaplen)

    assert _pcapng(records, *arguments) == _pcapng(UNCOMPILED, *arguments)


def test_a_full_batch_goes_on_where_it_ended() -> None:
    data = record(b"abcd") * 25

    rows, at, state, *_ = _pcap(records, data, False, False, 16, 0)

    assert (rows, at, state) == (20, 400, records.FULL)
    short = [view(np.zeros(count, dtype)) for count, dtype in ((20, "i8"), (3, "i8"), (20, "u4"), (20, "u4"))]
    with pytest.raises(IndexError):
        # Bounds stay checked when compiled.
        records.walk_pcap(memoryview(data), 0, 1 << 20, False, False, 16, 0, 262_144, *short)
