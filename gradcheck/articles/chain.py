"""Judges backpropagation as the chain rule: local derivatives, multiplied from the output back to the input."""

from __future__ import annotations

import numpy as np

from gradcheck.articles import data as read
from gradcheck.articles.claims import Data, Judgement
from gradcheck.articles.diagnosis import diagnose_gradient
from gradcheck.articles.expressions import Expression, show
from gradcheck.articles.gradient import gradient
from gradcheck.results import Evidence


def chain_rule(data: Data) -> Judgement:
    """Judges whether the `layers`' stated local Jacobians, multiplied layer by layer, give the gradient of the whole.

    Each layer is a pair of expressions in its input `h` and the values in `at`: the output, and its Jacobian (output
    axes, then input axes). The first layer's input is `at["h"]`; the last layer's output is a scalar.
    """
    at, layers = read.arrays(data, "at"), read.pairs(data, "layers")
    whole = "h"
    inputs = [at["h"]]
    for output, _ in layers:
        whole = Expression(output).substituted("h", whole)
        inputs.append(Expression(output).numpy({**at, "h": inputs[-1]}))
    found = gradient(whole, at, "h")
    backwards = np.ones(())
    evidence = []
    for (output, local), layer_input in zip(reversed(layers), reversed(inputs[:-1]), strict=True):
        jacobian = np.asarray(Expression(local).numpy({**at, "h": layer_input}), dtype=np.float64)
        backwards = backwards * jacobian if backwards.ndim == 0 else backwards @ jacobian
        evidence.append(Evidence("chain rule", f"through `{output}`: {show(backwards)}"))
    confirmed = found.agrees(backwards)
    return Judgement(
        status="confirmed" if confirmed else "refuted",
        actual=f"the gradient of `{whole}` by its input is {show(found.symbolic)}",
        rule="the product of the local Jacobians equals the gradient of the whole composition by every oracle",
        diagnosis=None if confirmed else diagnose_gradient([backwards], [found], "the composition"),
        evidence=(*evidence, *found.evidence),
        suggestion="" if confirmed else "correct the local derivative",
    )
