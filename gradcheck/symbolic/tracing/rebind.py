"""A copy of a function that traced values can go through, where `math.sin(x)` would ask for a float.

The copy shares the original's code; its globals, closure and builtins are copies in which `math`, `random`, array
constructors and the user's own helper functions are replaced by ones that know traced values. The original function
and its module stay as they are.
"""

from __future__ import annotations

import builtins
import functools
import random
import sys
from collections.abc import Callable, Iterator
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from gradcheck.symbolic.tracing.call import RANDOM, random_error
from gradcheck.symbolic.tracing.errors import TracingError
from gradcheck.symbolic.tracing.trace import Tracer, call, has_tracer

LIBRARIES = frozenset({*sys.stdlib_module_names, "numpy", "torch", "sympy", "scipy", "mpmath", "gradcheck"}) - {
    "__main__"
}
TAKES_FLOATS = frozenset({"math", "cmath", "scipy"})
"""Libraries whose functions see only numbers: each call that has a traced value among its arguments is taken over."""

ASK_FOR_TYPE = frozenset({"isscalar", "is_tensor", "iterable"})
"""Functions of NumPy and torch that look at the type of their argument."""

CONTAINERS = frozenset({list, tuple, dict, set, str, bytes, type(None)})
"""Types that an argument never has, whatever the caller gave."""

CONSTRUCTORS = frozenset({"array", "asarray", "asanyarray", "ascontiguousarray", "tensor", "as_tensor"})
"""Functions of NumPy and torch that do not ask their arguments how to handle them."""


class Rebinder:
    """Makes the replacements of one trace; each function and module is replaced once."""

    def __init__(self) -> None:
        self._done: dict[int, Any] = {}
        self._kept: list[Any] = []

    def replaced(self, value: Any) -> Any:
        """What stands for a global, a captured variable or a module's attribute in the copy."""
        if id(value) not in self._done and _is_replaceable(value):
            self._kept.append(value)
            self._make(value)
        return self._done.get(id(value), value)

    def _make(self, value: Any) -> None:
        if isinstance(value, FunctionType) and _root(value) not in LIBRARIES:
            self._copy_function(value)
        else:
            self._done[id(value)] = self._stand_in(value)

    def _stand_in(self, value: Any) -> Any:
        if isinstance(value, ModuleType):
            return _Module(value, self)
        if isinstance(value, functools.partial):
            return functools.partial(self.replaced(value.func), *value.args, **value.keywords)
        if isinstance(value, MethodType) and not _draws_random_numbers(value):
            return MethodType(self.replaced(value.__func__), value.__self__)
        if _is_generator(value):
            return _RandomGenerator(type(value).__name__)
        return _library_function(value)

    def _copy_function(self, function: FunctionType) -> None:
        """The copy is noted before its globals are filled, so that functions may call one another."""
        scope = {**function.__globals__, "__builtins__": {**vars(builtins), **self._builtins()}}
        cells = tuple(CellType() for _ in function.__closure__ or ())
        copy = FunctionType(function.__code__, scope, function.__name__, function.__defaults__, cells or None)
        copy.__kwdefaults__ = function.__kwdefaults__
        self._done[id(function)] = copy
        for name in _names_in(function.__code__):
            if name in scope and name != "__builtins__":
                scope[name] = self.replaced(scope[name])
        for cell, original in zip(cells, function.__closure__ or (), strict=True):
            if not _is_empty(original):
                cell.cell_contents = self.replaced(original.cell_contents)

    def _builtins(self) -> dict[str, Any]:
        def imported(name: str, *how: Any, **named: Any) -> Any:
            return self.replaced(builtins.__import__(name, *how, **named))

        extremes = {"max": _extreme(max, "maximum"), "min": _extreme(min, "minimum")}
        return {
            **extremes,
            "isinstance": _is_instance,
            "hasattr": _has_attribute,
            "type": _Type,
            "__import__": imported,
        }


def _is_replaceable(value: Any) -> bool:
    kinds = (FunctionType, BuiltinFunctionType, ModuleType, MethodType, functools.partial)
    return isinstance(value, kinds) or _is_generator(value) or _is_compiled(value)


def _is_compiled(value: Any) -> bool:
    """Functions of Cython and universal functions are of types of their own."""
    foreign = _root(value) == "scipy" or _module(value).startswith("numpy.random")
    return foreign and callable(value) and not isinstance(value, type)


def _module(value: Any) -> str:
    name = getattr(value, "__module__", None)
    return name if isinstance(name, str) else ""


def _root(value: Any) -> str:
    name = value.__name__ if isinstance(value, ModuleType) else _module(value)
    return str(name).partition(".")[0]


