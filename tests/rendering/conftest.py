"""A report by hand that holds every status, and text that no renderer may trip over."""

from __future__ import annotations

import math

import pytest

from gradcheck.results import (
    ClaimResult,
    Diagnosis,
    Evidence,
    Figure,
    FormulaResult,
    KinkResult,
    OracleResult,
    Report,
    Series,
    Verdict,
)

HOSTILE = "<script>alert('x')</script> & \"quoted\" | piped | $math$ `code <b> | pipe` \x1b[31mred"

LOSS = Figure(
    title="Loss over 4 epochs | <b>",
    x_label="epoch",
    y_label="loss $L$",
    series=(
        Series("stated", (0.0, 1.0, 2.0, 3.0), (1.0, 0.5, 0.25, 0.125)),
        Series("measured 实测", (0.0, 1.0, 2.0, 3.0), (1.0, 0.4, math.nan, 0.01)),
    ),
    log_y=True,
)

CLAIMS = (
    ClaimResult(
        id="A1",
        path="derivatives.md",
        line=12,
        end_line=12,
        statement="The derivative of `x**2` at x = 3 is 6.",
        stated="6",
        actual="6.0",
        status="confirmed",
        rule="every oracle agrees within its error bar",
        evidence=(Evidence("symbolic", "6"), Evidence("finite_difference", "6.000000000001", "2e-11")),
        reproduce="gradcheck report --only A1",
        math=r"\frac{d}{dx} x^{2} = 2 x",
    ),
    ClaimResult(
        id="A14",
        path="derivatives.md",
        line=91,
        end_line=93,
        statement="ReLU has derivative 1 at 0, as in PyTorch.",
        stated="1",
        actual="0 (one-sided slopes 0 and 1)",
        status="refuted",
        rule="x = 0 is a kink; autograd picks 0 there",
        diagnosis=Diagnosis("kink", "Both conventions lie between the slopes; torch takes 0.", "State the convention."),
        evidence=(Evidence("reverse", "0"), Evidence("finite_difference", "0.5", "0.5")),
        suggestion="Write: at 0 the derivative does not exist; PyTorch returns 0.",
        reproduce="gradcheck report --only A14",
        math=r"\operatorname{relu}(x) = \max(0, x)",
    ),
    ClaimResult(
        id="B9",
        path="梯度下降.md",
        line=40,
        end_line=48,
        statement="线性回归的损失函数对权重的梯度等于输入转置乘以残差,再除以样本数;" * 4,
        stated="np.dot(X.T, error) / m",
        actual="2 * np.dot(X.T, error) / m",
        status="refuted",
        rule="the stated loss has no factor 1/2",
        diagnosis=Diagnosis("factor", "This is the gradient of half the stated loss: factor 1/2."),
        evidence=(Evidence("symbolic", "[2.0, 4.0]\n[6.0, 8.0]"), Evidence("forward", "nan")),
        suggestion="Multiply by 2, or halve the loss.",
        math=r"\nabla_w L = \frac{2}{m} X^{\top} (X w - y)",
        figures=(LOSS,),
    ),
    ClaimResult(
        id="C2",
        path="notes/hostile.md",
        line=1,
        end_line=1,
        statement=HOSTILE,
        stated=HOSTILE,
        actual="word " * 60,
        status="error",
        rule=HOSTILE,
        diagnosis=Diagnosis("crash", HOSTILE, HOSTILE),
        evidence=(Evidence(HOSTILE, HOSTILE, HOSTILE),),
        suggestion=HOSTILE,
        reproduce=HOSTILE,
        math=r"\text{<script>alert(1)</script>} \href{javascript:alert(1)}{x} $$ a",
    ),
    ClaimResult(
        id="C3",
        path="notes/optimizers.md",
        line=7,
        end_line=7,
        statement="The loss falls to 0.0312 after 100 epochs.",
        stated="0.0312",
        actual="0.0297",
        status="not reproducible",
        rule="no seed is stated",
        math=r"\begin{unfinished",
    ),
    ClaimResult(
        id="C4",
        path="notes/optimizers.md",
        line=9,
        end_line=9,
        statement="Adam is the most popular optimizer.",
        stated="most popular",
        actual="",
        status="not checkable",
        rule="a statement about usage, not about a derivative",
    ),
)

HOLDS = OracleResult(Verdict.CORRECT, 1.23456e-16, 4.5e-14)

FORMULAS = (
    FormulaResult(
        name="relu",
        title="Rectified linear unit",
        topic="activations",
        wrt="x",
        definition=r"y_i = \max(0, x_i)",
        gradient=r"\begin{cases} 1 & x_i > 0 \\ 0 & \text{otherwise} \end{cases} \delta_{ij}",
        sizes=({"n": 2}, {"n": 3}, {"n": 5}),
        points=12,
        oracles={
            "complex_step": OracleResult(Verdict.INCONCLUSIVE, math.nan, math.inf, "`maximum` has no complex step")
        },
        kinks=(KinkResult("x_0 = 0", 0.0, 1.0, 0.0, Verdict.CORRECT),),
        source="Nair and Hinton, 2010",
    ),
    FormulaResult(
        name="softmax",
        title="Softmax",
        topic="activations",
        wrt="x",
        definition=r"s_i = \frac{e^{x_i}}{\sum_{k=1}^{n} e^{x_k}}",
        gradient=r"s_i (\delta_{ij} - s_j)",
        sizes=({"n": 2}, {"n": 3}, {"n": 5}),
        points=9,
        oracles={
            "reverse": HOLDS,
            "forward": HOLDS,
            "finite_difference": OracleResult(Verdict.CORRECT, 2.2e-12, 4.1e-11),
            "complex_step": HOLDS,
        },
    ),
    FormulaResult(
        name="mean_squared_error_without_the_half",
        title="Mean squared error",
        topic="losses",
        wrt="prediction",
        definition=r"L = \frac{1}{n} \sum_{i=1}^{n} (p_i - t_i)^2",
        gradient=r"\frac{1}{n} (p_i - t_i)",
        sizes=({"n": 2, "m": 3},),
        points=3,
        oracles={
            "reverse": OracleResult(Verdict.WRONG, 0.5, 1e-14, "entry (1,) differs"),
            "finite_difference": OracleResult(Verdict.WRONG, 0.5, 0.0),
        },
        diagnosis=Diagnosis("factor", "The stated gradient is half of the true one.", "Multiply by 2."),
    ),
    FormulaResult(
        name="log_det",
        title="Log determinant <i>",
        topic="matrix",
        wrt="X",
        definition=r"\log \det X",
        gradient="",
        error="LinAlgError: singular matrix <X> | X",
    ),
)


@pytest.fixture
def report() -> Report:
    """Every status, a formula that holds, one that is wrong, one undecided and one that crashed."""
    environment = {"python": "3.11", "torch": "2.13.0", "platform": "linux <x86_64>"}
    return Report(CLAIMS, FORMULAS, environment)
