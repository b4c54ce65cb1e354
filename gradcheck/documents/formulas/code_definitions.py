"""Definitions that code gives: assignments and functions, read off its syntax tree. Nothing is ever run."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from fractions import Fraction

from gradcheck.documents.document import Passage
from gradcheck.documents.formulas.definitions import Definition, holds
from gradcheck.documents.formulas.signs import FUNCTIONS
from gradcheck.documents.formulas.tree import (
    Call,
    Name,
    Negated,
    Node,
    Number,
    Over,
    Plus,
    Power,
    Times,
    Transposed,
)

MODULES = frozenset(("torch", "np", "numpy", "F", "math", "tf", "jnp", "nn", "functional", "sympy", "sp"))
ARRAYS = frozenset(
    [
        "tensor",
        "array",
        "randn",
        "rand",
        "zeros",
        "ones",
        "full",
        "arange",
        "linspace",
        "Variable",
        "Parameter",
        "randint",
        "normal",
        "zeros_like",
        "ones_like",
    ]
)
TWO = Number(Fraction(2))
LARGEST = 1e30
Method = Callable[[Node, list[Node]], Node]


def _called(name: str) -> Method:
    return lambda x, _: Call(name, (x,))


METHODS: dict[str, Method] = {
    "pow": lambda x, given: Power(x, given[0]),
    "dot": lambda x, given: Times(x, given[0], "@"),
    "matmul": lambda x, given: Times(x, given[0], "@"),
    "mm": lambda x, given: Times(x, given[0], "@"),
    "t": lambda x, _: Transposed(x),
    "square": lambda x, _: Power(x, TWO),
    **{
        name: _called(name)
        for name in ("sum", "mean", "exp", "log", "sin", "cos", "tanh", "sigmoid", "sqrt", "relu", "abs", "norm")
    },
}
UNCHANGED = frozenset(["clone", "detach", "float", "double", "squeeze", "requires_grad_"])
FUNCTION_NAMES = {
    "square": lambda x: Power(x, TWO),
    "pow": Power,
    "power": Power,
    **{name: (lambda a, b: Times(a, b, "@")) for name in ("dot", "matmul", "mm", "mv")},
    "transpose": Transposed,
    "clip": None,
}
PROMPTS = (">>> ", "... ")


class NoFormula(Exception):
    """Code that is no formula."""


def code_definitions(number: int, passage: Passage) -> Iterator[Definition]:
    """The definitions of one passage of code, in order; functions that are not read have no body."""
    text = _plain(passage.text)
    for node in _statements(text):
        for found in _defined(node):
            row = node.lineno - 1
            line = passage.lines[min(row, len(passage.lines) - 1)]
            place = number, sum(len(each) + 1 for each in passage.text.split("\n")[:row])
            label, parameters, body, written = found
            yield Definition(label, parameters, (), body, place, line, written)


def _plain(text: str) -> str:
    """A session without its prompts, each line still on its row."""
    lines = text.split("\n")
    if not any(line.startswith(PROMPTS[0]) for line in lines):
        return text
    return "\n".join(line[4:] if line.startswith(PROMPTS) else "" for line in lines)


def _statements(text: str) -> Iterator[ast.stmt]:
    """The statements of a text; where it does not parse as a whole, those of its lines that do."""
    whole = _parsed(text)
    if whole is not None:
        for node in whole:
            yield from _inner(node)
        return
    for row, line in enumerate(text.split("\n")):
        for node in _parsed(line.strip()) or ():
            ast.increment_lineno(node, row)
            yield node


def _inner(node: ast.stmt) -> Iterator[ast.stmt]:
    """A statement, and those in a block of it that runs as often as its surroundings do."""
    yield node
    if isinstance(node, ast.With):
        for each in node.body:
            yield from _inner(each)


def _parsed(text: str) -> list[ast.stmt] | None:
    if len(text) > 200_000:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


Found = tuple[str, tuple[str, ...] | None, Node | None, str]


def _defined(node: ast.stmt) -> Iterator[Found]:
    match node:
        case ast.Assign(targets=[ast.Name(id=label)], value=ast.Lambda() as function):
            yield from _function(label, function.args, function.body)
        case ast.Assign(targets=[ast.Name(id=label)], value=value):
            yield from _assigned(label, value)
        case ast.FunctionDef(name=label, args=arguments):
            yield from _function(label, arguments, _returned(node.body))


def _assigned(label: str, value: ast.expr) -> Iterator[Found]:
    try:
        body = expression(value)
    except NoFormula:
        body = None
    if body is not None and holds(body, label):
        return
    yield label, None, body, f"{label} = {ast.unparse(value)}"


def _function(label: str, arguments: ast.arguments, value: ast.expr | None) -> Iterator[Found]:
    names = tuple(each.arg for each in arguments.args)
    if not names or "self" in names:
        return
    body = None
    if value is not None:
        with suppress(NoFormula):
            body = expression(value)
    if body is None or not holds(body, label):
        yield label, names, body, f"{label}({', '.join(names)}) = {ast.unparse(value) if value else '…'}"


def _returned(body: list[ast.stmt]) -> ast.expr | None:
    """What a function gives that has nothing but a return in it."""
    match [each for each in body if not _is_docstring(each)]:
        case [ast.Return(value=value)]:
            return value
    return None


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def expression(node: ast.expr, depth: int = 0) -> Node:
    """Code as the tree of a formula; raises NoFormula."""
    if depth > 40:
        raise NoFormula
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return _number(value)
        case ast.Name(id=label):
            return Name(label)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return Negated(expression(operand, depth + 1))
        case ast.BinOp(left=left, op=operator, right=right):
            return _operation(expression(left, depth + 1), operator, expression(right, depth + 1))
        case ast.Attribute(value=inner, attr="T"):
            return Transposed(expression(inner, depth + 1))
        case ast.Call(keywords=[]):
            return _call(node, depth)
    raise NoFormula


def _number(value: float) -> Node:
    if not abs(value) <= LARGEST:
        raise NoFormula
    return Number(Fraction(str(value)))


def _operation(left: Node, operator: ast.operator, right: Node) -> Node:
    match operator:
        case ast.Add():
            return Plus(left, right)
        case ast.Sub():
            return Plus(left, Negated(right))
        case ast.Mult():
            return Times(left, right, "*")
        case ast.MatMult():
            return Times(left, right, "@")
        case ast.Div():
            return Over(left, right)
        case ast.Pow():
            return Power(left, right)
    raise NoFormula


def _call(node: ast.Call, depth: int) -> Node:
    """A function of a module, a method, or a function that the document defines."""
    match node.func:
        case ast.Attribute(value=ast.Name(id=module) | ast.Attribute(attr=module), attr=name) if module in MODULES:
            return _named(name, [expression(each, depth + 1) for each in node.args])
        case ast.Attribute(value=inner, attr=name) if name in UNCHANGED and not node.args:
            return expression(inner, depth + 1)
        case ast.Attribute(value=inner, attr=name) if name in METHODS and len(node.args) <= 1:
            given = [expression(each, depth + 1) for each in node.args]
            if bool(given) != (name in ("pow", "dot", "matmul", "mm")):
                raise NoFormula
            return METHODS[name](expression(inner, depth + 1), given)
        case ast.Name(id=name) if node.args:
            arguments = tuple(expression(each, depth + 1) for each in node.args)
            return Call(FUNCTIONS.get(name, name), arguments)
    raise NoFormula


def _named(name: str, given: list[Node]) -> Node:
    if name in ARRAYS:
        if name == "tensor" and len(given) == 1 and isinstance(given[0], Number | Negated):
            return given[0]
        raise NoFormula
    rule = FUNCTION_NAMES.get(name)
    try:
        if rule is not None:
            return rule(*given)
    except TypeError:
        raise NoFormula from None
    if name in FUNCTIONS and given:
        return Call(FUNCTIONS[name], tuple(given))
    raise NoFormula
