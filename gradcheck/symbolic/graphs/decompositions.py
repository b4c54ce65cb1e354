"""What torch itself takes apart: operators that are in no table, as compositions of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import torch
from torch._decomp import core_aten_decompositions

from gradcheck.symbolic.graphs.compositions import COMPOSITIONS
from gradcheck.symbolic.graphs.operators import operators
from gradcheck.symbolic.graphs.walk import operator_name


@cache
def decompositions() -> Mapping[Any, Callable[..., Any]]:
    """torch's own decompositions of the operators that no table holds and that write to no argument.

    >>> torch.ops.aten.addcmul.default in decompositions()
    True
    """
    return COMPOSITIONS | {
        operator: composition
        for operator, composition in core_aten_decompositions().items()
        if isinstance(operator, torch._ops.OpOverload)
        and not operator._schema.is_mutable
        and operator_name(operator) not in operators()
        and operator not in COMPOSITIONS
    }
