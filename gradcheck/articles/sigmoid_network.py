"""Judges the training of a network with one hidden layer of sigmoids: what it predicts in the end, seed by seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gradcheck.articles import data as read
from gradcheck.articles.claims import Data, Judgement
from gradcheck.articles.data import Array
from gradcheck.articles.expressions import show
from gradcheck.results import Diagnosis, Evidence, Figure, Series

RECORDED = 200
"""About how many epochs' losses are kept for the plot."""


@dataclass(frozen=True)
class Training:
    """Networks trained side by side: predictions `[seeds, samples]`, and losses `[recorded, seeds]` at some epochs."""

    predictions: Array
    epochs: tuple[int, ...]
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
        figures=(_training_curves(found, len(seeds)),),
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
    every = max(1, epochs // RECORDED)
    losses = []
    output = np.zeros((len(start), *target.shape))
    for epoch in range(epochs):
        activation = _sigmoid_in_place(inputs @ first)
        hidden[..., :-1] = activation
        output = _sigmoid_in_place(hidden @ second)
        error = output - target
        if epoch % every == 0:
            losses.append((error**2).sum(axis=(1, 2)) / 2)
        at_output = error
        at_output *= output
        at_output *= 1 - output
        at_hidden = at_output @ second[:, :-1].transpose(0, 2, 1)
        at_hidden *= activation
        at_hidden *= 1 - activation
        second -= rate * (hidden.transpose(0, 2, 1) @ at_output)
        first -= rate * (inputs.T @ at_hidden)
    return Training(output[..., 0], tuple(range(0, epochs, every)), np.array(losses))


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


def _training_curves(found: Training, seeds: int) -> Figure:
    epochs, slowest = tuple(map(float, found.epochs)), int(np.argmax(found.losses[-1]))
    curves = (
        Series(f"median of {seeds} seeds", epochs, tuple(np.median(found.losses, axis=1).tolist())),
        Series("slowest seed", epochs, tuple(found.losses[:, slowest].tolist())),
    )
    return Figure("Training the XOR network", "epoch", "half the sum of squared errors", curves, log_y=True)
