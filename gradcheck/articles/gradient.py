"""The gradient of an expression, asked of every oracle: SymPy, autograd both ways, finite differences, complex step.

No single oracle is believed. `gradient` raises `OraclesDisagree` unless all of them tell the same, so that a claim is
judged by an agreed value or becomes an `error`, never by one program's opinion of itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.articles.data import Array
from gradcheck.articles.expressions import Expression, show
from gradcheck.results import Evidence

if TYPE_CHECKING:
    import torch

    from gradcheck.numeric.difference import Estimate

ROUNDING = 1e-12
"""How far two float64 evaluations of one formula may lie apart, relative to the largest entry: many roundings."""


class OraclesDisagree(ArithmeticError):
    """Two oracles give different derivatives of one expression: nothing can be judged by them."""


@dataclass(frozen=True)
class Kink:
    """An entry where the slopes from the left and from the right differ."""

    index: tuple[int, ...]
    left: float
    right: float

    def has_between(self, slope: float) -> bool:
        """Whether a slope lies between those of the two sides, to the rounding of what is measured.

        >>> Kink((), 0.0, 1 - 1e-16).has_between(1.0), Kink((), 0.0, 1.0).has_between(1.1)
        (True, False)
        """
        low, high = sorted((self.left, self.right))
        slack = ROUNDING * max(abs(low), abs(high))
        return low - slack <= slope <= high + slack


@dataclass(frozen=True)
class Gradient:
    """What the oracles say about one derivative: output axes first, then the axes of the variable.

    `exact` holds SymPy numbers where there are any, `symbolic` the same as float64. `kinks` names the entries where the
    function has no derivative; the complex step follows one side there and is not asked.
    """

    exact: NDArray[np.object_] | None
    symbolic: Array
    reverse: Array
    forward: Array
    difference: Estimate
    complex_step: Array | None
    kinks: tuple[Kink, ...] = ()

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """One line for each oracle."""
        found = [
            Evidence("symbolic", show(self.symbolic) if self.exact is None else show_exact(self.exact)),
            Evidence("reverse", show(self.reverse)),
            Evidence("forward", show(self.forward)),
            Evidence("finite_difference", self._difference_text(), error_bar=self._error_bar()),
        ]
        if self.complex_step is not None:
            found.append(Evidence("complex_step", show(self.complex_step)))
        return tuple(found)

    def _difference_text(self) -> str:
        kinks = "; ".join(
            f"at entry {', '.join(map(str, kink.index))} the slope is {show(kink.left)} from the left and "
            f"{show(kink.right)} from the right"
            for kink in self.kinks
        )
        return show(self.difference.value) + (f" ({kinks})" if kinks else "")

    def _error_bar(self) -> str:
        smooth = np.ones(self.symbolic.shape, dtype=bool)
        for kink in self.kinks:
            smooth[kink.index] = False
        bars = np.asarray(self.difference.error_bar)[smooth]
        return show(bars.max() if bars.size else 0.0, digits=1)

    def agrees(self, stated: Array) -> bool:
        """Whether `stated` has the shape and, to rounding, the entries of the derivative."""
        return stated.shape == self.symbolic.shape and close(stated, self.symbolic)


def close(left: Array, right: Array) -> bool:
    """Whether two arrays are one to rounding.

    >>> close(np.array([1.0, 0.1 + 0.2]), np.array([1.0, 0.3])), close(np.array([1.0]), np.array([1.0 + 1e-6]))
    (True, False)
    """
    scale = max(float(np.max(np.abs(right), initial=0.0)), np.finfo(float).tiny)
    return left.shape == right.shape and bool(np.all(np.abs(left - right) <= ROUNDING * scale))


def gradient(
    text: str, at: Mapping[str, Array], wrt: str, *, total: bool = False, derived: Array | None = None
) -> Gradient:
    """The derivative of the expression `text` by the variable `wrt` at the values `at`, agreed by every oracle.

    A vector-valued expression gives its Jacobian; with `total`, the gradient of the sum of its entries. `derived` is
    the symbolic derivative where SymPy has found it before. Raises `OraclesDisagree` where the oracles differ,
    `ValueError` where the expression needs a value that `at` lacks.

    >>> found = gradient("(x ** 2).sum()", {"x": np.array([1.0, -3.0])}, "x")
    >>> show(found.symbolic)
    '[2, -6]'
    """
    from gradcheck.checking import oracles
    from gradcheck.numeric import difference

    expression = Expression(text)
    if wrt not in at:
        raise ValueError(f"the expression {text!r} cannot be differentiated by {wrt!r}: it has no value")
    if missing := expression.variables - at.keys():
        raise ValueError(f"the expression {text!r} needs a value for {', '.join(sorted(missing))}")
    names = [wrt, *sorted(expression.variables - {wrt})]
    inputs = [at[name] for name in names]

    torch_fn, numpy_fn = _callables(expression, names, total)
    values = {name: at[name] for name in names}
    exact = symbolic_derivative(expression, values, wrt, total) if derived is None else None
    found = Gradient(
        exact=exact,
        symbolic=_either(derived, exact),
        reverse=oracles.reverse(torch_fn, inputs, 0),
        forward=oracles.forward(torch_fn, inputs, 0),
        difference=difference.jacobian(numpy_fn, inputs, 0),
        complex_step=_complex_step(numpy_fn, inputs),
    )
    return _agreed(found)


def _callables(
    expression: Expression, names: list[str], total: bool
) -> tuple[Callable[..., torch.Tensor], Callable[..., NDArray[Any]]]:
    """The expression as a function of the named values, in their order: on tensors, and on arrays."""

    def torch_fn(*values: torch.Tensor) -> torch.Tensor:
        output = expression.torch(dict(zip(names, values, strict=True)))
        return output.sum() if total else output

    def numpy_fn(*values: NDArray[Any]) -> NDArray[Any]:
        output = expression.numpy(dict(zip(names, values, strict=True)))
        return np.asarray(output.sum()) if total else output

    return torch_fn, numpy_fn


def _either(derived: Array | None, exact: NDArray[np.object_] | None) -> Array:
    return to_floats(exact) if exact is not None else np.asarray(derived, dtype=np.float64)


def slope_along(text: str, at: Mapping[str, Array], wrt: str, direction: Array) -> Array:
    """The derivative of the expression along `direction` in its variable `wrt`, by forward mode; the output's shape.

    >>> slope_along("(x ** 2).sum()", {"x": np.array([1.0, -3.0])}, "x", np.array([0.0, 1.0]))
    array(-6.)
    """
    import torch

    from gradcheck.checking import oracles

    tensors = {name: torch.tensor(value) for name, value in at.items()}
    along = torch.tensor(direction)

    def line(t: torch.Tensor) -> torch.Tensor:
        return Expression(text).torch({**tensors, wrt: tensors[wrt] + t[0] * along})

    return np.asarray(oracles.forward(line, [np.zeros(1)], 0))[..., 0]


def symbolic_derivative(
    expression: Expression, at: Mapping[str, Array], wrt: str, total: bool = False
) -> NDArray[np.object_]:
    """SymPy's derivative as numbers: the output's axes (none with `total`), then the axes of `wrt`.

    The numbers are exact where the derivative is a rational function, else the formula's value in double precision.
    """
    import sympy as sp

    from gradcheck.symbolic.kernels import NUMPY

    exact_values = {name: _rationals(value) for name, value in at.items()}
    symbols = np.empty(at[wrt].shape, dtype=object)
    for index in np.ndindex(symbols.shape):
        symbols[index] = sp.Symbol("_".join([wrt, *map(str, index)]))
    output = expression.sympy({**exact_values, wrt: symbols})
    if total:
        output = np.asarray(output.sum(), dtype=object)
    derivatives = [sp.diff(entry, symbol) for entry in output.flat for symbol in symbols.flat]
    values = dict(zip(symbols.flat, exact_values[wrt].flat, strict=True))
    if all(derivative.is_rational_function() for derivative in derivatives):
        found = [derivative.xreplace(values) for derivative in derivatives]
    else:
        compiled = sp.lambdify(list(symbols.flat), derivatives, [NUMPY, "numpy"], cse=True)
        found = [sp.Float(value) for value in compiled(*at[wrt].ravel().tolist())]
    derivative = np.empty(len(found), dtype=object)
    derivative[:] = found
    return derivative.reshape(output.shape + symbols.shape)


def to_floats(exact: NDArray[np.object_]) -> Array:
    """SymPy numbers as float64."""
    return np.array([float(entry) for entry in exact.flat], dtype=np.float64).reshape(exact.shape)


def show_exact(exact: NDArray[np.object_]) -> str:
    """SymPy numbers for a reader: `-52/3 = -17.3333` where the exact form is short, else decimals."""
    forms = np.array([str(entry) for entry in exact.flat], dtype=object).reshape(exact.shape)
    if any("/" in form for form in forms.flat) and all(len(form) <= 12 for form in forms.flat):
        return f"{_bracket(forms)} = {show(to_floats(exact))}"
    return show(to_floats(exact))


def _bracket(forms: NDArray[np.object_]) -> str:
    return f"[{', '.join(_bracket(np.asarray(entry, dtype=object)) for entry in forms)}]" if forms.ndim else str(forms)


def _rationals(values: Array) -> NDArray[np.object_]:
    """The decimals that the floats were written as, exactly."""
    import sympy as sp

    found = np.empty(values.shape, dtype=object)
    for index in np.ndindex(values.shape):
        found[index] = sp.Rational(repr(float(values[index])))
    return found


def _complex_step(f: Callable[..., NDArray[Any]], inputs: list[Array]) -> Array | None:
    from gradcheck.numeric import complex_step

    try:
        return np.asarray(complex_step.jacobian(f, inputs, 0).value)
    except complex_step.ComplexStepUnsupported:
        return None


def _agreed(found: Gradient) -> Gradient:
    """The same, with its kinks named; raises `OraclesDisagree` where an oracle contradicts the symbolic derivative."""
    for name in ("reverse", "forward"):
        if not close(getattr(found, name), found.symbolic):
            raise OraclesDisagree(f"symbolic {show(found.symbolic)} and {name} {show(getattr(found, name))} differ")
    allowed = np.asarray(found.difference.error_bar) + ROUNDING * np.abs(found.symbolic)
    if np.any(np.abs(found.difference.value - found.symbolic) > allowed):
        raise OraclesDisagree(
            f"symbolic {show(found.symbolic)} and finite difference {show(found.difference.value)} differ by more than "
            f"the error bar {show(found.difference.error_bar, digits=1)}"
        )
    kinks = _kinks(found.difference)
    complex_step = None if kinks else found.complex_step
    if complex_step is not None and not close(complex_step, found.symbolic):
        raise OraclesDisagree(f"symbolic {show(found.symbolic)} and complex step {show(complex_step)} differ")
    return replace(found, complex_step=complex_step, kinks=kinks)


def _kinks(difference: Estimate) -> tuple[Kink, ...]:
    """The entries where the one-sided slopes differ."""
    if difference.jump is None:
        return ()
    places = [tuple(int(axis) for axis in place) for place in np.argwhere(difference.jump)]
    return tuple(
        Kink(place, *_sides(float(difference.left[place]), float(difference.right[place]))) for place in places
    )


def _sides(left: float, right: float) -> tuple[float, float]:
    """The slopes of two sides, which are measured: what is but rounding beside the other is 0.

    >>> _sides(1.1e-16, 1.0)
    (0.0, 1.0)
    """
    rounding = ROUNDING * max(abs(left), abs(right))
    return (left if abs(left) > rounding else 0.0), (right if abs(right) > rounding else 0.0)
