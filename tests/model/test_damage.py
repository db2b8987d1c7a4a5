"""What is said about a damaged file."""

from __future__ import annotations

import re

import pytest

from inspector.model.damage import REASONS, Damage, DamageKind


def test_the_sentence_counts_packets_and_names_the_place() -> None:
    damage = Damage(kind=DamageKind.CUT, packets=27, position=4178, code="record_cut", value=4200)

    assert damage.sentence == "27 packets, then cut at byte 4178: the file ends inside the record there, at byte 4200"


def test_one_packet_is_not_several() -> None:
    damage = Damage(kind=DamageKind.CORRUPT, packets=1, position=94, code="record_length", value=2**31)

    assert damage.sentence.startswith("1 packet, then cut at byte 94: the packet there claims an impossible 2147483648")


@pytest.mark.parametrize("code", REASONS)
def test_every_reason_can_be_said(code: str) -> None:
    sentence = Damage(kind=DamageKind.CORRUPT, packets=0, position=0, code=code, value=5).sentence

    assert re.fullmatch(r"0 packets, then cut at byte 0: [^{}]+", sentence)
