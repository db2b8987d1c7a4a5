"""Compares a whole capture, and tells what is not explained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from captures.comparison.columns import compare_columns
from captures.comparison.gather import gather_units
from captures.comparison.reasons import explain
from captures.comparison.unit import Comparison, Difference, compare
from captures.programs import Program, need_program

if TYPE_CHECKING:
    from inspector.recording.capture import Capture

__all__ = ["Verification", "verify"]


@dataclass(slots=True)
class Verification:
    """How far we and Wireshark agree on a capture.

    Args:
        program: The tshark that was compared with.
        comparison: Agreements and differences, each difference with its reason where there is one.
        decode_as: What Wireshark was told about ports.
    """

    program: Program
    comparison: Comparison = field(default_factory=Comparison)
    decode_as: Mapping[tuple[str, int], str] = field(default_factory=dict)

    @property
    def unexplained(self) -> list[Difference]:
        """Differences without a reason: one of the two is wrong."""
        return [difference for difference in self.comparison.differences if difference.reason is None]

    @property
    def reasons(self) -> Counter[str]:
        """How many differences each reason explains."""
        return Counter(item.reason for item in self.comparison.differences if item.reason is not None)


def verify(capture: Capture, *, way: str | None = None, seconds: float = 300.0) -> Verification:
    """Compare what we decode of a capture with what Wireshark does: fields of packets, then messages.

    Args:
        capture: The capture, with its keys.
        way: ``sharkd`` or ``pyshark`` for the messages; by default the first that is here.
        seconds: Time limit of each of the two or three runs of Wireshark.

    Raises:
        MissingPart: If Wireshark's programs are missing.
        ProgramError: If they fail or take too long.
    """
    result = Verification(need_program("tshark"))
    result.comparison = compare_columns(capture, seconds=seconds)
    found = gather_units(capture, way=way, seconds=seconds)
    result.decode_as = found.decode_as
    result.comparison.add(compare(found.ours, found.theirs))
    explain(found, result.comparison.differences)
    return result
