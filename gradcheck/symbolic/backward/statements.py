"""Values as statements of array code: each is lowered in turn, what several share is computed once."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from gradcheck.symbolic.backward.nodes import READABLE
from gradcheck.symbolic.compile import Variable, variable_name, variable_shape
from gradcheck.symbolic.graphs.program import Value
from gradcheck.symbolic.lowering import Axes, Lowering
from gradcheck.symbolic.lowering import Value as Lowered
from gradcheck.symbolic.sizes import readings

LONGEST = 96
"""A temporary that is used once is written where it is used, while the line stays this short."""
Statement = tuple[str, ast.expr]
"""A name and the code of its value, which calls kernels by their names."""


@dataclass(frozen=True)
class Statements:
    """Statements in order, and what the names of sizes in them mean, read off arrays' shapes."""

    sizes: tuple[Statement, ...]
    lines: tuple[Statement, ...]

    @property
    def names(self) -> set[str]:
        """Every name that the statements use."""
        return {name for _, code in (*self.sizes, *self.lines) for name in names_in(code)}


def statements(values: Sequence[Value], arrays: Mapping[str, tuple[sp.Expr, ...]], like: str) -> Statements:
    """The values' code; `arrays` are the shapes of what is at hand, results take the dtype of `like`."""
    lowering = _InOrder(READABLE, {}, like)
    for value in values:
        lowering.order = value.indices
        lowering.ranges.update(value.ranges)
        lowering.lines.append((value.name, _code(lowering, value)))
    lines = _with_temporaries_inside([(name, parsed(code)) for name, code in lowering.lines], {v.name for v in values})
    return Statements(tuple(_sizes(lines, arrays)), tuple(lines))


@dataclass
class _InOrder(Lowering):
    """Keeps axes in the order that the value at hand has them in, so that nothing is transposed in the end."""

    order: Axes = ()

    def union(self, values: Iterable[Lowered]) -> Axes:
        """All axes of the values: those of the value at hand in its order, then the others."""
        axes = super().union(values)
        return tuple(sorted(axes, key=lambda axis: self.order.index(axis) if axis in self.order else len(self.order)))


def _code(lowering: Lowering, value: Value) -> str:
    """The code of a value with exactly its own axes."""
    lowered = lowering.lower(value.meaning)
    if set(lowered.axes) == set(value.indices) and value.indices:
        return lowering.align(lowered, value.indices)
    shape = "".join(f"{lowering.ranges[axis]}, " for axis in value.indices)
    return f"expand({lowering.align(lowered, value.indices)}, ({shape}), {lowering.like})"


def parsed(code: str) -> ast.expr:
    """The expression that a piece of code is."""
    return ast.parse(code, mode="eval").body


def names_in(code: ast.expr) -> list[str]:
    """The names in an expression, as often as they stand there."""
    return [node.id for node in ast.walk(code) if isinstance(node, ast.Name)]


def _with_temporaries_inside(lines: list[Statement], kept: Iterable[str]) -> list[Statement]:
    """The lines with temporaries that are used once written where they are used."""
    wanted = set(kept)
    done: list[Statement] = []
    uses = [name for _, code in lines for name in names_in(code)]
    waiting: dict[str, ast.expr] = {}
    for name, code in lines:
        inside = {each: waiting[each] for each in names_in(code) if each in waiting}
        merged = _Replaced(inside).visit(parsed(ast.unparse(code)))
        if len(ast.unparse(merged)) > LONGEST:
            done += [(each, waiting.pop(each)) for each in inside]
            merged = code
        for each in inside:
            waiting.pop(each, None)
        if name not in wanted and uses.count(name) == 1:
            waiting[name] = merged
        else:
            done.append((name, merged))
    return done


class _Replaced(ast.NodeTransformer):
    """Names replaced by expressions."""

    def __init__(self, meanings: Mapping[str, ast.expr]) -> None:
        self.meanings = meanings

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """The expression that the name stands for."""
        return self.meanings.get(node.id, node)


def _sizes(lines: Sequence[Statement], arrays: Mapping[str, tuple[sp.Expr, ...]]) -> list[Statement]:
    """The sizes that the lines use, or that those need, in order."""
    used = {name for _, code in lines for name in names_in(code)}
    known = list(readings(sorted(arrays.items(), key=lambda array: array[0] not in used)))
    found: list[Statement] = []
    for reading in reversed(known):
        if reading.dimension.name in used:
            used |= {symbol.name for symbol in reading.size.free_symbols}
            above, below = reading.solved(sp.Symbol(f"{reading.variable}.shape[{reading.axis}]"))
            code = str(above) if below == 1 else f"({above})//({below})"
            found.append((reading.dimension.name, parsed(code)))
    return found[::-1]


def shapes_of(variables: Iterable[Variable]) -> dict[str, tuple[sp.Expr, ...]]:
    """The shapes of variables by name."""
    return {variable_name(variable): variable_shape(variable) for variable in variables}
