"""A matrix expression such as "norm(X@w - y)**2 / m" as a formula in index notation, by a small grammar of its own.

Nothing in the text is ever evaluated. Its names are those that the shapes declare, and the sizes in them; operators and
functions mean what they mean in NumPy. Every error points at its column.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, product
from unicodedata import normalize

import numpy as np
import sympy as sp

from gradcheck.errors import nearest
from gradcheck.symbolic.compile import Variable, variable_name, variable_shape
from gradcheck.symbolic.domains import POSITIVE_DETERMINANT, Domain
from gradcheck.symbolic.expression_formula import DOMAINS, MIXED
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.matrices import arrays
from gradcheck.symbolic.matrices.arrays import Array, ShapeClash
from gradcheck.symbolic.matrices.counterpart import torch_counterpart
from gradcheck.symbolic.matrices.shapes import read_shapes
from gradcheck.symbolic.matrices.vocabulary import VOCABULARY, Word
from gradcheck.symbolic.parser import CONSTANTS, MAX_DEPTH, OPERATORS, ParseError, Reader, syntax_tree
from gradcheck.symbolic.points import SIZES, distinct_sizes, sample_point
from gradcheck.symbolic.sizes import dimensions
from gradcheck.symbolic.tensors import MatrixEntry, index

OUTPUT_INDICES = {0: ("",), 1: ("i", "k", "r"), 2: ("i k", "r s", "g h")}
"""Names of the result's indices, for each number of axes, in order of preference."""
SIGNS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Pow: "**", ast.MatMult: "@"}
MOST_ENTRIES = 150
"""Limit on how often an entry of some part is asked for: a softmax in a softmax doubles it."""
LONGEST_QUOTE = 24


def matrix_formula(text: str, shapes: str) -> Formula:
    """The formula that a matrix expression says; `shapes` declares its variables, "X: m n, w: n, y: m, c:".

    Numbers, names, sizes as numbers, `+ - * / **` entry by entry with NumPy's broadcasting, `@`, `.T`, the constants pi
    and e, and the functions of `VOCABULARY`. Variables live where the expression is a real number. Raises ParseError,
    which points at the column, for anything else, and for shapes that do not fit.

    >>> loss = matrix_formula("norm(X@w - y)**2 / m", "X: m n, w: n, y: m")
    >>> print(loss.matrix_form("w"))
    2 Xᵀ(Xw - y) / m
    >>> matrix_formula("X@y", "X: m n, y: m")
    Traceback (most recent call last):
    gradcheck.symbolic.parser.ParseError: column 2: X@y: X has columns n, y has rows m
      X@y
       ^
    """
    text = normalized(text)
    variables = read_shapes(shapes)
    tree = syntax_tree(text)
    result = matrix_array(text, variables)
    output = _output(result, variables)
    formula = Formula(
        name=text,
        title=text,
        topic="expressions",
        definition=_definition(result, output, text),
        variables=tuple(variables.values()),
        output=output,
        torch=torch_counterpart(tree, tuple(variables.values())),
        source="",
    )
    return replace(formula, domains=_domains(formula))


def normalized(text: str) -> str:
    """The text with its letters as Python reads them, but for a raised T."""
    return "ᵀ".join(normalize("NFKC", part) for part in text.split("ᵀ")).strip()


def matrix_array(text: str, variables: Mapping[str, Variable]) -> Array:
    """What a matrix expression of these variables says, as an array; raises ParseError as `matrix_formula` does."""
    return _MatrixReader(text, variables).expression(syntax_tree(text))


def _output(result: Array, variables: Mapping[str, Variable]) -> dict[sp.Symbol, sp.Expr]:
    """Indices for the result's axes, of names that nothing else bears."""
    taken = {*variables, *map(str, dimensions(map(variable_shape, variables.values())))}
    choices = (names.split() for names in OUTPUT_INDICES[len(result.shape)])
    names = next(names for names in choices if taken.isdisjoint(names))
    return {index(name): size for name, size in zip(names, result.shape, strict=True)}