def _is_generator(value: Any) -> bool:
    kind = f"{type(value).__module__}.{type(value).__name__}"
    return isinstance(value, random.Random | np.random.Generator | np.random.RandomState) or kind.startswith(
        "torch._C.Generator"
    )


def _is_empty(cell: CellType) -> bool:
    try:
        return cell.cell_contents is None
    except ValueError:
        return True


def _names_in(code: CodeType) -> Iterator[str]:
    """The global names that code and the functions within it use."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names_in(constant)


class _Module:
    """Stands for a module: an attribute is replaced when it is asked for."""

    def __init__(self, module: ModuleType, rebinder: Rebinder) -> None:
        self._module = module
        self._rebinder = rebinder

    def __getattr__(self, name: str) -> Any:
        return self._rebinder.replaced(getattr(self._module, name))


class _RandomGenerator:
    """Stands for a random generator: whatever is drawn from it stops the trace."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def __getattr__(self, name: str) -> Any:
        raise random_error(f"{self._kind}.{name}")


def _library_function(function: Any) -> Any:
    name = getattr(function, "__name__", type(function).__name__)
    path = f"{_path(function)}.{name}"
    if _draws_random_numbers(function):
        return _raising(path)
    if _root(function) in TAKES_FLOATS or name in CONSTRUCTORS | ASK_FOR_TYPE:
        return _taken_over(function, name, _path(function))
    return function


def _path(function: Any) -> str:
    owner = getattr(function, "__self__", None)
    if isinstance(owner, ModuleType):
        return owner.__name__
    return _module(function) or {"random": "random", "numpy": "numpy.random"}.get(_root(type(owner)), "torch")


def _draws_random_numbers(function: Any) -> bool:
    module = _module(function)
    if _is_generator(getattr(function, "__self__", None)) or module.startswith("numpy.random"):
        return True
    owner = getattr(function, "__self__", None)
    of_torch = (
        module.startswith("torch") or type(owner).__module__ == "torch" or (module == "" and "torch" in repr(owner))
    )
    return of_torch and getattr(function, "__name__", "") in RANDOM - {"dropout"}


def _raising(path: str) -> Callable[..., Any]:
    def draw(*_: Any, **__: Any) -> Any:
        raise random_error(path)

    return draw


def _taken_over(function: Callable[..., Any], name: str, home: str) -> Callable[..., Any]:
    """The function itself on numbers, its entry in the table on traced values."""

    @functools.wraps(function, assigned=("__name__", "__doc__"), updated=())
    def take_over(*args: Any, **keywords: Any) -> Any:
        if has_tracer([*args, *keywords.values()]):
            return call(name, args, keywords, home)
        return function(*args, **keywords)

    return take_over


def _is_instance(value: Any, kinds: Any) -> bool:
    """Python's isinstance; a traced value is none of the containers, and has no answer to what else it is."""
    if isinstance(value, Tracer) and not (isinstance(kinds, type | tuple) and CONTAINERS.issuperset(_flat(kinds))):
        raise _type_error("isinstance")
    return isinstance(value, kinds)


def _has_attribute(value: Any, name: str) -> bool:
    """Python's hasattr; what numbers lack and arrays have, a traced value without axes may have or not."""
    if isinstance(value, Tracer) and not value.uniform and not value.shape:
        raise _type_error("hasattr")
    return hasattr(value, name)


def _flat(kinds: Any) -> Iterator[Any]:
    if isinstance(kinds, tuple):
        for kind in kinds:
            yield from _flat(kind)
    else:
        yield kinds


class _AsksForType(type):
    """Python's type, which must not be asked for the type of a traced value."""

    def __call__(cls, *args: Any, **keywords: Any) -> Any:
        if len(args) == 1 and isinstance(args[0], Tracer):
            raise _type_error("type")
        return type(*args, **keywords)

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, type)


class _Type(metaclass=_AsksForType):
    """Stands for `type`."""


def _type_error(name: str) -> TracingError:
    return TracingError(
        f"`{name}()` asks whether a traced value is a number, an array or a tensor",
        "write one function for each kind of argument",
    )


def _extreme(function: Callable[..., Any], name: str) -> Callable[..., Any]:
    """Python's max and min, which would branch on the values."""

    def extreme(*args: Any, **keywords: Any) -> Any:
        values = tuple(args[0]) if len(args) == 1 else args
        if keywords or not has_tracer(values):
            return function(values, **keywords)
        return functools.reduce(lambda a, b: call(name, (a, b), {}, "builtins"), values)

    return extreme
