"""Scaled dot-product attention, masked and not, and several heads of it."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp
import torch
from torch.nn import functional

from gradcheck.symbolic.formula import Edge, Formula
from gradcheck.symbolic.tensors import delta, dimension, index, logsumexp, sum_over, tensor

m, n, d, e = dimension("m n d e")
i, k = index("i k")
Q, K, V, M = tensor("Q", m, d), tensor("K", n, d), tensor("V", n, e), tensor("M", m, n)

TOPIC = "attention"
Score = Callable[[sp.Expr, sp.Expr], sp.Expr]
VASWANI = "Vaswani et al., Attention Is All You Need (2017)"


def score(query: sp.Expr, key: sp.Expr) -> sp.Expr:
    """The entry of QKᵀ/√d."""
    return sum_over(d, lambda r: Q[query, r] * K[key, r]) / sp.sqrt(d)


def masked_score(query: sp.Expr, key: sp.Expr) -> sp.Expr:
    """The entry of QKᵀ/√d + M."""
    return score(query, key) + M[query, key]


def weight(query: sp.Expr, key: sp.Expr, scores: Score = score) -> sp.Expr:
    """The softmax of a query's scores."""
    return sp.exp(scores(query, key) - logsumexp(n, lambda r: scores(query, r)))


def attended(query: sp.Expr, feature: sp.Expr, scores: Score = score) -> sp.Expr:
    """The entry of softmax(QKᵀ/√d)V."""
    return sum_over(n, lambda r: weight(query, r, scores) * V[r, feature])


def by_score(key: sp.Expr, scores: Score = score) -> sp.Expr:
    """The derivative of the output at (i, k) by the score of query i and a key."""
    return weight(i, key, scores) * (V[key, k] - attended(i, k, scores))


FAR = {
    "Q": [[800.0, -800.0], [0.5, 1.0]],
    "K": [[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]],
    "V": [[1.0], [2.0], [-1.0]],
}

ATTENTION = Formula(
    name="attention",
    title="Scaled dot-product attention softmax(QKᵀ/√d)V",
    topic=TOPIC,
    definition=attended(i, k),
    variables=(Q, K, V),
    output={i: m, k: e},
    torch=lambda Q, K, V: functional.scaled_dot_product_attention(Q[None], K[None], V[None])[0],
    stated={
        "Q": lambda a, b: delta(i, a) * sum_over(n, lambda r: by_score(r) * K[r, b]) / sp.sqrt(d),
        "K": lambda a, b: by_score(a) * Q[i, b] / sp.sqrt(d),
        "V": lambda a, b: weight(i, a) * delta(k, b),
    },
    edges=(Edge("scores of ±800", FAR),),
    source=f"{VASWANI}, eq. 1",
)

MASKED = Formula(
    name="attention_masked",
    title="Attention with a mask M added to the scores",
    topic=TOPIC,
    definition=attended(i, k, masked_score),
    variables=(M, Q, K, V),
    wrt=("M",),
    output={i: m, k: e},
    torch=lambda M, Q, K, V: functional.scaled_dot_product_attention(Q[None], K[None], V[None], attn_mask=M)[0],
    stated={"M": lambda a, b: delta(i, a) * by_score(b, masked_score)},
    source=f"{VASWANI}, section 3.2.3",
)

h = sp.Integer(2)
HEAD_Q, HEAD_K, HEAD_V, OUT = tensor("Q", h, n, d), tensor("K", h, n, d), tensor("V", h, n, d), tensor("W", h, d, e)
UPSTREAM = tensor("G", n, e)


def head_score(head: sp.Expr, query: sp.Expr, key: sp.Expr) -> sp.Expr:
    """A head's score of two tokens."""
    return sum_over(d, lambda r: HEAD_Q[head, query, r] * HEAD_K[head, key, r]) / sp.sqrt(d)


def head_weight(head: sp.Expr, query: sp.Expr, key: sp.Expr) -> sp.Expr:
    """The softmax of a head's scores."""
    return sp.exp(head_score(head, query, key) - logsumexp(n, lambda r: head_score(head, query, r)))


def head_output(head: sp.Expr, query: sp.Expr, feature: sp.Expr) -> sp.Expr:
    """What a head gives for a token."""
    return sum_over(n, lambda key: head_weight(head, query, key) * HEAD_V[head, key, feature])


def carried_back(query: sp.Expr, head: sp.Expr, feature: sp.Expr) -> sp.Expr:
    """G carried back through the output projection to a head."""
    return sum_over(e, lambda r: UPSTREAM[query, r] * OUT[head, feature, r])


def by_head_score(head: sp.Expr, query: sp.Expr, key: sp.Expr) -> sp.Expr:
    """The derivative by a head's score of two tokens."""

    def term(feature: sp.Expr) -> sp.Expr:
        centred = HEAD_V[head, key, feature] - head_output(head, query, feature)
        return carried_back(query, head, feature) * centred

    return head_weight(head, query, key) * sum_over(d, term)


def multi_head(Q: torch.Tensor, K: torch.Tensor, V: torch.Tensor, W: torch.Tensor, G: torch.Tensor) -> torch.Tensor:
    """Σ G∘Y: the heads side by side, through the output projection."""
    heads = functional.scaled_dot_product_attention(Q[None], K[None], V[None])[0]
    beside = heads.transpose(0, 1).flatten(1)
    return torch.sum(G * functional.linear(beside, W.flatten(0, 1).mT))


MULTI_HEAD = Formula(
    name="multi_head_attention",
    title="Attention of two heads, from the heads' queries, keys and values, given the gradient G of what follows",
    topic=TOPIC,
    definition=sum_over(
        h, lambda r: sum_over(n, lambda s: sum_over(d, lambda t: head_output(r, s, t) * carried_back(s, r, t)))
    ),
    variables=(HEAD_Q, HEAD_K, HEAD_V, OUT, UPSTREAM),
    wrt=("Q", "K", "V", "W"),
    torch=multi_head,
    stated={
        "Q": lambda head, query, r: (
            sum_over(n, lambda key: by_head_score(head, query, key) * HEAD_K[head, key, r]) / sp.sqrt(d)
        ),
        "K": lambda head, key, r: (
            sum_over(n, lambda query: by_head_score(head, query, key) * HEAD_Q[head, query, r]) / sp.sqrt(d)
        ),
        "V": lambda head, key, r: sum_over(n, lambda s: carried_back(s, head, r) * head_weight(head, s, key)),
        "W": lambda head, feature, r: sum_over(n, lambda s: UPSTREAM[s, r] * head_output(head, s, feature)),
    },
    source=f"{VASWANI}, section 3.2.2",
)

FORMULAS = (ATTENTION, MASKED, MULTI_HEAD)
