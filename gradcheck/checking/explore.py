"""Points that the given inputs do not show: a backward written by hand may be wrong in a branch they never enter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

import torch

from gradcheck.checking.check import Finding
from gradcheck.checking.graph import Graph, recorded
from gradcheck.checking.kinked import OUTSIDE_DOMAIN
from gradcheck.checking.reference import reference
from gradcheck.checking.reverse import ReverseCheck, entries
from gradcheck.checking.torch_function import TorchFunction
from gradcheck.errors import UsageError
from gradcheck.results import Verdict

FEW = 10_000
"""Other points are tried for functions of at most this many entries."""

ELSEWHERE: tuple[tuple[str, float], ...] = (
    ("negated", -1.0),
    ("a hundred times as large", 100.0),
    ("a hundredth as large", 0.01),
)
"""How the inputs are moved, and the factor that does it."""

NO_BRANCH = ("layout", "precision")
"""What a function shows in branches tried for it without being wrong there: a saturated float32 gradient is 0."""


def elsewhere_findings(
    function: TorchFunction, graph: Graph, generator: torch.Generator, rtol: float = 0.0
) -> Iterator[Finding]:
    """What is wrong with a hand-written backward where the given inputs do not lead."""
    if not graph.has_custom_backward or entries(function.values) > FEW:
        return
    for how, moved in elsewhere(function):
        with suppress(*OUTSIDE_DOMAIN, UsageError):
            there = recorded(moved)
            ref = reference(moved, [out.detach() for out in there.outputs])
            found = ReverseCheck(moved, generator, rtol=rtol).findings(there, ref)
            wrong = [f for f in found if f.verdict is Verdict.WRONG and f.kind not in NO_BRANCH]
            if wrong:
                text = f"right at this point, wrong with its inputs {how}, in a branch that they never enter"
                yield replace(wrong[0], kind="boundary", text=f"{text}: {wrong[0].text}")
                return


def elsewhere(function: TorchFunction) -> Iterator[tuple[str, TorchFunction]]:
    """The function at other points of the same kind, and how its inputs were moved; parameters stay."""
    for how, factor in ELSEWHERE:
        yield how, function.at([x.value if x.is_parameter else x.value * factor for x in function.leaves])
