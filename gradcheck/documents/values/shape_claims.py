"""Shapes stated beside a tensor: `# (2, 3)` or `# shape: [2, 3]`."""

from __future__ import annotations

import re

import numpy as np

from gradcheck.documents.records import Value
from gradcheck.documents.values.compare import Comparison
from gradcheck.documents.values.literals import Literal
from gradcheck.documents.values.moments import Subject

_STRUCTURE = re.compile(
    r".*\.(?:shape(?:\[[^\]]*\])?|ndim|dtype|requires_grad|is_leaf|grad_fn|(?:size|dim|numel)\([^()]*\))|(?:len|type)\(.*\)",
    re.DOTALL,
)
_SHAPED_BY_DATA = re.compile(r"nonzero|unique|bincount|where\(|masked_select|\[[^\]]*[<>!=]=?[^\]]*\]|while\b")


def is_structural(stated: Literal, subject: Subject, found: Comparison, source: str) -> bool:
    """Whether what differs is a shape, a dtype or the like, that hangs on no number in the code `source`."""
    shape = found.outcome == "shape" and meant_as_shape(stated, subject.value)
    structure = shape or _STRUCTURE.fullmatch(subject.source.strip()) is not None
    return structure and _SHAPED_BY_DATA.search(source) is None


def meant_as_shape(stated: Literal, value: Value) -> bool:
    """Whether a list of counts beside an array can only be its shape: it is a size, or it is no shape of a value.

    >>> from gradcheck.documents.values.literals import read_literal
    >>> matrix = Value("array", "torch.Tensor", "", "", "torch.float32", (2, 3), (0.0,) * 6)
    >>> meant_as_shape(read_literal("(2, 3)"), matrix), meant_as_shape(read_literal("[0.5, 3.]"), matrix)
    (True, False)
    """
    if value.kind != "array" or stated.printed is None or stated.printed.values.ndim != 1:
        return False
    if stated.kind == "size":
        return True
    counts = re.fullmatch(r"[\[(][\d\s,]*[\])]", stated.text) is not None and bool(np.all(stated.printed.values))
    return counts and stated.printed.values.shape != value.shape and stated.printed.values.size == len(value.shape)


def may_be_range(stated: Literal) -> bool:
    """Whether two whole numbers in brackets may be the bounds of something: `(-1, 1)`."""
    if stated.wrapped or stated.printed is None or stated.printed.values.shape != (2,):
        return False
    low, high = stated.printed.values
    return bool(low < high) and not np.any(stated.printed.half_units) and "." not in stated.text


def is_slip(stated: Literal, value: Value) -> bool:
    """Whether a stated shape is the actual one with axes in another order, or with one other size.

    A shape that has less in common with it may be that of something else.
    """
    assert stated.printed is not None
    shape = [int(size) for size in stated.printed.values.ravel()]
    same = sum(one == other for one, other in zip(shape, value.shape, strict=False))
    reordered = sorted(shape) == sorted(value.shape)
    return stated.text.startswith("(") and len(shape) == len(value.shape) and (reordered or same == len(shape) - 1)


def compare_shape(stated: Literal, value: Value) -> Comparison | None:
    """Holds a stated shape against an array's; None where the value has none, or what is stated is none.

    A whole number may be the length of a vector, or how many entries there are.
    """
    if value.kind != "array" or stated.printed is None or np.any(stated.printed.half_units):
        return None
    shape = tuple(int(size) for size in stated.printed.values.ravel())
    if shape == value.shape or (stated.whole and shape == (int(np.prod(value.shape)),)):
        return Comparison("equal")
    if stated.whole:
        return Comparison("unlike", "a number beside an array is not its whole shape")
    return Comparison("shape", f"the stated shape is {shape}, the actual one {value.shape}")
