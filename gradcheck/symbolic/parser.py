"""A string such as "x**2*sin(x)" as a SymPy expression, by a small grammar of its own.

Nothing in the text is ever evaluated: Python only splits it into a syntax tree, and the tree is walked against a list
of what is allowed. Everything else is an error that points at its column.
"""

from __future__ import annotations

import ast
import math
import re
import warnings
from collections.abc import Callable
from typing import Any

import sympy as sp

from gradcheck.errors import UsageError, nearest, shortened
from gradcheck.symbolic.tracing import scalars

MAX_LENGTH = 2_000
MAX_DEPTH = 60
MAX_BITS = 1_024
MAX_TOWER = 8
"""Limits on a text, on its nesting, on the size of an integer that it may work out to, and on powers in exponents."""

CONSTANTS: dict[str, sp.Expr] = {"pi": sp.pi, "π": sp.pi, "e": sp.E}

SIGNS = str.maketrans("−×·⋅÷", "-***/")
"""Signs of print, and what Python writes for them."""

OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b,
}

COMPARISONS: dict[type[ast.cmpop], Any] = {ast.Lt: sp.Lt, ast.LtE: sp.Le, ast.Gt: sp.Gt, ast.GtE: sp.Ge}

FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: scalars.SCALARS[name] for name in [*scalars.ONE_ARGUMENT, "softplus", "gelu", "elu", "atan2", "hypot"]},
    **{
        name: scalars.SCALARS[name]
        for name in ("log", "maximum", "minimum", "where", "clip", "leaky_relu", "logaddexp")
    },
    "ln": sp.log,
    "σ": scalars.SCALARS["sigmoid"],
    "max": scalars.SCALARS["maximum"],
    "min": scalars.SCALARS["minimum"],
    "sec": lambda x: 1 / sp.cos(x),
    "csc": lambda x: 1 / sp.sin(x),
    "cot": lambda x: sp.cos(x) / sp.sin(x),
    "erfinv": sp.erfinv,
    "lgamma": sp.loggamma,
    "digamma": lambda x: sp.polygamma(0, x),
}
"""What a text may call."""

LEAST = {"maximum": 2, "minimum": 2, "max": 2, "min": 2, "logaddexp": 2}
"""How many arguments a function takes at least, where not one."""

REWRITES = {
    ast.BitXor: "write ** for a power",
    ast.Attribute: "attributes are not allowed",
    ast.Lambda: "a lambda is not allowed",
    ast.Subscript: "indexing is not allowed",
    ast.FloorDiv: "write / for a quotient",
    ast.Mod: "a remainder is not allowed",
    ast.BitOr: "write abs(x) for |x|",
    ast.MatMult: "a product of numbers is written *",
    ast.Compare: "a comparison stands in where(condition, a, b), one at a time, with <, <=, > or >=",
}
"""What to say of a construct that a reader may well have tried."""


INSTEAD = (
    (re.compile(r"[⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ]"), "write ** for a power"),
    (re.compile("√"), "write sqrt(x) for a root"),
    (re.compile(r"\|"), "write abs(x) for |x|"),
    (re.compile("!"), "write exp(lgamma(x + 1)) for a factorial"),
    (re.compile("'"), "a derivative is what the command takes; write the function"),
    (re.compile("="), "write the expression alone"),
)
"""What to say where the grammar stumbles over a character."""
PRODUCT = re.compile(r"\d *[^\W\d]|\) *[\w(]|\w +[\w(]")
SHOWN = 100
"""Of a longer text, the part around the column is shown."""


