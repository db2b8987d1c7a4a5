"""Frames watched as they pass, against the decoder of recordings."""

from __future__ import annotations

import random
import zlib

import pytest

from addons.live_frames import FrameWatcher, SeenFrame
from inspector.model.websocket import Fault
from inspector.wire.websocket import Deflate, WebSocketDecoder
from tests.websockets import KEY, compress, frame


def _watch(data: bytes, sizes: random.Random | None, *, is_client: bool, agreed: Deflate | None) -> list[SeenFrame]:
    watcher = FrameWatcher(is_client, agreed)
    if sizes is None:
        return watcher.feed(data)
    found: list[SeenFrame] = []
    at = 0
    while at < len(data):
        size = sizes.choice((1, 1, 2, 3, 7, 100, 5000))
        found += watcher.feed(data[at : at + size])
        at += size
    return found


def _traffic(key: bytes | None) -> bytes:
    codec = zlib.compressobj(9, wbits=-15)
    long = "받은 글 ".encode() * 9000
    half = compress(codec, b"in two fragments, compressed")
    parts = [
        frame(1, b"hi", key), frame(2, bytes(300), key), frame(9, b"ping", key), frame(10, b"", key),
        frame(1, compress(codec, long), key, rsv=4), frame(1, compress(codec, long), key, rsv=4),
        frame(1, half[:5], key, rsv=4, fin=False), frame(9, b"between", key), frame(0, half[5:], key),
        frame(1, long, key), frame(1, b"\xff\xfe", key), frame(3, b"x", key), frame(1, b"a", key, form=16),
        frame(0, b"nothing before", key), frame(1, b"a", key, fin=False), frame(1, b"b", key), frame(9, b"x", key, fin=False),
        frame(9, bytes(126), key), frame(8, b"\x03\xed", key), frame(1, b"after", key),
    ]  # fmt: skip
    return b"".join(parts)


@pytest.mark.parametrize("is_client", [True, False])
@pytest.mark.parametrize("key", [KEY, None])
@pytest.mark.parametrize("seed", [None, 1, 2])
def test_the_same_as_the_decoder_of_recordings(is_client: bool, key: bytes | None, seed: int | None) -> None:
    data = _traffic(key)
    found = _watch(data, random.Random(seed) if seed is not None else None, is_client=is_client, agreed=Deflate())
    decoder = WebSocketDecoder(is_client, Deflate())
    decoder.feed(data)
    decoder.finish()
    reader = decoder.tables.reader
    frames = {name: column[: reader.frames].tolist() for name, column in reader.frame_columns.items()}
    messages = {name: column[: reader.messages].tolist() for name, column in reader.message_columns.items()}
    assert [(one.opcode, one.fin, one.length) for one in found] == [
        (first & 15, bool(first & 128), length)
        for first, length in zip(frames["first_byte"], frames["length"], strict=True)
    ]
    for index, one in enumerate(found):
        faults = Fault(frames["faults"][index])
        if one.message is not None and one.fin:
            row = frames["message"][index]
            faults |= Fault(messages["faults"][row])
            if messages["length"][row] >= 0:
                assert one.message.length == messages["length"][row]
                at = messages["content"][row]
                assert one.message.start == decoder.tables.kept[at : at + min(one.message.length or 0, 4096)]
            assert one.message.frames == messages["frames"][row]
            assert one.message.wire_length == messages["wire_length"][row]
        # What is wrong with a message as a whole the decoder says of the message, or of the frame that interrupts it.
        apart = Fault.MESSAGE_INTERRUPTED | Fault.CONTINUATION_WITHOUT_START
        assert one.faults & ~apart == faults & ~apart, index
    assert any(one.faults & Fault.MESSAGE_INTERRUPTED for one in found)
    assert any(one.faults & Fault.CONTINUATION_WITHOUT_START for one in found)


def test_bytes_that_were_not_looked_at() -> None:
    watcher = FrameWatcher(False, None)
    data = frame(1, bytes(1000)) + frame(1, b"next")
    assert watcher.feed(data[:100]) == []
    watcher.skip(500)
    first, second = watcher.feed(data[600:])
    assert first.message is not None
    assert first.message.length is None
    assert second.payload == b"next"
    watcher.skip(3)
    assert watcher.lost
    assert watcher.feed(data) == []


def test_a_bomb_is_not_followed_to_its_end() -> None:
    bomb = compress(zlib.compressobj(9, wbits=-15), bytes(100 << 20))
    [seen] = FrameWatcher(False, Deflate()).feed(frame(1, bomb, rsv=4))
    assert seen.faults & Fault.INFLATION_CAPPED
    assert seen.message is not None
    assert seen.message.length is None
    assert len(seen.message.start) <= 4096


def test_arbitrary_bytes_are_taken() -> None:
    rng = random.Random(8)
    for _round in range(500):
        _watch(rng.randbytes(rng.randrange(400)), rng, is_client=rng.random() < 0.5, agreed=Deflate())