def _definition(result: Array, output: Mapping[sp.Symbol, sp.Expr], text: str) -> sp.Expr:
    definition = result.entry(*output)
    if definition.has(sp.zoo, sp.nan, sp.oo, sp.I):
        raise ParseError("this is no real number anywhere", text, 1)
    return definition


class _MatrixReader(Reader):
    """Walks one text's syntax tree, with the variables at hand."""

    def __init__(self, text: str, variables: Mapping[str, Variable]) -> None:
        super().__init__(text)
        self.variables = variables
        self.sizes = {size.name: size for size in dimensions(map(variable_shape, variables.values()))}
        self.asked = 0

    def expression(self, node: ast.expr, depth: int = 0) -> Array:
        """The node as an array."""
        if depth > MAX_DEPTH:
            raise self.error(node, f"nested deeper than {MAX_DEPTH} levels")
        return self._counted(replace(self._expression(node, depth), written=self._quote(node)))

    def _expression(self, node: ast.expr, depth: int) -> Array:
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return arrays.scalar(self.number(node, value))
            case ast.Name(id=name):
                return self._named(node, name)
            case ast.UnaryOp(op=ast.UAdd() | ast.USub() as sign, operand=operand):
                factor = -1 if isinstance(sign, ast.USub) else 1
                return arrays.entrywise(lambda x: factor * x, self.expression(operand, depth + 1))
            case ast.BinOp(op=operator) if type(operator) in SIGNS:
                return self._operator(node, depth)
            case ast.Attribute(value=whole, attr="T"):
                return arrays.transposed(self.expression(whole, depth + 1))
            case ast.Call(func=ast.Name()):
                return self._function(node, depth)
        raise self.error(node, self._refusal(node))

    def _refusal(self, node: ast.expr) -> str:
        if isinstance(node, ast.Attribute):
            return f".{node.attr} is not allowed; the only attribute is .T"
        return self.not_allowed(node)

    def _quote(self, node: ast.expr) -> str:
        quoted = self.text.encode()[node.col_offset : node.end_col_offset].decode(errors="ignore")
        return quoted if len(quoted) <= LONGEST_QUOTE else f"{quoted[: LONGEST_QUOTE - 1]}…"

    def _counted(self, array: Array) -> Array:
        def entry(*indices: sp.Expr) -> sp.Expr:
            self.asked += 1
            if self.asked > MOST_ENTRIES:
                raise ParseError("the expression works out too long", self.text, 1)
            return array.entry(*indices)

        return replace(array, entry=entry)

    def _named(self, node: ast.expr, name: str) -> Array:
        if name in self.variables:
            return arrays.variable(self.variables[name])
        if name in self.sizes or name in CONSTANTS:
            return arrays.scalar(self.sizes.get(name, CONSTANTS.get(name)))
        if name in VOCABULARY:
            raise self.error(node, f"{name} is a function; write {name}(…)")
        hint = self._hint(name, [*self.variables, *self.sizes]) or f"declare it in the shapes, a scalar as '{name}:'"
        raise self.error(node, f"no variable or size is named {name!r}; {hint}")

    def _hint(self, name: str, known: Sequence[str]) -> str:
        close = " or ".join(map(repr, nearest(name, known)))
        return f"did you mean {close}?" if close else ""

    def _operator(self, node: ast.BinOp, depth: int) -> Array:
        left, right = self.expression(node.left, depth + 1), self.expression(node.right, depth + 1)
        self._check_numbers(node, left, right)
        try:
            if isinstance(node.op, ast.MatMult):
                self._check_outer(node, left, right)
                return arrays.product(left, right)
            return arrays.entrywise(OPERATORS[type(node.op)], left, right)
        except ShapeClash as clash:
            raise ParseError(f"{self._quote(node)}: {clash}", self.text, self._sign_column(node)) from None

    def _check_numbers(self, node: ast.BinOp, left: Array, right: Array) -> None:
        if right.shape or not (divisor := right.entry()).is_number:
            return
        if isinstance(node.op, ast.Pow) and not left.shape:
            self.check_power(node, left.entry(), divisor)
        if isinstance(node.op, ast.Div) and divisor == 0:
            raise self.error(node.right, "division by zero")

    def _check_outer(self, node: ast.BinOp, left: Array, right: Array) -> None:
        """A vector has no transpose in NumPy, so that a @ b.T would silently be an inner product."""
        if isinstance(node.right, ast.Attribute) and len(left.shape) == len(right.shape) == 1:
            a, b = left.written, self._quote(node.right.value)
            raise ShapeClash(f"a vector's transpose is the vector itself; write outer({a}, {b}) or {a} @ {b}")

    def _sign_column(self, node: ast.BinOp) -> int:
        start = node.left.end_col_offset or 0
        between = self.text.encode()[start : node.right.col_offset]
        return self.column(start + between.index(SIGNS[type(node.op)].encode()))

    def _function(self, node: ast.Call, depth: int) -> Array:
        assert isinstance(node.func, ast.Name)
        name = node.func.id
        if name not in VOCABULARY:
            hint = self._hint(name, list(VOCABULARY)) or f"known are {', '.join(sorted(VOCABULARY))}"
            raise self.error(node.func, f"no function is named {name!r}; {hint}")
        word = VOCABULARY[name]
        given, axis = self._arguments(node, name, word)
        try:
            if word.of_sizes:
                return word.build(*(self._size(name, each) for each in given))
            arguments = [self.expression(each, depth + 1) for each in given]
            return word.build(*arguments, **({} if axis is None else {"axis": axis}))
        except ShapeClash as clash:
            raise self.error(node, f"{name}: {clash}") from None

    def _arguments(self, node: ast.Call, name: str, word: Word) -> tuple[list[ast.expr], int | None]:
        """The arguments that are arrays or sizes, and the axis."""
        least, most = word.takes
        given, extra = node.args[:most], [*node.args[most:]]
        for keyword in node.keywords:
            if keyword.arg != "axis" or not word.has_axis:
                also = " and axis" if word.has_axis else ""
                raise self.error(keyword.value, f"{name} takes its arguments by position{also}")
            extra.append(keyword.value)
        if len(given) < least or len(extra) > word.has_axis:
            count = f"{least}" if least == most else f"{least} or {most}"
            plural = "argument" if most == 1 else "arguments"
            also = ", and an axis" if word.has_axis else ""
            raise self.error(node, f"{name} takes {count} {plural}{also}, got {len(node.args) + len(node.keywords)}")
        return given, self._axis(extra[0]) if extra else word.default_axis

    def _axis(self, node: ast.expr) -> int:
        match node:
            case ast.Constant(value=int() as place) if not isinstance(place, bool):
                return place
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as place)):
                return -place
        raise self.error(node, "an axis is 0, 1, -1 or -2")

    def _size(self, name: str, node: ast.expr) -> sp.Symbol:
        if isinstance(node, ast.Name) and node.id in self.sizes:
            return self.sizes[node.id]
        raise self.error(node, f"{name} takes sizes; known are {', '.join(self.sizes) or 'none'}")


