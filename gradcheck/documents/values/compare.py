"""Holds a value as written against the value that a run had: by number, shape and count, never by text alone.

A stated decimal claims half a unit in its last place. What is cut off instead of rounded, what differs by no more than
the rounding of the number type, and what is printed in another form agrees, and is said to.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal as OneOf

import numpy as np
from numpy.typing import NDArray

from gradcheck.articles.printed import Printed
from gradcheck.documents.records import Value
from gradcheck.documents.values.literals import Literal
from gradcheck.documents.values.tokens import same_text

Array = NDArray[np.float64]

Outcome = OneOf["equal", "rounding", "truncated", "format", "differs", "shape", "dtype", "unlike", "unknown"]

AGREES: frozenset[Outcome] = frozenset({"equal", "rounding", "truncated", "format"})
"""Outcomes of a value that is so: to the digits stated, to rounding, cut off, or printed in another form."""

EPSILONS: Mapping[str, float] = {
    "float64": 2.0**-52,
    "complex128": 2.0**-52,
    "float32": 2.0**-23,
    "complex64": 2.0**-23,
    "float16": 2.0**-10,
    "bfloat16": 2.0**-7,
    "float8_e4m3fn": 2.0**-3,
    "float8_e5m2": 2.0**-2,
}
"""The spacing of each kind of number at 1; numbers of Python are doubles, and those of no kind whole."""

DTYPES: Mapping[str, str] = {
    "float": "float32",
    "double": "float64",
    "half": "float16",
    "long": "int64",
    "int": "int32",
    "short": "int16",
    "cfloat": "complex64",
    "cdouble": "complex128",
}
"""The short names of torch's types."""

ROUNDING = 8
"""How many spacings of the largest entry two machines may differ by where they add in another order."""


@dataclass(frozen=True)
class Comparison:
    """What came of holding one written value against one actual one; `remark` says what else there is to say."""

    outcome: Outcome
    remark: str = ""

    @property
    def agrees(self) -> bool:
        """Whether the stated value is so."""
        return self.outcome in AGREES


def compare(stated: Literal, value: Value, approximate: bool = False) -> Comparison:
    """Holds what is stated against what was; `approximate` allows a whole unit in the last place instead of half.

    >>> from gradcheck.documents.values.literals import read_literal
    >>> third = Value("number", "float", "0.3333333333333333", "0.3333333333333333", "float", (), (1 / 3,))
    >>> compare(read_literal("0.3333"), third).outcome, compare(read_literal("0.34"), third).outcome
    ('equal', 'differs')
    """
    if stated.printed is not None and value.entries is not None and value.kind in {"number", "array"}:
        return _numbers(stated, stated.printed, value, approximate)
    if stated.printed is not None and stated.kind != "truth" and value.kind == "sequence":
        return _flat_sequence(stated.printed, value, approximate)
    if stated.kind == "sequence" and value.kind == "sequence" and _numeric(stated):
        return _sequence(stated, value, approximate)
    return _words(stated, value)


def array_of(value: Value) -> Array | None:
    """The entries of a number or an array in its shape, or None where they are not known."""
    if value.entries is None or value.kind not in {"number", "array"}:
        return None
    if int(np.prod(value.shape)) != len(value.entries):
        return None
    entries = np.array(value.entries)
    return np.asarray((entries.real if not np.any(entries.imag) else entries).reshape(value.shape))


def epsilon_of(value: Value) -> float:
    """The spacing at 1 of the numbers that the value was computed with."""
    kind = value.dtype.removeprefix("torch.")
    if kind in EPSILONS:
        return EPSILONS[kind]
    return EPSILONS["float64"] if value.type in {"float", "complex"} or "float" in kind else 0.0


def _numbers(stated: Literal, printed: Printed, value: Value, approximate: bool) -> Comparison:
    actual = array_of(value)
    if actual is None:
        return Comparison("unknown", "the entries are not known")
    truths = value.dtype.removeprefix("torch.") == "bool" or value.type in {"bool", "numpy.bool_", "numpy.bool"}
    if (stated.kind == "truth") != truths:
        return Comparison("unlike", "a truth value stands beside a number")
    shape = _stated_shape(stated, printed)
    if shape != actual.shape:
        if not (stated.bare and actual.size == 1):
            return Comparison("shape", f"the stated shape is {shape}, the actual one {actual.shape}")
        actual = actual.reshape(())
    decided = _by_value(printed, actual.reshape(printed.values.shape), epsilon_of(value), approximate)
    return _by_attributes(stated, value) or Comparison("equal") if decided.outcome == "equal" else decided


