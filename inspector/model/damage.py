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
    "record_cut": N_("the file ends inside the record there, at byte {value}"),
    "compressed_cut": N_("the compressed file ends too early, it gave {value} bytes"),
    "compressed_corrupt": N_("the compressed file is damaged, it gave {value} bytes"),
    "record_length": N_("the packet there claims an impossible {value} captured bytes"),
    "block_length": N_("the block there claims an impossible length of {value}"),
    "block_trailer": N_("the block there claims another length, {value}, at its end"),
    "no_interface": N_("the packet there names interface {value}, which its section does not describe"),
    "option_length": N_("an option of the block there has an impossible length"),
    "byte_order": N_("the section there has no valid byte-order magic"),
    "section_version": N_("the section there has format version {value}, only 1.0 is known"),
    "name_length": N_("a name record of the block there has an impossible length of {value}"),
    "name_end": N_("a host name in the block there does not end"),
    "secrets_length": N_("the secrets there claim {value} bytes, more than their block has"),
    "too_many": N_("more than {value} sections, interfaces or secrets are an attack, not a recording"),
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
    def reason(self) -> str:
        """Why, in the chosen language."""
        return _(REASONS[self.code]).format(value=self.value)

    @property
    def sentence(self) -> str:
        """``n packets, then cut at byte x: why``, in the chosen language."""
        return ngettext(
            "{count} packet, then cut at byte {at}: {why}",
            "{count} packets, then cut at byte {at}: {why}",
            self.packets,
        ).format(count=self.packets, at=self.position, why=self.reason)
