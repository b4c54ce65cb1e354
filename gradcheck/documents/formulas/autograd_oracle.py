"""What torch says: a tree over tensors, differentiated by autograd."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from gradcheck.documents.formulas import quadrature
from gradcheck.documents.formulas.evaluation import CannotEvaluate, Evaluator
from gradcheck.documents.formulas.tree import (
    INFINITY,
    Cases,
    Condition,
    Derivative,
    Integral,
    Limit,
    Name,
    Negated,
    Node,
    Number,
    Series,
)

CONSTANTS = {"e": 2.718281828459045, "pi": 3.141592653589793}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    **{name: getattr(torch, name) for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log", "sqrt")},
    **{name: getattr(torch, name) for name in ("abs", "sign", "erf", "sigmoid", "relu", "atan", "asin", "acos")},
    **{name: getattr(torch.nn.functional, name) for name in ("softplus", "gelu", "silu", "elu", "mish", "softsign")},
    "max": torch.maximum,
    "min": torch.minimum,
    "leaky_relu": torch.nn.functional.leaky_relu,
    "log2": torch.log2,
    "square": torch.square,
    "log10": torch.log10,
}
WHOLE: dict[str, Callable[[Any], Any]] = {
    "sum": torch.sum,
    "mean": torch.mean,
    "norm": torch.linalg.vector_norm,
    "norm1": lambda x: x.abs().sum(),
    "tr": torch.trace,
    "det": torch.linalg.det,
    "logdet": lambda x: torch.log(torch.linalg.det(x)),
    "inverse": torch.linalg.inv,
    "softmax": lambda x: torch.softmax(x.reshape(-1), 0).reshape(x.shape),
    "log_softmax": lambda x: torch.log_softmax(x.reshape(-1), 0).reshape(x.shape),
    "logsumexp": lambda x: torch.logsumexp(x.reshape(-1), 0),
}


class AutogradOracle(Evaluator):
    """Values are tensors of double precision that require gradients."""

    def number(self, node: Number) -> Any:
        return torch.tensor(float(node.value), dtype=torch.float64)

    def constant(self, label: str) -> Any:
        return torch.tensor(CONSTANTS[label], dtype=torch.float64)

    def apply(self, function: str, arguments: list[Any]) -> Any:
        if function not in FUNCTIONS:
            raise CannotEvaluate(f"the function {function} is not known")
        try:
            return FUNCTIONS[function](*arguments)
        except TypeError:
            raise CannotEvaluate(f"{function} does not take {len(arguments)} arguments") from None

    def whole(self, function: str, argument: Any) -> Any:
        return WHOLE[function](argument)

    def choose(self, node: Cases) -> Any:
        for value, condition in zip(node.values, node.conditions, strict=True):
            if condition is None or self._holds(condition):
                return self.value(value)
        return self.value(node.values[-1])

    def _holds(self, condition: Condition) -> bool:
        left, right = float(self.value(condition.left)), float(self.value(condition.right))
        return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[condition.relation]

    def stack(self, entries: list[Any]) -> Any:
        return torch.stack(entries).reshape(-1, 1)

    def collapse(self, value: Any) -> Any:
        return value.reshape(())

    def limit(self, node: Limit) -> Any:
        return quadrature.limit(self._over(node.body, node.by), float(self._bound(node.toward)), node.side)

    def integral(self, node: Integral) -> Any:
        if any(isinstance(each, Integral) for each in node.body.walk()):
            raise CannotEvaluate("an integral within an integral")
        return quadrature.integral(self._over(node.body, node.by), self._bound(node.lower), self._bound(node.upper))

    def series(self, node: Series) -> Any:
        last = None if node.upper is None else round(float(self.value(node.upper)))
        return quadrature.series(self._over(node.body, node.by), round(float(self.value(node.lower))), last)

    def _bound(self, node: Node) -> Any:
        if node == INFINITY:
            return torch.tensor(torch.inf, dtype=torch.float64)
        return -self._bound(node.operand) if isinstance(node, Negated) else self.value(node)

    def _over(self, body: Node, by: Name) -> Callable[[Any], Any]:
        """The body as a function of the variable that a limit or an integral runs over."""

        def at(place: Any) -> Any:
            found = torch.as_tensor(place, dtype=torch.float64)
            self.values[by.label] = found if found.requires_grad else found.clone().requires_grad_()
            return self.value(body)

        return at

    def differentiate(self, node: Derivative) -> Any:
        before = dict(self.values)
        for label, value in node.where:
            self.values[label] = self.value(value).detach().clone().requires_grad_()
        assert node.of is not None
        found = self.value(node.of)
        for by in node.by:
            found = self._by(found, by)
        self.values = before
        return found

    def _by(self, of: Any, by: Any) -> Any:
        if not isinstance(by, Name):
            raise CannotEvaluate("a derivative is taken by a variable")
        whole = self.values[by.label]
        slopes = [self._slope(entry, whole) for entry in of.reshape(-1)]
        if by.indices:
            slopes = [self.pick(slope, by.indices) for slope in slopes]
        if not of.shape:
            return slopes[0]
        rows = torch.stack([slope.reshape(-1) for slope in slopes])
        return rows.reshape(of.shape) if not slopes[0].shape else rows

    def _slope(self, of: Any, by: Any) -> Any:
        if not of.requires_grad:
            return torch.zeros_like(by)
        (slope,) = torch.autograd.grad(of, by, create_graph=True, allow_unused=True, materialize_grads=True)
        return slope
