"""What each of torch's operators computes, entry by entry: one table for each kind."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

Operator = Callable[..., Any]
"""Takes the operator's arguments, tensors as `GraphTensor`; returns a tensor, or a tuple of them."""


@cache
def operators() -> Mapping[str, Operator]:
    """Every operator by its name in ATen, such as `"sum.dim_IntList"`; `.default` is left out."""
    tables = (importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__))
    return {name: rule for table in tables for name, rule in table.OPERATORS.items()}
