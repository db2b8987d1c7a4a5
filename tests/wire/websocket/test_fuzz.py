"""Whatever comes in: documented outcomes only, the same in any portions, compiled and not."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import zlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from inspector.model.websocket import FAULTS
from inspector.wire.websocket import Deflate, Limits, WebSocketDecoder, WebSocketTables, framing
from inspector.wire.websocket.synchronise import find_frame_start, recognise
from tests.websockets import compress, frame

_KNOWN = 0
for _fault in FAULTS:
    _KNOWN |= _fault

_frames = st.builds(
    lambda opcode, payload, key, fin, rsv, form: frame(opcode, payload, key, fin=fin, rsv=rsv, form=form),
    st.sampled_from([0, 1, 2, 8, 9, 10, 3, 15]),
    st.binary(max_size=120),
    st.one_of(st.none(), st.binary(min_size=4, max_size=4)),
    st.booleans(),
    st.sampled_from([0, 0, 0, 4, 4, 1]),
    st.sampled_from([None, None, 16, 64]),
)
_packed = st.builds(
    lambda text, fin, broken: frame(1, compress(zlib.compressobj(wbits=-15), text.encode())[broken:], fin=fin, rsv=4),
    st.text(max_size=40),
    st.booleans(),
    st.sampled_from([0, 0, 0, 1]),
)
_streams = st.lists(st.one_of(_frames, _packed, st.binary(max_size=10)), max_size=8).map(b"".join)
_agreed = st.one_of(st.none(), st.builds(Deflate, st.integers(8, 15), st.booleans()))


@st.composite
def _fed(draw: st.DrawFn) -> list[bytes | int]:
    """A stream as portions (bytes) and gaps (their size)."""
    data = draw(_streams)
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=6)))
    parts: list[bytes | int] = []
    for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True):
        lost = draw(st.integers(0, 9)) == 0
        parts.append(max(end - start, 1) if lost else data[start:end])
    return parts


def _decode(decoder: WebSocketDecoder, parts: list[bytes | int]) -> dict[str, object]:
    for part in parts:
        if isinstance(part, int):
            decoder.gap(part)
        else:
            decoder.feed(part)
    decoder.finish()
    tables, reader = decoder.tables, decoder.tables.reader
    found: dict[str, object] = {name: column[: reader.frames].tolist() for name, column in reader.frame_columns.items()}
    found |= {f"m.{name}": column[: reader.messages].tolist() for name, column in reader.message_columns.items()}
    found["control"] = bytes(reader.control[: reader.control_size])
    found["kept"] = bytes(tables.kept[:])
    found["notes"], found["closes"], found["anomalies"] = tables.notes, tables.closes, decoder.anomalies
    return found


_LIMITS = Limits(message=4000, ratio_from=500, ratio=50, direction=10_000)


@settings(max_examples=300, deadline=None)
@given(_fed(), st.booleans(), _agreed)
def test_documented_outcomes_only(parts: list[bytes | int], is_client: bool, agreed: Deflate | None) -> None:
    decoder = WebSocketDecoder(is_client, agreed, limits=_LIMITS)
    found = _decode(decoder, parts)
    size = sum(part if isinstance(part, int) else len(part) for part in parts)
    assert decoder.position == size
    reader, columns = decoder.tables.reader, decoder.tables.reader.message_columns
    for row in range(reader.messages):
        length, content = int(columns["length"][row]), int(columns["content"][row])
        assert -1 <= length <= max(_LIMITS.message, size)
        assert (length < 0) == (content < 0)
        assert content + max(length, 0) <= len(decoder.tables.kept)
        assert not int(columns["faults"][row]) & ~_KNOWN
    assert all(0 <= start <= size for start in found["start"])  # type: ignore[attr-defined]  # a list of integers


@settings(max_examples=200, deadline=None)
@given(_streams, st.booleans(), _agreed, st.integers(1, 17))
@example(
    b"\xc1\x02\x04\x00A\x1a\x00\x14\x00\xeb\xff00\xc2\x80\xc2\x90\xc2\x90\xf0\x90\x80\x90\xf0\xa0\x8f\x90\xf0\xa5"
    b"\xb9\x90\x00\x00\x00\x80\x00",
    False,
    Deflate(8, True),
    1,
)  # needs a larger window after some octets came out
@example(bytes.fromhex("4103030000000061"), False, Deflate(8, False), 1)  # an octet behind a final block
@example(bytes.fromhex("61844830090012300000"), False, Deflate(8, False), 1)  # fails after some octets came out
def test_any_portions_give_the_same(data: bytes, is_client: bool, agreed: Deflate | None, step: int) -> None:
    whole = _decode(WebSocketDecoder(is_client, agreed), [data])
    parts: list[bytes | int] = [data[at : at + step] for at in range(0, len(data), step)]
    assert _decode(WebSocketDecoder(is_client, agreed), parts) == whole


def _source() -> type[framing.FrameReader]:
    """The kernel as plain Python, whatever is installed."""
    path = Path(framing.__file__).parent / "framing.py"
    loader = importlib.machinery.SourceFileLoader("inspector_framing_source", str(path))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    reader: type[framing.FrameReader] = module.FrameReader
    return reader


@pytest.fixture(scope="module")
def source_reader() -> type[framing.FrameReader]:
    if Path(framing.__file__).suffix == ".py":
        pytest.skip("the compiled kernel is not installed, there is nothing to compare")
    return _source()


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=_fed(), is_client=st.booleans(), agreed=_agreed)
def test_compiled_equals_uncompiled(
    source_reader: type[framing.FrameReader], parts: list[bytes | int], is_client: bool, agreed: Deflate | None
) -> None:
    compiled = _decode(WebSocketDecoder(is_client, agreed), parts)
    plain = WebSocketDecoder(is_client, agreed, tables=WebSocketTables(reader=source_reader()))
    assert _decode(plain, parts) == compiled


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), st.binary(max_size=200), st.booleans(), st.booleans())
def test_searching_never_fails(first: bytes, second: bytes, is_client: bool, final: bool) -> None:
    start = find_frame_start(first, is_client, True, final)
    assert start is None or (0 <= start.offset < len(first) and 0 < start.confidence < 1)
    known = recognise(first, second, final)
    assert known is None or known.confidence < 1
