"""Values as they are written, and how they are held against actual ones."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from gradcheck.documents.values.compare import Outcome, compare
from gradcheck.documents.values.literals import read_literal, read_whole
from gradcheck.documents.values.replacement import replacement
from tests.documents.values.runs import value_of

t = torch.tensor


@pytest.mark.parametrize(
    ("text", "kind", "shape"),
    [
        ("tensor([4.6667])", "array", (1,)),
        ("tensor(12.) <- d", "number", ()),
        ("tensor([[1., 2.],\n        [3., 4.]], grad_fn=<MulBackward0>)", "array", (2, 2)),
        ("Parameter containing:\ntensor([1., 2.], requires_grad=True)", "array", (2,)),
        ("array([0.33333333, 2.        ])", "array", (2,)),
        ("np.float64(3.5)", "number", ()),
        ("[[1 2]\n [3 4]]", "array", (2, 2)),
        ("torch.Size([2, 3])", "size", (2,)),
        ("torch.Size([])", "size", (0,)),
        ("tensor([])", "array", (0,)),
        ("tensor([True, False])", "truth", (2,)),
        ("True", "truth", ()),
        ("1,234.5", "number", ()),
        ("1e-4 ", "number", ()),
        ("tensor(1.0000e-04 * [1.5, 2.5])", "array", (2,)),
    ],
)
def test_numbers(text: str, kind: str, shape: tuple[int, ...]) -> None:
    found = read_literal(text)
    assert found is not None
    assert found.printed is not None
    assert (found.kind, found.printed.values.shape) == (kind, shape)


@pytest.mark.parametrize("text", ["[" + "1" * 200 + " x]", "tensor(" + "1 " * 200 + "y)", "[" * 200, "<" * 200])
def test_long_texts_that_are_no_values_are_read_at_once(text: str) -> None:
    assert read_literal(text) is None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("None", "none"),
        ("'abc'", "text"),
        ("torch.float32", "type"),
        ("<AddBackward0 object at 0x7f>", "object"),
        ("(tensor([2.]), tensor([3.]))", "sequence"),
        ("{'a': 1}", "mapping"),
        ("tensor([0., 1., ..., 9.])", "array"),
    ],
)
def test_what_is_no_number(text: str, kind: str) -> None:
    found = read_literal(text)
    assert found is not None
    assert (found.kind, found.printed, found.text) == (kind, None, text)


@pytest.mark.parametrize(
    "text",
    ["", "nano", "3d", "2x", "2 * x", "1/3", "2.0.1", "(5)", "[a, 3]", "[1, 2", "tensor(x)", "x", "array([1, y])"],
)
def test_what_is_no_value(text: str) -> None:
    assert read_literal(text) is None


def test_a_whole_text_that_is_a_value() -> None:
    assert read_whole(" 4.5 ") is not None
    assert read_whole("4.5 and more") is None


@pytest.mark.parametrize(
    ("stated", "actual", "outcome"),
    [
        ("0.3333", 1 / 3, "equal"),
        ("0.34", 1 / 3, "differs"),
        ("0.66", 2 / 3, "truncated"),
        ("-0.66", -2 / 3, "truncated"),
        ("-0.66", 2 / 3, "differs"),
        ("4.", t([4.0]), "equal"),
        ("4.", t([4.0, 4.0]), "shape"),
        ("[4.]", t(4.0), "shape"),
        ("9.", t(9.0000019), "rounding"),
        ("9.", 9.0000019, "differs"),
        ("tensor(0.)", t(7e-9), "rounding"),
        ("tensor([1., 2.])", t([1, 2]), "equal"),
        ("True", 1, "unlike"),
        ("1", True, "unlike"),
        ("3", "three", "unknown"),
        ("'abc'", "abd", "differs"),
        ("None", t(2.0), "differs"),
        ("None", [t(2.0)], "unlike"),
        ("torch.float", torch.float32, "equal"),
        ("torch.float64", torch.float32, "differs"),
        ("<MseLossBackward object at 0x7f3>", t(1.0), "unlike"),
        ("(1, 2)", [1, 2], "equal"),
        ("[[1, 2], [3, 4]]", [[1, 2], [3, 5]], "differs"),
        ("(tensor([1.]), tensor([2.]))", (t([1.0]), t([2.0])), "equal"),
        ("(tensor([1.]), tensor([2.]))", (t([1.0]), t([3.0])), "differs"),
        ("(tensor([1.]),)", (t([1.0]), t([3.0])), "shape"),
        ("tensor([1.], dtype=torch.double)", t([1.0], dtype=torch.float64), "equal"),
        ("tensor([1.], dtype=torch.int32)", t([1]), "dtype"),
        ("tensor([nan, inf])", t([float("nan"), float("inf")]), "equal"),
        ("tensor([nan, inf])", t([float("inf"), float("nan")]), "differs"),
        ("[1.+2.j]", np.array([1 + 2j]), "equal"),
        ("[1.+3.j]", np.array([1 + 2j]), "differs"),
        ("tensor([], size=(0, 3))", torch.zeros(0, 3), "equal"),
        ("tensor([0., 1., ..., 3.])", t([0.0, 1.0, 2.0, 3.0]), "equal"),
    ],
)
def test_compare(stated: str, actual: object, outcome: Outcome) -> None:
    literal = read_literal(stated)
    assert literal is not None
    assert compare(literal, value_of(actual)).outcome == outcome


@pytest.mark.parametrize(
    ("stated", "actual", "written"),
    [
        ("tensor([4.67])", t([-17.33333]), "tensor([-17.33])"),
        ("4.6667", t([-17.33333]), "-17.3333"),
        ("[4.6667, 1]", t([0.5, 2.0]), "[0.5000, 2.0000]"),
        ("6", 6.25, "6.25"),
        ("6.", 7.0, "7."),
        ("6", 7.0, "7"),
        ("0", 0.00001234, "1.2340e-05"),
        ("1.5e-3", 0.25, "2.5e-01"),
        ("True", False, "False"),
        ("tensor([1., 2.])", t([3.0]), "tensor([3.])"),
        ("[1, 2]", t([3.0]), ""),
        ("[[1, 2],\n [3, 4]]", t([[1, 2], [3, 5]]), "[[1, 2],\n [3, 5]]"),
        ("tensor([1.], dtype=torch.int32)", t([1]), "tensor([1])"),
        ("[1.+3.j]", np.array([1 + 2j]), ""),
        ("[3.5, 4.]", t([3.0, 4.0]), "[3., 4.]"),
        ("[3.5, 4.]", t([3.25, 4.5]), "[3.25, 4.5]"),
        ("[3.5, 4.0]", t([3.0, 4.0]), "[3.0, 4.0]"),
        ("[3., 4.]", t([3.5, 4.0]), "[3.5, 4.]"),
        ("[0.5   0.834]", np.array([0.5, 0.833]), "[0.5   0.833]"),
        ("[1.5, 3.25]", t([1.5, 2.0]), "[1.5, 2.0]"),
    ],
)
def test_replacement_keeps_the_style(stated: str, actual: object, written: str) -> None:
    literal = read_literal(stated)
    assert literal is not None
    assert replacement(literal, value_of(actual)) == written
