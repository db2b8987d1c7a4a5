"""The conditions in a module's functions, and the module's code without each of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from types import CodeType

__all__ = ["Removal", "Removed", "removals"]


@dataclass(frozen=True, slots=True)
class Removed:
    """A condition that was removed.

    Args:
        line: Where it stood.
        text: How it was removed and its source, e.g. ``"never row.client is None"``; how is ``always``, ``never`` or
            ``without``.
    """

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Removal(Removed):
    """A condition that was removed from a function.

    Args:
        function: First line of the function.
        code: The whole module's code without it.
    """

    function: int
    code: CodeType


def removals(source: str, name: str) -> Iterator[Removal]:
    """Each condition in the functions of a module, removed for itself.

    Args:
        source: Of the module.
        name: Of its file, for the code.
    """
    tree = ast.parse(source)
    for function in _functions(tree):
        first = min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])
        for place in list(_places(function, False)):
            for text, instead in list(_edits(place, source)):
                place.put(ast.copy_location(instead, place.node))
                code = compile(ast.fix_missing_locations(tree), name, "exec", dont_inherit=True)
                place.put(place.node)
                yield Removal(place.node.lineno, text, first, code)


def _functions(tree: ast.Module | ast.ClassDef) -> Iterator[ast.FunctionDef]:
    """Functions and methods; those inside of functions are parts of them."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node
        elif isinstance(node, ast.ClassDef):
            yield from _functions(node)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an expression stands.

    Args:
        parent, name, index: The attribute of the node above it, and which of several.
        node: What stands there.
        inside: It is a part of a condition that is removed as a whole.
    """

    parent: ast.AST
    name: str
    index: int | None
    node: ast.expr
    inside: bool

    def put(self, node: ast.expr) -> None:
        """Put another expression there."""
        if self.index is None:
            setattr(self.parent, self.name, node)
        else:
            getattr(self.parent, self.name)[self.index] = node


_NEVER_RUN = ("annotation", "returns", "decorator_list")


def _places(node: ast.AST, inside: bool) -> Iterator[_Place]:
    """Every expression below a node that is worked out when it runs, outside of assertions."""
    if isinstance(node, ast.Assert):
        return
    joins = isinstance(node, ast.BoolOp) or _is_mask(node)
    inside = joins or (inside and isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not))
    for name, value in ast.iter_fields(node):
        if name in _NEVER_RUN:
            continue
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if isinstance(child, ast.expr):
                yield _Place(node, name, index, child, inside)
            if isinstance(child, ast.AST):
                yield from _places(child, inside or _is_test(name))


def _is_test(name: str) -> bool:
    return name in ("test", "ifs")


def _is_mask(node: ast.AST) -> bool:
    """Whether these are conditions of arrays, joined by ``&`` or ``|``; of numbers these are arithmetic."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.BitAnd | ast.BitOr):
        return False
    sides = (node.left, node.right)
    inverted = any(isinstance(side, ast.UnaryOp) and isinstance(side.op, ast.Invert) for side in sides)
    return inverted or any(isinstance(side, ast.Compare) or _is_mask(side) for side in sides)


def _edits(place: _Place, source: str) -> Iterator[tuple[str, ast.expr]]:
    """What is removed, in words, and the expression that stands there instead."""
    node = place.node

    def told(how: str, part: ast.expr) -> str:
        return f"{how} {' '.join((ast.get_source_segment(source, part) or '').split())}"

    if _is_test(place.name):
        yield told("always", node), _always(node)
        yield told("never", node), _never(node)
    if isinstance(node, ast.BoolOp):
        for index, part in enumerate(node.values):
            if not _is_default(node, index):
                yield told("without", part), _without(node, index)
    elif _is_mask(node):
        assert isinstance(node, ast.BinOp)
        for part, other in ((node.left, node.right), (node.right, node.left)):
            if not (_is_mask(part) and isinstance(part, ast.BinOp) and type(part.op) is type(node.op)):
                yield told("without", part), other
    elif isinstance(node, ast.Compare) and len(node.ops) > 1:
        first, last = ast.Compare(node.left, node.ops[:1], node.comparators[:1]), node.comparators
        yield told("without the lower end of", node), ast.Compare(last[0], node.ops[1:], last[1:])
        yield (
            told("without the upper end of", node),
            first if len(node.ops) == 2 else ast.Compare(node.left, node.ops[:-1], last[:-1]),
        )
    elif isinstance(node, ast.Compare) and not place.inside and not _is_test(place.name):
        # Joined by operators that arrays know as well.
        yield told("always", node), ast.BinOp(node, ast.BitOr(), ast.Constant(True))
        yield told("never", node), ast.BinOp(node, ast.BitAnd(), ast.Constant(False))


def _always(node: ast.expr) -> ast.expr:
    """True whatever it says; still worked out, since it may bind a name."""
    return ast.BoolOp(ast.Or(), [node, ast.Constant(True)])


def _never(node: ast.expr) -> ast.expr:
    return ast.BoolOp(ast.And(), [node, ast.Constant(False)])


def _without(node: ast.BoolOp, index: int) -> ast.expr:
    parts = list(node.values)
    part = parts.pop(index)
    if any(isinstance(inner, ast.NamedExpr) for inner in ast.walk(part)):
        parts.insert(index, _always(part) if isinstance(node.op, ast.And) else _never(part))
    return ast.BoolOp(node.op, parts) if len(parts) > 1 else parts[0]


def _is_default(node: ast.BoolOp, index: int) -> bool:
    """Whether an operand only stands for a missing value: ``x or 0``."""
    part = node.values[index]
    if isinstance(node.op, ast.And) or index == 0:
        return False
    return (isinstance(part, ast.Constant) and not part.value) or (
        isinstance(part, ast.Tuple | ast.List) and not part.elts
    )
