"""Compressed files: whole, in several frames, cut, damaged, and bombs."""

from __future__ import annotations

import gzip
import io
import os
import struct
from collections.abc import Callable

import lz4.frame
import pytest
import zstandard

from inspector.recording.compression import Uncompressing, is_compressed


def _zstandard(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(write_checksum=True).compress(data)


def _lz4(data: bytes) -> bytes:
    compressed: bytes = lz4.frame.compress(data, block_size=lz4.frame.BLOCKSIZE_MAX64KB, content_checksum=True)
    return compressed


Compress = Callable[[bytes], bytes]
FORMATS = pytest.mark.parametrize("compress", [gzip.compress, _zstandard, _lz4])
DATA = os.urandom(50_000) + bytes(300_000) + b"end"


def uncompressed(data: bytes) -> tuple[bytes, bool, bool]:
    """All bytes, and whether the end was cut or corrupt."""
    file = io.BytesIO(data)
    machine = Uncompressing(file, file.read(4))
    output = b"".join(machine.chunks())
    return output, machine.cut, machine.corrupt


@FORMATS
def test_whole_files(compress: Compress) -> None:
    assert is_compressed(compress(DATA)[:4])
    assert uncompressed(compress(DATA)) == (DATA, False, False)


@FORMATS
def test_frames_follow_each_other_and_other_bytes_behind_them_are_passed_over(compress: Compress) -> None:
    several = compress(DATA) + compress(b"") + compress(b"more")

    assert uncompressed(several) == (DATA + b"more", False, False)
    assert uncompressed(several + b"\0\0 garbage") == (DATA + b"more", False, False)


@pytest.mark.parametrize("compress", [_zstandard, _lz4])
def test_skippable_frames_are_skipped(compress: Compress) -> None:
    skippable = struct.pack("<II", 0x184D2A53, 100_000) + bytes(100_000)

    assert uncompressed(skippable + compress(DATA) + skippable) == (DATA, False, False)
    assert uncompressed(compress(DATA) + skippable[:-1]) == (DATA, True, False)


@FORMATS
def test_a_file_cut_in_the_middle_gives_what_came_before(compress: Compress) -> None:
    compressed = compress(DATA)
    for size in (5, 11, len(compressed) // 2, len(compressed) - 9, len(compressed) - 1):
        output, cut, corrupt = uncompressed(compressed[:size])
        assert (cut, corrupt) == (True, False)
        assert DATA.startswith(output)
    assert uncompressed(gzip.compress(DATA)[:-1])[0] == DATA


@FORMATS
def test_a_damaged_checksum_is_noticed(compress: Compress) -> None:
    compressed = bytearray(compress(DATA))
    compressed[-6 if compress is gzip.compress else -1] ^= 1

    output, cut, corrupt = uncompressed(bytes(compressed))

    assert (cut, corrupt) == (False, True)
    assert DATA.startswith(output)
    if compress is gzip.compress:
        assert output == DATA


def test_gzip_gives_every_byte_before_the_damage() -> None:
    # Stored blocks of RFC 1951 3.2.4; the second one's length and its complement do not agree.
    head = bytes.fromhex("1f8b0800000000000003")
    good = b"\0" + struct.pack("<HH", 1000, 0xFFFF - 1000) + DATA[:1000]
    bad = b"\1" + struct.pack("<HH", 1000, 0) + DATA[1000:2000]

    assert uncompressed(head + good + bad) == (DATA[:1000], False, True)


@FORMATS
def test_a_bomb_is_given_in_small_pieces(compress: Compress) -> None:
    file = io.BytesIO(compress(bytes(100 << 20)))

    assert max(map(len, Uncompressing(file, file.read(4)).chunks())) <= 65 << 20
