"""Hold a derivation's last line against autograd: compiled to NumPy, at a random point of the formula's domain."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import sympy as sp
import torch
from numpy.typing import NDArray

from gradcheck.checking.oracles import reverse
from gradcheck.checking.verdict import Comparison, compare_exact, term_size
from gradcheck.errors import UsageError
from gradcheck.symbolic.compile import compile_expression
from gradcheck.symbolic.derivations.derivation import Derivation, written_out
from gradcheck.symbolic.derivations.verification import name_of
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.points import distinct_sizes, sample_point

Compiled = Callable[..., Any]


def check_derivation(derivation: Derivation, seed: int = 0, choice: int = 0) -> Comparison:
    """The compiled last line beside the derivative by autograd, at a random point.

    `choice` selects the sizes. Autograd differentiates the formula's torch counterpart, or the definition compiled to
    torch where it has none. Raises UsageError for a derivation that does not say what it differentiates.

    >>> from gradcheck import derive
    >>> check_derivation(derive("softmax")).verdict
    <Verdict.CORRECT: 'CORRECT'>
    """
    formula = derivation.formula
    if formula is None:
        raise UsageError("derivation: it does not say what formula it differentiates")
    sizes = distinct_sizes(formula.dimensions, choice)
    values = sample_point(formula, sizes, np.random.default_rng(seed))
    inputs = [values[name] for name in formula.variable_names]
    compiled = compiled_result(derivation, formula)
    analytic = np.asarray(compiled(*inputs), dtype=float)
    return compare_exact(analytic, by_autograd(derivation, formula, inputs), term_size(compiled, inputs))


def compiled_result(derivation: Derivation, formula: Formula) -> Compiled:
    """A function of the formula's variables: the named intermediates in order, then the last line."""
    variables: list[Any] = list(formula.variables)
    parts: list[tuple[str, Compiled]] = []
    for name, meaning in derivation.definitions:
        base = name.base if isinstance(name, sp.Indexed) else name
        axes = dict(zip(name.indices, base.shape, strict=True)) if isinstance(name, sp.Indexed) else {}
        parts.append((name_of(name), compile_expression(meaning, variables, axes)))
        variables.append(base)
    last = compile_expression(derivation.steps[-1].line, variables, derivation.axes)

    def compiled(*inputs: Any) -> Any:
        values = list(inputs)
        for _, part in parts:
            values.append(part(*values))
        return last(*values)

    return compiled


def by_autograd(derivation: Derivation, formula: Formula, inputs: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """The derivative by torch, one reverse pass for each order."""
    function = _torch_function(derivation, formula)
    *first, last = (formula.variable_names.index(name_of(entry)) for entry in derivation.entries)
    for place in first:
        function = torch.func.jacrev(function, argnums=place)
    return reverse(function, inputs, last)


def _torch_function(derivation: Derivation, formula: Formula) -> Compiled:
    if formula.topic != "expressions":
        return formula.torch
    closed = written_out(formula.definition, derivation.intermediates)
    return compile_expression(closed, formula.variables, formula.output, "torch")
