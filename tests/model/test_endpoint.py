"""Addresses as text."""

from __future__ import annotations

import numpy as np

from inspector.model.endpoint import Endpoint, address_texts


def test_addresses_of_both_versions_are_written_once_each() -> None:
    version = np.array([4, 6, 4, 6], np.uint8)
    high = np.array([0, 0x2001_0DB8_0000_0000, 0, 0], np.uint64)
    low = np.array([0x7F000001, 1, 0x7F000001, 1], np.uint64)
    texts, index = address_texts(high, low, version)
    assert [texts[i] for i in index.tolist()] == ["127.0.0.1", "2001:db8::1", "127.0.0.1", "::1"]
    assert len(texts) == 3


def test_only_ipv4() -> None:
    low = np.array([0x0A000002, 0x0A000001], np.uint64)
    texts, index = address_texts(np.zeros(2, np.uint64), low, np.full(2, 4, np.uint8))
    assert [texts[i] for i in index.tolist()] == ["10.0.0.2", "10.0.0.1"]


def test_ports_follow_the_address() -> None:
    assert str(Endpoint("10.0.0.1", 80)) == "10.0.0.1:80"
    assert str(Endpoint("::1", 80)) == "[::1]:80"
