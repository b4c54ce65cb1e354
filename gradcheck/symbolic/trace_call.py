"""A call by the name of a function, on arrays of expressions: looked up in one table, refused with a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gradcheck.symbolic.trace_arrays import ARRAYS, TORCH
from gradcheck.symbolic.trace_entries import Entries, boxed, entries, mapped, numbers
from gradcheck.symbolic.trace_errors import MOVE_OUT, NeedsShape, TracingError
from gradcheck.symbolic.trace_scalars import KEEPS_CONDITIONS, SCALARS

RANDOM = frozenset(
    {
        "rand", "randn", "randint", "randperm", "rand_like", "randn_like", "randint_like", "normal", "bernoulli",
        "multinomial", "poisson", "dropout", "alpha_dropout", "feature_dropout", "rrelu", "gumbel_softmax",
    }
)  # fmt: skip
"""torch's functions that draw random numbers."""

IGNORED = frozenset(
    {"inplace", "dtype", "casting", "order", "copy", "_stacklevel", "device", "out", "input", "subok", "optimize"}
)
"""Keywords that do not change what is computed."""

SPELLINGS = {
    "dim": "axis", "keepdim": "keepdims", "p": "ord", "min": "low", "max": "high", "a_min": "low", "a_max": "high",
}  # fmt: skip
"""torch's and NumPy's names of the same parameter."""


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
    if isinstance(keywords.get("out"), np.ndarray):
        raise assignment_error()
    dtype = str(keywords.get("dtype", args[1] if name in ("astype", "to") and len(args) > 1 else ""))
    if any(kind in dtype for kind in ("int", "bool", "complex")):
        raise TracingError(f"a traced value is converted to {dtype}", "keep it a float; rounding has no derivative")


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
