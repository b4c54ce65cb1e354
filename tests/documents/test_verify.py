"""Documents verified from end to end: what is right, what is wrong, what cannot be told, and none takes others down."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from gradcheck.documents import verification
from gradcheck.documents.judged import Judged
from gradcheck.documents.verification import KINDS
from gradcheck.documents.verify import Options, kinds_of, verify
from gradcheck.errors import UnknownName, UsageError
from gradcheck.results import ClaimResult, Report

REGRESSION = """\
# Linear regression

```python
import torch
x = torch.tensor([1.0, 2.0, 3.0])
w = torch.tensor([2.0], requires_grad=True)
loss = ((w * x - torch.tensor([6.0, 9.0, 12.0])) ** 2).mean()
```

Then backwards:

```python
loss.backward()
print(w.grad)  # tensor([{stated}])
print(torch.rand(1))  # tensor([0.1234])
undefined_name
```

With y = x^2 the derivative is dy/dx = {derivative}.
"""

RIGHT = REGRESSION.format(stated="-21.3333", derivative="2x")
WRONG = REGRESSION.format(stated="21.3333", derivative="4x")


def decided(report: Report) -> dict[str, str]:
    return {claim.stated: claim.status for claim in report.claims}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Report:
    folder = tmp_path_factory.mktemp("documents")
    (folder / "right.md").write_text(RIGHT, encoding="utf-8")
    (folder / "wrong.md").write_text(WRONG, encoding="utf-8")
    (folder / "binary.md").write_bytes(b"\x00\x01\x02\xff" * 100)
    (folder / "empty.md").write_text("Nothing is stated here.\n", encoding="utf-8")
    return verify([folder / name for name in ("right.md", "wrong.md", "binary.md", "empty.md")], jobs=2)


def part(report: Report, name: str) -> Report:
    claims = tuple(claim for claim in report.claims if Path(claim.path).name == name)
    return Report(claims, (), report.environment, (name,))


def test_what_is_right_is_confirmed(whole: Report) -> None:
    found = decided(part(whole, "right.md"))
    assert found["tensor([-21.3333])"] == "confirmed"
    assert found["dy/dx = 2x"] == "confirmed"


def test_what_is_wrong_is_refuted_with_place_and_diagnosis(whole: Report) -> None:
    claims = {claim.stated: claim for claim in part(whole, "wrong.md").claims}
    value, formula = claims["tensor([21.3333])"], claims["dy/dx = 4x"]
    assert (value.status, value.actual, value.line) == ("refuted", "tensor([-21.3333])", 14)
    assert (formula.status, formula.line) == ("refuted", 19)
    assert value.diagnosis is not None
    assert formula.diagnosis is not None
    assert (value.diagnosis.kind, formula.diagnosis.kind) == ("sign", "factor")


def test_random_numbers_are_not_reproducible_and_broken_code_is_told(whole: Report) -> None:
    found = decided(part(whole, "right.md"))
    assert found["tensor([0.1234])"] == "not reproducible"
    assert found["undefined_name"] == "not checkable"


def test_a_document_that_cannot_be_read_is_an_error_of_its_own(whole: Report) -> None:
    (claim,) = part(whole, "binary.md").claims
    assert claim.status == "error"
    assert "binary" in claim.rule


def test_a_document_without_claims_has_none(whole: Report) -> None:
    assert len(whole.documents) == 4
    assert not part(whole, "empty.md").claims


def test_claims_can_be_asked_for_again_by_id(whole: Report) -> None:
    claim = next(claim for claim in part(whole, "wrong.md").claims if claim.stated == "dy/dx = 4x")
    assert claim.reproduce.endswith(f"--only {claim.id}")
    again = verify(claim.path, only=[claim.id], execute=False)
    assert [found.id for found in again.claims] == [claim.id]


def test_kinds_of_claims_can_be_chosen() -> None:
    assert decided(verify(WRONG, only=["formulas"])) == {"dy/dx = 4x": "refuted"}
    assert kinds_of(["formulas", "listings"]) == ("formulas", "listings")
    assert kinds_of([]) == KINDS


def test_without_running_the_code_formulas_are_still_checked() -> None:
    found = decided(verify(WRONG, execute=False))
    assert found["tensor([21.3333])"] == "not checkable"
    assert found["dy/dx = 4x"] == "refuted"


def test_a_judge_that_crashes_takes_no_other_down(monkeypatch: pytest.MonkeyPatch) -> None:
    def crashes(*_: object) -> list[Judged]:
        raise ZeroDivisionError("on purpose")

    monkeypatch.setattr(verification, "judged_values", crashes)
    claims: dict[str, ClaimResult] = {claim.status: claim for claim in verify(WRONG, execute=False).claims}
    assert claims["error"].rule == "looking for values stopped: ZeroDivisionError: on purpose"
    assert claims["refuted"].stated == "dy/dx = 4x"


def test_a_document_that_cannot_be_verified_takes_no_other_down(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def crashes(*_: object) -> None:
        raise ZeroDivisionError("on purpose")

    (tmp_path / "a.md").write_text(WRONG, encoding="utf-8")
    with monkeypatch.context() as patched:
        patched.setattr(verification, "runnable", crashes)
        (claim,) = verify(tmp_path / "a.md").claims
    assert (claim.status, claim.line) == ("error", 0)
    assert claim.rule.endswith("a.md: verifying it stopped: ZeroDivisionError: on purpose")


SLOW = """\
```python
import time
first = 2
print(first)  # 3
moment = time.monotonic()
print(moment)  # 1.5
```

