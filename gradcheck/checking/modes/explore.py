"""Points that the given inputs do not show: a backward written by hand may be wrong in a branch they never enter."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

import numpy as np
import torch

from gradcheck.checking.check import Finding
from gradcheck.checking.evaluation.graph import Graph, recorded
from gradcheck.checking.evaluation.reference import reference
from gradcheck.checking.evaluation.torch_function import OUTSIDE_DOMAIN, TorchFunction
from gradcheck.checking.modes.branch import entered
from gradcheck.checking.modes.reverse import ReverseCheck, entries
from gradcheck.checking.probing.locate import Place
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

REMEDY = "Check the branch with inputs that enter it, and let backward choose as forward does."
LOW = 1e-4
"""The last digit of a 16-bit precision."""

ROUNDING_ULPS = 1e4
"""A mistake must move the outputs by more than this many units in their last place."""

LARGEST_ROUNDING = 0.01
"""In a low precision it need not move them by more than this fraction of themselves."""

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
            wrong = [f for f in found if f.verdict is Verdict.WRONG and _matters(f, moved, there.outputs)]
            if wrong:
                if _is_low(function):
                    yield replace(wrong[0], text=f"with its inputs {how}, where rounding hides less: {wrong[0].text}")
                else:
                    yield _told(wrong[0], how, _branch(function, moved, wrong[0], generator))
                return


def _matters(finding: Finding, moved: TorchFunction, outputs: Sequence[torch.Tensor]) -> bool:
    """Whether a finding there is more than the rounding of terms that cancel, as those of a saturated softmax do."""
    error = abs(finding.analytic - finding.numeric)
    values = [leaf.value for leaf in moved.leaves if leaf.name == finding.place]
    if finding.kind in NO_BRANCH or not values or not math.isfinite(error):
        return finding.kind not in NO_BRANCH
    precision = max(torch.finfo(value.dtype).eps for value in moved.values)
    moves, scale = (max(float(x.detach().abs().max()) for x in group if x.numel()) for group in (values, outputs))
    return error * moves > min(ROUNDING_ULPS * precision, LARGEST_ROUNDING) * scale


def _is_low(function: TorchFunction) -> bool:
    """Whether the precision is so low that a mistake may have been hidden at the point itself."""
    return any(torch.finfo(value.dtype).eps > LOW for value in function.values)


def _told(finding: Finding, how: str, branch: str) -> Finding:
    where = f" ({branch})" if branch else ""
    text = f"right at this point, wrong with its inputs {how}, in a branch that they never enter{where}"
    mistake = finding.text.rpartition("; ")[2] if finding.kind == "other" else finding.text
    return replace(finding, kind="boundary", text=f"{text}: {mistake}", remedy=f"{REMEDY} {finding.remedy}")


def _branch(function: TorchFunction, moved: TorchFunction, finding: Finding, generator: torch.Generator) -> str:
    """Which values of the place's entry lead into the branch, where that can be told."""
    names = [leaf.name for leaf in function.leaves]
    if finding.place not in names:
        return ""
    leaf = names.index(finding.place)
    shape = tuple(function.values[leaf].shape)
    entry = int(np.ravel_multi_index(finding.index, shape)) if finding.index else 0
    return entered(function, moved, Place(leaf, entry), generator)


def elsewhere(function: TorchFunction) -> Iterator[tuple[str, TorchFunction]]:
    """The function at other points of the same kind, and how its inputs were moved; parameters stay."""
    for how, factor in ELSEWHERE:
        yield how, function.at([x.value if x.is_parameter else x.value * factor for x in function.leaves])
