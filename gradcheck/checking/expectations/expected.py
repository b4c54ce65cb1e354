"""What a user expects of a gradient, made ready for comparison: products v·J, whatever form it was given in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch.utils import _pytree as pytree

from gradcheck.checking.evaluation.graph import Gradients
from gradcheck.checking.evaluation.torch_function import Leaf, Tensors, TorchFunction
from gradcheck.checking.expectations.expectation import Call, Expected
from gradcheck.errors import UnknownName, UsageError

ACCEPTED = "a Jacobian (a tensor or array), a sequence or a mapping of them, a gradient function or a formula's name"
LAYOUT = "output axes first, then the input's axes; a gradient where the output is one number"


@dataclass(frozen=True)
class Asked:
    """What was passed as expected, for which call, and that call's function of all its leaves."""

    given: Any
    call: Call
    function: TorchFunction

    def expected(self, function: TorchFunction, outputs: Tensors) -> Expected:
        """It made ready for `function`, which may have fewer leaves, and which returned `outputs`."""
        kept = {leaf.name for leaf in function.leaves}
        positions = [number for number, leaf in enumerate(self.function.leaves) if leaf.name in kept]
        whole = expected_gradient(self.given, self.call, self.function, [out.detach() for out in outputs])

        def products(v: Tensors) -> Gradients:
            found = whole.products(v)
            return [found[number] for number in positions]

        return Expected(whole.name, products, whole.silent)


def expected_gradient(given: Any, call: Call, function: TorchFunction, outputs: Tensors) -> Expected:
    """The expected derivative of `function`, which returned `outputs`; UsageError where it cannot be used.

    A formula is bound to the call's arguments; a gradient function is called once with copies of them.
    """
    if isinstance(given, str) or hasattr(given, "definition"):
        from gradcheck.checking.expectations.expected_formula import formula_products

        return formula_products(given, call, function, outputs)
    if callable(given) and not torch.is_tensor(given):
        name = getattr(given, "__name__", "")
        title = f"the expected gradient {name}()" if name.isidentifier() else "the expected gradient"
        return _dense(_returned(given, call), function, outputs, title)
    scalar = len(outputs) == 1 and outputs[0].numel() == 1
    return _dense(given, function, outputs, "the expected gradient" if scalar else "the expected Jacobian")


def _returned(gradient: Callable[..., Any], call: Call) -> Any:
    inputs, kwargs = call.copies()
    try:
        return gradient(*inputs, **kwargs)
    except Exception as error:
        raise UsageError(f"expected raises at the point: {type(error).__name__}: {error}") from error


def _dense(given: Any, function: TorchFunction, outputs: Tensors, name: str) -> Expected:
    """An expected derivative given as one array for each leaf."""
    if len(outputs) != 1 or outputs[0].is_complex():
        what = "a complex output" if len(outputs) == 1 else f"{len(outputs)} outputs"
        raise UsageError(f"expected: accepted for a function of one real output; this one has {what}")
    output = outputs[0]
    arrays = {
        leaf.name: None if part is None else _jacobian(part, leaf, output)
        for leaf, part in _by_leaf(given, function, output)
    }
    if all(array is None for array in arrays.values()):
        raise UsageError(f"expected holds nothing for {_names(function)}; accepted is {ACCEPTED}")

    def products(v: Tensors) -> Gradients:
        found = (arrays.get(leaf.name) for leaf in function.leaves)
        return [None if array is None else _product(v[0], array) for array in found]

    return Expected(name, products, tuple(name for name, array in arrays.items() if array is None))


def _by_leaf(given: Any, function: TorchFunction, output: torch.Tensor) -> list[tuple[Leaf, Any]]:
    """The leaves with what is expected of each: by name, in order, or the whole of it for a single leaf."""
    leaves = function.leaves
    if isinstance(given, Mapping):
        for name in given:
            if name not in {leaf.name for leaf in leaves}:
                unknown = UnknownName("input or parameter", str(name), [leaf.name for leaf in leaves])
                raise UsageError(f"expected: {unknown}; accepted are {_names(function)}")
        return [(leaf, given.get(leaf.name)) for leaf in leaves]
    if len(leaves) == 1 and _fits(given, leaves[0], output):
        return [(leaves[0], given)]
    parts = pytree.tree_leaves(given) if isinstance(given, list | tuple) else [given]
    if len(parts) != len(leaves):
        raise UsageError(f"expected: one array for each of {_names(function)} is accepted, got {len(parts)}")
    return list(zip(leaves, parts, strict=True))


def _fits(given: Any, leaf: Leaf, output: torch.Tensor) -> bool:
    """Whether a list or array as a whole has the shape of the leaf's derivative."""
    try:
        shape = tuple(given.shape) if torch.is_tensor(given) else np.shape(given)
    except (TypeError, ValueError):
        return False
    return shape in _shapes(leaf, output)


def _shapes(leaf: Leaf, output: torch.Tensor) -> list[tuple[int, ...]]:
    """The accepted shapes: the Jacobian's, and the input's own where the output is one number."""
    own = tuple(leaf.value.shape)
    return [(*output.shape, *own), *([own] if output.numel() == 1 else [])]


def _jacobian(part: Any, leaf: Leaf, output: torch.Tensor) -> torch.Tensor:
    """One leaf's expected derivative with the output's axes first, in the precision it was given in."""
    array = _tensor(part, leaf.name)
    accepted = _shapes(leaf, output)
    if tuple(array.shape) not in accepted:
        written = " or ".join(str(shape) for shape in dict.fromkeys(accepted))
        hint = "; a function applied entry by entry has a diagonal Jacobian" if array.shape == output.shape else ""
        got = f"got {tuple(array.shape)}{hint}"
        raise UsageError(f"expected for {leaf.name} must have shape {written} ({LAYOUT}); {got}")
    if leaf.value.is_complex() and output.numel() != 1:
        raise UsageError(f"expected: {leaf.name} is complex; then a function of one real output is accepted")
    if array.is_complex() and not leaf.value.is_complex():
        raise UsageError(f"expected for {leaf.name} must be real; got {array.dtype}")
    return array.reshape((*output.shape, *leaf.value.shape))


def _tensor(part: Any, name: str) -> torch.Tensor:
    """A tensor on the CPU, floats as they are, other numbers in float64."""
    try:
        tensor = part.detach().cpu() if torch.is_tensor(part) else torch.from_numpy(np.array(part))
    except (TypeError, ValueError):
        raise UsageError(f"expected for {name} must be an array of numbers; got {type(part).__name__}") from None
    return tensor if tensor.is_floating_point() or tensor.is_complex() else tensor.double()


def _product(v: torch.Tensor, jacobian: torch.Tensor) -> torch.Tensor:
    wide = jacobian.to(torch.complex128 if jacobian.is_complex() else torch.float64)
    product: torch.Tensor = torch.tensordot(v.detach().cpu().to(wide.dtype), wide, dims=v.ndim)
    return product.to(jacobian.dtype)


def _names(function: TorchFunction) -> str:
    return ", ".join(leaf.name for leaf in function.leaves)
