"""Judges a hand-written network with one hidden layer of sigmoids: its gradients, and what its training reaches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gradcheck.articles import data as read
from gradcheck.articles.any_size import derived_for_any_size
from gradcheck.articles.claims import Data, Judgement
from gradcheck.articles.data import Array
from gradcheck.articles.demo import thinned
from gradcheck.articles.diagnosis import constant_factor
from gradcheck.articles.expressions import Expression, show
from gradcheck.articles.gradient import Gradient, gradient
from gradcheck.results import Diagnosis, Evidence, Figure


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


@dataclass(frozen=True)
class Training:
    """Networks trained side by side: predictions `[seeds, samples]`, and the loss of each step `[steps, seeds]`."""

    predictions: Array
    losses: Array


def trains(data: Data) -> Judgement:
    """Judges whether a network of `hidden` sigmoids, trained for `epochs` at `rate`, predicts `y` from `x`.

    It is trained from every one of `seeds`. A prediction is right when it rounds to the target. Where only some seeds
    succeed, the outcome is `not reproducible`.
    """
    x, y = read.array(data, "x"), read.array(data, "y")
    seeds = [int(seed) for seed in read.array(data, "seeds")]
    start = [_draw(seed, x.shape[1], read.integer(data, "hidden")) for seed in seeds]
    rate, epochs = read.number(data, "rate"), read.integer(data, "epochs")
    found = train(start, x, y, rate, epochs)
    right = np.abs(found.predictions - y).max(axis=1) < 0.5
    share = f"{int(right.sum())} of {len(seeds)} seeds"
    median = np.median(found.predictions, axis=0)
    status = "confirmed" if right.all() else "not reproducible" if right.any() else "refuted"
    actual = f"{share} predict {show(y)}; the median predictions are {show(median, 2)}"
    return Judgement(
        status="confirmed" if right.all() else "not reproducible" if right.any() else "refuted",
        actual=actual,
        rule=f"from every seed all predictions round to their targets after {epochs} epochs",
        diagnosis=None if status == "confirmed" else Diagnosis("seeds", actual),
        evidence=(
            *(Evidence("training", f"seed {s}: {show(p, 3)}") for s, p in zip(seeds, found.predictions, strict=True)),
            _autograd_evidence(start[0], x, y, rate),
        ),
        suggestion="give the predictions and the seed" if right.all() else "give the share of seeds that succeed",
        figures=(_training_curves(found.losses, seeds),),
    )


def _draw(seed: int, inputs: int, hidden: int) -> tuple[Array, Array]:
    """Both layers' weights with the biases as last row, as the listing draws them: weights normal, biases zero."""
    generator = np.random.RandomState(seed)
    first, second = generator.randn(inputs, hidden), generator.randn(hidden, 1)
    return np.vstack([first, np.zeros((1, hidden))]), np.vstack([second, np.zeros((1, 1))])


def train(start: Sequence[tuple[Array, Array]], x: Array, y: Array, rate: float, epochs: int) -> Training:
    """Full-batch descent on half the sum of squared errors, for all starts at once.

    The arrays are updated in place and the biases ride along as a column of ones: an epoch costs a dozen calls.
    """
    first, second = (np.stack(layer) for layer in zip(*start, strict=True))
    inputs, target = np.hstack([x, np.ones((len(x), 1))]), y[:, np.newaxis]
    hidden = np.ones((len(start), len(x), second.shape[1]))
    losses = np.empty((epochs, len(start)))
    output = np.zeros((len(start), *target.shape))
    for epoch in range(epochs):
        activation = _sigmoid_in_place(inputs @ first)
        hidden[..., :-1] = activation
        output = _sigmoid_in_place(hidden @ second)
        error = output - target
        losses[epoch] = np.einsum("sij,sij->s", error, error) / 2
        at_output = error
        at_output *= output
        at_output *= 1 - output
        at_hidden = at_output @ second[:, :-1].transpose(0, 2, 1)
        at_hidden *= activation
        at_hidden *= 1 - activation
        second -= rate * (hidden.transpose(0, 2, 1) @ at_output)
        first -= rate * (inputs.T @ at_hidden)
    return Training(output[..., 0], losses)


def _sigmoid_in_place(values: Array) -> Array:
    np.negative(values, values)
    np.exp(values, values)
    values += 1
    np.reciprocal(values, values)
    return values


CHECKED_EPOCHS = 5
"""How many epochs are repeated with autograd."""


def _autograd_evidence(start: tuple[Array, Array], x: Array, y: Array, rate: float) -> Evidence:
    """The first epochs again, with autograd in place of the hand-written backward pass; raises if they differ."""
    import torch

    first, second = (torch.tensor(layer, requires_grad=True) for layer in start)
    inputs, target = torch.tensor(np.hstack([x, np.ones((len(x), 1))])), torch.tensor(y[:, np.newaxis])
    losses = []
    for _ in range(CHECKED_EPOCHS):
        hidden = torch.sigmoid(inputs @ first)
        output = torch.sigmoid(hidden @ second[:-1] + second[-1])
        loss = ((output - target) ** 2).sum() / 2
        losses.append(loss.item())
        slopes = torch.autograd.grad(loss, (first, second))
        with torch.no_grad():
            first -= rate * slopes[0]
            second -= rate * slopes[1]
    apart = float(np.abs(np.array(losses) - train([start], x, y, rate, CHECKED_EPOCHS).losses[:, 0]).max())
    if apart > 1e-12:
        raise ArithmeticError(f"autograd's first {CHECKED_EPOCHS} losses are {apart:.1e} from the hand-written ones")
    return Evidence("reverse", f"with autograd the first {CHECKED_EPOCHS} losses are {show(losses)}", "1e-12")


def _training_curves(losses: Array, seeds: Sequence[int]) -> Figure:
    middle = np.median(losses, axis=1)
    worst = losses[:, int(np.argmax(losses[-1]))]
    curves = (thinned(f"median of {len(seeds)} seeds", middle.tolist()), thinned("slowest seed", worst.tolist()))
    return Figure("Training the XOR network", "epoch", "half the sum of squared errors", curves, log_y=True)
