"""Content that is kept, against a bytearray."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inspector.wire.websocket.kept import Kept

_steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.binary(max_size=50)),
        st.tuples(st.just("cut"), st.integers(0, 100)),
        st.tuples(st.just("forget"), st.integers(0, 100)),
    )
)


@given(st.integers(0, 40), _steps)
def test_bytes_are_as_in_a_bytearray(room: int, steps: list[tuple[str, bytes | int]]) -> None:
    kept, expected = Kept(room), bytearray()
    for step, value in steps:
        if isinstance(value, bytes):
            kept.add(value)
            expected += value
        elif step == "cut":
            kept.cut(value)
            del expected[value:]
        else:
            kept.forget(value)
            del expected[:value]
        assert (len(kept), bytes(kept[:])) == (len(expected), bytes(expected))


def test_what_was_handed_out_stays_when_more_is_added() -> None:
    kept = Kept()
    kept.add(b"first")
    handed = kept[:5]
    kept.add(b"much more than there was room for at first")
    assert bytes(handed) == b"first"