def _stated_shape(stated: Literal, printed: Printed) -> tuple[int, ...]:
    written = stated.attributes.get("size", "")
    if not printed.values.size and written:
        return tuple(int(size) for size in re.findall(r"\d+", written))
    return printed.values.shape


def _by_value(printed: Printed, actual: Array, epsilon: float, approximate: bool) -> Comparison:
    if approximate:
        units = np.where(printed.half_units == 0, 1.0, 2 * printed.half_units)
        wide = Printed(printed.values, np.where(printed.values == 0, printed.half_units, units))
        if wide.allows(actual, epsilon):
            return Comparison("equal")
    if printed.allows(actual, epsilon):
        return Comparison("equal")
    scale = float(np.max(np.abs(actual), initial=0.0))
    close = ROUNDING * epsilon * (max(scale, 1.0) if not np.any(printed.values) else scale)
    loose = Printed(printed.values, printed.half_units + close * _roomy(printed, epsilon * scale, close))
    if np.isfinite(close) and loose.allows(actual, epsilon):
        distance = float(np.max(np.abs(printed.values - actual)))
        return Comparison("rounding", f"the run differs by {distance:.2g}, which is the rounding of its numbers")
    if _cut_off(printed, actual, epsilon):
        return Comparison("truncated", "the stated digits are the true value cut off, not rounded")
    return Comparison("differs")


def _roomy(printed: Printed, spacing: float, close: float) -> Array:
    """Where rounding may be what differs: in whole numbers, in digits beyond the type's, and in far coarser ones."""
    unit = 2 * printed.half_units
    return np.asarray((unit <= spacing) | (unit >= 10 * close), dtype=float)


def _cut_off(printed: Printed, actual: Array, epsilon: float) -> bool:
    """Whether every entry is the actual one rounded, or with the digits beyond the stated ones cut off."""
    unit = 2 * printed.half_units
    if np.iscomplexobj(actual) or np.iscomplexobj(printed.values) or not np.any(unit):
        return False
    beyond = np.abs(actual) - np.abs(printed.values)
    slack = epsilon * np.abs(actual) + 1e-9 * unit
    same_side = (np.sign(printed.values) == np.sign(actual)) & (printed.values != 0)
    cut = same_side & (beyond >= -slack) & (beyond < unit - slack)
    near = np.abs(printed.values - actual) <= printed.half_units + slack
    return bool(np.all(cut | near))


def _by_attributes(stated: Literal, value: Value) -> Comparison | None:
    """What the keyword parts of a stated `repr` say besides the numbers: a dtype that is not so, a missing part."""
    dtype = _long_name(stated.attributes.get("dtype", "")).removeprefix("torch.")
    if dtype and value.dtype and dtype != value.dtype.removeprefix("torch."):
        return Comparison("dtype", f"the stated dtype is {dtype}, the actual one {value.dtype.removeprefix('torch.')}")
    if not stated.wrapped or not value.shown.startswith(("tensor(", "Parameter containing")):
        return None
    if "grad_fn=" in value.shown and "grad_fn" not in stated.attributes:
        function = re.search(r"grad_fn=<\w+>", value.shown)
        return Comparison("format", f"the run prints `{function.group()}` too" if function else "")
    if "requires_grad=True" in value.shown and "requires_grad" not in stated.attributes:
        return Comparison("format", "the run prints `requires_grad=True` too")
    return _by_grad_fn(stated, value)


def _by_grad_fn(stated: Literal, value: Value) -> Comparison | None:
    """Whether the node is named as it is; versions of torch number the same one differently."""
    name = _node(stated.attributes.get("grad_fn", ""))
    actual = _node(value.shown)
    if not name or name == actual:
        return None
    return Comparison("format", f"the run names the node `{actual}`, not `{name}`" if actual else "it has no `grad_fn`")


