"""Header blocks: HPACK as an observer sees it, who may have missed the beginning (RFC 7541)."""

from __future__ import annotations

from hpack import Decoder, HPACKError
from hpack.table import HeaderTable

__all__ = ["HeaderBlocks", "UnreadableBlock"]

_LARGEST_LIST = 1 << 20
"""Bytes of one header list; servers accept 8 to 64 KiB."""
_LARGEST_TABLE = 1 << 20
"""Bytes of a dynamic table: the encoder chooses up to what the peer allows, which may not have been seen."""


class UnreadableBlock(Exception):
    """The block breaks HPACK; its table is lost from here on."""


class _ObservedTable(HeaderTable):
    """A dynamic table whose older entries may be unknown.

    New entries come first (index 62), so everything added since the observer came is right; what lies beyond was added
    before and is named by its index.
    """

    def __init__(self) -> None:
        super().__init__()
        self.beginning_seen = True
        self.unknown_used = False

    def get_by_index(self, index: int) -> tuple[bytes, bytes]:
        known = HeaderTable.STATIC_TABLE_LENGTH + len(self.dynamic_entries)
        if index > known and not self.beginning_seen:
            self.unknown_used = True
            return b"(unknown header %d)" % index, b""
        return super().get_by_index(index)


class HeaderBlocks:
    """Decodes the header blocks of one direction, in order."""

    def __init__(self) -> None:
        self._begin(True)

    def _begin(self, beginning_seen: bool) -> None:
        self._decoder = Decoder(max_header_list_size=_LARGEST_LIST)
        self._table = _ObservedTable()
        self._table.beginning_seen = beginning_seen
        self._decoder.header_table = self._table
        self._decoder.max_allowed_table_size = _LARGEST_TABLE

    def lost(self) -> None:
        """Blocks may have been missed: entries known so far can no longer be numbered."""
        self._begin(False)

    def decode(self, block: bytes) -> tuple[list[tuple[bytes, bytes]], bool]:
        """The fields of a block, and whether all of them were known.

        Raises:
            UnreadableBlock: If it breaks HPACK; later blocks are decoded with an unknown table.
        """
        self._table.unknown_used = False
        try:
            fields = [(bytes(name), bytes(value)) for name, value in self._decoder.decode(block, raw=True)]
        except HPACKError as error:
            self.lost()
            raise UnreadableBlock(str(error)) from error
        return fields, not self._table.unknown_used
