"""Kernels as the code that a person writes: `einsum('ab,bc->ac', X, W)` is X @ W, `absolute(x)` is x.abs()."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from gradcheck.errors import UsageError

Spell = Callable[..., str]
"""Takes the code of a kernel's arguments."""


@dataclass(frozen=True)
class Spelling:
    """How a library writes the kernels; `number` writes functions of Python numbers."""

    name: str
    kernels: Mapping[str, Spell]
    einsum: Callable[[str, list[str]], str]


def spelled(code: ast.expr, spelling: Spelling, numbers: Collection[str]) -> str:
    """The expression with every kernel as the library writes it; `numbers` are names of Python numbers.

    Raises UsageError for a kernel that the library has no word for.
    """
    plain = _Numbers(frozenset(numbers)).visit(ast.parse(ast.unparse(code), mode="eval").body)
    return ast.unparse(_Speller(spelling, frozenset(numbers)).visit(plain))


class _Numbers(ast.NodeTransformer):
    """Python numbers as they are, where the kernels make arrays of them."""

    def __init__(self, numbers: frozenset[str]) -> None:
        self.numbers = numbers

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """An array without axes of a number is the number."""
        node = ast.Call(node.func, [self.visit(argument) for argument in node.args], [])
        made = ast.unparse(node.func) == "expand" and _is_empty(node.args[1])
        return node.args[0] if made and _is_number(node.args[0], self.numbers) else node


class _Speller(ast.NodeTransformer):
    def __init__(self, spelling: Spelling, numbers: frozenset[str]) -> None:
        self.spelling = spelling
        self.numbers = numbers

    def visit_Call(self, node: ast.Call) -> ast.expr:
        kernel = ast.unparse(node.func)
        if kernel == "permute" and _is_einsum(node.args[0]):
            return self.visit(_transposed(node))
        if kernel in NUMERIC and all(map(self._is_number, node.args)):
            return _parsed(NUMERIC[kernel](*self._arguments(node)))
        if kernel == "expand":
            kernel = "fill" if self._is_number(node.args[0]) else "repeat"
        if kernel == "choose" and all(map(self._is_number, node.args[1:3])):
            kernel = "choose_number"
        arguments = self._arguments(node)
        if kernel == "einsum":
            return _parsed(self.spelling.einsum(ast.literal_eval(node.args[0]), arguments[1:]))
        if kernel not in self.spelling.kernels:
            remedy = "derive its formula instead, or leave it to autograd"
            raise UsageError(f"library: no code in plain {self.spelling.name} is known for {kernel}; {remedy}")
        return _parsed(self.spelling.kernels[kernel](*arguments))

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        node = ast.BinOp(self.visit(node.left), node.op, self.visit(node.right))
        minus = isinstance(node.op, ast.Mult) and ast.unparse(node.left) == "-1"
        if minus:
            return ast.UnaryOp(ast.USub(), node.right)
        if isinstance(node.op, ast.Add) and isinstance(node.left, ast.UnaryOp) and isinstance(node.left.op, ast.USub):
            return ast.BinOp(node.right, ast.Sub(), node.left.operand)
        return node

    def _arguments(self, node: ast.Call) -> list[str]:
        return [ast.unparse(self.visit(argument)) for argument in node.args]

    def _is_number(self, node: ast.expr) -> bool:
        return _is_number(node, self.numbers)


NUMERIC: Mapping[str, Spell] = {
    "sqrt": lambda x: f"({x}) ** 0.5",
    "exp": lambda x: f"math.exp({x})",
    "log": lambda x: f"math.log({x})",
    "float": lambda text: f"float({text})",
    "Within": lambda index, size: f"min(max({index}, 0), {size} - 1)",
}
"""Functions of sizes, and infinity."""


def _is_number(node: ast.expr, numbers: frozenset[str]) -> bool:
    names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)}
    return names <= {*numbers, *NUMERIC}


def _parsed(code: str) -> ast.expr:
    return ast.parse(code, mode="eval").body


