"""What attention needs besides products: a softmax of scores of which some are minus infinity."""

from __future__ import annotations

from typing import Any

from gradcheck.symbolic.graphs.operators import Operator
from gradcheck.symbolic.graphs.operators.softmax import softmax
from gradcheck.symbolic.graphs.tensors import GraphTensor


def safe_softmax(x: GraphTensor, dim: int, *_: Any) -> GraphTensor:
    """The softmax; torch has 0 where every score is minus infinity, which a formula that has no number there is not."""
    return softmax(x, dim)


OPERATORS: dict[str, Operator] = {"_safe_softmax": safe_softmax}
