"""Runs the kernels as plain Python although compiled ones are installed: set ``INSPECTOR_UNCOMPILED=1``.

Only tests and benchmarks need this; without a C compiler there is nothing to switch off.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

__all__ = ["prefer_source"]


class _SourceFirst(importlib.abc.MetaPathFinder):
    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if not name.startswith("inspector."):
            return None
        for folder in path or ():
            source = Path(folder) / f"{name.rpartition('.')[2]}.py"
            if source.exists():
                return importlib.util.spec_from_file_location(name, source)
        return None


def prefer_source() -> None:
    """Import every module of this package from its .py file from now on."""
    sys.meta_path.insert(0, _SourceFirst())
