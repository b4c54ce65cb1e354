"""Kernels as NumPy code."""

from __future__ import annotations

from functools import partial

from gradcheck.symbolic.backward.spelling import COMMON, Spell, Spelling, axes, bracketed, calls, einsum, rounded

INVERSE = {f"a{name}": f"arc{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")}

_named = calls("np")


def _entrywise(name: str) -> Spell:
    """Python's own function, entry by entry: NumPy lacks it."""
    return lambda x: f"np.vectorize(math.{name}, otypes=[float])({x})"


def _huber(x: str, bound: str) -> str:
    straight = f"{bracketed(bound)} * (np.abs({x}) - {bracketed(bound)} / 2)"
    return f"np.where(np.abs({x}) <= {bound}, ({x}) ** 2 / 2, {straight})"


KERNELS: dict[str, Spell] = {
    **COMMON,
    **{name: _named(name) for name in ("exp", "expm1", "log", "log1p", "sqrt", "sin", "cos", "tan", "sign")},
    **{name: _named(name) for name in ("sinh", "cosh", "tanh")},
    **{name: _named(other) for name, other in INVERSE.items()},
    "atan2": _named("arctan2"),
    "sigmoid": lambda x: f"np.exp(-np.logaddexp(0.0, -({x})))",
    "softplus": lambda x: f"np.logaddexp({x}, 0.0)",
    "relu": lambda x: f"np.maximum({x}, 0.0)",
    "step": lambda x: f"np.heaviside({x}, 0.0)",
    "absolute": _named("abs"),
    "clip": lambda x, bound: f"np.clip({x}, -({bound}), {bound})",
    "choose": lambda condition, a, b, _: f"np.where({condition}, {a}, {b})",
    "choose_number": lambda condition, a, b, _: f"np.where({condition}, {a}, {b})",
    "huber": _huber,
    **{name: _entrywise(name) for name in ("erf", "erfc")},
    "Rounded": rounded("np"),
    "softmax": lambda x, axis: f"np.exp({x} - np.logaddexp.reduce({x}, {axis}, keepdims=True))",
    "log_softmax": lambda x, axis: f"{x} - np.logaddexp.reduce({x}, {axis}, keepdims=True)",
    "logsumexp": lambda x, axis: f"np.logaddexp.reduce({x}, {axis})",
    "sum": lambda x, axis: f"np.sum({x}, {axes(axis)})",
    "maximum_over": lambda x, axis: f"np.max({x}, {axes(axis)})",
    "largest": lambda x: f"np.max({x}, -1)",
    "position_of_largest": lambda x: f"np.argmax({x}, -1)",
    "as_real": lambda x, like: f"{bracketed(x)}.astype({like}.dtype)",
    "as_index": lambda index: f"{bracketed(index)}.astype(int)",
    "identity": lambda n, _: f"np.eye({n})",
    "positions": lambda n, _: f"np.arange({n})",
    "equal": lambda i, j, like: f"(({i}) == ({j})).astype({like}.dtype)",
    "fill": lambda value, shape, like: f"np.full({shape}, {value}, dtype={like}.dtype)",
    "repeat": lambda value, shape, _: value if shape == "()" else f"np.broadcast_to({value}, {shape})",
    "permute": lambda x, order: f"({x}).T" if order == "(1, 0)" else f"np.transpose({x}, {order})",
    "place_diagonal": _named("diag"),
    "add_to_diagonal": lambda matrix, diagonal: f"{matrix} + np.diag({diagonal})",
    "Within": lambda index, size: f"np.clip({index}, 0, {size} - 1)",
    "inverse": _named("linalg.inv"),
    "determinant": _named("linalg.det"),
}

NUMPY = Spelling("NumPy", KERNELS, partial(einsum, "np"))