```python
print(moment + 1)  # 2.5
while True:
    pass
```
"""


def test_what_ran_only_once_is_not_refuted(tmp_path: Path) -> None:
    path = tmp_path / "slow.md"
    path.write_text(SLOW, encoding="utf-8")
    found = {claim.stated: claim for claim in verify(path, timeout=1.5).claims}
    assert {stated: claim.status for stated, claim in found.items() if stated[0].isdigit()} == {
        "3": "refuted",
        "1.5": "not reproducible",
        "2.5": "not checkable",
    }
    assert "it ran only once" in found["2.5"].rule


ELSEWHERE = """\
```python
import pathlib
animals = {'cat', 'dog', 'fish', 'ant', 'cow'}
files = list(pathlib.Path('.').glob('*.jpg'))
device = 'cuda' if torch.cuda.is_available() else 'cpu'
list(animals)[0]  # 'bee'
print(len(animals))  # 4
print(len(files))  # 818
device  # 'mps'
print(len(files) * 0 + 1)  # 1
```
"""


def test_what_another_machine_or_moment_gives_is_not_refuted(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(ELSEWHERE, encoding="utf-8")
    assert decided(verify(path)) == {
        "'bee'": "not reproducible",
        "4": "refuted",
        "818": "not checkable",
        "'mps'": "not checkable",
        "1": "confirmed",
    }


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: verify("missing.md"), "missing.md does not exist"),
        (lambda: verify([]), "no document"),
        (lambda: Options(timeout=0), "timeout: 0 is not"),
        (lambda: Options(timeout=float("nan")), "timeout: nan is not"),
        (lambda: Options(jobs=0), "jobs: 0 is not"),
    ],
)
def test_bad_input_is_named(call: Callable[[], object], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        call()


def test_an_unknown_claim_suggests_the_nearest() -> None:
    with pytest.raises(UnknownName, match="no claim or kind of claims is named 'formula'; did you mean 'formulas'"):
        verify(WRONG, only=["formula"], execute=False)


def test_progress_is_told(tmp_path: Path) -> None:
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_text("text\n", encoding="utf-8")
    told: list[tuple[int, int, str]] = []
    verify(tmp_path, execute=False, progress=lambda *each: told.append(each))
    assert [(done, total, Path(name).name) for done, total, name in told] == [
        (0, 2, "a.md"),
        (1, 2, "b.md"),
        (2, 2, ""),
    ]


def test_equal_values_of_different_cells_on_one_line_stay_distinct(tmp_path: Path) -> None:
    sources = ("x, y = 2, 3\nprint(x)  # 2", "print(y)  # 2", "print(x)  # 2\nx += 1\nprint(x)  # 2")
    cells = [{"cell_type": "code", "metadata": {}, "execution_count": 1, "outputs": [], "source": s} for s in sources]
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}), encoding="utf-8")
    report = verify(path)
    assert [claim.status for claim in report.claims] == ["confirmed", "refuted", "confirmed", "refuted"]
    assert len({claim.id for claim in report.claims}) == 4


def test_the_report_says_how_the_code_was_kept_apart(whole: Report) -> None:
    network, writing = whole.environment["sandbox"].split(", ")
    assert network in {"no network", "network refused to Python's sockets only"}
    assert writing in {"writing in its own folder only", "writing not confined"}
    assert "sandbox" not in verify("x\nwith y = x^2, dy/dx = 2x.\n", execute=False).environment


def test_what_one_finder_meets_twice_on_a_line_is_stated_twice() -> None:
    report = verify("With y = x^2, dy/dx = 3x.\nAgain: dy/dx = 3x, and so dy/dx = 3x.\n", execute=False)
    assert [(claim.line, claim.status) for claim in report.claims] == [(1, "refuted"), (2, "refuted"), (2, "refuted")]
