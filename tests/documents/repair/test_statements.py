"""Statements told apart again where only one way of cutting reads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradcheck.documents.repair.statements import cut

KNOWN = frozenset(("x", "w", "rate", "model"))


@pytest.mark.parametrize(
    "statements",
    [
        ("y = x",),
        ("import torch", "class A(torch.nn.Module):"),
        ("y = x.clone()", "y[x < 0] = 0"),
        ("return x.clamp(min=0)", "@staticmethod", "def backward(ctx, grad):"),
        ("model.train()", "for i in range(3):"),
        ("w -= rate * w", "x = f'{w}'", "print(x)"),
    ],
)
def test_statements_glued_together_come_apart(statements: tuple[str, ...]) -> None:
    assert cut("".join(statements), KNOWN) == statements


@pytest.mark.parametrize(
    "code", ["", "x = ", "y = unknown", "x = 1 x = 2", "wx", "x" * 700, "x = a", "print(x) said she"]
)
def test_what_does_not_read(code: str) -> None:
    assert cut(code, KNOWN) is None


def test_two_readings_are_none() -> None:
    assert cut("x += abc += 1", frozenset(("x", "a", "bc", "ab", "c"))) is None
    assert cut("x += abc += 1", frozenset(("x", "a", "bc"))) == ("x += a", "bc += 1")


names = st.text("pqr", min_size=1, max_size=3)


@given(st.lists(st.tuples(names, st.sampled_from(["=", "+="]), names), min_size=1, max_size=4), st.frozensets(names))
def test_a_cutting_is_of_the_code_itself(parts: list[tuple[str, str, str]], known: frozenset[str]) -> None:
    code = "".join(f"{target} {sign} {value}" for target, sign, value in parts)
    found = cut(code, known)
    assert found is None or "".join(found) == code
