"""What a document's own code asserts: found where it compares values, and judged by whether the runs came past it."""

from __future__ import annotations

import pytest

from gradcheck.documents.records import Failure, Runs
from gradcheck.documents.values.assertions import assertions
from gradcheck.documents.values.judged import judged_values
from tests.documents.values.runs import document, run_of

CODE = "y.backward()\nassert x.grad.equal(2 * x)\n"


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("assert torch.allclose(a, b)", True),
        ("with torch.no_grad():\n    assert torch.equal(a, b)", True),
        ("torch.testing.assert_close(a, b)", True),
        ("assert (x.grad - 2 * x <= 1e-4).all()", True),
        ("assert loss.item() == 14.0", True),
        ("assert x.grad is None", True),
        ("assert x.dtype == y.dtype", False),
        ("assert names", False),
        ("assert name == 'linear'", False),
        ("def f(x):\n    assert torch.equal(x, x)", False),
    ],
)
def test_only_assertions_that_compare_values_are_claims(source: str, found: bool) -> None:
    assert bool(list(assertions(source))) is found


@pytest.mark.parametrize(
    ("first", "other", "status"),
    [
        ((), (), "confirmed"),
        (("raised", 2, "AssertionError"), ("raised", 2, "AssertionError"), "not checkable"),
        (("raised", 2, "AssertionError"), (), "not reproducible"),
        (("raised", 1, "ValueError: x"), ("raised", 1, "ValueError: x"), "not checkable"),
        (("skipped", 2, "it stands behind line 1"), (), "not checkable"),
        (("time", 1, "still running"), (), "not checkable"),
    ],
)
def test_an_assertion_holds_where_each_run_came_past_it(
    first: tuple[str, int, str] | tuple[()], other: tuple[str, int, str] | tuple[()], status: str
) -> None:
    page = document(CODE)
    runs = [
        run_of(page, {}, failures=(Failure(each[0], 0, each[1], max(each[1], 2), each[2]),) if each else ())
        for each in (first, other)
    ]
    (judged,) = judged_values(page, Runs(*runs))
    assert judged.judgement.status == status
    assert judged.stated == "assert x.grad.equal(2 * x)"


def test_an_assertion_in_a_loop_is_found_and_not_confirmed() -> None:
    page = document("for each in things:\n    assert torch.equal(each, x)\n")
    (judged,) = judged_values(page, Runs(run_of(page, {}), run_of(page, {})))
    assert judged.judgement.status == "not checkable"
