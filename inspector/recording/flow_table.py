# mypy: ignore-errors
# Cython's pure-Python types are not types to mypy; the tests run this file both compiled and uncompiled.
"""The 5-tuples seen so far, as columns with a hash table over them.

Compiled when a C compiler was there at install (Cython, pure-Python mode; types of the attributes are in the .pxd); the
same file runs uncompiled with the same results.
"""

import cython
import numpy as np

__all__ = ["FlowTable"]

# 64-bit constants are declared: written in place they would be Python integers in the compiled form.
_MASK: cython.ulonglong = cython.declare(cython.ulonglong, 0xFFFFFFFFFFFFFFFF)
_GOLDEN: cython.ulonglong = cython.declare(cython.ulonglong, 0x9E3779B97F4A7C15)


@cython.final
@cython.cclass
class FlowTable:
    """Numbers flows in the order they are first seen; open addressing, slots hold flow + 1.

    Args:
        seed: Random start value of the hash, so that nobody can choose addresses that collide.
    """

    def __init__(self, seed: int):
        self.seed = seed
        self.count = 0
        self._make_room(1024)

    @cython.cfunc
    @cython.exceptval(-1, check=True)
    def find(
        self,
        a_high: cython.ulonglong,
        a_low: cython.ulonglong,
        b_high: cython.ulonglong,
        b_low: cython.ulonglong,
        ports: cython.uint,
        kind: cython.uint,
    ) -> cython.int:
        """The flow between two endpoints; a new one if never seen.

        Args:
            a_high, a_low, b_high, b_low: Halves of the addresses, the lower (address, port) pair first.
            ports: A's port in the high half, B's in the low.
            kind: IP version in the high byte, protocol in the low.
        """
        slot_mask: cython.ulonglong = self.slots.shape[0] - 1
        slot: cython.ulonglong = _mix(self.seed, a_high, a_low, b_high, b_low, ports, kind) & slot_mask
        flow: cython.int
        while True:
            flow = self.slots[slot] - 1
            if flow < 0:
                break
            if (
                self.ports[flow] == ports
                and self.a_low[flow] == a_low
                and self.b_low[flow] == b_low
                and self.kind[flow] == kind
                and self.a_high[flow] == a_high
                and self.b_high[flow] == b_high
            ):
                return flow
            slot = (slot + 1) & slot_mask
        flow = self.count
        if flow * 2 >= self.slots.shape[0]:
            self._make_room(self.slots.shape[0] * 2)
            return self.find(a_high, a_low, b_high, b_low, ports, kind)
        self.a_high[flow] = a_high
        self.a_low[flow] = a_low
        self.b_high[flow] = b_high
        self.b_low[flow] = b_low
        self.ports[flow] = ports
        self.kind[flow] = kind
        self.slots[slot] = flow + 1
        self.count = flow + 1
        return flow

    def _make_room(self, size: cython.Py_ssize_t):
        """Make room for ``size / 2`` flows and put the known ones in their new slots."""
        known: cython.Py_ssize_t = self.count
        self.a_high = _grown(self.a_high if known else None, known, size // 2 + 1, np.uint64)
        self.a_low = _grown(self.a_low if known else None, known, size // 2 + 1, np.uint64)
        self.b_high = _grown(self.b_high if known else None, known, size // 2 + 1, np.uint64)
        self.b_low = _grown(self.b_low if known else None, known, size // 2 + 1, np.uint64)
        self.ports = _grown(self.ports if known else None, known, size // 2 + 1, np.uint32)
        self.kind = _grown(self.kind if known else None, known, size // 2 + 1, np.uint16)
        self.slots = memoryview(np.zeros(size, np.int32))
        slot_mask: cython.ulonglong = size - 1
        flow: cython.Py_ssize_t
        slot: cython.ulonglong
        for flow in range(known):
            slot = (
                _mix(
                    self.seed,
                    self.a_high[flow],
                    self.a_low[flow],
                    self.b_high[flow],
                    self.b_low[flow],
                    self.ports[flow],
                    self.kind[flow],
                )
                & slot_mask
            )
            while self.slots[slot]:
                slot = (slot + 1) & slot_mask
            self.slots[slot] = flow + 1

    def columns(self) -> dict:
        """The columns of ``Flows`` seen so far."""
        count = self.count
        ports = np.array(self.ports[:count], np.uint32)
        kind = np.array(self.kind[:count], np.uint16)
        return {
            "a_high": np.array(self.a_high[:count], np.uint64),
            "a_low": np.array(self.a_low[:count], np.uint64),
            "b_high": np.array(self.b_high[:count], np.uint64),
            "b_low": np.array(self.b_low[:count], np.uint64),
            "a_port": (ports >> 16).astype(np.uint16),
            "b_port": (ports & 0xFFFF).astype(np.uint16),
            "version": (kind >> 8).astype(np.uint8),
            "protocol": (kind & 0xFF).astype(np.uint8),
        }


@cython.cfunc
@cython.exceptval(-1, check=True)
@cython.inline
def _mix(
    seed: cython.ulonglong,
    a: cython.ulonglong,
    b: cython.ulonglong,
    c: cython.ulonglong,
    d: cython.ulonglong,
    ports: cython.ulonglong,
    kind: cython.ulonglong,
) -> cython.ulonglong:
    """A seeded 64-bit hash: multiply by an odd constant (from the golden ratio) and fold, twice."""
    h: cython.ulonglong = seed ^ b ^ (ports << 32) ^ kind
    h = (h * _GOLDEN) & _MASK
    h ^= (h >> 32) ^ d
    h = (h * _GOLDEN) & _MASK
    if a or c:
        h ^= (h >> 29) ^ a
        h = (h * _GOLDEN) & _MASK
        h ^= (h >> 29) ^ c
        h = (h * _GOLDEN) & _MASK
    return h ^ (h >> 32)


def _grown(old, known, size, dtype):
    """A longer copy of a column, as a memoryview (whose items are Python integers when uncompiled)."""
    new = np.empty(size, dtype)
    if old is not None:
        new[:known] = old[:known]
    return memoryview(new)
