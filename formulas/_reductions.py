"""A loss by what it is for one entry or row, and the formulas of its reductions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import sympy as sp

from gradcheck.symbolic.domains import Domain
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.tensors import delta, index, mean_over, sum_over

Entry = Callable[..., sp.Expr]
i = index("i")


@dataclass(frozen=True)
class Loss:
    """A loss of torch: `entry` is its value at one entry or row of `size`, `slope` that one's derivative.

    The derivative is by the first variable, at the indices of its entry. `torch` takes the variables and a reduction.
    """

    name: str
    title: str
    torch: Callable[..., Any]
    variables: tuple[Any, ...]
    size: sp.Expr
    entry: Entry
    slope: Entry
    domains: Mapping[str, Domain] = field(default_factory=dict)
    kinks: str = ""
    source: str = "PyTorch documentation, torch.nn.functional"

    def entries(self) -> Formula:
        """The losses of all entries or rows."""
        return self._formula("_entries", "one by one", self.entry(i), self._at_own, "none")

    def sum(self) -> Formula:
        """Their sum."""
        return self._formula("_sum", "summed", sum_over(self.size, self.entry), self.slope, "sum")

    def mean(self) -> Formula:
        """Their mean."""
        return self._formula("", "", mean_over(self.size, self.entry), self._share, "mean")

    def _at_own(self, first: sp.Expr, *rest: sp.Expr) -> sp.Expr:
        return delta(i, first) * self.slope(i, *rest)

    def _share(self, *indices: sp.Expr) -> sp.Expr:
        return self.slope(*indices) / self.size

    def _formula(self, suffix: str, words: str, definition: sp.Expr, slope: Entry, reduction: str) -> Formula:
        wrt = str(self.variables[0].label)
        return Formula(
            name=f"{self.name}{suffix}",
            title=f"{self.title}, {words}".removesuffix(", "),
            topic="losses",
            definition=definition,
            variables=self.variables,
            wrt=(wrt,),
            output={i: self.size} if reduction == "none" else {},
            domains=self.domains,
            torch=partial(self.torch, reduction=reduction),
            stated={wrt: slope},
            kinks=self.kinks,
            source=self.source,
        )
