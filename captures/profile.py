"""The preferences that Wireshark's programs run with: ours, never the user's, so that all see the same dissection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Profile"]

_NO_NAMES = {f"nameres.{kind}_name": "FALSE" for kind in ("mac", "transport", "network")}
"""Addresses and ports stay numbers (tshark's ``-n``): what is shown must not depend on the machine's tables."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What Wireshark is told before it reads a file.

    Args:
        preferences: By Wireshark's names.
        decode_as: Port and protocol by table, e.g. ``("tcp.port", 8443): "HTTP2"``: for services on ports that
            Wireshark takes for something else.
    """

    preferences: Mapping[str, str] = field(default_factory=dict)
    decode_as: Mapping[tuple[str, int], str] = field(default_factory=dict)

    @classmethod
    def plain(cls) -> Profile:
        """Wireshark as it comes, for columns that are compared with its defaults."""
        return cls()

    @classmethod
    def thorough(cls, decode_as: Mapping[tuple[str, int], str] | None = None) -> Profile:
        """For contents: TCP segments are put in order, which Wireshark does not do unless asked."""
        return cls({"tcp.reassemble_out_of_order": "TRUE"}, decode_as or {})

    def with_keys(self, path: Path) -> Profile:
        """The same with a TLS key log file."""
        return Profile({**self.preferences, "tls.keylog_file": str(path)}, self.decode_as)

    def write(self, folder: Path) -> None:
        """Write it as the files that Wireshark looks for."""
        folder.mkdir()
        lines = [f"{name}: {value}\n" for name, value in {**_NO_NAMES, **self.preferences}.items()]
        (folder / "preferences").write_text("".join(lines), encoding="utf-8")
        rules = [
            f"decode_as_entry: {table},{port},(default),{name}\n" for (table, port), name in self.decode_as.items()
        ]
        (folder / "decode_as_entries").write_text("".join(rules), encoding="utf-8")