def _node(text: str) -> str:
    found = re.search(r"<(\w+?)(?:\d+)?(?: object at 0x\w+)?>", text)
    return found.group(1) if found else ""


def _flat_sequence(printed: Printed, value: Value, approximate: bool) -> Comparison:
    """A list or a tuple of numbers, or of lists of them, whichever brackets it is written with."""
    actual = numbers_of(value)
    if actual is None:
        return Comparison("unlike", "it is no list of numbers")
    if actual.shape != printed.values.shape:
        return Comparison("shape", f"the stated shape is {printed.values.shape}, the actual one {actual.shape}")
    return _by_value(printed, actual, _largest_epsilon(value), approximate)


def numbers_of(value: Value) -> Array | None:
    """The entries of a number, an array, or a sequence of such, in their shape; None where it holds anything else."""
    if value.kind != "sequence":
        return array_of(value)
    inner = [numbers_of(item) for item in value.items]
    known = [item for item in inner if item is not None]
    if len(known) < len(inner) or len({item.shape for item in known}) > 1:
        return None
    return np.array(known) if known else np.zeros(0)


def _largest_epsilon(value: Value) -> float:
    return max([epsilon_of(value), *map(_largest_epsilon, value.items)])


def _numeric(stated: Literal) -> bool:
    """Whether a sequence holds numbers, arrays and truth values alone, in however many brackets."""
    return all(item.printed is not None or (item.kind == "sequence" and _numeric(item)) for item in stated.items)


def _sequence(stated: Literal, value: Value, approximate: bool) -> Comparison:
    if len(stated.items) != len(value.items):
        return Comparison("shape", f"{len(stated.items)} items are stated, there are {len(value.items)}")
    for item, actual in zip(stated.items, value.items, strict=True):
        found = compare(item, actual, approximate)
        if found.outcome != "equal":
            return found
    return Comparison("equal")


_LIKE: Mapping[str, Callable[[Value], bool]] = {
    "none": lambda value: value.type == "NoneType" or value.kind in {"number", "array"},
    "text": lambda value: value.kind == "text",
    "type": lambda value: "dtype" in value.type,
    "truth": lambda value: value.text in {"True", "False"},
    "object": lambda value: value.shown.startswith("<"),
}
"""For a stated value that is no number: the actual values that it may be held against."""


def _words(stated: Literal, value: Value) -> Comparison:
    """What is no number on both sides, compared as text, addresses and numbers of nodes left out."""
    plain = _plain(_long_name(stated.text) if stated.kind == "type" else stated.text)
    if any(same_text(plain, _plain(text)) for text in (value.text, value.shown)):
        return Comparison("equal")
    if (sets := _sets(stated.text, value)) is not None:
        return Comparison("equal" if sets[0] == sets[1] else "differs")
    if stated.elided or stated.kind in {"array", "number", "mapping", "sequence", "size"}:
        return Comparison("unknown", "it is not known entry by entry")
    alike = _LIKE.get(stated.kind)
    like = alike is not None and alike(value)
    return Comparison("differs") if like else Comparison("unlike", f"it is a value of type {value.type}")


def _sets(stated: str, value: Value) -> tuple[object, object] | None:
    """Two sets of plain values, in whatever order each is written."""
    if value.type not in {"set", "frozenset"}:
        return None
    try:
        pair = ast.literal_eval(stated), ast.literal_eval(value.shown)
    except (SyntaxError, ValueError):
        return None
    return pair if all(isinstance(each, set) for each in pair) else None


def _long_name(dtype: str) -> str:
    module, _, name = dtype.rpartition("torch.")
    return f"{module}torch.{DTYPES.get(name, name)}" if dtype.startswith("torch.") else dtype


def _plain(text: str) -> str:
    """A text without quotes around it, and without what a version of torch or a process adds to an object's name."""
    bare = text.strip()
    if len(bare) > 1 and bare[0] == bare[-1] and bare[0] in "'\"":
        return bare[1:-1]
    return re.sub(r"<([\w.]+?)\d*(?: object)?(?: at 0x\w+)?>", r"<\1>", bare)
