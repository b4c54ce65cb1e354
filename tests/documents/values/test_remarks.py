"""Values stated in comments, judged against what the statement had."""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gradcheck.documents.records import Failure, Runs
from gradcheck.documents.values.judged import judged_values
from tests.documents.values.runs import document, judged, run_of

t = torch.tensor
TRACKED = torch.tensor(6.0, requires_grad=True) * 1

CONFIRMED = [
    ("print(w.grad)  # tensor([-17.3333])", t([-52 / 3])),
    ("print(w.grad)  # -16", t([-16.0])),
    ("print(w.grad)  # tensor([[1., 2.],\n          #         [3., 4.]])", t([[1.0, 2.0], [3.0, 4.0]])),
    ("print(w.grad)\n# tensor([4.])", t([4.0])),
    ("x.grad  # tensor(4.) : 2*2", t(4.0)),
    ("print(x.grad)  # dL/dx = 2x = 3", t(3.0)),
    ("y = f(x)  # 6", 6.0),
    ("y += 1  # 6", 6),
    ("y = f(x)  # (2, 3)", torch.ones(2, 3)),
    ("y = f(x)  # shape: (2, 3)", torch.ones(2, 3)),
    ("print(x.shape)  # torch.Size([2, 3])", torch.ones(2, 3).shape),
    ("print(x.shape)  # (2, 3)", torch.ones(2, 3).shape),
    ("print(x == y)  # True", True),
    ("print(x > 0)  # tensor([True, False])", t([True, False])),
    ("print(x.grad)  # None", None),
    ("print(name)  # 'abc'", "abc"),
    ("print(x.dtype)  # torch.float32", torch.float32),
    ("print(x)  # tensor([0.2500, 0.5000], dtype=torch.float64)", t([0.25, 0.5], dtype=torch.float64)),
    ("print(x)  # approximately 0.66", 2 / 3),
    ("print(x)  # nan", float("nan")),
    ("print(x)  # tensor([nan, -inf, 1.])", t([float("nan"), float("-inf"), 1.0])),
    ("print(x)  # 1.5e-3", 0.0015),
    ("print(z)  # tensor(1.+2.j)", t(1 + 2j)),
    ("print(a)  # [0.33333333 2.        ]", np.array([1 / 3, 2.0])),
    ("print(a)  # [tensor(1.), tensor(2.)]", [t(1.0), t(2.0)]),
    ("print('a', x)  # 4", ["a", 4]),
    ("print('a', x)  # a 4", ["a", 4]),
    ("print(x, y)  # 1 2", [1, 2]),
]

REFUTED = [
    ("print(w.grad)  # tensor([4.6667])", t([-52 / 3]), "unexplained", "tensor([-17.3333])"),
    ("print(w.grad)  # tensor([-17.3334])", t([-52 / 3]), "last digit", "tensor([-17.3333])"),
    ("print(w.grad)  # tensor([8.])", t([-8.0]), "sign", "tensor([-8.])"),
    ("print(w.grad)  # tensor([2., 4.])", t([1.0, 2.0]), "factor", "tensor([1., 2.])"),
    ("print(w.grad)  # tensor(4.)", t([4.0]), "shape", "tensor([4.])"),
    ("print(w.grad)  # tensor([4., 4.])", t([4.0]), "shape", "tensor([4.])"),
    ("print(w)  # tensor([[1., 2.], [3., 4.]])", t([[1.0, 3], [2, 4]]), "transposed", "tensor([[1., 3.], [2., 4.]])"),
    ("print(w)  # tensor([1., 2., 3.])", t([1.0, 5.0, 3.0]), "unexplained", "tensor([1., 5., 3.])"),
    ("print(w)  # tensor(6., dtype=torch.float64)", t(6.0), "dtype", "tensor(6.)"),
    ("print(x == y)  # True", False, "unexplained", "False"),
    ("print(x.shape)  # (2, 4)", torch.ones(2, 3).shape, "unexplained", "(2, 3)"),
    ("y = f(x)  # (3, 2)", torch.ones(2, 3), "shape", ""),
    ("print(x.grad)  # x.grad = 5", t(3.0), "unexplained", "3"),
    ("print(x)  # about 0.6", 0.85, "unexplained", "0.8"),
    ("print(x)  # 2.5e-03", 0.0011, "unexplained", "1.1e-03"),
    ("print(x)  # Output: 5", 6.25, "unexplained", "6.25"),
    ("print('a', x)  # 5", ["a", 4], "unexplained", "4"),
    ("print('a', x)  # a 5", ["a", 4], "unexplained", "a 4"),
    (
        "print(a, b)  # tensor([3., 5.], grad_fn=<MulBackward0>) tensor(3.5, grad_fn=<SumBackward0>)",
        [t([3.0, 4.0]), t(2.5)],
        "unexplained",
        "tensor([3., 4.], grad_fn=<MulBackward0>) tensor(2.5, grad_fn=<SumBackward0>)",
    ),
    ("print(a, b)  # 1.5, 1.5", [1.5, 2.25], "unexplained", "1.5, 2.2"),
    ("print(a)  # 1.5, 2.5", t([1.5, 3.5]), "unexplained", "1.5, 3.5"),
    ('print(a, b)  # Prints "1.5 2"', [1.5, 3], "unexplained", ""),
    ("print(a)  # {1, 3}", {1, 2}, "unexplained", ""),
]

