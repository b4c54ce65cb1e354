"""A call by the name of a function, on arrays of expressions: looked up in one table, refused with a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gradcheck.symbolic.tracing.arrays import ARRAYS, TORCH
from gradcheck.symbolic.tracing.entries import Entries, boxed, entries, mapped, numbers
from gradcheck.symbolic.tracing.errors import MOVE_OUT, NeedsShape, TracingError
from gradcheck.symbolic.tracing.scalars import KEEPS_CONDITIONS, SCALARS, is_condition

RANDOM = frozenset(
    {
        "rand", "randn", "randint", "randperm", "rand_like", "randn_like", "randint_like", "normal", "bernoulli",
        "multinomial", "poisson", "dropout", "alpha_dropout", "feature_dropout", "rrelu", "gumbel_softmax",
    }
)  # fmt: skip
"""torch's functions that draw random numbers."""

IGNORED = frozenset({"dtype", "casting", "order", "copy", "_stacklevel", "device", "input", "subok", "optimize"})
"""Keywords that do not change what is computed."""

ORDERLESS = frozenset({"array", "asarray", "copy", "astype", "zeros_like", "ones_like"})
"""Functions whose memory order decides nothing about where an entry is."""

ADDED_CONDITIONS = "write numpy.logical_or(a, b) for or; multiply one by 1.0 to count"

SPELLINGS = {
    "dim": "axis", "keepdim": "keepdims", "p": "ord", "min": "low", "max": "high", "a_min": "low", "a_max": "high",
}  # fmt: skip
"""torch's and NumPy's names of the same parameter."""


METHOD_IS_AMBIGUOUS = {
    "std": "say which: numpy.std(x) divides by n, torch.std(x) by n - 1",
    "var": "say which: numpy.var(x) divides by n, torch.var(x) by n - 1",
    "max": "with an axis it means two things in NumPy and torch; write numpy.max(x, axis) or torch.amax(x, dim)",
    "min": "with an axis it means two things in NumPy and torch; write numpy.min(x, axis) or torch.amin(x, dim)",
    "transpose": "with axes it means two things in NumPy and torch; write x.T or numpy.swapaxes(x, i, j)",
}
"""Methods whose meaning depends on whose they are, and what to write instead."""


def apply(name: str, args: Sequence[Any], keywords: Mapping[str, Any], home: str, uniform: bool = False) -> Entries:
    """The result of the function of that name in the module `home`.

    `uniform` says that an expression among the arguments stands for arrays of any shape. Raises TracingError where the
    table has no such function or it refuses the arguments, NeedsShape where a uniform result depends on the shape.
    """
    _refuse(name, args, keywords, home)
    named = {SPELLINGS.get(key, key): value for key, value in keywords.items() if key not in IGNORED}
    args = (*args, *(value for key, value in keywords.items() if key == "input"))
    try:
        if name in SCALARS:
            return _scalar(name, args, named, uniform)
        return _looked_up(name, home, uniform)(*args, **named)
    except TracingError:
        raise
    except (TypeError, ValueError, IndexError) as error:
        raise TracingError(f"`{home}.{name}` cannot be traced: {error}", MOVE_OUT) from error


def _refuse(name: str, args: Sequence[Any], keywords: Mapping[str, Any], home: str) -> None:
    if name in RANDOM and not (name == "dropout" and keywords.get("training") is False):
        raise random_error(f"{home}.{name}")
    if keywords.get("order") not in (None, "C") and name not in ORDERLESS:
        raise TracingError(f"`{home}.{name}` with order={keywords['order']!r}", "transpose first: x.T.reshape(...)")
    if name == "add" and all(map(_holds_conditions, args)):
        raise TracingError("conditions are added, which counts for numbers but not for arrays", ADDED_CONDITIONS)
    dtype = str(keywords.get("dtype", args[1] if name in ("astype", "to") and len(args) > 1 else ""))
    if any(kind in dtype for kind in ("int", "bool", "complex")):
        raise TracingError(f"a traced value is converted to {dtype}", "keep it a float; rounding has no derivative")


def _holds_conditions(value: Any) -> bool:
    return isinstance(value, np.ndarray) and bool(value.size) and all(map(is_condition, value.reshape(-1)))


def _looked_up(name: str, home: str, uniform: bool) -> Callable[..., Entries]:
    table = {**ARRAYS, **TORCH} if home.startswith("torch") else ARRAYS
    if name not in table:
        path = f"`{home}.{name}`"
        raise TracingError(f"{path} has no symbolic form here", f"write it with elementary operations, or {MOVE_OUT}")
    if uniform:
        raise NeedsShape
    return table[name]


def _scalar(name: str, args: Sequence[Any], keywords: Mapping[str, Any], uniform: bool) -> Entries:
    """A function of scalars, entry by entry; keywords broadcast like arguments."""
    prepare = entries if name in KEEPS_CONDITIONS else numbers
    values = [*args, *keywords.values()]
    arrays = [boxed(value) if value is None or isinstance(value, str) else prepare(value) for value in values]
    if uniform and any(array.shape for array in arrays):
        raise NeedsShape

    def at_entry(*parts: Any) -> Any:
        return SCALARS[name](*parts[: len(args)], **dict(zip(keywords, parts[len(args) :], strict=True)))

    return mapped(at_entry, *arrays)


def random_error(path: str) -> TracingError:
    """The error for a call that draws random numbers."""
    return TracingError(
        f"`{path}` draws random numbers, so there is no one function to differentiate",
        "draw them outside the function and pass them as an argument",
    )


def conversion_error(name: str) -> TracingError:
    """The error for asking a traced value for its number."""
    return TracingError(
        f"`{name}()` asks for the number behind a traced value",
        f"keep it as it is (numpy.sin(x), not float(x)), or {MOVE_OUT}",
    )


def assignment_error() -> TracingError:
    """The error for storing a traced value where only floats fit."""
    return TracingError(
        "in-place assignment of a traced value into an array of floats",
        "build the array with numpy.stack([...]) from its entries",
    )
