"""The arrays of each tool under NumPy's names, with gradients of one's own in each library's way."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import Any

import numpy as np

NO_STRIDES = {
    "JAX": "its arrays have no strides",
    "SciPy": "its gradients take no grad_output",
    "numdifftools": "its gradients take no grad_output",
}
NO_BFLOAT16 = {"autograd": "NumPy has no bfloat16"}
NO_FORWARD_MODE = {
    "SciPy": "it compares one gradient, there is no forward mode",
    "numdifftools": "it compares one Jacobian, there is no forward mode",
}
NO_SECOND_ORDER = {
    "SciPy": "a hand-written gradient has no derivative of its own",
    "numdifftools": "a hand-written gradient has no derivative of its own",
}


class Library:
    """Array functions by NumPy's names: those given by hand first, then the first module that has the name."""

    def __init__(self, modules: tuple[Any, ...], by_hand: Mapping[str, Any]) -> None:
        self.modules, self.by_hand = modules, by_hand

    def __getattr__(self, name: str) -> Any:
        if name in self.by_hand:
            return self.by_hand[name]
        for module in (*self.modules, builtins):
            if hasattr(module, name):
                return getattr(module, name)
        raise AttributeError(name)

    def planted(self, forward: Callable[..., Any], backward: Callable[..., Any], jvp: Any = None) -> Any:
        """The forward pass with that backward pass, each of them told this library first."""
        own = [None if function is None else partial(function, self) for function in (forward, backward, jvp)]
        return self.by_hand["with_gradient"](*own)


def as_tuple(found: Any) -> tuple[Any, ...]:
    return found if isinstance(found, tuple) else (found,)


class Libraries:
    """One library for each framework, imported when first asked for."""

    @cached_property
    def torch(self) -> Library:
        """PyTorch."""
        import torch

        from tests.checking.planted import planted

        by_hand = {
            "with_gradient": planted,
            "array": lambda x, dtype: torch.tensor(x, dtype=getattr(torch, dtype) if dtype else None),
            "softmax": lambda x: torch.softmax(x, -1),
            "log_softmax": lambda x: torch.log_softmax(x, -1),
            "sort": lambda x: torch.sort(x).values,
            "dropout": lambda x: torch.nn.functional.dropout(x, 0.5),
            "detach": lambda x: x.detach(),
            "single": lambda x: x.float(),
            "double": lambda x: x.double(),
            "in_order": lambda g: torch.as_strided(g, g.shape, (g.shape[1], 1)),
            "flattened": lambda g: g.view(-1),
        }
        return Library((torch, torch.nn.functional), by_hand)

    @cached_property
    def jax(self) -> Library:
        """JAX, in float64."""
        import jax

        jax.config.update("jax_enable_x64", True)
        by_hand = {
            "with_gradient": _with_jax_gradient,
            "array": lambda x, dtype: jax.numpy.asarray(x, dtype=dtype or None),
            "dropout": lambda x: 2 * x * jax.random.bernoulli(jax.random.key(0), 0.5, x.shape),
            "detach": jax.lax.stop_gradient,
            "single": lambda x: x.astype("float32"),
            "double": lambda x: x.astype("float64"),
        }
        return Library((jax.nn, jax.numpy), by_hand)

    @cached_property
    def autograd(self) -> Library:
        """HIPS autograd."""
        import autograd.numpy as anp
        from autograd import builtins as traced
        from autograd.tracer import getval

        def log_softmax(x: Any) -> Any:
            shifted = x - anp.max(x)
            return shifted - anp.log(anp.sum(anp.exp(shifted)))

        by_hand = {
            "with_gradient": _with_autograd_gradient,
            "array": lambda x, dtype: np.array(x, dtype=dtype or None),
            "relu": lambda x: anp.maximum(x, 0.0),
            "leaky_relu": lambda x, slope: anp.where(x > 0, x, slope * x),
            "softmax": lambda x: anp.exp(log_softmax(x)),
            "log_softmax": log_softmax,
            "dropout": lambda x: 2 * x * (np.random.random(x.shape) < 0.5),
            "detach": getval,
            "single": lambda x: x.astype("float32"),
            "double": lambda x: x.astype("float64"),
            "asarray": np.asarray,
            "dict": traced.dict,
            "list": traced.list,
            **_readers_of_memory(),
        }
        return Library((anp,), by_hand)


def _with_jax_gradient(forward: Any, backward: Any, jvp: Any = None) -> Any:
    import jax

    if jvp is not None:
        function = jax.custom_jvp(forward)
        function.defjvp(lambda primals, tangents: (forward(*primals), jvp(*tangents, *primals)))
        return function
    planted = jax.custom_vjp(forward)
    planted.defvjp(
        lambda *inputs: (forward(*inputs), inputs),
        lambda inputs, cotangent: as_tuple(backward(*as_tuple(cotangent), *inputs)),
    )
    return planted


def _with_autograd_gradient(forward: Any, backward: Any, jvp: Any = None) -> Any:
    from autograd.extend import defjvp, defvjp, primitive

    function = primitive(forward)

    def maker(place: int) -> Any:
        def vjp(ans: Any, *inputs: Any) -> Any:
            return lambda g: _or_zeros(as_tuple(backward(*_each(g), *inputs))[place], inputs[place])

        return vjp

    defvjp(function, *(maker(place) for place in range(9)))
    if jvp is not None:
        defjvp(function, lambda tangent, ans, *inputs: jvp(tangent, *inputs))
    return function


def _or_zeros(found: Any, like: Any) -> Any:
    """Autograd writes a missing gradient as zeros."""
    return 0 * like if found is None else found


def _each(cotangent: Any) -> tuple[Any, ...]:
    from autograd import builtins as traced

    return (*cotangent,) if traced.isinstance(cotangent, traced.tuple) else (cotangent,)


def _readers_of_memory() -> dict[str, Any]:
    """Functions of a cotangent that depend on its layout, with derivatives of their own."""
    from autograd.extend import defvjp, primitive

    def row_major(g: Any) -> Any:
        return np.lib.stride_tricks.as_strided(g, g.shape, (g.shape[1] * g.itemsize, g.itemsize))

    def must_be_contiguous(g: Any) -> Any:
        if not g.flags.c_contiguous:
            raise ValueError("grad_output is not contiguous")
        return g.reshape(-1)

    in_order, flattened = primitive(row_major), primitive(must_be_contiguous)
    defvjp(in_order, lambda ans, g: lambda c: c)
    defvjp(flattened, lambda ans, g: lambda c: c.reshape(g.shape))
    return {"in_order": in_order, "flattened": flattened}


LIBRARIES = Libraries()
