"""Packets that one builds oneself, written in scapy's notation, which is read here and never executed."""

from __future__ import annotations

from captures.craft.build import Crafted, CraftedField, CraftedLayer, craft
from captures.craft.notation import LayerNode, parse_notation

__all__ = ["Crafted", "CraftedField", "CraftedLayer", "LayerNode", "craft", "parse_notation"]
