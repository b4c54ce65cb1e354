"""A traced value: an array of SymPy expressions that goes through a function in place of numbers.

It answers operators, methods, NumPy's and torch's dispatch protocols by the name of what was called, from one table.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np
import sympy as sp

from gradcheck.symbolic.tracing.arrays import ARRAYS
from gradcheck.symbolic.tracing.call import METHOD_IS_AMBIGUOUS, apply, assignment_error, conversion_error
from gradcheck.symbolic.tracing.entries import boxed, entries, numbers
from gradcheck.symbolic.tracing.errors import MOVE_OUT, MissingAttribute, NeedsShape, TracingError
from gradcheck.symbolic.tracing.scalars import SCALARS


class Size(int):
    """The number of entries, as NumPy's `x.size` and as torch's `x.size()`."""

    shape: tuple[int, ...]

    def __call__(self, axis: int | None = None) -> Any:
        """The shape, or the size of one axis."""
        return self.shape if axis is None else self.shape[axis]


class Tracer:
    """SymPy expressions in the shape of an array; `uniform` where one stands for every entry of arrays of any shape."""

    __hash__ = object.__hash__

    def __init__(self, values: Any, uniform: bool = False) -> None:
        self.entries = values
        self.uniform = uniform

    @property
    def shape(self) -> tuple[int, ...]:
        """The axes' sizes."""
        if self.uniform:
            raise NeedsShape
        return tuple(self.entries.shape)

    @property
    def ndim(self) -> int:
        """How many axes there are."""
        return len(self.shape)

    @property
    def size(self) -> Size:
        """The number of entries; called, torch's size."""
        size = Size(np.prod(self.shape, dtype=int))
        size.shape = self.shape
        return size

    @property
    def T(self) -> Tracer:
        """The transpose."""
        return call("permute", (self,), {}, "numpy")

    @property
    def mT(self) -> Tracer:
        """The transpose of the last two axes."""
        return call("t", (self,), {}, "numpy")

    def dim(self) -> int:
        """How many axes there are, as torch spells it."""
        return self.ndim

    def numel(self) -> int:
        """The number of entries, as torch spells it."""
        return int(self.size)

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of a scalar")
        return self.shape[0]

    def __iter__(self) -> Iterator[Tracer]:
        return (self[place] for place in range(len(self)))

    def __getitem__(self, place: Any) -> Tracer:
        found = self._shaped()[_index(place)]
        return Tracer(found if isinstance(found, np.ndarray) else boxed(found))

    def __setitem__(self, place: Any, value: Any) -> None:
        values = entries(unwrapped(value))
        self._shaped()[_index(place)] = values if values.shape else values[()]

    def _shaped(self) -> Any:
        if self.uniform:
            raise NeedsShape
        return self.entries

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name not in (SCALARS.keys() | ARRAYS.keys()):
            raise MissingAttribute(f"attribute `{name}` of a traced value", f"it has no symbolic form; {MOVE_OUT}")
        return functools.partial(_method, name, self)

    def __repr__(self) -> str:
        return f"Tracer({self.entries.tolist()!r})"

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **keywords: Any) -> Any:
        if method == "reduce" and ufunc.__name__ in REDUCE:
            return call(REDUCE[ufunc.__name__], inputs, {"axis": 0, **keywords}, "numpy")
        name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
        return call(name, inputs, keywords, "numpy")

    def __array_function__(self, function: Any, types: Any, args: Any, keywords: Any) -> Any:
        del types
        return call(function.__name__, args, keywords, function.__module__ or "numpy")

    @classmethod
    def __torch_function__(cls, function: Any, types: Any, args: Any = (), keywords: Any = None) -> Any:
        """How torch hands over a call that has a traced value among its arguments."""
        del types
        name = function.__name__.removeprefix("special_")
        if name == "__setitem__":
            raise assignment_error()
        in_place = name.endswith("_") and not name.endswith("__")
        keywords = {**(keywords or {}), **({"inplace": True} if in_place else {})}
        return call(name.strip("_"), args, keywords, "torch")

    def __copy__(self) -> Tracer:
        return Tracer(self.entries.copy(), self.uniform)

    def __divmod__(self, other: Any) -> tuple[Tracer, Tracer]:
        return self // other, self % other

    def __array__(self, *_: Any, **__: Any) -> NoReturn:
        raise TracingError("a traced value is turned into an array of floats", f"use numpy.stack, or {MOVE_OUT}")

    def __float__(self) -> float:
        raise conversion_error("float")

    def __int__(self) -> int:
        raise conversion_error("int")

    def __index__(self) -> int:
        raise conversion_error("int")

    def __complex__(self) -> complex:
        raise conversion_error("complex")

    def item(self) -> NoReturn:
        """A number is what a traced value does not have."""
        raise conversion_error("item")

    def tolist(self) -> NoReturn:
        """Numbers are what a traced value does not have."""
        raise conversion_error("tolist")

    def numpy(self) -> NoReturn:
        """Numbers are what a traced value does not have."""
        raise conversion_error("numpy")

    def detach(self) -> NoReturn:
        """Detaching would hide a part of the derivative."""
        raise TracingError("`detach()` cuts the derivative", "leave it out, or pass that part as an argument")

    def __bool__(self) -> bool:
        values = numbers(self._shaped()).reshape(-1).tolist()
        if len(values) == 1 and values[0].is_number:
            return bool(values[0])
        raise TracingError(
            f"the control flow depends on the value of `{_shown(self)}`",
            "for a branch use numpy.where(condition, a, b), for a loop a fixed number of steps",
        )

    def _sympy_(self) -> sp.Expr:
        if self._shaped().shape:
            raise TracingError("a SymPy function is applied to an array", "apply it to its entries")
        return self.entries[()]

    def __round__(self, digits: int | None = None) -> Tracer:
        return call("round", (self,) if digits is None else (self, digits), {}, "numpy")


