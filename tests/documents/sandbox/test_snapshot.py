"""An object as data: its kind, type, shape and entries, and what is left out where it is large."""

from __future__ import annotations

from collections import OrderedDict, namedtuple
from fractions import Fraction

import numpy as np
import pytest
import sympy as sp
import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from gradcheck.documents.records import Value
from gradcheck.documents.sandbox.snapshot import BRIEF, snapshot
from gradcheck.documents.sandbox.wire import decoded, encoded, value_from_data, value_to_data

Pair = namedtuple("Pair", "a b")


class Stubborn:
    """An object whose every method fails."""

    def __getattr__(self, name: str) -> object:
        raise RuntimeError(name)

    def __repr__(self) -> str:
        raise RuntimeError("no")


OBJECTS: list[tuple[object, tuple[object, ...]]] = [
    (3, ("number", "int", "int", (), (3,))),
    (True, ("number", "bool", "bool", (), (1,))),
    (2.5, ("number", "float", "float", (), (2.5,))),
    (1 + 2j, ("number", "complex", "complex", (), (1 + 2j,))),
    (10**400, ("other", "int", "", (), None)),
    (2**70, ("number", "int", "int", (), (float(2**70),))),
    (Fraction(1, 4), ("number", "fractions.Fraction", "Fraction", (), (0.25,))),
    (sp.Rational(1, 4), ("number", "sympy.core.numbers.Rational", "Rational", (), (0.25,))),
    (np.float32(0.5), ("number", "numpy.float32", "float32", (), (0.5,))),
    (np.arange(4).reshape(2, 2), ("array", "numpy.ndarray", "int64", (2, 2), (0, 1, 2, 3))),
    (np.array([True]), ("array", "numpy.ndarray", "bool", (1,), (1,))),
    (np.array([1j]), ("array", "numpy.ndarray", "complex128", (1,), (1j,))),
    (np.array(["a"]), ("array", "numpy.ndarray", "<U1", (1,), None)),
    (np.zeros(1001), ("array", "numpy.ndarray", "float64", (1001,), None)),
    (torch.tensor(2.0), ("array", "torch.Tensor", "float32", (), (2.0,))),
    (torch.ones(1, 2, dtype=torch.bfloat16), ("array", "torch.Tensor", "bfloat16", (1, 2), (1.0, 1.0))),
    (torch.tensor([1.0, 0.0]).to_sparse(), ("array", "torch.Tensor", "float32", (2,), (1.0, 0.0))),
    (torch.ones(1, device="meta"), ("array", "torch.Tensor", "float32", (1,), None)),
    (torch.nn.Parameter(torch.ones(1)), ("array", "torch.nn.parameter.Parameter", "float32", (1,), (1.0,))),
    ("text", ("text", "str", "", (), None)),
    (None, ("other", "NoneType", "", (), None)),
    (sp.Symbol("x") * 2, ("other", "sympy.core.mul.Mul", "", (), None)),
    (Stubborn(), ("other", f"{__name__}.Stubborn", "", (), None)),
]


@pytest.mark.parametrize(("thing", "expected"), OBJECTS, ids=[type(thing).__name__ for thing, _ in OBJECTS])
def test_what_an_object_is(thing: object, expected: tuple[object, ...]) -> None:
    found = snapshot(thing)
    assert (found.kind, found.type, found.dtype, found.shape, found.entries) == expected
    assert value_from_data(decoded(encoded(value_to_data(found)))) == found


@pytest.mark.parametrize("items", [[1, [2, 3]], (1, 2), {4}, range(2), Pair(1, 2), torch.Size([2]), {"a": 1}.values()])
def test_sequences_keep_their_items(items: object) -> None:
    found = snapshot(items)
    assert (found.kind, found.text) == ("sequence", str(items))
    assert [item.text for item in found.items] == [str(item) for item in items]  # type: ignore[attr-defined]
    assert value_from_data(decoded(encoded(value_to_data(found)))) == found


def test_a_mapping_keeps_keys_and_items() -> None:
    found = snapshot(OrderedDict(w=torch.ones(2), n=3))
    assert (found.kind, found.type, found.keys) == ("mapping", "collections.OrderedDict", ("'w'", "'n'"))
    assert [item.entries for item in found.items] == [(1.0, 1.0), (3,)]


def test_what_is_too_large_is_of_kind_other_and_tells_its_head() -> None:
    found = snapshot(list(range(2000)))
    assert (found.kind, found.items) == ("other", ())
    assert found.text.startswith("[0, 1, 2")
    assert len(found.text) < 1000


def test_what_is_nested_too_deeply_is_of_kind_other() -> None:
    endless: list[object] = []
    endless.append(endless)
    inner = snapshot(endless)
    for _ in range(4):
        (inner,) = inner.items
    assert inner.kind == "other"


def test_in_brief_large_arrays_and_long_texts_are_left_out() -> None:
    found = snapshot(np.zeros(101), BRIEF)
    assert found.entries is None
    assert len(snapshot("a" * 5000, BRIEF).text) == 1003


def test_a_leaf_has_its_gradient() -> None:
    x = torch.tensor([1.0, 2.0], requires_grad=True)
    assert snapshot(x).leaf_gradient is None
    y = x * 3
    y.retain_grad()
    y.sum().backward()
    gradients = [snapshot(x).leaf_gradient, snapshot(y).leaf_gradient]
    assert [gradient and gradient.entries for gradient in gradients] == [(3.0, 3.0), (1.0, 1.0)]


def test_other_tensors_are_not_asked_for_theirs() -> None:
    x = torch.tensor([1.0], requires_grad=True)
    assert snapshot(x * 2).leaf_gradient is None  # a warning would be an error here


def test_modes_that_watch_operations_see_none_of_ours() -> None:
    seen: list[object] = []

    class Functions(TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
            seen.append(func)
            return func(*args, **(kwargs or {}))

    class Dispatches(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
            seen.append(func)
            return func(*args, **(kwargs or {}))

    x = torch.ones(2)
    for make in (Functions, Dispatches):
        with make():
            assert snapshot(x).entries == (1.0, 1.0)
    assert seen == []


def test_within_vmap_there_are_no_entries_and_no_error() -> None:
    found: list[Value] = []

    def double(x: torch.Tensor) -> torch.Tensor:
        found.append(snapshot(x))
        return x * 2

    torch.func.vmap(double)(torch.ones(3))
    assert (found[0].kind, found[0].entries) == ("array", None)


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_a_matrix_has_its_entries_in_one_row() -> None:
    value = snapshot(np.matrix([[1.0, 2.0], [3.0, 4.0]]))
    assert (value.shape, value.entries) == ((2, 2), (1.0, 2.0, 3.0, 4.0))
    assert value_from_data(decoded(encoded(value_to_data(value)))) == value
