"""Multi-head attention from its inputs: the projections to the query, keys and values of two heads, and the output's.

A token looks at tokens S; with several such, the derivatives are the sums of theirs. The weights' first axis is the
head, so that a row of torch's projection is a feature of a head. The gradients are those of Σ g∘y, which carry the
gradient g of what follows back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp
import torch
from torch.nn import functional

from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.tensors import dimension, logsumexp, sum_over, tensor

Entry = Callable[..., sp.Expr]
d, n = dimension("d n")
h = sp.Integer(2)
width = h * d
VASWANI = "Vaswani et al., Attention Is All You Need (2017), section 3.2.2"


@dataclass(frozen=True)
class Heads:
    """The heads by their queries, keys and values, and the derivative by what a head gives."""

    query: Entry
    key: Entry
    value: Entry
    by_attended: Entry

    def score(self, head: sp.Expr, t: sp.Expr) -> sp.Expr:
        """A head's score of a token."""
        return sum_over(d, lambda r: self.query(head, r) * self.key(head, t, r)) / sp.sqrt(d)

    def weight(self, head: sp.Expr, t: sp.Expr) -> sp.Expr:
        """The softmax of a head's scores."""
        return sp.exp(self.score(head, t) - logsumexp(n, lambda other: self.score(head, other)))

    def attended(self, head: sp.Expr, r: sp.Expr) -> sp.Expr:
        """What a head gives."""
        return sum_over(n, lambda t: self.weight(head, t) * self.value(head, t, r))

    def by_score(self, head: sp.Expr, t: sp.Expr) -> sp.Expr:
        """The derivative by a head's score of a token."""
        centred = sum_over(d, lambda r: self.by_attended(head, r) * (self.value(head, t, r) - self.attended(head, r)))
        return self.weight(head, t) * centred

    def by_query(self, head: sp.Expr, r: sp.Expr) -> sp.Expr:
        """The derivative by a feature of the query."""
        return sum_over(n, lambda t: self.by_score(head, t) * self.key(head, t, r)) / sp.sqrt(d)

    def by_key(self, head: sp.Expr, t: sp.Expr, r: sp.Expr) -> sp.Expr:
        """The derivative by a feature of a key."""
        return self.by_score(head, t) * self.query(head, r) / sp.sqrt(d)


def over_features(body: Entry) -> sp.Expr:
    """The sum over heads and their features."""
    return sum_over(h, lambda head: sum_over(d, lambda r: body(head, r)))


def attend(
    x: torch.Tensor,
    S: torch.Tensor,
    weights: tuple[torch.Tensor, torch.Tensor],
    biases: tuple[torch.Tensor, torch.Tensor] | None = None,
) -> torch.Tensor:
    """torch's own function, from the weights and biases of the input and the output projection."""
    (into, out), (into_bias, out_bias) = weights, biases or (None, None)
    y, _ = functional.multi_head_attention_forward(
        x[None],
        S,
        S,
        embed_dim_to_check=len(x),
        num_heads=int(h),
        in_proj_weight=into,
        in_proj_bias=into_bias,
        bias_k=None,
        bias_v=None,
        add_zero_attn=False,
        dropout_p=0.0,
        out_proj_weight=out,
        out_proj_bias=out_bias,
        need_weights=False,
    )
    return y[0]


x, S, g = tensor("x", width), tensor("S", n, width), tensor("g", width)
WQ, WK, WV = (tensor(name, h, d, width) for name in ("WQ", "WK", "WV"))
WO = tensor("WO", width, h, d)
WEIGHTED = Heads(
    query=lambda head, r: sum_over(width, lambda k: WQ[head, r, k] * x[k]),
    key=lambda head, t, r: sum_over(width, lambda k: WK[head, r, k] * S[t, k]),
    value=lambda head, t, r: sum_over(width, lambda k: WV[head, r, k] * S[t, k]),
    by_attended=lambda head, r: sum_over(width, lambda k: g[k] * WO[k, head, r]),
)

WEIGHTS = Formula(
    name="multi_head_attention_weights",
    title="Attention of two heads, by the weights of its projections, given the gradient g of what follows",
    topic="attention",
    definition=over_features(lambda head, r: WEIGHTED.by_attended(head, r) * WEIGHTED.attended(head, r)),
    variables=(x, S, WQ, WK, WV, WO, g),
    wrt=("WQ", "WK", "WV", "WO"),
    torch=lambda x, S, WQ, WK, WV, WO, g: torch.sum(
        g * attend(x, S, (torch.cat([W.flatten(0, 1) for W in (WQ, WK, WV)]), WO.flatten(1)))
    ),
    stated={
        "WQ": lambda head, r, k: WEIGHTED.by_query(head, r) * x[k],
        "WK": lambda head, r, k: sum_over(n, lambda t: WEIGHTED.by_key(head, t, r) * S[t, k]),
        "WV": lambda head, r, k: (
            WEIGHTED.by_attended(head, r) * sum_over(n, lambda t: WEIGHTED.weight(head, t) * S[t, k])
        ),
        "WO": lambda k, head, r: g[k] * WEIGHTED.attended(head, r),
    },
    source=VASWANI,
)

u, T, upstream = tensor("u", h, d), tensor("T", n, h, d), tensor("g", h, d)
bq, bk, bv, bo = (tensor(name, h, d) for name in ("bq", "bk", "bv", "bo"))
BIASED = Heads(
    query=lambda head, r: u[head, r] + bq[head, r],
    key=lambda head, t, r: T[t, head, r] + bk[head, r],
    value=lambda head, t, r: T[t, head, r] + bv[head, r],
    by_attended=lambda head, r: upstream[head, r],
)


def biased(u: torch.Tensor, T: torch.Tensor, *rest: torch.Tensor) -> torch.Tensor:
    """Σ g∘y, the weights being identity matrices."""
    *biases, out_bias, g = (each.flatten() for each in rest)
    eye = torch.eye(u.numel(), dtype=u.dtype)
    y = attend(u.flatten(), T.flatten(1), (torch.cat([eye, eye, eye]), eye), (torch.cat(biases), out_bias))
    return torch.sum(g * y)


BIASES = Formula(
    name="multi_head_attention_biases",
    title="Attention of two heads, by the biases of its projections, given the gradient g of what follows",
    topic="attention",
    definition=over_features(lambda head, r: upstream[head, r] * (BIASED.attended(head, r) + bo[head, r])),
    variables=(u, T, bq, bk, bv, bo, upstream),
    wrt=("bq", "bv", "bo"),
    torch=biased,
    stated={"bq": BIASED.by_query, "bv": BIASED.by_attended, "bo": BIASED.by_attended},
    kinks="none; the bias bk of the keys adds the same to all of a head's scores, so the derivative by it is 0",
    source=VASWANI,
)

FORMULAS = (WEIGHTS, BIASES)
