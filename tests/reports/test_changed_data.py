"""Nothing is hard-coded: another number in a claim's data is another verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

import gradcheck
from gradcheck import catalogue
from gradcheck.articles.judge import judge_claim
from gradcheck.results import ClaimResult


def judged(id: str, **changes: object) -> ClaimResult:
    """The claim judged with some of its data changed."""
    claim = catalogue.claim(id)
    assert changes.keys() <= claim.data.keys()
    return judge_claim(replace(claim, data={**claim.data, **changes}))


def within(id: str, key: str, **changes: object) -> dict[str, object]:
    """A mapping in the claim's data, with some entries changed."""
    found = catalogue.claim(id).data[key]
    assert isinstance(found, Mapping)
    return {**found, **changes}


def case(id: str, **changes: object) -> tuple[dict[str, Any], ...]:
    """The claim's only case, with some entries changed."""
    cases = catalogue.claim(id).data["cases"]
    assert isinstance(cases, tuple)
    return ({**cases[0], **changes},)


CHANGES: tuple[tuple[str, dict[str, object], str], ...] = (
    # printed values
    ("A2", {"at": within("A2", "at", y=(2.5, 4.0, 5.5))}, "confirmed"),
    ("A2", {"stated": "tensor([-17.3333])"}, "confirmed"),
    ("A2", {"stated": "tensor([-17.3334])"}, "refuted"),
    ("A3", {"stated": "tensor([-8.])"}, "confirmed"),
    ("A7", {"stated": "tensor([0., 1., 1.])"}, "refuted"),
    ("A7", {"stated": "tensor([0., 0., 1., 0.])"}, "refuted"),
    ("A9", {"stated": "tensor([0.2501])"}, "refuted"),
    ("A9", {"at": {"x": (0.5,)}}, "refuted"),
    # the meaning of the gradient
    ("A1", {"direction": "-g"}, "refuted"),
    ("A1", {"size": "2 * norm(g)"}, "refuted"),
    ("C3", {"direction": "-g"}, "refuted"),
    # autograd's buffers and modes
    ("A4", {"rate": 1.0}, "refuted"),
    ("A4", {"zeroed": False}, "refuted"),
    ("A11", {"factor": 1}, "refuted"),
    ("A11", {"zeroed": True}, "refuted"),
    ("A11", {"passes": 3, "factor": 3}, "confirmed"),
    ("A12", {"context": "enable_grad"}, "refuted"),
    ("A12", {"context": "inference_mode"}, "confirmed"),
    # derivative formulas
    ("A5", {"cases": case("A5", derivatives={"w": "2 * x"})}, "refuted"),
    ("A6", {"cases": case("A6", derivatives={"x": "where(x > 0, 1, -1)"})}, "refuted"),
    ("A6", {"cases": case("A6", derivatives={"x": "where(x == 0, 2, where(x > 0, 1, 0))"})}, "refuted"),
    ("A6", {"cases": case("A6", derivatives={"x": "where(x >= 0, 1, 0)"})}, "confirmed"),
    ("A8", {"cases": case("A8", derivatives={"x": "sigmoid(x) ** 2"})}, "refuted"),
    ("C1", {"cases": case("C1", derivatives={"x": "x"})}, "refuted"),
    ("A10", {"entry": "s[i] * (delta + s[j])"}, "refuted"),
    ("A10", {"entry": "s[i] * delta * (1 - s[j])"}, "refuted"),
    # layouts
    ("B3", {"arrangement": "transposed"}, "refuted"),
    # networks and backward passes
    ("A13", {"frozen": ("2.bias",)}, "refuted"),
    ("A14", {"backward": "where(x <= 0, 0 * g, g)"}, "confirmed"),
    ("A14", {"backward": "g"}, "refuted"),
    ("B11", {"layers": (("A @ h", "A"), ("(h ** 2).sum()", "h"))}, "refuted"),
    ("B11", {"layers": (("A @ h", "A"), ("(h ** 2).sum()", "2 * h"))}, "confirmed"),
    ("C5", {"losses": {"the mean squared error": "((o - y) ** 2).mean()"}}, "refuted"),
    ("C5", {"gradients": {"W2": "h.T @ (o - y) ** 2"}}, "refuted"),
    ("C5", {"gradients": {"W2": "h.T @ (o - y)", "b2": "(o - y).sum(0)"}}, "confirmed"),  # the cross-entropy's
    ("C6", {"epochs": 10}, "refuted"),
    ("C6", {"y": (0.0, 0.0, 0.0, 1.0), "epochs": 4000, "seeds": (0, 1)}, "confirmed"),
    # hand-written gradients
    ("B5", {"gradient": "X.T @ (X @ theta - y)"}, "refuted"),
    ("B6", {"gradient": "2 * X.T @ (X @ theta - y)"}, "refuted"),
    ("B9", {"loss": "((X @ theta - y) ** 2).sum() / (2 * len(y))"}, "confirmed"),
    ("B9", {"gradient": "2 * X.T @ (X @ theta - y) / len(y)"}, "confirmed"),
    ("B7-completed", {"gradient": "X.T @ (X @ theta - y) / batch_size"}, "refuted"),
    # listings
    ("A15", {"code": "loss = 1\nprint(loss)\n"}, "confirmed"),
    ("B7", {"code": "def f(theta, J_history):\n    theta = J_history = 1\n    return theta, J_history\n"}, "confirmed"),
    ("B19", {"code": "model = 1\n"}, "confirmed"),
    # update rules
    ("B8", {"options": {"lr": 0.05, "betas": (0.9, 0.99), "eps": 1e-8}}, "refuted"),
    ("B15", {"rule": (("v", "v + g ** 2"), ("theta", "theta - alpha * g / (sqrt(v) + epsilon)"))}, "refuted"),
    ("B16", {"rule": (("theta", "theta - alpha * g"),), "optimizer": "SGD", "options": {"lr": 0.1}}, "refuted"),
    (
        "B17",
        {"constants": within("B17", "constants", beta1=0.0), "options": within("B17", "options", betas=(0.0, 0.999))},
        "refuted",
    ),
    # descent
    ("B1", {"rates": (0.05, 0.19)}, "confirmed"),
    ("B12", {"rate": 2.5}, "refuted"),
    ("B13", {"loss": "theta ** 4 / 4 + theta ** 2 / 2"}, "confirmed"),
    ("B13", {"starts": (-1.5,)}, "confirmed"),
    ("B14", {"y": (2.0, -1.0, 3.0, 1.5, -2.5, 1.0)}, "refuted"),
    ("B18", {"rate": 0.6}, "refuted"),
    ("C4", {"steps": 62}, "confirmed"),
    ("C4", {"steps": 61}, "refuted"),
    ("C4", {"rate": 0.5}, "confirmed"),
    ("C7", {"horizon": 40}, "refuted"),
    # gradient functions
    ("C2", {"functions": ("x**2",)}, "confirmed"),
    ("C2", {"implementation": gradcheck.get_gradient_function}, "confirmed"),
    # results that were lost
    ("B10", {"printed": "[[4.1415] [3.0401]]"}, "confirmed"),
    ("B10", {"printed": "[[4.2222] [2.9685]]"}, "refuted"),
)


