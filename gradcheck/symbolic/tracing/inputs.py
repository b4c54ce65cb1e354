"""Values that a gradient is asked at: read as float64 arrays, and given back in the caller's own kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gradcheck.errors import UsageError

Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Value:
    """One argument: what the caller gave, and the same as a float64 array."""

    given: Any
    array: Array

    @property
    def is_tensor(self) -> bool:
        """Whether the caller gave a torch tensor."""
        return hasattr(self.given, "detach")

    @property
    def is_number(self) -> bool:
        """Whether the caller gave a plain number."""
        return isinstance(self.given, int | float | np.generic)


def read(name: str, given: Any) -> Value:
    """The argument of that name; UsageError where it is no real number, array or tensor."""
    plain = given.detach().cpu() if hasattr(given, "detach") else given
    try:
        array = np.asarray(plain if not hasattr(plain, "dtype") or plain is given else _widened(plain))
    except (TypeError, ValueError) as error:
        raise UsageError(f"argument `{name}` is no array: {error}; {_ACCEPTED}") from None
    if array.dtype.kind not in "iuf":
        raise UsageError(f"argument `{name}` is of {_kind(given, array)}; {_ACCEPTED}")
    return Value(given, array.astype(np.float64))


_ACCEPTED = "a real number, array or tensor is accepted"


def _widened(tensor: Any) -> Any:
    """NumPy has no bfloat16."""
    return (tensor.double() if tensor.is_floating_point() else tensor).numpy()


def _kind(given: Any, array: Any) -> str:
    return f"dtype {array.dtype}" if hasattr(given, "dtype") else f"type {type(given).__name__}"


def give_back(gradient: Array, value: Value, others: tuple[Value, ...]) -> Any:
    """The gradient as the caller's kind: a tensor for a tensor, a float for a number, else an array."""
    like = next((each for each in (value, *others) if each.is_tensor), None)
    if value.is_tensor or (like is not None and gradient.ndim):
        return _as_tensor(gradient, like.given if like is not None else value.given)
    return float(gradient) if value.is_number and not gradient.ndim else gradient


def _as_tensor(gradient: Array, like: Any) -> Any:
    import torch

    dtype = like.dtype if like.is_floating_point() else torch.float64
    return torch.from_numpy(np.array(gradient)).to(dtype=dtype, device=like.device)