class ParseError(UsageError):
    """A text that is no expression; the message shows the text with a caret under `column` (counted from 1)."""

    def __init__(self, message: str, text: str, column: int) -> None:
        self.column = column
        start = max(0, column - SHOWN // 2) if len(text) > SHOWN else 0
        before, after = "..." if start else "", "..." if len(text) > start + SHOWN else ""
        shown, caret = before + text[start : start + SHOWN] + after, " " * (column - 1 - start + len(before))
        super().__init__(f"column {column}: {message}\n  {shown}\n  {caret}^")


def parse(text: str) -> sp.Expr:
    """The SymPy expression that a text says, with real symbols for its names.

    Numbers, names, `+ - * / **`, the constants pi and e, calls of known functions, and `where(x > 0, a, b)`. Raises
    ParseError, which points at the column, for anything else.

    >>> parse("x**2*sin(x)")
    x**2*sin(x)
    >>> parse("sni(x)")
    Traceback (most recent call last):
    gradcheck.symbolic.parser.ParseError: column 1: no function is named 'sni'; did you mean 'sin'?
      sni(x)
      ^
    """
    text = text.strip()
    tree = syntax_tree(text)
    expression = Reader(text).expression(tree)
    if expression.has(sp.zoo, sp.nan, sp.oo, sp.I):
        raise ParseError("this is no real number anywhere", text, 1)
    return expression


def variables(text: str) -> tuple[str, ...]:
    """The names of variables that a text holds, sorted, also of those that cancel.

    >>> variables("sin(x) + pi*y - y*pi")
    ('x', 'y')
    """
    nodes = ast.walk(syntax_tree(text.strip()))
    names = {node.id for node in nodes if isinstance(node, ast.Name)}
    return tuple(sorted(names - FUNCTIONS.keys() - CONSTANTS.keys()))


def syntax_tree(text: str) -> ast.expr:
    """What Python's grammar makes of a text; raises ParseError where it is no expression, too long or too deep."""
    _check_size(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text.translate(SIGNS), mode="eval").body
    except SyntaxError as error:
        column = min(error.offset or len(text) + 1, len(text) + 1)
        raise ParseError(f"not an expression: {error.msg}{_syntax_remedy(text, column)}", text, column) from None
    except (RecursionError, MemoryError):
        raise ParseError("nested too deeply", text, 1) from None


def _syntax_remedy(text: str, column: int) -> str:
    at = text[column - 1 : column]
    instead = next((remedy for pattern, remedy in INSTEAD if pattern.match(at)), "")
    before = text[: column - 1].rstrip()
    name = re.search(r"[a-z]\w*$", before)
    if not instead and name and name[0] in FUNCTIONS:
        instead = f"write {name[0]}(x)"
    if not instead and PRODUCT.match(text, max(len(before) - 1, 0)):
        instead = "write a product as 2*x"
    return f"; {instead}" if instead else ""


def _check_size(text: str) -> None:
    if not text:
        raise ParseError("there is nothing to differentiate; write an expression such as x**2*sin(x)", text, 1)
    if len(text) > MAX_LENGTH:
        raise ParseError(f"longer than {MAX_LENGTH} characters", f"{text[:60]}...", 1)
    depth = 0
    for column, character in enumerate(text, start=1):
        if character == "ᵀ":
            raise ParseError("write X.T for a transpose", text, column)
        if not character.isprintable():
            raise ParseError("an expression is one line of printable characters", text[: column - 1], column)
        depth += (character in "([{") - (character in ")]}")
        if depth > MAX_DEPTH:
            raise ParseError(f"nested deeper than {MAX_DEPTH} levels", text, column)


def _does_not_take(name: str, count: int) -> str:
    return f"{name} does not take {count} argument{'' if count == 1 else 's'}"


def _tower(node: ast.expr) -> int:
    """How many powers stand in each other's exponents."""
    is_power = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow)
    return 1 + _tower(node.right) if isinstance(node, ast.BinOp) and is_power else 0


