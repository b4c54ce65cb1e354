"""Which names hang together, and what that puts in doubt."""

from __future__ import annotations

import pytest

from gradcheck.documents.values.code import code_blocks
from gradcheck.documents.values.lineage import Lineage, lineage
from tests.documents.values.runs import document


def made(*blocks: str) -> Lineage:
    return lineage(code_blocks(document(*blocks)))


@pytest.mark.parametrize(
    ("code", "tied"),
    [
        ("loss = w * x\nloss.backward()\nprint(w.grad)", True),
        ("loss = w * y\nloss.backward()\nprint(w.grad)", False),
        ("x = 3\nloss = w * x\nprint(w.grad)", False),  # another x from here on
        ("x = x + 3\nloss = w * x\nprint(w.grad)", True),
        ("for x in x:\n    w = x\nprint(w)", True),
        ("def f(a):\n    return a * x\nw = f(2)\nprint(w)", True),
        ("w = math.sin(2)\nprint(w)", False),
    ],
)
def test_what_hangs_together_with_a_failed_name(code: str, tied: bool) -> None:
    blocks = ("import math\nx = load()", code)
    last = 2 + code.count("\n") + 1
    kin = made(*blocks).kin({"w"}, (1, last))
    assert kin.meets({"x"}, (0, 2), (0, 2)) is tied


def test_a_module_that_was_not_imported_spoils_what_names_it() -> None:
    kin = made("import d2l", "w = d2l.f()").kin({"w", "d2l"}, (1, 2))
    assert kin.meets({"d2l"}, (0, 1), (0, 1))


def test_all_that_a_failed_stretch_would_have_bound_is_spoiled() -> None:
    found = made("a = load()\nx = 3\nb = 4", "w = x")
    assert found.kin({"w"}, (1, 4)).meets({"a", "x", "b"}, (0, 1), (0, 3))


@pytest.mark.parametrize(
    ("code", "uninitialised"),
    [
        ("x = torch.empty(2)", True),
        ("x = torch.Tensor(2, 3)", True),
        ("x = torch.Tensor([2, 3])", False),
        ("x = torch.zeros(2)", False),
        ("y = np.empty_like(z)\nx = y + 1", True),
    ],
)
def test_memory_that_nothing_was_written_to(code: str, uninitialised: bool) -> None:
    last = code.count("\n") + 1
    assert made(code).uninitialised({"x"}, (0, last)) is uninitialised


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("x = torch.randn(2)\nw = x > 0", 1),
        ("x = torch.randn(2)\nw = 3", 0),
        ("input = torch.rand(2)\nw = f(input)", 1),
    ],
)
def test_names_that_hang_on_random_numbers(code: str, line: int) -> None:
    assert made(code).random({"w"}, (0, 2)) == line