NO_CLAIM = [
    ("lr = 0.1  # 0.01", 0.1),
    ("x = 5  # 10", 5),
    ("y = f(x)  # 6", torch.ones(2)),
    ("layer = f(x)  # 10", object()),
    ("y = f(x)  # dy/dx = 3", 6.0),
    ("print('a', x)  # the value of a", ["a", 4]),
    ("x = torch.tensor(3.0)  # 2.0", t(3.0)),
    ("x = x / 255  # [0, 1]", torch.full((3, 2), 0.5)),
    ("x = torch.tanh(x)  # (-1, 1)", t([0.25, 0.5])),
    ("x = load(x)  # (28, 28)", torch.ones(5, 3)),
    ("x = torch.arange(12)  # 12", torch.arange(3)),
    ("optimizer.zero_grad()  # 1", None),
    ("loss.backward()  # dy/dx = 2x = 4", None),
    ("plt.plot(x)  # 1", [object()]),
    ("x.requires_grad_(True)  # False", t([1.0, 2.0])),
    ("optimizer = SGD(w)  # lr = 0.1", object()),
    ("for i in f():\n    x = g(i)  # 5", 4),
    ("print(x)  # x[0] = 1", t([2.0, 3.0])),
]


@pytest.mark.parametrize(("source", "value"), CONFIRMED)
def test_confirmed(source: str, value: object) -> None:
    found = judged(source, value)
    assert found is not None
    assert (found.judgement.status, found.judgement.diagnosis) == ("confirmed", None)


@pytest.mark.parametrize(("source", "value", "kind", "replacement"), REFUTED)
def test_refuted_with_its_reason_and_what_should_stand_there(
    source: str, value: object, kind: str, replacement: str
) -> None:
    found = judged(source, value)
    assert found is not None
    assert found.judgement.status == "refuted"
    assert found.judgement.diagnosis is not None
    assert (found.judgement.diagnosis.kind, found.replacement) == (kind, replacement)


@pytest.mark.parametrize(("source", "value", "kind", "replacement"), [each for each in REFUTED if each[3]])
def test_the_replacement_is_confirmed(source: str, value: object, kind: str, replacement: str) -> None:
    refuted = judged(source, value)
    assert refuted is not None
    found = judged(source.replace(refuted.stated, replacement), value)
    assert found is not None
    assert found.judgement.status == "confirmed"


@pytest.mark.parametrize(("source", "value"), NO_CLAIM)
def test_remarks_that_are_no_claims(source: str, value: object) -> None:
    assert judged(source, value) is None


@pytest.mark.parametrize(
    ("source", "value", "kind"),
    [
        ("print(x)  # 0.66", 2 / 3, "truncated"),
        ("print(x)  # tensor([0., 1.])", t([7e-9, 1.0]), "rounding"),
        ("print(x)  # tensor(6.)", TRACKED, "print format"),
    ],
)
def test_confirmed_with_a_remark(source: str, value: object, kind: str) -> None:
    found = judged(source, value)
    assert found is not None
    assert found.judgement.diagnosis is not None
    assert (found.judgement.status, found.judgement.diagnosis.kind) == ("confirmed", kind)


