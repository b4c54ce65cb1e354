"""Listings are read, never run."""

from __future__ import annotations

import pytest

from gradcheck.articles.listings import listing_complete, listing_runs, syntax_problem, undefined_names


@pytest.mark.parametrize(
    ("code", "missing"),
    [
        ("print(x)", ("x",)),
        ("x = 1\nprint(x)", ()),
        ("import numpy as np\nnp.sum(data)", ("data",)),
        ("from os import path\npath.join(a, b)", ("a", "b")),
        ("def f(x):\n    return x + y\nf(1)", ("y",)),
        ("def outer():\n    z = 1\n    def inner():\n        return z\n    return inner", ()),
        ("class A:\n    def f(self):\n        return self.x\nA()", ()),
        ("total = sum(k * k for k in range(n))", ("n",)),
        ("for i in items:\n    print(i)", ("items",)),
    ],
)
def test_undefined_names(code: str, missing: tuple[str, ...]) -> None:
    assert undefined_names(code) == missing


def test_nothing_is_run() -> None:
    judgement = listing_runs({"code": "raise SystemExit(1)\n"})
    assert judgement.status == "confirmed"


def test_a_listing_that_does_not_parse() -> None:
    judgement = listing_runs({"code": "model = [1, 2"})
    assert (judgement.status, judgement.actual) == ("not checkable", syntax_problem("model = [1, 2"))
    assert judgement.diagnosis is not None
    assert judgement.diagnosis.kind == "syntax"


@pytest.mark.parametrize(
    ("code", "sign"),
    [
        ("f(1, 2", "it does not parse"),
        ("x = 1\nx", "its last line is the bare name `x`"),
        ("def f():\n    theta = 1\n", "it never returns `theta`"),
        ("def f():\n    return 1\n", "it never assigns `theta`"),
    ],
)
def test_signs_of_a_break(code: str, sign: str) -> None:
    judgement = listing_complete({"code": code, "returns": ("theta",)})
    assert judgement.status == "not checkable"
    assert sign in judgement.actual


def test_a_whole_listing() -> None:
    assert listing_complete({"code": "def f():\n    theta = 1\n    return theta\n", "returns": ("theta",)}).status == (
        "confirmed"
    )
