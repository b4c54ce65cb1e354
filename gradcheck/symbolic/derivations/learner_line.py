"""A learner's line, as an expression beside the lines of a derivation; nothing in it is ever evaluated.

It may be written as the derivation writes it, with entries, z[i], δ[i, j], sums, Σ_k (...), and derivatives still to be
worked out, d/dx(...); or with whole arrays, as in NumPy: X.T@(X@w - y).
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import sympy as sp

from gradcheck.errors import nearest
from gradcheck.symbolic.compile import Variable, variable_name, variable_shape
from gradcheck.symbolic.derivations.derivation import Derivation
from gradcheck.symbolic.matrices.parser import matrix_array
from gradcheck.symbolic.parser import CONSTANTS, FUNCTIONS, ParseError, Reader, syntax_tree
from gradcheck.symbolic.pending import Pending
from gradcheck.symbolic.sizes import dimensions
from gradcheck.symbolic.tensors import LogSumExp, Sum, logsumexp

LEFT_SIDE = re.compile(r"^[^=(]*/[^=(]*=(?!=)")
"""df/dx = ..., which may stand in front of a line."""
STANDING_FOR: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (re.compile(r"[d∂]/[d∂](?=\w)"), lambda _: "d_d"),
    (re.compile(r"Σ_(\w+(?:,\w+)*)( ?)"), lambda found: f"S_{found[1].replace(',', '_')}{'*' if found[2] else ''}"),
    (re.compile("−"), lambda _: "-"),
)
"""Signs that Python's grammar lacks, each with as long a word for it, so that columns stay."""
PENDING, SUM = "d_d", "S_"
DELTAS = ("δ", "delta")
OVER_INDEX = re.compile(r"(softmax|logsumexp)_(\w+)")


@dataclass(frozen=True)
class LearnerLine:
    """A line as it was read: its entry at given indices, and its shape; None where it is written by entries."""

    text: str
    entry: Callable[..., sp.Expr]
    shape: tuple[sp.Expr, ...] | None = None


def transposes(text: str, derivation: Derivation) -> Iterator[str]:
    """The line with one matrix of it transposed, or no longer transposed; nothing for one that is written by entries.

    >>> from gradcheck.symbolic.matrices.parser import matrix_formula
    >>> list(transposes("X@y", matrix_formula("y@(X@w)", "X: m n, w: n, y: m").derive("w")))
    ['X.T @ y']
    """
    tree = syntax_tree(LEFT_SIDE.sub("", text.strip()).strip())
    matrices = {name for name, each in _names(derivation).items() if len(variable_shape(each)) == 2}
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in matrices]
    for chosen in () if _by_entries(tree) else found:
        yield ast.unparse(_Transposed(chosen).visit(copy.deepcopy(tree)))


class _Transposed(ast.NodeTransformer):
    """Transposes what stands at one place."""

    def __init__(self, chosen: ast.expr) -> None:
        self.place = chosen.col_offset

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        value = self.visit(node.value)
        if isinstance(value, ast.Attribute) and not isinstance(node.value, ast.Attribute):
            return value.value
        return ast.copy_location(ast.Attribute(value=value, attr=node.attr, ctx=node.ctx), node)

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.col_offset != self.place:
            return node
        return ast.copy_location(ast.Attribute(value=node, attr="T", ctx=ast.Load()), node)


def read_line(text: str, derivation: Derivation) -> LearnerLine:
    """The line as an expression; raises ParseError, which points at the column, where it is none.

    >>> from gradcheck import derive
    >>> read_line("df/dx = d/dx(x**2)*sin(x) + x**2*cos(x)", derive("x**2*sin(x)")).entry()
    x**2*cos(x) + sin(x)*d/dx(x**2)
    """
    shown = text.strip()
    left = LEFT_SIDE.match(shown)
    body = " " * left.end() + shown[left.end() :] if left else shown
    for pattern, word in STANDING_FOR:
        body = pattern.sub(word, body)
    start = len(body) - len(body.lstrip())
    try:
        return _read(body.lstrip(), shown, derivation)
    except ParseError as error:
        message = str(error).partition(": ")[2].partition("\n")[0]
        raise ParseError(message, shown, error.column + start) from None


