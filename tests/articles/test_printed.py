"""What a printed value claims."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck.articles.printed import half_unit, parse_printed

FLOAT32 = float(np.finfo(np.float32).eps)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("tensor([4.6667])", (1,)),
        ("tensor([[1., 2., 3.], [4., 5., 6.]])", (2, 3)),
        ("[[4.1415]\n [3.0401]]", (2, 1)),
        ("[0.1 0.2 0.3]", (3,)),
        ("[-1.5e-03  2.0e+01]", (2,)),
        ("0.25", ()),
    ],
)
def test_shape(text: str, shape: tuple[int, ...]) -> None:
    assert parse_printed(text).values.shape == shape


@pytest.mark.parametrize(
    ("numeral", "expected"), [("4.6667", 5e-5), ("0.2500", 5e-5), ("0.", 0.0), ("3", 0.0), ("1.5e-3", 5e-5), ("2e5", 0)]
)
def test_half_a_unit_in_the_last_place(numeral: str, expected: float) -> None:
    assert half_unit(numeral) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("printed", "actual", "allowed"),
    [
        ("0.2500", 0.25004, True),
        ("0.2500", 0.25006, False),
        ("0.25", 0.2549, True),
        ("-8.", -8.0, True),
        ("-8.", -8.01, False),
        ("16777217.", 16777216.0, True),  # one float32 apart
    ],
)
def test_allows(printed: str, actual: float, allowed: bool) -> None:
    assert parse_printed(printed).allows(np.array(actual), FLOAT32) is allowed


def test_count_and_shape_must_match() -> None:
    printed = parse_printed("tensor([0., 0., 1.])")
    assert printed.allows(np.array([0.0, 0.0, 1.0]), FLOAT32)
    assert not printed.allows(np.array([0.0, 0.0, 1.0, 0.0]), FLOAT32)
    assert not printed.allows(np.array([[0.0, 0.0, 1.0]]), FLOAT32)


@pytest.mark.parametrize("text", ["", "tensor()", "1.0 2.0"])
def test_what_is_no_value(text: str) -> None:
    with pytest.raises(ValueError, match="not a printed number or array"):
        parse_printed(text)
