"""Python's functions of numbers for sizes that are symbols: `len(x)` and `math.sqrt(n)` stay symbolic."""

from __future__ import annotations

import builtins
import math
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any
from unittest.mock import patch

import torch

_ALONE = threading.RLock()
"""Python's own functions are everyone's: one trace at a time exchanges them."""


@contextmanager
def symbolic_sizes() -> Iterator[None]:
    """Within, the functions of `EXCHANGED` know symbolic sizes; given anything else they do what they always do."""
    with _ALONE, ExitStack() as exchanged:
        for home, name, of_symbols in EXCHANGED:
            exchanged.enter_context(patch.object(home, name, _knowing_symbols(getattr(home, name), of_symbols)))
        yield


def _knowing_symbols(function: Callable[..., Any], of_symbols: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def knowing(value: Any, /) -> Any:
        return of_symbols(value) if isinstance(value, SYMBOLIC) else function(value)

    return knowing


def _length(x: Any) -> Any:
    return x.shape[0] if torch.is_tensor(x) and x.ndim else x.__len__()


SYMBOLIC = (torch.SymInt, torch.SymFloat, torch.Tensor)
EXCHANGED: tuple[tuple[Any, str, Callable[..., Any]], ...] = (
    (builtins, "len", _length),
    (math, "sqrt", lambda n: float(n) ** 0.5 if torch.is_tensor(n) else torch.sym_float(n) ** 0.5),
)
"""Where a function is, its name, and what it is of a symbolic size."""
