"""Planted faults in layers, norms and Hessians: a gradient as a careless derivation gives it is refuted and named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
import sympy as sp

from gradcheck import catalogue
from gradcheck.checking.formulas.formula_check import check_formula
from gradcheck.results import FormulaResult, Verdict
from gradcheck.symbolic.tensors import delta, index

i, k = index("i k")


@dataclass(frozen=True)
class Slip:
    """A formula's stated gradient, distorted; `kind` is what the diagnosis should call it."""

    formula: str
    wrt: str
    kind: str
    distort: Callable[..., sp.Expr]


SLIPS = (
    Slip("attention", "V", "factor", lambda gradient, row, column: 2 * gradient),
    Slip("batch_norm_eval", "X", "sign", lambda gradient, row, column: -gradient),
    Slip("layer_norm", "X", "missing_coupling", lambda g, row, column: g * delta(i, row) * delta(k, column)),
    Slip("rms_norm", "X", "missing_coupling", lambda g, row, column: g * delta(i, row) * delta(k, column)),
    Slip("solve", "y", "transposed", lambda gradient, j: gradient.xreplace({i: j, j: i})),
    Slip("avg_pool1d", "x", "factor", lambda gradient, *_: 3 * gradient),
    Slip("rnn_cell", "W", "factor", lambda gradient, *_: gradient / 2),
    Slip("lstm_cell", "Wf", "sign", lambda gradient, *_: -gradient),
    Slip("lstm_cell", "do", "sign", lambda gradient, *_: -gradient),
    Slip("gru_cell", "Ur", "factor", lambda gradient, *_: 2 * gradient),
    Slip("multi_head_attention_biases", "bq", "factor", lambda gradient, *_: 2 * gradient),
    Slip("ctc_with_logits", "Z", "sign", lambda gradient, *_: -gradient),
    Slip("triplet_margin_cosine", "P", "factor", lambda gradient, *_: 2 * gradient),
    Slip("nll_entries", "Z", "sign", lambda gradient, *_: -gradient),
    Slip("spectral_norm", "X", "factor", lambda gradient, *_: 2 * gradient),
    Slip("hessian_of_logsumexp", "x", "missing_coupling", lambda gradient, j: gradient * delta(i, j)),
    Slip("hessian_of_least_squares", "w", "factor", lambda gradient, j: gradient / 2),
)


def check(slip: Slip, distorted: bool) -> FormulaResult:
    """The formula by that variable, with or without the slip in what it states."""
    true = catalogue.formula(slip.formula)
    stated = true.stated[slip.wrt]
    wrong = {slip.wrt: lambda *indices: slip.distort(stated(*indices), *indices)}
    (result,) = check_formula(replace(true, wrt=(slip.wrt,), stated=wrong if distorted else true.stated, edges=()))
    return result


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: f"{slip.formula}-{slip.kind}")
def test_a_slip_is_refuted_and_named_and_its_twin_passes(slip: Slip) -> None:
    result = check(slip, distorted=True)
    assert {name for name, oracle in result.oracles.items() if oracle.verdict is Verdict.WRONG} == {"stated"}
    assert result.diagnosis is not None
    assert result.diagnosis.kind == slip.kind
    assert check(slip, distorted=False).ok