def _domains(formula: Formula) -> dict[str, Domain]:
    """The first domains, of those that are tried, in which the expression is a finite number everywhere."""
    inverted = {each.matrix for each in formula.definition.atoms(MatrixEntry)}
    fixed = {variable_name(v): POSITIVE_DETERMINANT for v in formula.variables if v in inverted}
    open_names = [name for name in formula.variable_names if name not in fixed]
    for choice in _choices(len(open_names)):
        domains = {**fixed, **dict(zip(open_names, choice, strict=True))}
        if _is_finite(replace(formula, domains=domains)):
            return domains
    return fixed


def _choices(count: int) -> Iterator[Sequence[Domain]]:
    """All variables in one domain, or a few in different ones."""
    alike = ((domain,) * count for domain in DOMAINS)
    return chain(alike, product(DOMAINS, repeat=count)) if 1 < count <= MIXED else alike


def _is_finite(formula: Formula) -> bool:
    generator = np.random.default_rng(0)
    compiled = formula.compile("numpy")
    for choice in range(len(SIZES)):
        point = sample_point(formula, distinct_sizes(formula.dimensions, choice), generator)
        try:
            with np.errstate(all="ignore"):
                value = compiled(*(point[name] for name in formula.variable_names))
        except np.linalg.LinAlgError:
            return False
        if not np.isfinite(value).all():
            return False
    return True