@pytest.mark.parametrize(
    ("id", "changes", "status"), CHANGES, ids=[f"{change[0]}-{k}" for k, change in enumerate(CHANGES)]
)
def test_changed_data_changes_the_status(id: str, changes: dict[str, object], status: str) -> None:
    result = judged(id, **changes)
    assert result.status == status, (result.rule, result.actual)


def test_a_missing_key_is_an_error_that_names_it() -> None:
    claim = catalogue.claim("A2")
    result = judge_claim(replace(claim, data={key: value for key, value in claim.data.items() if key != "loss"}))
    assert result.status == "error"
    assert "data['loss']" in result.rule


@pytest.mark.parametrize(
    ("changes", "kind", "text"),
    [
        ({"gradient": "X.T @ (X @ theta - y)"}, "factor", "changes with the size: 1/2, 1, 5/2"),
        ({"gradient": "-2 * X.T @ (X @ theta - y) / len(y)"}, "factor", "minus the stated loss"),
        ({"gradient": "0 * theta"}, "zero", "zero"),
        ({"gradient": "(X.T @ (X @ theta - y)) ** 2"}, "other", ""),
    ],
)
def test_a_wrong_hand_written_gradient_is_diagnosed(changes: dict[str, object], kind: str, text: str) -> None:
    result = judged("B9", **changes)
    assert result.diagnosis is not None
    assert result.diagnosis.kind == kind
    assert text in result.diagnosis.text


def test_a_printed_multiple_of_the_gradient_is_named() -> None:
    result = judged("A2", stated="tensor([-8.6667])")
    assert result.diagnosis is not None
    assert (result.diagnosis.kind, result.diagnosis.text) == ("factor", "the printed value is the gradient times 1/2")
