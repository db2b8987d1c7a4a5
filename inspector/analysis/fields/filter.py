"""Display filters: which packets of a window a condition matches.

A condition is a small tree. A comparison with a field that occurs several times in a packet matches when any
occurrence does, except ``!=``, which wants all occurrences to differ (as in Wireshark 4).
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from inspector.analysis.fields.field import Field
from inspector.analysis.fields.values import Values
from inspector.analysis.fields.window import Window
from inspector.proto import LayerKind

__all__ = ["All", "Comparison", "Exists", "Filter", "HasLayer", "Not", "Some"]

_Mask = NDArray[np.bool_]


class Filter(Protocol):
    """A condition on packets."""

    def matches(self, window: Window) -> _Mask:
        """Which packets of the window match, shape (packets,)."""
        ...


def _any(window: Window, values: Values, hits: _Mask) -> _Mask:
    mask = np.zeros(len(window), bool)
    mask[values.packet[hits]] = True
    return mask


@dataclass(frozen=True, slots=True)
class Exists:
    """The packet has the field."""

    field: Field

    def matches(self, window: Window) -> _Mask:
        """See ``Filter.matches``."""
        values = self.field.extract(window)
        return _any(window, values, np.ones(len(values.packet), bool))


@dataclass(frozen=True, slots=True)
class HasLayer:
    """The packet has a header of this kind."""

    kind: LayerKind

    def matches(self, window: Window) -> _Mask:
        """See ``Filter.matches``."""
        mask = np.zeros(len(window), bool)
        mask[window.headers(self.kind).packet] = True
        return mask


@dataclass(frozen=True, slots=True)
class Comparison:
    """Some occurrence of the field passes the test; or all of them do.

    Args:
        field: What to look at.
        test: True for the occurrences that pass, given the column's data.
        every: All occurrences must pass, and there must be one.
    """

    field: Field
    test: Callable[[NDArray[Any]], _Mask]
    every: bool = False

    def matches(self, window: Window) -> _Mask:
        """See ``Filter.matches``."""
        values = self.field.extract(window)
        hits = self.test(values.data)
        mask = _any(window, values, hits)
        return mask & ~_any(window, values, ~hits) if self.every else mask


@dataclass(frozen=True, slots=True)
class Not:
    """The condition does not hold."""

    condition: Filter

    def matches(self, window: Window) -> _Mask:
        """See ``Filter.matches``."""
        return ~self.condition.matches(window)


@dataclass(frozen=True, slots=True)
class All:
    """Every condition holds."""

    conditions: tuple[Filter, ...]

    def matches(self, window: Window) -> _Mask:
        """See ``Filter.matches``."""
        return reduce(operator.and_, (condition.matches(window) for condition in self.conditions))


@dataclass(frozen=True, slots=True)
class Some:
    """At least one condition holds."""

    conditions: tuple[Filter, ...]

    def matches(self, window: Window) -> _Mask:
        """See ``Filter.matches``."""
        return reduce(operator.or_, (condition.matches(window) for condition in self.conditions))
