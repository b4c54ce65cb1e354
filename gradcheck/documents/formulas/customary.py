"""Functions that a document speaks of by name without saying what they are."""

from __future__ import annotations

from functools import lru_cache

from gradcheck.documents.document import Document

SPOKEN = {
    "sigmoid": ("sigmoid", "logistic function", "逻辑函数"),
    "relu": ("relu", "rectified linear", "整流"),
    "softplus": ("softplus",),
    "gelu": ("gelu", "gaussian error linear"),
    "tanh": ("tanh", "hyperbolic tangent", "双曲正切"),
    "softmax": ("softmax",),
    "silu": ("silu", "swish"),
    "Phi": ("cumulative distribution", "gaussian cumulative", "normal cumulative", "累积分布"),
}
"""What a text says where it speaks of a function."""


@lru_cache(maxsize=4)
def customary_functions(document: Document) -> frozenset[str]:
    """The functions of `SPOKEN` that the prose of a document names."""
    prose = " ".join(each.text.lower() for each in document.passages if each.kind == "prose")
    return frozenset(name for name, words in SPOKEN.items() if any(word in prose for word in words))