REDUCE = {"add": "sum", "multiply": "prod", "maximum": "max", "minimum": "min"}

OPERATORS = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide", "pow": "power", "matmul": "matmul",
    "mod": "remainder", "floordiv": "floor_divide", "and": "logical_and", "or": "logical_or",
    "xor": "logical_xor",
}  # fmt: skip
COMPARISONS = {
    "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal", "eq": "equal", "ne": "not_equal",
}  # fmt: skip
UNARY = {"neg": "negative", "pos": "positive", "abs": "abs", "invert": "logical_not"}


def _operator(name: str, reflected: bool = False) -> Callable[..., Any]:
    def operate(self: Tracer, *other: Any) -> Any:
        if other and not _is_numeric(other[0]):
            return NotImplemented
        return call(name, (*other, self) if reflected else (self, *other), {}, "numpy")

    return operate


def _in_place(name: str) -> Callable[..., Any]:
    """An array changes for everyone who holds it; a scalar is a new one."""

    def operate(self: Tracer, other: Any) -> Tracer:
        result = call(name, (self, other), {}, "numpy")
        if not self.uniform and not self.shape:
            return result
        self.entries[...] = result.entries
        return self

    return operate


def _install_operators() -> None:
    for short, name in {**OPERATORS, **COMPARISONS, **UNARY}.items():
        setattr(Tracer, f"__{short}__", _operator(name))
    for short, name in OPERATORS.items():
        setattr(Tracer, f"__r{short}__", _operator(name, reflected=True))
        setattr(Tracer, f"__i{short}__", _in_place(name))


_install_operators()


def _is_numeric(value: Any) -> bool:
    kinds = (Tracer, int, float, complex, np.generic, np.ndarray, sp.Basic, list, tuple)
    return isinstance(value, kinds) or hasattr(value, "detach")


def call(name: str, args: Sequence[Any], keywords: Mapping[str, Any], home: str) -> Tracer:
    """Apply the function of that name from the table; `home` is the module it was called from."""
    uniform = any(tracer.uniform for tracer in tracers_in([*args, *keywords.values()]))
    plain = {key: unwrapped(value) for key, value in keywords.items() if key not in ("out", "inplace")}
    result = Tracer(apply(name, [unwrapped(arg) for arg in args], plain, home, uniform), uniform)
    target = args[0] if keywords.get("inplace") else keywords.get("out")
    return result if target is None else _stored(result, target[0] if isinstance(target, tuple) else target)


def _stored(result: Tracer, target: Any) -> Tracer:
    """The result written over the array that a call names as its output, for everyone who holds it."""
    if not isinstance(target, Tracer):
        raise assignment_error()
    if target.uniform is not result.uniform:
        raise NeedsShape
    target.entries[...] = result.entries
    return target


def _method(name: str, self: Tracer, *args: Any, **keywords: Any) -> Tracer:
    if name in METHOD_IS_AMBIGUOUS and (args or name in ("std", "var")):
        raise TracingError(f"the method `{name}` is ambiguous", METHOD_IS_AMBIGUOUS[name])
    return call(name, (self, *args), keywords, "numpy")


def tracers_in(value: Any) -> Iterator[Tracer]:
    """The traced values among arguments, also within lists and tuples."""
    if isinstance(value, Tracer):
        yield value
    elif isinstance(value, list | tuple):
        for each in value:
            yield from tracers_in(each)


def has_tracer(value: Any) -> bool:
    """Whether there is a traced value among arguments."""
    return next(tracers_in(value), None) is not None


def unwrapped(value: Any) -> Any:
    """The value with each traced value in it replaced by its array of expressions."""
    if isinstance(value, Tracer):
        return value.entries
    if isinstance(value, list | tuple):
        return type(value)(unwrapped(each) for each in value)
    return value


def _index(place: Any) -> Any:
    """Torch tensors and lists as NumPy indices."""
    if isinstance(place, Tracer):
        raise TracingError("an index depends on the value of a traced array", "use numpy.where(condition, a, b)")
    if isinstance(place, tuple):
        return tuple(_index(each) for each in place)
    return place.detach().cpu().numpy() if hasattr(place, "detach") else place


def _shown(tracer: Tracer) -> str:
    text = str(tracer.entries.tolist())
    return text if len(text) <= 60 else f"{text[:57]}..."