def _is_einsum(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == "einsum"


def _is_empty(shape: ast.expr) -> bool:
    return isinstance(shape, ast.Tuple) and not shape.elts


def _transposed(node: ast.Call) -> ast.Call:
    """An einsum with its axes in the order in which they are wanted."""
    inner, order = node.args[0], ast.literal_eval(node.args[1])
    assert isinstance(inner, ast.Call)
    operands, _, output = ast.literal_eval(inner.args[0]).partition("->")
    subscripts = f"{operands}->{''.join(output[axis] for axis in order)}"
    return ast.Call(inner.func, [ast.Constant(subscripts), *inner.args[1:]], [])


def product(subscripts: str, operands: list[str], transpose: str = "{}.T") -> str | None:
    """A product of matrices and vectors written with @, or None where the sum is no such product.

    >>> product("ab,cb->ca", ["W", "X"])
    'X @ W.T'
    >>> product("ab,ab->a", ["x", "y"]) is None
    True
    """
    if len(operands) != 2:
        return None
    inputs, _, output = subscripts.partition("->")
    pairs = list(zip(inputs.split(","), operands, strict=True))
    ways = (_matrix_product(left, right, output, transpose) for left, right in (pairs, pairs[::-1]))
    return min(filter(None, ways), key=len, default=None)


def entrywise(subscripts: str, operands: list[str]) -> str | None:
    """A product entry by entry, summed over some axes, or None where operands have different axes.

    >>> entrywise("ab,ab->a", ["x", "y + 1"])
    '(x * (y + 1)).sum(1)'
    """
    inputs, _, output = subscripts.partition("->")
    own, *others = inputs.split(",")
    kept = [axis for axis in own if axis in output]
    if any(other != own for other in others) or "".join(kept) != output or len(set(own)) != len(own):
        return None
    gone = tuple(place for place, axis in enumerate(own) if axis not in output)
    axes = "" if not kept else str(gone[0]) if len(gone) == 1 else str(gone)
    return f"({' * '.join(map(bracketed, operands))}).sum({axes})"


def _matrix_product(left: tuple[str, str], right: tuple[str, str], output: str, transpose: str) -> str | None:
    shared = set(left[0]) & set(right[0]) - set(output)
    if len(shared) != 1 or max(len(left[0]), len(right[0])) > 2 or set(left[0]) & set(right[0]) != shared:
        return None
    (k,) = shared
    rows, columns = left[0].replace(k, ""), right[0].replace(k, "")
    if rows + columns != output:
        return None
    first = bracketed(left[1]) if left[0] == rows + k else transpose.format(bracketed(left[1]))
    second = bracketed(right[1]) if right[0] == k + columns else transpose.format(bracketed(right[1]))
    return f"{first} @ {second}"


def bracketed(code: str) -> str:
    """The code as an operand of any operator.

    >>> bracketed("a + b"), bracketed("x.T")
    ('(a + b)', 'x.T')
    """
    return code if isinstance(_parsed(code), ast.Name | ast.Call | ast.Attribute | ast.Subscript) else f"({code})"


def calls(prefix: str) -> Callable[[str], Spell]:
    """Spells functions that a library has by a name of its own.

    >>> calls("torch")("exp")("x")
    'torch.exp(x)'
    """
    return lambda name: lambda *arguments: f"{prefix}.{name}({', '.join(arguments)})"


def einsum(prefix: str, subscripts: str, operands: list[str]) -> str:
    """A sum of products with @ or by entries where it can be, else by the library's own einsum."""
    plain = product(subscripts, operands) or entrywise(subscripts, operands)
    return plain or f"{prefix}.einsum({subscripts!r}, {', '.join(operands)})"


COMMON: dict[str, Spell] = {
    "real": lambda x: x,
    "Quotient": lambda index, size: f"({index}) // ({size})",
    "Remainder": lambda index, size: f"({index}) % ({size})",
    "product": lambda x: f"({x}).prod(-1)",
}
"""Kernels that every library writes alike."""


def rounded(prefix: str) -> Spell:
    """Spells rounding by its direction: down, to the nearest, up, towards 0.

    >>> rounded("np")("x", "-1")
    'np.floor(x)'
    """
    names = {"-1": "floor", "0": "round", "1": "ceil", "2": "trunc"}
    return lambda x, direction: f"{prefix}.{names[direction]}({x})"


def axes(code: str) -> str:
    """A tuple of axes as a person writes it: one axis by its number.

    >>> axes("(0,)"), axes("(0, 1)")
    ('0', '(0, 1)')
    """
    found = ast.literal_eval(code)
    return str(found[0]) if isinstance(found, tuple) and len(found) == 1 else str(found)
