"""A catalogue formula as the expected gradient of a function: its variables are bound to the function's arguments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sympy as sp
import torch
from torch.utils import _pytree as pytree

from gradcheck.checking.evaluation.graph import Gradients
from gradcheck.checking.evaluation.torch_function import Tensors, TorchFunction, input_names
from gradcheck.checking.expectations.expectation import Call, Expected
from gradcheck.errors import UsageError
from gradcheck.symbolic.compile import is_integer, variable_name, variable_shape
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.pullback import pullback

Binding = dict[str, str]
"""From a formula's variable to the argument or parameter that it stands for."""


def formula_products(given: str | Formula, call: Call, function: TorchFunction, outputs: Tensors) -> Expected:
    """v·J by the formula's symbolic derivative, without a Jacobian; UsageError where it does not fit the arguments."""
    formula = _formula(given)
    arguments = _arguments(call, function)
    bound = _bind(formula, arguments, list(_flat(call)))
    values = {variable: arguments[name] for variable, name in bound.items()}
    sizes = _sizes(formula, bound, values)
    _check_output(formula, outputs, sizes)
    ready = [_ready(values[name], formula, name) for name in formula.variable_names]
    by_leaf = {name: variable for variable, name in bound.items() if variable in formula.wrt}
    if not any(leaf.name in by_leaf for leaf in function.leaves):
        checked = ", ".join(leaf.name for leaf in function.leaves)
        raise UsageError(f"expected: the formula {formula.name!r} has no derivative by {checked}")

    def products(v: Tensors) -> Gradients:
        weight = v[0].detach().cpu().double()
        found = (by_leaf.get(leaf.name) for leaf in function.leaves)
        return [None if each is None else pullback(formula, each, "torch")(*ready, weight) for each in found]

    silent = tuple(leaf.name for leaf in function.leaves if leaf.name not in by_leaf)
    return Expected(f"the formula {formula.name!r}", products, silent)


def _formula(given: str | Formula) -> Formula:
    if isinstance(given, Formula):
        return given
    if not isinstance(given, str):
        raise UsageError(f"expected must be a formula's name or a Formula; got {type(given).__name__}")
    from gradcheck import catalogue

    return catalogue.formula(given)


def _arguments(call: Call, function: TorchFunction) -> dict[str, Any]:
    """Every argument and parameter by name."""
    return {**_flat(call), **{leaf.name: leaf.value for leaf in function.leaves}}


def _flat(call: Call) -> dict[str, Any]:
    values = pytree.tree_leaves((call.inputs, dict(call.kwargs)))
    return dict(zip(input_names(call.fn, call.inputs, call.kwargs), values, strict=True))


def _bind(formula: Formula, arguments: Mapping[str, Any], in_order: list[str]) -> Binding:
    """By name where every variable is an argument's name; else in order: the tensors, or tensors and numbers."""
    variables = formula.variable_names
    if all(variable in arguments for variable in variables):
        return {variable: variable for variable in variables}
    tensors = [name for name in in_order if torch.is_tensor(arguments[name])]
    numbers = [name for name in in_order if torch.is_tensor(arguments[name]) or _is_number(arguments[name])]
    for names in (tensors, numbers):
        if len(names) == len(variables):
            return dict(zip(variables, names, strict=True))
    raise UsageError(
        f"expected: the formula {formula.name!r} has the variables {', '.join(variables)}; accepted are arguments of"
        f" these names, or as many in this order; got {', '.join(in_order) or 'none'}"
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _sizes(formula: Formula, bound: Binding, values: Mapping[str, Any]) -> dict[sp.Expr, int]:
    """The size that each dimension has in the arguments; UsageError where shapes do not fit the variables'."""
    sizes: dict[sp.Expr, int] = {}
    for variable in formula.variables:
        name, symbolic = variable_name(variable), variable_shape(variable)
        shape = tuple(torch.as_tensor(values[name]).shape)
        pairs = list(zip(symbolic, shape, strict=False))
        fits = len(shape) == len(symbolic) and all(sizes.setdefault(d, n) == n for d, n in pairs if d.is_Symbol)
        if not fits or any(sp.sympify(d).subs(sizes) != n for d, n in pairs):
            known = ", ".join(f"{d} = {n}" for d, n in sizes.items())
            raise UsageError(
                f"expected: the formula {formula.name!r} takes {name} of shape {_written(symbolic)}"
                f"{f' with {known}' if known and symbolic else ''}; {bound[name]} has shape {_written(shape)}"
            )
    return sizes


def _check_output(formula: Formula, outputs: Tensors, sizes: Mapping[sp.Expr, int]) -> None:
    shape = tuple(int(sp.sympify(size).subs(sizes)) for size in formula.output.values())
    if len(outputs) != 1 or tuple(outputs[0].shape) != shape:
        found = ", ".join(_written(tuple(out.shape)) for out in outputs)
        raise UsageError(
            f"expected: the formula {formula.name!r} returns shape {_written(shape)} here; fn returns {found}"
        )


def _ready(value: Any, formula: Formula, name: str) -> torch.Tensor:
    """A value in double precision, or as integers where the variable holds those."""
    tensor = torch.as_tensor(value).detach().cpu()
    if tensor.is_complex():
        raise UsageError(f"expected: the formula {formula.name!r} takes real numbers; {name} is complex")
    return tensor.long() if is_integer(formula.variable(name)) else tensor.double()


def _written(shape: tuple[Any, ...]) -> str:
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
