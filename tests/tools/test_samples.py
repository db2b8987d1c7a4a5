"""The samples that ship."""

from __future__ import annotations

from pathlib import Path

import pytest

import captures
from tools.record_samples import RECORDED
from tools.samples import SAMPLES, write_samples

_SHIPPED = Path(captures.__file__).parent / "samples"


@pytest.mark.parametrize("name", SAMPLES)
def test_shipped_files_are_what_the_script_writes(name: str, tmp_path: Path) -> None:
    write_samples(tmp_path)
    assert (tmp_path / f"{name}.pcap").read_bytes() == (_SHIPPED / f"{name}.pcap").read_bytes()


def test_nothing_else_ships() -> None:
    assert {path.stem for path in _SHIPPED.glob("*.pcap*")} == {*SAMPLES, *RECORDED}
