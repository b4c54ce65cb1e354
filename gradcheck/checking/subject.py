"""A function and its hand-written gradient, made ready: named inputs in float64, calls that cannot change them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.checking.diagnosis.diagnose import at
from gradcheck.errors import UsageError

Array = NDArray[Any]
Convert = Callable[[Array], Any]


@dataclass(frozen=True)
class Subject:
    """`function` and `gradient` on arrays, at `inputs`; `wrt` lists the inputs that are differentiated.

    Both get copies. `gradient` returns one array for each input in `wrt`. `name` is the gradient's own.
    """

    function: Callable[..., Array]
    gradient: Callable[..., tuple[Array, ...]]
    inputs: tuple[Array, ...]
    names: tuple[str, ...]
    wrt: tuple[int, ...]
    name: str

    @property
    def unchecked(self) -> tuple[str, ...]:
        """Inputs that no derivative was taken by, and why."""
        integer = (f"{n} (integers have no derivative)" for i, n in enumerate(self.names) if i not in self.wrt)
        empty = (f"{self.names[i]} (it has no entries)" for i in self.wrt if not self.inputs[i].size)
        return (*integer, *empty)

    @property
    def sizes(self) -> dict[str, int]:
        """Numbers that a factor may come from, each with its name."""
        sizes: dict[str, int] = {}
        for name, array in zip(self.names, self.inputs, strict=True):
            if array.ndim == 1:
                sizes[f"the length of {name}"] = array.size
            for axis, length in enumerate(array.shape if array.ndim > 1 else ()):
                sizes[f"axis {axis} of {name}"] = length
        return sizes


def subject(f: Callable[..., Any], grad: Callable[..., Any], inputs: Sequence[Any]) -> Subject:
    """Check and convert what the user passed; UsageError names the argument that cannot be used."""
    for label, value in (("f", f), ("grad", grad)):
        if not callable(value):
            raise UsageError(f"{label} must be a function; got {type(value).__name__}")
    if not inputs:
        raise UsageError("at least one input is needed: the point at which the gradient is checked")
    names = _names(f, len(inputs))
    arrays = tuple(_array(x, name) for x, name in zip(inputs, names, strict=True))
    wrt = tuple(i for i, x in enumerate(arrays) if x.dtype.kind == "f")
    if not wrt:
        arrays, wrt = tuple(x.astype(np.float64) for x in arrays), tuple(range(len(arrays)))
    convert = _to_torch if any(_is_tensor(x) for x in inputs) else np.copy
    function = _function(f, convert, arrays)
    gradient = _gradient(grad, convert, wrt, len(arrays))
    return Subject(function, gradient, arrays, names, wrt, _title(grad))


def _names(f: Callable[..., Any], count: int) -> tuple[str, ...]:
    """The inputs' names as f's signature has them, `input 0` and so on where it has none."""
    try:
        parameters = inspect.signature(f).parameters.values()
    except (TypeError, ValueError):
        parameters = {}.values()
    positional = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return tuple(positional[i] if i < len(positional) else f"input {i}" for i in range(count))


def _title(grad: Callable[..., Any]) -> str:
    """The gradient's name as its author gave it."""
    name = getattr(grad, "__name__", "")
    return f"{name}()" if name.isidentifier() else "the gradient"


def _array(value: Any, name: str) -> Array:
    """An input as float64 (integer arrays stay integers), refused unless it is finite and numeric."""
    scalar = isinstance(value, int | float) and not isinstance(value, bool)
    try:
        array = np.array(_from_torch(value), dtype=float if scalar else None)
    except (TypeError, ValueError) as error:
        raise UsageError(f"{name} must be an array of numbers: {error}") from error
    if array.dtype.kind not in "fiub":
        raise UsageError(f"{name} must be an array of real numbers; got dtype {array.dtype}")
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        raise UsageError(f"{name} must be finite; it is {array[tuple(bad[0])]} at {at(tuple(bad[0]))}")
    return array.astype(np.float64) if array.dtype.kind == "f" else array


def _function(f: Callable[..., Any], convert: Convert, inputs: tuple[Array, ...]) -> Callable[..., Array]:
    """f on copies of arrays; its output at the point decides whether it counts as a scalar (one entry)."""

    def on_arrays(*arrays: Array) -> Array:
        return _from_torch(f(*map(convert, arrays)))

    try:
        with np.errstate(all="ignore"):
            output = on_arrays(*inputs)
    except Exception as error:
        raise UsageError(f"f raises at the point: {type(error).__name__}: {error}") from error
    if output.dtype.kind not in "fiub":
        raise UsageError(f"f must return real numbers; it returned dtype {output.dtype}")
    bad = np.argwhere(~np.isfinite(output))
    if len(bad):
        raise UsageError(f"f must be finite at the point; it is {output[tuple(bad[0])]} at {at(tuple(bad[0]))}")
    measured = _outside_the_domain(on_arrays) if convert is _to_torch else on_arrays
    return (lambda *arrays: measured(*arrays).reshape(())) if output.size == 1 else measured


def _outside_the_domain(function: Callable[..., Array]) -> Callable[..., Array]:
    from gradcheck.checking.oracles import outside_the_domain

    return outside_the_domain(function)


def _gradient(
    grad: Callable[..., Any], convert: Convert, wrt: tuple[int, ...], count: int
) -> Callable[..., tuple[Array, ...]]:
    """grad on copies of arrays, returning one array for each differentiated input."""

    def on_arrays(*arrays: Array) -> tuple[Array, ...]:
        try:
            returned = grad(*map(convert, arrays))
        except Exception as error:
            raise UsageError(f"grad raises at the point: {type(error).__name__}: {error}") from error
        parts = _parts(returned, wrt, count)
        return tuple(_real(part) for part in parts)

    return on_arrays


def _parts(returned: Any, wrt: tuple[int, ...], count: int) -> list[Any]:
    """What grad returned for each differentiated input."""
    parts = list(returned) if isinstance(returned, tuple) or (isinstance(returned, list) and count > 1) else [returned]
    if len(parts) == count:
        return [parts[i] for i in wrt]
    if len(parts) == len(wrt):
        return parts
    raise UsageError(f"grad must return one array for each input: expected {len(wrt)}, got {len(parts)}")


def _real(part: Any) -> Array:
    try:
        array = _from_torch(part)
        if array.dtype.kind in "fiub":
            return array
        kind = f"dtype {array.dtype}"
    except (TypeError, ValueError):
        kind = type(part).__name__
    raise UsageError(f"grad must return arrays of real numbers; got {'None' if part is None else kind}")


def _is_tensor(value: Any) -> bool:
    """Whether a value is a torch tensor, told without importing torch."""
    return any(base.__module__ == "torch" and base.__name__ == "Tensor" for base in type(value).__mro__)


def _to_torch(array: Array) -> Any:
    import torch

    return torch.from_numpy(array.copy())


def _from_torch(value: Any) -> Array:
    if not _is_tensor(value):
        return np.asarray(value)
    tensor = value.detach().cpu()
    return np.asarray((tensor.double() if str(tensor.dtype) == "torch.bfloat16" else tensor).numpy())
