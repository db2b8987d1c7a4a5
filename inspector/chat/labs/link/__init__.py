"""A link that spoils packets on purpose and writes down what it did: ground truth for the rules about networks.

Two network namespaces, a TAP device in each, and a program between them that takes every frame from one and hands it to
the other: late, twice, damaged, out of order, or never. Needs Linux and root.
"""

from __future__ import annotations

from inspector.chat.labs.link.lab import LINK_LABS, LinkLab, LinkResult, run_link_lab

__all__ = ["LINK_LABS", "LinkLab", "LinkResult", "run_link_lab"]
