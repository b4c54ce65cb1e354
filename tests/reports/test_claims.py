"""Every claim of the bundled articles: its status, its place in the text, and a line that reproduces it."""

from __future__ import annotations

import contextlib
import io
import re
import shlex

import pytest

from gradcheck import catalogue
from gradcheck.articles.claims import Claim
from gradcheck.articles.judge import judge_claim
from gradcheck.cli import main
from gradcheck.results import ClaimResult

CONFIRMED = (
    "A1 A4 A5 A6 A7 A8 A9 A10 A11 A12 A13 B2 B3 B4 B5 B6 B7-completed B8 B11 B12 B14 B15 B16 B17 B18 C1 C3 C5 C6 C7"
)
REFUTED = "A2 A3 A14 B1 B9 B13 C2 C4"
NOT_CHECKABLE = "A15 B7 B10 B19 B20 C8"
EXPECTED = {
    **dict.fromkeys(CONFIRMED.split(), "confirmed"),
    **dict.fromkeys(REFUTED.split(), "refuted"),
    **dict.fromkeys(NOT_CHECKABLE.split(), "not checkable"),
}
NAMED = [*(f"A{k}" for k in range(1, 16)), *(f"B{k}" for k in range(1, 21)), *(f"C{k}" for k in range(1, 9))]

DECIDING_NUMBERS = {
    "A2": "tensor([-17.3333])",
    "A3": "tensor([-8.])",
    "A4": "w = [2.17333], b = [1.08]",
    "A14": "at x = 0 the backward pass gives [1]",
    "A5": "d((w * x + b).sum())/dw = x.sum()",
    "B1": "below 2/L, here 0.2",
    "B10": "[4.1415, 3.0401]",
    "B12": "the rate 0.5 has to be below 2/L = ",
    "B13": "the global minimum is at -1.04668",
    "B16": "the sparse parameter moves by 0.0447214, the dense by 0.0141421; the rule follows torch.optim.Adagrad",
    "B17": "it moves on by [0.0448094, 0.0448094] once the gradient stops",
    "B18": "it stops at step 56",
    "C2": "for `x**3` it returns",
    "C4": "0.1074 of the start's distance is left after 10 steps; 62 steps reach 1e-06",
    "C5": "half the sum of squared errors, for W2, b2, W1, b1",
    "C6": "8 of 8 seeds predict [0, 1, 1, 0]",
    "C7": "gradient descent (rate 2/101): 346 steps, momentum (rate 4/121, mu 0.67): 58 steps",
}

DIAGNOSES = {
    "A2": ("unexplained", "no simple factor explains it"),
    "A14": ("kink", "both conventions are valid subgradients"),
    "B1": ("missing condition", "a rate below 2/L"),
    "B7": ("truncated", "`J`"),
    "B9": ("factor", "the gradient of half the stated loss: factor 1/2"),
    "B13": ("not convex", "a counterexample"),
    "C2": ("ignores its argument", "a counterexample: for `x**3`"),
    "C4": ("too few steps", "0.8 of the distance"),
}


@pytest.fixture(scope="module")
def results() -> dict[str, ClaimResult]:
    return {claim.id: judge_claim(claim) for claim in catalogue.claims()}


def test_every_claim_is_there() -> None:
    assert not catalogue.broken()
    assert set(NAMED) <= {claim.id for claim in catalogue.claims()} == set(EXPECTED)


@pytest.mark.parametrize(("id", "status"), EXPECTED.items())
def test_status(results: dict[str, ClaimResult], id: str, status: str) -> None:
    assert results[id].status == status, results[id].rule


@pytest.mark.parametrize(("id", "text"), DECIDING_NUMBERS.items())
def test_actual_value(results: dict[str, ClaimResult], id: str, text: str) -> None:
    assert text in results[id].actual


@pytest.mark.parametrize(("id", "expected"), DIAGNOSES.items())
def test_diagnosis(results: dict[str, ClaimResult], id: str, expected: tuple[str, str]) -> None:
    diagnosis = results[id].diagnosis
    assert diagnosis is not None
    assert diagnosis.kind == expected[0]
    assert expected[1] in diagnosis.text


def test_every_claim_says_what_decided(results: dict[str, ClaimResult]) -> None:
    for result in results.values():
        assert result.statement
        assert result.stated
        assert result.actual
        assert result.rule
        if result.status == "refuted":
            assert result.diagnosis is not None
            assert result.suggestion
        if result.status in {"refuted", "confirmed"}:
            assert len({entry.oracle for entry in result.evidence}) >= 2, result.id


def test_judging_twice_finds_the_same() -> None:
    for claim in catalogue.claims():
        assert claim.id == "C6" or judge_claim(claim) == judge_claim(claim)


def test_figures(results: dict[str, ClaimResult]) -> None:
    drawn = {key: result.figures for key, result in results.items() if result.figures}
    assert set(drawn) == {"B10", "C6", "C7"}
    for figures in drawn.values():
        for series in figures[0].series:
            assert len(series.x) == len(series.y) <= 200
    losses = drawn["B10"][0].series[0].y
    assert losses[0] > losses[-1] > 0


def test_half_of_the_demos_loss_is_named_by_its_evidence(results: dict[str, ClaimResult]) -> None:
    oracles = [entry.oracle for entry in results["B9"].evidence]
    assert {"symbolic", "reverse", "forward", "finite_difference", "complex_step"} <= set(oracles)
    assert any("derived for symbolic m, n" in entry.value for entry in results["B9"].evidence)
    assert all(entry.error_bar for entry in results["B9"].evidence if entry.oracle == "finite_difference")


def one_liners() -> list[Claim]:
    return [claim for claim in catalogue.claims() if claim.command.startswith("python -c ")]


@pytest.mark.parametrize("claim", one_liners(), ids=lambda claim: claim.id)
def test_one_liner_prints_the_actual_value(claim: Claim, results: dict[str, ClaimResult]) -> None:
    python, option, code = shlex.split(claim.command)
    assert (python, option) == ("python", "-c")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, f"<{claim.id}>", "exec"), {"__name__": "__main__"})
    assert printed.getvalue().strip() == results[claim.id].actual


def test_there_are_one_liners() -> None:
    assert {claim.id for claim in one_liners()} >= {"A2", "A3", "A7", "A9", "B10"}


def test_the_other_lines_ask_the_report(capsys: pytest.CaptureFixture[str]) -> None:
    for claim in catalogue.claims():
        if claim not in one_liners():
            assert claim.command == f"gradcheck report --only {claim.id}"
    assert main(shlex.split(catalogue.claim("A15").command)[1:]) == 0
    assert "A15" in capsys.readouterr().out


def test_lines_and_paths_are_plausible() -> None:
    for claim in catalogue.claims():
        assert re.fullmatch(r"00[012]_[0-9a-f]{16}\.txt", claim.path)
        assert 1 <= claim.line <= claim.end_line
