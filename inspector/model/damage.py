"""Where and why reading a capture file stopped before its end."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from inspector.i18n import N_, _, ngettext

__all__ = ["REASONS", "Damage", "DamageKind"]


class DamageKind(StrEnum):
    """What kind of end it was."""

    CUT = "cut"
    """The file simply ends inside a record, as when a capture was killed or a download stopped; all before is whole."""
    CORRUPT = "corrupt"
    """The bytes at this place cannot be a record; what follows cannot be found."""


REASONS: dict[str, str] = {
    # code: the reason in words; {value} is Damage.value
    "record_cut": N_("the record there is not whole, the file ends at byte {value}"),
    "compressed_cut": N_("the compressed data ends too early, it holds {value} bytes"),
    "compressed_corrupt": N_("the compressed data is damaged behind byte {value}"),
    "record_length": N_("the record there claims an impossible {value} captured bytes"),
}
"""Why reading stopped, by stable code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """Where reading stopped.

    Args:
        kind: Cut or corrupt.
        packets: Whole packets before it; all of them are kept.
        position: Byte where the first record begins that is not whole, in the uncompressed data.
        code: A key of ``REASONS``.
        value: The number at fault.
    """

    kind: DamageKind
    packets: int
    position: int
    code: str
    value: int = 0

    @property
    def sentence(self) -> str:
        """``n packets, then cut at byte x: why``, in the chosen language."""
        return ngettext(
            "{count} packet, then cut at byte {at}: {why}",
            "{count} packets, then cut at byte {at}: {why}",
            self.packets,
        ).format(count=self.packets, at=self.position, why=_(REASONS[self.code]).format(value=self.value))