class Reader:
    """Walks one text's syntax tree."""

    def __init__(self, text: str) -> None:
        self.text = text

    def expression(self, node: ast.expr, depth: int = 0) -> Any:
        """The node as an expression."""
        if depth > MAX_DEPTH:
            raise self.error(node, f"nested deeper than {MAX_DEPTH} levels")
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return self.number(node, value)
            case ast.Name(id=name):
                return self._name(node, name)
            case ast.UnaryOp(op=ast.UAdd() | ast.USub() as sign, operand=operand):
                value = self.expression(operand, depth + 1)
                return -value if isinstance(sign, ast.USub) else value
            case ast.BinOp(op=operator) if type(operator) in OPERATORS:
                return self._operation(node, depth)
            case ast.Call():
                return self._call(node, depth)
        raise self.error(node, self.not_allowed(node))

    def number(self, node: ast.expr, value: float) -> sp.Basic:
        """A number of the text, as an exact one."""
        if (isinstance(value, int) and value.bit_length() > MAX_BITS) or not math.isfinite(value):
            raise self.error(node, "the number is too large")
        return scalars.exact(value)

    def _name(self, node: ast.expr, name: str) -> sp.Expr:
        if name in FUNCTIONS:
            raise self.error(node, f"{name} is a function; write {name}(x)")
        if name.startswith("_"):
            raise self.error(node, f"{name!r} is not allowed as a name; a name starts with a letter")
        return CONSTANTS.get(name, sp.Symbol(name, real=True))

    def _operation(self, node: ast.BinOp, depth: int) -> sp.Expr:
        left, right = self.expression(node.left, depth + 1), self.expression(node.right, depth + 1)
        if isinstance(node.op, ast.Pow) and _tower(node) > MAX_TOWER:
            raise self.error(node, f"more than {MAX_TOWER} powers in each other's exponents")
        if isinstance(node.op, ast.Pow):
            self.check_power(node, left, right)
        if isinstance(node.op, ast.Div) and right == 0:
            raise self.error(node.right, "division by zero")
        return OPERATORS[type(node.op)](left, right)

    def check_power(self, node: ast.BinOp, base: sp.Expr, exponent: sp.Expr) -> None:
        """SymPy works powers of numbers out exactly, however many digits they have."""
        if base == 0 and not exponent.is_number:
            raise self.error(node.left, "0 to a power that varies is no function to differentiate")
        if not base.is_number or not exponent.is_number:
            return
        size = abs(float(exponent)) * max(1.0, abs(math.log2(abs(float(base)) or 1.0)))
        if not size <= MAX_BITS:
            raise self.error(node.right, "the power is too large")
        if base == 0 and exponent < 0:
            raise self.error(node.right, "division by zero")

    def _call(self, node: ast.Call, depth: int) -> Any:
        if not isinstance(node.func, ast.Name):
            raise self.error(
                node.func, self.not_allowed(node.func, "only a function's name can be called; write a product with *")
            )
        name = node.func.id
        if name not in FUNCTIONS and len(name) == 1:
            raise self.error(node.func, f"{name} is no function; write a product as {name}*(x + 1)")
        if name not in FUNCTIONS:
            close = " or ".join(map(repr, nearest(name, FUNCTIONS)))
            hint = f"did you mean {close}?" if close else f"known are {', '.join(sorted(FUNCTIONS))}"
            raise self.error(node.func, f"no function is named {shortened(name)!r}; {hint}")
        if node.keywords:
            raise self.error(node.keywords[0].value, f"{name} takes its arguments by position")
        arguments = [self._argument(name, place, each, depth) for place, each in enumerate(node.args)]
        if len(arguments) < LEAST.get(name, 1) or (name in scalars.ONE_ARGUMENT and len(arguments) > 1):
            raise self.error(node, _does_not_take(name, len(arguments)))
        try:
            return FUNCTIONS[name](*arguments)
        except TypeError:
            raise self.error(node, _does_not_take(name, len(arguments))) from None

    def _argument(self, name: str, place: int, node: ast.expr, depth: int) -> Any:
        if name == "where" and place == 0:
            return self._condition(node, depth)
        return self.expression(node, depth + 1)

    def _condition(self, node: ast.expr, depth: int) -> Any:
        match node:
            case ast.Compare(left=left, ops=[operator], comparators=[right]) if type(operator) in COMPARISONS:
                sides = self.expression(left, depth + 1), self.expression(right, depth + 1)
                return scalars.compare(COMPARISONS[type(operator)], *sides)
        raise self.error(node, "the first argument of where is one comparison with <, <=, > or >=")

    def not_allowed(self, node: ast.expr, otherwise: str = "") -> str:
        """What to say of a construct that is none of the grammar's."""
        kind = type(node.op) if isinstance(node, ast.BinOp) else type(node)
        plain = f"this is not allowed ({kind.__name__}); numbers, names, + - * / ** and known functions are"
        return REWRITES.get(kind, otherwise or plain)

    def error(self, node: ast.expr, message: str) -> ParseError:
        """An error that points at the node."""
        return ParseError(message, self.text, self.column(node.col_offset))

    def column(self, offset: int) -> int:
        """The column, counted from 1, of what stands at an offset in bytes."""
        return len(self.text.encode()[:offset].decode(errors="ignore")) + 1
