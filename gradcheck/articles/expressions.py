"""One expression, three backends: the same text is evaluated with torch, with NumPy, and with SymPy.

The text is Python over arrays: `((w * x + b - y) ** 2).mean()`. Methods that tensors, arrays and object arrays share
(`.sum()`, `.mean()`, `.T`, `@`, indexing) need nothing from us; the functions stand in one table below. Texts come from
claims in this package, never from an article that somebody hands in.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from types import CodeType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import torch

Backend = Literal["torch", "numpy", "sympy"]

SHARED_NAMES = ("exp", "log", "sin", "cos", "tanh", "sqrt")
"""The functions that torch, NumPy and SymPy all call by the same name."""


@dataclass(frozen=True)
class Expression:
    """A text in named variables.

    >>> square = Expression("(a * x).sum() ** 2")
    >>> sorted(square.variables)
    ['a', 'x']
    >>> float(square.numpy({"a": np.array([1.0, 2.0]), "x": np.array([3.0, 1.0])}))
    25.0
    """

    text: str

    @property
    def variables(self) -> frozenset[str]:
        """The names that must be given a value."""
        return _variables(self.text)

    def torch(self, values: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """The value as a tensor, tracked by autograd."""
        import torch

        return torch.as_tensor(self._evaluate("torch", values))

    def numpy(self, values: Mapping[str, Any]) -> NDArray[Any]:
        """The value as an array; complex where an input is."""
        return np.asarray(self._evaluate("numpy", values))

    def sympy(self, values: Mapping[str, NDArray[np.object_]]) -> NDArray[np.object_]:
        """The value as an object array of SymPy expressions, from object arrays of them.

        Raises `ValueError` where the text compares values, which symbols cannot answer.
        """
        try:
            return np.asarray(self._evaluate("sympy", values), dtype=object)
        except TypeError as error:
            raise ValueError(
                f"{self.text!r} cannot be evaluated on symbols; a kink is stated with relu: {error}"
            ) from error

    def substituted(self, name: str, text: str) -> str:
        """The text with the variable `name` replaced by the expression `text`.

        >>> Expression("(A @ h) ** 2").substituted("h", "x + y")
        '(A @ (x + y)) ** 2'
        """
        tree = ast.parse(self.text, mode="eval")
        return ast.unparse(_Substitution(name, ast.parse(text, mode="eval").body).visit(tree))

    def _evaluate(self, backend: Backend, values: Mapping[str, Any]) -> Any:
        missing = self.variables - values.keys()
        if missing:
            raise ValueError(f"the expression {self.text!r} needs a value for {', '.join(sorted(missing))}")
        return eval(_code(self.text), {**_functions(backend), **values})


class _Substitution(ast.NodeTransformer):
    def __init__(self, name: str, replacement: ast.expr) -> None:
        self.name, self.replacement = name, replacement

    def visit_Name(self, node: ast.Name) -> ast.expr:  # ast's own naming
        return self.replacement if node.id == self.name else node


@cache
def _variables(text: str) -> frozenset[str]:
    names = {node.id for node in ast.walk(ast.parse(text, mode="eval")) if isinstance(node, ast.Name)}
    return frozenset(names - _functions("numpy").keys())


@cache
def _code(text: str) -> CodeType:
    return compile(text, "<expression>", "eval")


@cache
def _functions(backend: Backend) -> dict[str, Callable[..., Any]]:
    return {"torch": _torch_functions, "numpy": _numpy_functions, "sympy": _sympy_functions}[backend]()


def _torch_functions() -> dict[str, Callable[..., Any]]:
    import torch

    shared = {name: getattr(torch, name) for name in SHARED_NAMES}
    return shared | {
        "sigmoid": torch.sigmoid,
        "relu": torch.relu,
        "norm": torch.linalg.vector_norm,
        "where": torch.where,
        "stack": lambda *parts: torch.stack(parts),
        "softmax": lambda x: torch.softmax(x, -1),
        "eye": lambda n: torch.eye(n, dtype=torch.float64),
        "diag": torch.diag,
        "len": len,
    }


def _numpy_functions() -> dict[str, Callable[..., Any]]:
    shared = {name: getattr(np, name) for name in SHARED_NAMES}
    return shared | {
        "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
        "relu": lambda x: np.where(np.real(x) > 0, x, 0 * x),
        "norm": lambda x: np.sqrt((x * x).sum()),
        "where": np.where,
        "stack": lambda *parts: np.stack(parts),
        "softmax": lambda x: np.exp(x - np.real(x).max()) / np.exp(x - np.real(x).max()).sum(),
        "eye": np.eye,
        "diag": np.diag,
        "len": len,
    }


def _sympy_functions() -> dict[str, Callable[..., Any]]:
    import sympy as sp

    from gradcheck.symbolic import functions

    def entrywise(scalar: Callable[[Any], Any]) -> Callable[..., Any]:
        vectorised: Callable[..., Any] = np.frompyfunc(scalar, 1, 1)
        return vectorised

    shared = {name: entrywise(getattr(sp, name)) for name in SHARED_NAMES}
    exp = shared["exp"]
    return shared | {
        "sigmoid": entrywise(functions.sigmoid),
        "relu": entrywise(functions.relu),
        "norm": lambda x: sp.sqrt((x * x).sum()),
        "where": np.where,
        "stack": lambda *parts: np.array(parts, dtype=object),
        "softmax": lambda x: exp(x) / exp(x).sum(),
        "eye": lambda n: np.array(sp.eye(n).tolist(), dtype=object),
        "diag": lambda x: np.array(sp.diag(*x).tolist(), dtype=object),
        "len": len,
    }


def show(values: Any, digits: int = 6) -> str:
    """Numbers for a reader: `digits` significant digits, arrays in brackets, no negative zero.

    >>> show(np.array([1 / 3, -0.0, 1e-9]))
    '[0.333333, 0, 1e-09]'
    >>> show(-17.3333333333)
    '-17.3333'
    """
    found = np.asarray(values)
    if found.ndim:
        return f"[{', '.join(show(entry, digits) for entry in found)}]"
    value = float(found)
    if not math.isfinite(value):
        return str(value)
    return f"{value + 0.0:.{digits}g}" if value else "0"