@pytest.mark.parametrize(
    ("source", "line", "value", "status"),
    [
        ("# prints True because y is made from x\nprint(y.b)", 2, True, "confirmed"),
        ("# prints False since\n# y is made from x\nprint(y.b)", 3, True, "refuted"),
        ("# the value of 3 layers\nprint(n)", 2, 3, ""),
        ("y = f(x)\n# prints 4\nprint(y)", 3, 4, ""),
        ("# prints 4\nprint(y)\nprint(z)", 2, 4, ""),
    ],
)
def test_a_remark_above_a_print(source: str, line: int, value: object, status: str) -> None:
    page = document(source)
    run = run_of(page, {line: [value]})
    assert [each.judgement.status for each in judged_values(page, Runs(run, run, run))] == [status][: bool(status)]


def test_what_changes_with_the_seed_is_not_reproducible() -> None:
    found = judged("print(x)  # tensor(0.5000)", t(0.25), changed=[t(0.75)])
    assert found is not None
    assert found.judgement.status == "not reproducible"
    assert "random numbers" in found.judgement.rule


def test_what_stays_the_same_is_refuted() -> None:
    found = judged("print(x)  # tensor(0.5000)", t(0.25), changed=[t(0.25)])
    assert found is not None
    assert found.judgement.status == "refuted"


@pytest.mark.parametrize(
    ("stated", "status", "when"),
    [
        ("3", "confirmed", "the last"),
        ("1", "confirmed", "the first"),
        ("2", "confirmed", "time 2"),
        ("4", "refuted", ""),
    ],
)
def test_a_statement_that_runs_several_times(stated: str, status: str, when: str) -> None:
    found = judged(f"print(x)  # {stated}", 1, 2, 3)
    assert found is not None
    assert found.judgement.status == status
    assert when in found.judgement.rule


@pytest.mark.parametrize(("stated", "status"), [("1, 2, 3", "confirmed"), ("1, 2, 4", "refuted")])
def test_the_values_of_all_times(stated: str, status: str) -> None:
    found = judged(f"print(x)  # {stated}", 1, 2, 3)
    assert found is not None
    assert found.judgement.status == status


def test_what_was_not_reached_says_why() -> None:
    page = document("y = f(1)\nprint(y)  # 4")
    failure = Failure("raised", 0, 1, 1, "NameError: name 'f' is not defined", ("y",))
    (found,) = judged_values(page, Runs(run_of(page, {}, failures=(failure,))))
    assert found.judgement.status == "not checkable"
    assert "line 1: NameError" in found.judgement.rule


def test_what_a_stopped_run_did_not_reach_says_once_why() -> None:
    page = document("while True: pass", "print(y)  # 4")
    stopped = Failure("time", 0, 1, 1, "still running after 2 seconds")
    after = Failure("skipped", 1, 2, 2, "not reached: still running after 2 seconds")
    (found,) = judged_values(page, Runs(run_of(page, {}, failures=(stopped, after))))
    assert found.judgement.rule == "the run ended before: line 1: still running after 2 seconds"


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("w = 2\nloss = w * x\nprint(w.grad)  # 4", "not checkable"),
        ("w = 2\nloss = w * y\nprint(w.grad)  # 4", "refuted"),
        ("w = 2\nloss = w * x\nprint(w.grad)  # 5", "confirmed"),
    ],
)
def test_what_depends_on_failed_code_is_not_refuted(code: str, status: str) -> None:
    page = document("x = load()", code)
    failure = Failure("raised", 0, 1, 1, "FileNotFoundError: no such file", ("x",))
    (found,) = judged_values(page, Runs(run_of(page, {4: [t(5.0)]}, failures=(failure,))))
    assert found.judgement.status == status


def test_a_remark_is_about_the_last_statement_on_its_line() -> None:
    page = document("a = 5; print(w)  # 4")
    (found,) = judged_values(page, Runs(run_of(page, {1: [4]})))
    assert found.statement == "`print(w)` prints"


