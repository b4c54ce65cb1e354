"""Statements about layout: the gradient of f is the vector, or the matrix, of its partial derivatives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gradcheck.articles.claims import Judgement
from gradcheck.articles.derivatives import layout
from gradcheck.documents.formulas.links import is_derivative
from gradcheck.documents.formulas.statements import Statement
from gradcheck.documents.formulas.tree import Call, Derivative, Dots, Listed, Name, Node, Number, Transposed

SAMPLES: Mapping[str, Mapping[str, object]] = {
    "vector": {"function": "sin(x[0]) * x[1] + x[2] ** 3", "wrt": "x", "at": {"x": (0.5, -1.25, 2.0)}},
    "matrix": {
        "function": "(X ** 3).sum() * X[0, 0] + sin(X[1, 2])",
        "wrt": "X",
        "at": {"X": ((0.5, -1.25, 2.0), (1.5, 0.25, -0.75))},
    },
    "components": {"function": "stack(sin(x), x ** 2, exp(-x))", "wrt": "x", "at": {"x": 0.75}},
}
"""A function of each kind, on which a layout is tried entry by entry."""
Partial = tuple[str, str, tuple[str, ...], tuple[str, ...]]
"""The function and the variable of one partial derivative, and the indices of both."""


def layout_judgement(statement: Statement) -> Judgement | None:
    """The judgement on a statement of layout; None for any other."""
    sides = [side.node for side in statement.equation.sides]
    if len(sides) != 2 or statement.cut or not is_derivative(sides[0]):
        return None
    rows = _rows(sides[1])
    partials = [[_partial(entry) for entry in row if not isinstance(entry, Dots)] for row in rows]
    found = [[each for each in row if each is not None] for row in partials]
    if [len(row) for row in found] != [len(row) for row in partials] or len(found) < 1:
        return None
    kind = _kind([row for row in found if row])
    if not kind:
        return None
    shape, arrangement = kind
    return layout({**SAMPLES[shape], "arrangement": arrangement})


def _rows(node: Node) -> list[tuple[Node, ...]]:
    while isinstance(node, Transposed):
        node = node.operand
    if not isinstance(node, Listed) or not any(isinstance(each, Dots) for each in node.walk()):
        return []
    if all(isinstance(each, Listed) for each in node.entries):
        return [each.entries for each in node.entries if isinstance(each, Listed)]
    return [node.entries]


def _partial(node: Node) -> Partial | None:
    """What an entry is the derivative of, and by what."""
    if not isinstance(node, Derivative) or len(node.by) != 1 or not isinstance(node.by[0], Name):
        return None
    of, by = node.of, node.by[0]
    if isinstance(of, Name):
        return of.label, by.label, _letters(of.indices), _letters(by.indices)
    if isinstance(of, Call):
        return of.function, by.label, _letters(of.indices), _letters(by.indices)
    return None


def _letters(indices: Sequence[Node]) -> tuple[str, ...]:
    """Each index; 11 below a matrix is row 1, column 1."""
    if len(indices) == 1 and isinstance(indices[0], Number) and 10 < indices[0].value < 100:
        return tuple(str(indices[0].value))
    return tuple(
        str(each.value) if isinstance(each, Number) else each.label
        for each in indices
        if isinstance(each, Name | Number)
    )


def _kind(rows: Sequence[Sequence[Partial]]) -> tuple[str, str] | None:
    """Which layout the entries show, where they show one without doubt."""
    every = [each for row in rows for each in row]
    if len({(of, by) for of, by, _, _ in every}) != 1 or len(every) < 2:
        return None
    above, below = [each[2] for each in every], [each[3] for each in every]
    if len(rows) == 1 and not any(above) and _counts(below):
        return "vector", "variable"
    if len(rows) == 1 and not any(below) and _counts(above):
        return "components", "variable"
    if len(rows) > 1 and not any(above) and all(len(each) == 2 for each in below):
        return _matrix([[each[3] for each in row] for row in rows])
    return None


def _counts(indices: Sequence[tuple[str, ...]]) -> bool:
    """Whether one index counts 1, 2, … up to a letter."""
    return (
        [len(each) for each in indices] == [1] * len(indices) and indices[0] == ("1",) and not indices[-1][0].isdigit()
    )


def _matrix(rows: Sequence[Sequence[tuple[str, ...]]]) -> tuple[str, str] | None:
    """Whether the first index counts rows, or, transposed, columns."""
    if all(len({each[0] for each in row}) == 1 for row in rows) and rows[0][0] == ("1", "1"):
        return "matrix", "variable"
    if all(len({each[1] for each in row}) == 1 for row in rows) and rows[0][0] == ("1", "1"):
        return "matrix", "transposed"
    return None
