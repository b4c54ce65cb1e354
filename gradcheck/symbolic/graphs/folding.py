"""Folding: a definition that code writes out by hand, in the words of textbooks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp

from gradcheck.symbolic.graphs import folding_patterns as patterns

Pattern = Callable[[sp.Expr], sp.Expr | None]


@dataclass(frozen=True)
class Folding:
    """An identity that is used from left to right: its name, how people write it, and the pattern."""

    name: str
    identity: str
    pattern: Pattern


FOLDINGS: tuple[Folding, ...] = (
    Folding("logistic", "1/(1 + exp(-u)) = σ(u)", patterns.logistic),
    Folding("logistic of growth", "exp(u)/(1 + exp(u)) = σ(u)", patterns.logistic_of_growth),
    Folding("softplus", "log(1 + exp(u)) = softplus(u)", patterns.log_of_one_plus_exponential),
    Folding("log of logistic", "log σ(u) = -softplus(-u)", patterns.log_of_logistic),
    Folding("log of what may be negative", "log |u| where u ≥ 0, else none, = log u", patterns.log_of_signed),
    Folding("hyperbolic", "(exp(u) - exp(-u))/(exp(u) + exp(-u)) = tanh(u)", patterns.hyperbolic_quotient),
    Folding("hyperbolic by growth", "(exp(2u) - 1)/(exp(2u) + 1) = tanh(u)", patterns.hyperbolic_by_logistic),
    Folding("hyperbolic by logistic", "2 σ(2u) - 1 = tanh(u)", patterns.twice_logistic_less_one),
    Folding("logsumexp", "log Σ exp(u_k) = logsumexp(u)", patterns.log_of_sum_of_exponentials),
    Folding("shift of logsumexp", "logsumexp(u + c) = logsumexp(u) + c", patterns.shifted_logsumexp),
    Folding("softmax", "exp(u_i)/Σ exp(u_k) = exp(u_i - logsumexp(u))", patterns.softmax_quotient),
    Folding("relu by cases", "u where u > 0, else 0, = relu(u)", patterns.choice_of_the_positive),
    Folding("relu by a product", "u (u > 0) = relu(u), u sign(u) = |u|", patterns.product_with_the_sign),
)
"""Every identity, tried in this order at every node, the innermost first."""


def folded(expression: sp.Expr) -> sp.Expr:
    """The expression with every part folded that a pattern fits.

    >>> u = sp.Symbol("u", real=True)
    >>> folded(sp.log(1 + sp.exp(u)) / (1 + sp.exp(-u)))
    sigmoid(u)*softplus(u)
    """
    return _Folded().of(expression)


class _Folded:
    """Folds each part once, however often it occurs."""

    def __init__(self) -> None:
        self._known: dict[sp.Basic, sp.Basic] = {}

    def of(self, e: sp.Basic) -> sp.Basic:
        if not e.args or isinstance(e, sp.Indexed | sp.IndexedBase):
            return e
        if e not in self._known:
            parts = [self.of(part) for part in e.args]
            same = all(a is b for a, b in zip(parts, e.args, strict=True))
            self._known[e] = self._at(e if same else e.func(*parts))
        return self._known[e]

    def _at(self, e: sp.Basic) -> sp.Basic:
        """A node whose parts are folded; what it becomes may fold again, parts and all."""
        if not isinstance(e, sp.Expr):
            return e
        made = next((new for folding in FOLDINGS if (new := folding.pattern(e)) is not None and new != e), None)
        return e if made is None else self.of(made)
