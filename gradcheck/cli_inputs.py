"""Read inputs from the command line: `randn(3, 4)`, `rand(3) + 0.5`, `[1.0, 2.0]`; nothing else is ever evaluated.

Text is parsed, not run: numbers, lists of them, the functions of `FACTORIES`, a sign, and + - * / are all there is.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

import torch

from gradcheck.errors import UnknownName, UsageError

LARGEST = 10**8
"""Most entries that an input may have."""

LONGEST = 10_000
"""Most characters that a description may have."""

ACCEPTED = "write randn(3, 4), rand(3) + 0.5 or [1.0, 2.0]"

DTYPES: Mapping[str, torch.dtype] = {
    name: getattr(torch, name) for name in ("float64", "float32", "float16", "bfloat16", "complex128", "complex64")
}
"""The dtypes that have a gradient, by name; the first is the default."""

Options = dict[str, Any]

OPERATORS: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
SIGNS: Mapping[type, Callable[[Any], Any]] = {ast.UAdd: operator.pos, ast.USub: operator.neg}


def input_tensor(text: str, generator: torch.Generator, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    """The tensor that `text` describes; floats are of `dtype`, whole numbers stay integers, as in torch.

    Random entries come from `generator`. Raises UsageError that says what is accepted.

    >>> input_tensor("2 * eye(2) - 1", torch.Generator())
    tensor([[ 1., -1.],
            [-1.,  1.]], dtype=torch.float64)
    >>> input_tensor("[0, 2]", torch.Generator()).dtype
    torch.int64
    """
    try:
        if len(text) > LONGEST:
            raise UsageError(f"it has more than {LONGEST} characters")
        tensor = _Reader(generator, dtype).tensor(ast.parse(text.strip(), mode="eval").body)
    except UsageError as error:
        raise UsageError(f"argument --input: {_short(text)}: {error}") from None
    except SyntaxError:
        raise UsageError(f"argument --input: {_short(text)} cannot be read; {ACCEPTED}") from None
    except (TypeError, ValueError, RuntimeError, RecursionError, MemoryError, ArithmeticError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise UsageError(f"argument --input: {_short(text)}: {reason}") from None
    return tensor


class _Reader:
    """Reads a parsed description; whatever is not expected in it is refused."""

    def __init__(self, generator: torch.Generator, dtype: torch.dtype) -> None:
        self.options = {"generator": generator, "dtype": dtype}
        self.dtype = dtype

    def tensor(self, node: ast.expr) -> torch.Tensor:
        """The whole description as a tensor."""
        value = self._read(node)
        if isinstance(value, tuple):
            raise UsageError("a list stands in [ ]")
        return value if isinstance(value, torch.Tensor) else self._filled(value, value)

    def _read(self, node: ast.expr) -> Any:
        """A number, a tuple of sizes, or a tensor."""
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return number
            case ast.List():
                entries: list[float] = []
                return self._filled(self._nested(node, entries), *entries)
            case ast.Tuple(elts=parts):
                return tuple(self._read(part) for part in parts)
            case ast.UnaryOp(op=sign, operand=operand) if type(sign) in SIGNS:
                return SIGNS[type(sign)](*self._operands(operand))
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in OPERATORS:
                operands = self._operands(left, right, exact=not isinstance(sign, ast.Div))
                return OPERATORS[type(sign)](*operands)
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._call(name, [self._read(argument) for argument in arguments])
        raise UsageError(f"{_short(ast.unparse(node))} is not accepted; {ACCEPTED}")

    def _operands(self, *nodes: ast.expr, exact: bool = True) -> list[Any]:
        """What arithmetic takes. Integers that meet a float or a division become floats of the dtype."""
        values = [self._read(node) for node in nodes]
        if any(isinstance(value, tuple) for value in values):
            raise UsageError(f"arithmetic takes numbers and tensors; {ACCEPTED}")
        _shape(torch.broadcast_shapes(*(value.shape for value in values if isinstance(value, torch.Tensor))))
        exact = exact and not any(isinstance(value, float) or _is_inexact(value) for value in values)
        return [value.to(self.dtype) if isinstance(value, torch.Tensor) and not exact else value for value in values]

    def _nested(self, node: ast.expr, entries: list[float]) -> Any:
        """Nested lists of numbers, all of which are added to `entries`."""
        if isinstance(node, ast.List):
            return [self._nested(part, entries) for part in node.elts]
        value = self._read(node)
        if not isinstance(value, int | float):
            raise UsageError(f"{_short(ast.unparse(node))} stands where a number is accepted")
        entries.append(value)
        return value

    def _filled(self, value: Any, *entries: float) -> torch.Tensor:
        """Whole numbers alone stay integers."""
        whole = bool(entries) and all(isinstance(entry, int) for entry in entries)
        return torch.tensor(value, dtype=torch.int64 if whole else self.dtype)

    def _call(self, name: str, arguments: list[Any]) -> torch.Tensor:
        if name not in FACTORIES:
            raise UnknownName("function", name, FACTORIES, f"accepted are {', '.join(FACTORIES)}")
        usage, make = FACTORIES[name]
        try:
            return make(self.options, *arguments)
        except TypeError:
            raise UsageError(f"{name} is written {usage}") from None

    def _number_or_tensor(self, value: Any) -> Any:
        if not isinstance(value, int | float | torch.Tensor):
            raise UsageError(f"arithmetic takes numbers and tensors; {ACCEPTED}")
        return value


def _is_inexact(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and (value.is_floating_point() or value.is_complex())


def _randn(options: Options, *shape: Any) -> torch.Tensor:
    return torch.randn(_shape(shape), **options)


def _rand(options: Options, *shape: Any) -> torch.Tensor:
    return torch.rand(_shape(shape), **options)


def _randint(options: Options, low: int, high: int, *shape: Any) -> torch.Tensor:
    return torch.randint(low, high, _shape(shape), generator=options["generator"])


def _zeros(options: Options, *shape: Any) -> torch.Tensor:
    return torch.zeros(_shape(shape), dtype=options["dtype"])


def _ones(options: Options, *shape: Any) -> torch.Tensor:
    return torch.ones(_shape(shape), dtype=options["dtype"])


def _full(options: Options, shape: Any, value: float) -> torch.Tensor:
    return torch.full(_shape((shape,)), value, dtype=torch.int64 if isinstance(value, int) else options["dtype"])


def _eye(options: Options, rows: int, columns: int | None = None) -> torch.Tensor:
    n, m = _shape((rows, rows if columns is None else columns))
    return torch.eye(n, m, dtype=options["dtype"])


def _arange(options: Options, start: float, stop: float | None = None, step: float = 1) -> torch.Tensor:
    first, last = (0, start) if stop is None else (start, stop)
    _shape((math.ceil(abs((last - first) / step)),))
    whole = all(isinstance(bound, int) for bound in (first, last, step))
    return torch.arange(first, last, step, dtype=torch.int64 if whole else options["dtype"])


def _linspace(options: Options, start: float, stop: float, count: int) -> torch.Tensor:
    return torch.linspace(start, stop, *_shape((count,)), dtype=options["dtype"])


FACTORIES: Mapping[str, tuple[str, Callable[..., torch.Tensor]]] = {
    "randn": ("randn(3, 4)", _randn),
    "rand": ("rand(3, 4)", _rand),
    "randint": ("randint(low, high, (3, 4))", _randint),
    "zeros": ("zeros(3, 4)", _zeros),
    "ones": ("ones(3, 4)", _ones),
    "full": ("full((3, 4), value)", _full),
    "eye": ("eye(3)", _eye),
    "arange": ("arange(start, stop, step)", _arange),
    "linspace": ("linspace(start, stop, count)", _linspace),
}
"""The functions that may be called, each with how it is written."""


def _shape(sizes: Any) -> tuple[int, ...]:
    """Sizes given one by one or as one tuple or list; TypeError where they are none."""
    if len(sizes) == 1 and isinstance(sizes[0], tuple | torch.Tensor):
        sizes = sizes[0].tolist() if isinstance(sizes[0], torch.Tensor) else sizes[0]
    if not isinstance(sizes, tuple | list) or not all(isinstance(size, int) for size in sizes):
        raise TypeError
    if min(sizes, default=0) < 0:
        raise UsageError(f"the size {min(sizes)} is negative; sizes of 0 and more are accepted")
    if math.prod(sizes) > LARGEST:
        raise UsageError(f"{math.prod(sizes)} entries are too many; at most {LARGEST} are accepted")
    return tuple(sizes)


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}...")
