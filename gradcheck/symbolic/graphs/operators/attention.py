"""What attention needs besides products: a softmax of scores of which some are minus infinity."""

from __future__ import annotations

from typing import Any

from gradcheck.symbolic.graphs.operators import Operator
from gradcheck.symbolic.graphs.operators.softmax import softmax
from gradcheck.symbolic.graphs.tensors import GraphTensor


def safe_softmax(x: GraphTensor, dim: int, *_: Any) -> GraphTensor:
    """The softmax. Where every score is minus infinity torch has 0 and the formula no number, so it is not believed."""
    return softmax(x, dim)


OPERATORS: dict[str, Operator] = {"_safe_softmax": safe_softmax}