def test_more_moments_than_are_kept_refute_nothing() -> None:
    found = judged("y = f(y)  # 99", *range(20))
    assert found is not None
    assert found.judgement.status == "not checkable"


def test_code_that_does_not_parse_has_its_statements_found() -> None:
    page = document("x = (1,\nprint(w)  # 4\ny ==== 2  # 3")
    failure = Failure("syntax", 0, 1, 3, "SyntaxError: '(' was never closed")
    (found,) = judged_values(page, Runs(run_of(page, {}, failures=(failure,))))
    assert (found.line, found.judgement.status, "never closed" in found.judgement.rule) == (2, "not checkable", True)


def test_without_runs_every_statement_is_found() -> None:
    (found,) = judged_values(document("print(x)  # 4"), None)
    assert (found.judgement.status, found.judgement.rule) == ("not checkable", "the code was not run")


def test_accumulated_gradients_are_named() -> None:
    page = document("loss.backward()\nloss.backward()\nprint(w.grad)  # tensor([3.])")
    (found,) = judged_values(page, Runs(run_of(page, {1: [None], 2: [None], 3: [t([6.0])]})))
    assert found.judgement.diagnosis is not None
    assert found.judgement.diagnosis.kind == "accumulated"


def test_another_live_quantity_is_named() -> None:
    page = document("print(w.grad)  # tensor(4.6667)")
    run = run_of(page, {1: [t(-52 / 3)]}, live={1: {"loss": t(14 / 3), "w": t(2.0)}})
    (found,) = judged_values(page, Runs(run))
    assert found.judgement.diagnosis is not None
    assert (found.judgement.diagnosis.kind, "`loss`" in found.judgement.diagnosis.text) == ("other quantity", True)


def test_the_value_at_another_moment_is_named() -> None:
    page = document("print(w)\nw -= 1\nprint(w)  # tensor(5.)")
    (found,) = judged_values(page, Runs(run_of(page, {1: [t(5.0)], 3: [t(4.0)]})))
    assert found.judgement.diagnosis is not None
    assert found.judgement.diagnosis.kind == "other moment"


REALS = st.floats(min_value=-1e3, max_value=1e3).filter(lambda value: abs(value) > 1e-2)


@settings(max_examples=30, deadline=None)
@given(values=st.lists(REALS, min_size=1, max_size=4), digits=st.integers(1, 6))
def test_what_numpy_prints_at_any_precision_is_confirmed(values: list[float], digits: int) -> None:
    array = np.array(values)
    stated = np.array2string(array, precision=digits, floatmode="fixed", separator=", ", max_line_width=1000)
    found = judged(f"print(x)  # {stated}", array)
    assert found is not None
    assert found.judgement.status == "confirmed"


@settings(max_examples=30, deadline=None)
@given(values=st.lists(REALS, min_size=1, max_size=4), digits=st.integers(1, 4))
def test_what_torch_prints_at_any_precision_is_confirmed(values: list[float], digits: int) -> None:
    tensor = t(values)
    torch.set_printoptions(precision=digits, linewidth=1000)
    try:
        stated = str(tensor)
    finally:
        torch.set_printoptions(profile="default")
    found = judged(f"print(x)  # {stated}", tensor)
    assert found is not None
    assert found.judgement.status == "confirmed"


@settings(max_examples=60, deadline=None)
@given(value=REALS, digits=st.integers(1, 4), change=st.integers(1, 9), away=st.booleans())
def test_another_last_digit_is_refuted_unless_it_is_cut_off(value: float, digits: int, change: int, away: bool) -> None:
    unit, exact = Decimal(1).scaleb(-digits), Decimal(value)
    rounded = exact.quantize(unit)
    stated = rounded + (change if away else -change) * unit.copy_sign(rounded)
    assume(unit * Decimal("0.500001") < abs(stated - exact) and stated != 0)
    assume(abs(abs(stated - exact) - unit) > unit * Decimal("0.000001"))
    cut = exact.quantize(unit, ROUND_DOWN) == stated
    found = judged(f"print(x)  # {stated}", value)
    assert found is not None
    assert found.judgement.status == ("confirmed" if cut else "refuted")
    if cut:
        assert found.judgement.diagnosis is not None
        assert found.judgement.diagnosis.kind == "truncated"