def _read(body: str, shown: str, derivation: Derivation) -> LearnerLine:
    tree = syntax_tree(body)
    names = _names(derivation)
    if _by_entries(tree) or not any(isinstance(each, sp.IndexedBase) for each in names.values()):
        expression = _EntryReader(body, names, derivation).expression(tree)
        return LearnerLine(shown, lambda *_: expression)
    array = matrix_array(body, names)
    entry = array.entry if array.shape else lambda *_: array.entry()
    return LearnerLine(shown, entry, array.shape)


def _names(derivation: Derivation) -> dict[str, Variable]:
    """The variables, and the names that the derivation introduced."""
    formula = derivation.formula
    given = formula.variables if formula is not None else ()
    named = [name.base if isinstance(name, sp.Indexed) else name for name, _ in derivation.definitions]
    return {variable_name(each): each for each in (*given, *named)}


def _by_entries(tree: ast.expr) -> bool:
    """Whether the line speaks of entries; a whole derivation of scalars does so, too."""
    return any(
        isinstance(node, ast.Subscript) or (isinstance(node, ast.Name) and node.id.startswith((PENDING, SUM)))
        for node in ast.walk(tree)
    )


class _EntryReader(Reader):
    """Reads scalars, and tensors by their entries."""

    def __init__(self, text: str, names: dict[str, Variable], derivation: Derivation) -> None:
        super().__init__(text)
        self.names, self.derivation = names, derivation
        self.indices = {str(i): i for i in derivation.axes}
        self.bound: list[str] = []
        self.sizes = {str(size): size for size in dimensions(map(variable_shape, names.values()))}

    def expression(self, node: ast.expr, depth: int = 0) -> Any:
        """The node as an expression."""
        found = self._of_tensors(node, depth)
        return super().expression(node, depth) if found is None else found

    def _of_tensors(self, node: ast.expr, depth: int) -> sp.Expr | None:
        """What the grammar of scalars lacks: entries, sums, and derivatives still to be worked out."""
        found: sp.Expr | None = None
        match node:
            case ast.Subscript(value=ast.Call(func=ast.Name(id="softmax"), args=[ast.Name(id=name)]), slice=at):
                found = self._softmax_entry(node, name, at)
            case ast.Subscript(value=ast.Name(id=name), slice=at):
                found = self._entry(node, name, at.elts if isinstance(at, ast.Tuple) else [at])
            case ast.Call(func=ast.Name() | ast.Subscript(value=ast.Name()) as function, args=[body]):
                found = self._call_of_tensors(node, function, body, depth)
            case ast.BinOp(left=left, op=ast.Mult(), right=body) if sign := _sum_sign(left):
                factor, name = sign
                before = self.expression(factor, depth + 1) if factor else sp.S.One
                found = before * self._sum(node, name, body, depth)
            case ast.Name(id=name) if name not in FUNCTIONS:
                found = self._plain(node, name)
        return found

    def _call_of_tensors(self, node: ast.expr, function: ast.expr, body: ast.expr, depth: int) -> sp.Expr | None:
        name = function.value if isinstance(function, ast.Subscript) else function
        assert isinstance(name, ast.Name)
        if name.id.startswith(PENDING):
            name.id = name.id.removeprefix(PENDING)
            return self._pending(node, self.expression(function, depth + 1), body, depth)
        if name.id.startswith(SUM):
            return self._sum(node, name.id, body, depth)
        over = OVER_INDEX.fullmatch(name.id)
        return self._over_index(node, over[1], over[2], body, depth) if over else None

    def _plain(self, node: ast.expr, name: str) -> sp.Expr:
        known = {**self.sizes, **CONSTANTS, **self.names}
        found = known.get(name, self.indices.get(name))
        if found is None:
            close = " or ".join(map(repr, nearest(name, known)))
            hint = f"did you mean {close}?" if close else f"known are {', '.join(known)}"
            raise self.error(node, f"nothing is named {name!r} here; {hint}")
        if isinstance(found, sp.IndexedBase):
            letters = ", ".join("ijklm"[: len(found.shape)])
            raise self.error(node, f"{name} is an array; write its entry {name}[{letters}]")
        return found

    def _entry(self, node: ast.expr, name: str, at: list[ast.expr]) -> sp.Expr:
        indices = [self._index(each) for each in at]
        if name in DELTAS and len(indices) == 2:
            return sp.KroneckerDelta(*indices)
        base = self.names.get(name)
        if not isinstance(base, sp.IndexedBase):
            arrays = [each for each, found in self.names.items() if isinstance(found, sp.IndexedBase)]
            raise self.error(node, f"no array is named {name!r}; known are {', '.join([*arrays, 'δ'])}")
        if len(indices) != len(base.shape):
            raise self.error(node, f"{name} has {len(base.shape)} indices, not {len(indices)}")
        return base[tuple(indices)]

    def _softmax_entry(self, node: ast.expr, name: str, at: ast.expr) -> sp.Expr:
        """softmax(z)[i] of a whole vector."""
        i = self._index(at)
        entry = self._entry(node, name, [at])
        return sp.exp(entry - logsumexp(entry.base.shape[0], lambda k: entry.xreplace({i: k})))

    def _index(self, node: ast.expr) -> sp.Symbol:
        if not isinstance(node, ast.Name):
            raise self.error(node, "an index is a letter, such as i")
        if node.id not in (*self.indices, *self.bound):
            known = ", ".join(self.indices) or "none"
            raise self.error(
                node, f"no index is named {node.id!r}; free are {known}, and a sum such as Σ_k binds its own"
            )
        return self._symbol(node.id)

    def _symbol(self, name: str) -> sp.Symbol:
        return self.indices.get(name, sp.Symbol(name, integer=True, nonnegative=True))

    def _within(self, body: ast.expr, names: list[str], depth: int) -> sp.Expr:
        """The body, in which these indices are bound."""
        self.bound += names
        function: sp.Expr = self.expression(body, depth + 1)
        del self.bound[len(self.bound) - len(names) :]
        return function

    def _pending(self, node: ast.expr, entry: sp.Expr, body: ast.expr, depth: int) -> sp.Expr:
        if entry not in self.derivation.entries:
            raise self.error(node, f"the derivative is by {self.derivation.entry}, not by {entry}")
        return Pending(self.expression(body, depth + 1), entry)

    def _sum(self, node: ast.expr, name: str, body: ast.expr, depth: int) -> sp.Expr:
        names = name.removeprefix(SUM).split("_")
        function = self._within(body, names, depth)
        for each in reversed(names):
            k = self._symbol(each)
            function = Sum(function, (k, 0, self._size(node, k, function) - 1))
        return function

    def _over_index(self, node: ast.expr, kind: str, name: str, body: ast.expr, depth: int) -> sp.Expr:
        inside = kind == "logsumexp"
        function = self._within(body, [name] if inside else [], depth)
        i = self._symbol(name)
        k = sp.Dummy("k", integer=True, nonnegative=True)
        whole = LogSumExp(function.xreplace({i: k}), (k, 0, self._size(node, i, function) - 1))
        return whole if inside else sp.exp(function - whole)

    def _size(self, node: ast.expr, k: sp.Symbol, body: sp.Expr) -> sp.Expr:
        """Over what an index runs: where it stands in an entry's axis."""
        for each in body.atoms(sp.Indexed):
            for at, size in zip(each.indices, each.base.shape, strict=True):
                if at == k:
                    return size
        raise self.error(node, f"{k} stands at no array, so that nothing says how far it runs")


def _sum_sign(node: ast.expr) -> tuple[ast.expr | None, str] | None:
    """What stands before a sum's sign, and the sign, where a product ends with one: of 2*Σ_k, 2 and Σ_k."""
    match node:
        case ast.Name(id=name) if name.startswith(SUM):
            return None, name
        case ast.BinOp(left=left, op=ast.Mult(), right=ast.Name(id=name)) if name.startswith(SUM):
            return left, name
        case ast.UnaryOp(op=ast.USub(), operand=operand) if found := _sum_sign(operand):
            minus = ast.copy_location(ast.UnaryOp(op=ast.USub(), operand=found[0] or ast.Constant(1)), node)
            ast.fix_missing_locations(minus)
            return minus, found[1]
    return None
