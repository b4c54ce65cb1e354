"""What torch itself takes apart: operators that are in no table, as compositions of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import torch
from torch._decomp import core_aten_decompositions, decomposition_table

from gradcheck.symbolic.graphs.compositions import COMPOSITIONS, aten
from gradcheck.symbolic.graphs.operators import operators
from gradcheck.symbolic.graphs.walk import operator_name

FURTHER = ("upsample_bilinear2d", "upsample_trilinear3d", "upsample_bicubic2d", "grid_sampler_2d")
"""Operators that torch itself holds for ones of its core, and takes apart where it is asked to."""


@cache
def decompositions() -> Mapping[Any, Callable[..., Any]]:
    """torch's own decompositions of the operators that no table holds and that write to no argument.

    >>> torch.ops.aten.addcmul.default in decompositions()
    True
    """
    further = {each: decomposition_table[each] for name in FURTHER if (each := getattr(aten, name).default)}
    return COMPOSITIONS | {
        operator: composition
        for operator, composition in {**dict(core_aten_decompositions().items()), **further}.items()
        if isinstance(operator, torch._ops.OpOverload)
        and not operator._schema.is_mutable
        and operator_name(operator) not in operators()
        and operator not in COMPOSITIONS
    }
