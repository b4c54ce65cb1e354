"""Random smooth expressions: the gradient of the text agrees with central differences of the same text in Python."""

from __future__ import annotations

import math
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

from gradcheck.symbolic.gradient_function import get_gradient_function


def slope(f: Any, x: float, step: float = 1e-6) -> float:
    return float((f(x + step) - f(x - step)) / (2 * step))


def _combined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    unary = st.tuples(st.sampled_from(["sin", "cos", "tanh", "sigmoid", "softplus", "erf", "atan"]), parts)
    binary = st.tuples(parts, st.sampled_from(["+", "-", "*"]), parts)
    return st.one_of(unary.map(lambda p: f"{p[0]}({p[1]})"), binary.map(lambda p: f"({' '.join(p)})"))


EXPRESSIONS = st.recursive(st.sampled_from(["x", "y", "0.5", "2", "x**2", "x*y"]), _combined, max_leaves=8)


@hypothesis.settings(derandomize=True, max_examples=40, deadline=None)
@hypothesis.given(text=EXPRESSIONS, x=st.sampled_from([-1.25, -0.5, 0.75]), y=st.sampled_from([-0.3, 0.9]))
def test_any_smooth_expression_agrees_with_central_differences(text: str, x: float, y: float) -> None:
    scope = {name: getattr(np, name) for name in ("sin", "cos", "tanh")} | {
        "sigmoid": lambda v: 1 / (1 + np.exp(-v)),
        "softplus": lambda v: np.log1p(np.exp(v)),
        "erf": math.erf,
        "atan": np.arctan,
    }
    code = compile(f"lambda x, y: {text}", "<expression>", "eval")
    f = eval(code, scope)
    gradient = get_gradient_function(f"{text} + 0*x + 0*y")
    expected = [slope(lambda v: f(v, y), x), slope(lambda v: f(x, v), y)]
    assert gradient(x, y) == pytest.approx(expected, rel=1e-6, abs=1e-6)
