"""A chapter holds all there is to say of a formula; a part that fails is named and takes nothing else down."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gradcheck import catalogue
from gradcheck.book.content import Chapter
from gradcheck.book.gather import chapter
from gradcheck.symbolic.formula import Formula


@pytest.fixture(scope="module")
def regression() -> Chapter:
    return chapter(replace(catalogue.formula("mse"), wrt=("p",)))


def test_a_chapter_is_complete(regression: Chapter) -> None:
    assert (regression.name, regression.topic, regression.problems) == ("mse", "losses", ())
    assert [(each.name, each.axes, each.domain) for each in regression.variables] == [
        ("p", "n", "real numbers"),
        ("y", "n", "real numbers"),
    ]
    (part,) = regression.derivatives
    assert part.wrt == "p"
    assert part.equation.startswith(r"\frac{\partial f}{\partial p_{j}} = ")
    assert part.result.ok
    assert part.derivation is not None
    assert part.derivation.ok
    assert len(part.derivation.steps) > 1
    assert part.derivation.matrix is not None
    assert part.code.startswith("def mse_by_p(p, y):")
    assert regression.code.startswith("def mse(p, y):")
    assert len(regression.drawings) == 3


def test_the_generated_code_runs_as_printed(regression: Chapter) -> None:
    namespace: dict[str, Any] = {}
    lines = regression.usage.splitlines()
    exec("\n".join(lines[:-1]), namespace)
    assert eval(lines[-1].replace("(p, y)", "([3.0, 1.0], [1.0, 1.0])"), namespace).tolist() == [2.0, 0.0]


def test_update_rules_have_chapters_too() -> None:
    adam = chapter(catalogue.update_rule("adam"))
    assert (adam.derivatives, len(adam.drawings), adam.problems) == ((), 1, ())
    assert r"\leftarrow" in adam.definition


@pytest.mark.parametrize(("broken", "part"), [("derive", "derivation by x"), ("compile", "code")])
def test_a_part_that_fails_is_named(broken: str, part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("planted")

    formula = catalogue.formula("tanh")
    monkeypatch.setattr(Formula, broken, fail)
    found = chapter(formula)
    assert any(problem.startswith(f"{part}: ZeroDivisionError: planted") for problem in found.problems)
    assert found.definition == r"f_{i} = \tanh{\left(x_{i} \right)}"
