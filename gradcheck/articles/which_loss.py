"""Judges a backward pass whose loss the article leaves unsaid: of which loss is it the gradient?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from gradcheck.articles import data as read
from gradcheck.articles.any_size import derived_for_any_size
from gradcheck.articles.claims import Data, Judgement
from gradcheck.articles.data import Array
from gradcheck.articles.diagnosis import constant_factor
from gradcheck.articles.expressions import Expression, show
from gradcheck.articles.gradient import Gradient, gradient
from gradcheck.results import Diagnosis, Evidence


def gradient_of_some_loss(data: Data) -> Judgement:
    """Judges whether hand-written `gradients` are those of one of the `losses`, for every parameter.

    `forward` and `backward` are assignments made in order; `gradients` maps each parameter in `at` to an expression in
    all of them. `losses` maps the name of a loss to an expression; `names` in it are those of `forward`. The article
    may leave the loss unsaid: then the first loss whose gradient it is, is named.
    """
    at, losses, stated = read.arrays(data, "at"), read.texts(data, "losses"), read.texts(data, "gradients")
    values = dict(at)
    for name, text in (*read.pairs(data, "forward"), *read.pairs(data, "backward")):
        values[name] = Expression(text).numpy(values)
    by_hand = {name: _shaped(Expression(text).numpy(values), at[name]) for name, text in stated.items()}
    factors = {
        loss: [constant_factor(by_hand[name], _reverse(text, data, at, name)) for name in stated]
        for loss, text in losses.items()
    }
    match = next((loss for loss, found in factors.items() if all(_is_one(factor) for factor in found)), None)
    evidence = [Evidence("reverse", f"{loss}: {_factors(found, list(stated))}") for loss, found in factors.items()]
    if match is None:
        return Judgement(
            status="refuted",
            actual="the backward pass is the gradient of none of the losses tried: " + ", ".join(losses),
            rule=_RULE,
            diagnosis=Diagnosis("not a gradient", "; ".join(entry.value for entry in evidence)),
            evidence=tuple(evidence),
            suggestion="state the loss, and derive the backward pass from it",
        )
    whole = _whole(losses[match], data)
    for name in stated:
        found = gradient(whole, at, name, derived=_derived(data, whole, at, name))
        _demand(found, by_hand[name], name)
        evidence += [Evidence(entry.oracle, f"{name}: {entry.value}", entry.error_bar) for entry in found.evidence]
    return Judgement(
        status="confirmed",
        actual=f"it is exactly the gradient of {match}, for {', '.join(stated)}",
        rule=_RULE,
        evidence=tuple(evidence),
        suggestion=f"name the loss, which the article never states: {match}",
    )


_RULE = "for every parameter the hand-written gradient equals the derivative of one and the same loss by every oracle"


def _derived(data: Data, loss: str, at: Mapping[str, Array], name: str) -> Array | None:
    """The derivative by the catalogue, whose biases have one axis: the listing's have a first one of length one."""
    spec = data.get("formula")
    if not isinstance(spec, Mapping):
        return None
    flat = {key: value[0] if key.startswith("b") else value for key, value in at.items()}
    found = derived_for_any_size(spec, [Expression(loss).numpy(at)], [flat], name)
    return None if found is None else found[0].reshape(at[name].shape)


def _shaped(value: Array, like: Array) -> Array:
    """A gradient in its parameter's shape; a listing may leave out an axis of length one."""
    return np.broadcast_to(value, like.shape).astype(np.float64)


def _whole(loss: str, data: Data) -> str:
    """The loss with the forward pass put in, so that it is an expression in the parameters alone."""
    for name, text in reversed(read.pairs(data, "forward")):
        loss = Expression(loss).substituted(name, text)
    return loss


def _reverse(loss: str, data: Data, at: Mapping[str, Array], name: str) -> Array:
    import torch

    tensors = {key: torch.tensor(value, requires_grad=key == name) for key, value in at.items()}
    (found,) = torch.autograd.grad(Expression(_whole(loss, data)).torch(tensors), tensors[name])
    return np.asarray(found.numpy())


def _is_one(factor: float | None) -> bool:
    return factor is not None and abs(factor - 1) < 1e-9


def _factors(found: Sequence[float | None], names: Sequence[str]) -> str:
    words = [
        f"{name} no multiple" if f is None else f"{name} {show(f)} times" for name, f in zip(names, found, strict=True)
    ]
    return ", ".join(words) + " its gradient"


def _demand(found: Gradient, by_hand: Array, name: str) -> None:
    if not found.agrees(by_hand):
        raise ArithmeticError(f"reverse mode alone takes {show(by_hand)} for the gradient by {name}")
