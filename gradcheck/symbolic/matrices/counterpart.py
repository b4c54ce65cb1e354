"""A matrix expression as a torch function, read off its syntax tree and not off its entries."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gradcheck.symbolic.compile import Variable, variable_name, variable_shape
from gradcheck.symbolic.matrices.vocabulary import VOCABULARY, torch_function
from gradcheck.symbolic.parser import CONSTANTS

OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.MatMult: operator.matmul,
    ast.UAdd: operator.pos,
    ast.USub: operator.neg,
}


def torch_counterpart(tree: ast.expr, variables: Sequence[Variable]) -> Callable[..., Any]:
    """A function of the variables, in order, that computes the expression with torch's own functions.

    The tree must have been read by `matrix_parser` before.
    """

    def counterpart(*values: Any) -> Any:
        import torch

        like = next((value for value in values if value.is_floating_point()), torch.zeros((), dtype=torch.float64))
        known: dict[str, Any] = {name: float(number) for name, number in CONSTANTS.items()}
        for variable, value in zip(variables, values, strict=True):
            known[variable_name(variable)] = value
            known |= {size.name: length for size, length in zip(variable_shape(variable), value.shape, strict=True)}
        return torch.as_tensor(_value(tree, known, like), dtype=like.dtype)

    return counterpart


def _value(node: ast.expr, known: Mapping[str, Any], like: Any) -> Any:
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name):
            return known[name]
        case ast.UnaryOp(op=sign, operand=operand):
            return OPERATORS[type(sign)](_value(operand, known, like))
        case ast.BinOp(left=left, op=sign, right=right):
            return OPERATORS[type(sign)](_value(left, known, like), _value(right, known, like))
        case ast.Attribute(value=inner):
            whole = _value(inner, known, like)
            return whole.T if whole.ndim == 2 else whole
        case ast.Call():
            return _call(node, known, like)
    raise TypeError(f"{type(node).__name__} was not read by the parser")


def _call(node: ast.Call, known: Mapping[str, Any], like: Any) -> Any:
    import torch

    assert isinstance(node.func, ast.Name)
    word, function = VOCABULARY[node.func.id], torch_function(node.func.id)
    given = [_value(argument, known, like) for argument in node.args[: word.takes[1]]]
    if word.of_sizes:
        return function(*given, dtype=like.dtype)
    arguments = [torch.as_tensor(value, dtype=like.dtype) for value in given]
    if not word.has_axis:
        return function(*arguments)
    axis = [*node.args[word.takes[1] :], *(each.value for each in node.keywords)]
    chosen = _value(axis[0], known, like) if axis else word.default_axis
    return function(*arguments) if chosen is None else function(*arguments, dim=chosen)
