"""Judges descent on parts of the data: one sample at a time, mini-batches, and the noise that stays."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gradcheck.articles import data as read
from gradcheck.articles.claims import Data, Judgement
from gradcheck.articles.data import Array
from gradcheck.articles.diagnosis import diagnose_gradient
from gradcheck.articles.expressions import Expression, show
from gradcheck.articles.gradient import Gradient, close, gradient
from gradcheck.results import Diagnosis, Evidence


def sampled_gradient(data: Data) -> Judgement:
    """Judges `gradient` as the gradient of `loss` by `theta` on every batch of `batch_size` consecutive samples.

    `X` and `y` in `at` are the whole data; the last batch may be short. In `gradient`, `batch_size` stands for the full
    size and `len(y)` for the batch's own. The batches' gradients, weighted by their sizes, must also average to the
    gradient of `whole`, the loss on all the data.
    """
    at, stated = read.arrays(data, "at"), Expression(read.text(data, "gradient"))
    loss, size = read.text(data, "loss"), read.integer(data, "batch_size")
    whole = gradient(read.text(data, "whole"), at, "theta")
    mean, evidence = np.zeros(whole.symbolic.shape), []
    for batch in _batches(at, size):
        found, count = gradient(loss, batch, "theta"), len(batch["y"])
        value = np.asarray(stated.numpy({**batch, "batch_size": size}), dtype=np.float64)
        evidence += [Evidence("stated", f"{_samples(count)}: {show(value)}"), *found.evidence]
        if not found.agrees(value):
            return _wrong_batch(stated.text, count, value, found, tuple(evidence))
        mean += value * count / len(at["y"])
    evidence += [Evidence("mean over batches", show(mean)), *whole.evidence]
    averages = close(mean, whole.symbolic)
    return Judgement(
        status="confirmed" if averages else "refuted",
        actual=f"`{stated.text}` is the gradient of `{loss}` on every batch, and averages to the gradient on all data",
        rule="on every batch, a short last one included, the rule equals every oracle; the weighted mean is the whole",
        diagnosis=None if averages else diagnose_gradient([mean], [whole], "the loss on all data"),
        evidence=tuple(evidence),
        suggestion="" if averages else "weight each batch by its size",
    )


def _batches(at: dict[str, Array], size: int) -> Iterator[dict[str, Array]]:
    for first in range(0, len(at["y"]), size):
        yield {**at, "X": at["X"][first : first + size], "y": at["y"][first : first + size]}


def _samples(count: int) -> str:
    return f"{count} sample{'s' if count > 1 else ''}"


def _wrong_batch(stated: str, count: int, value: Array, found: Gradient, evidence: tuple[Evidence, ...]) -> Judgement:
    return Judgement(
        status="refuted",
        actual=f"on a batch of {_samples(count)} the gradient is {show(found.symbolic)}; `{stated}` is {show(value)}",
        rule="on every batch, a short last one included, the rule equals the derivative of every oracle",
        diagnosis=diagnose_gradient([value], [found], "the batch's loss"),
        evidence=evidence,
        suggestion="divide by the number of samples in the batch at hand",
    )


def keeps_fluctuating(data: Data) -> Judgement:
    """Judges whether stochastic descent at a constant rate keeps fluctuating about the least-squares minimum.

    One parameter, the model `x * theta`, samples `x` and `y`: `chains` independent runs of `steps` steps from `seed`.
    The variance over the runs must be positive and, late in the run, what the recursion's exact stationary variance
    says: rate^2 E[x^2 r^2] / (1 - E[(1 - rate x^2)^2]), r being the residuals at the minimum.
    """
    x, y, rate = read.array(data, "x"), read.array(data, "y"), read.number(data, "rate")
    chains, steps = read.integer(data, "chains"), read.integer(data, "steps")
    best = float((x @ y) / (x @ x))
    theory = _stationary_variance(x, y, rate, best)
    generator = np.random.default_rng(read.integer(data, "seed"))
    theta, late = np.zeros(chains), []
    for step in range(steps):
        chosen = generator.integers(len(x), size=chains)
        theta = theta - rate * x[chosen] * (x[chosen] * theta - y[chosen])
        if step >= steps // 2:
            late.append(float(theta.var()))
    measured, spread = float(np.mean(late)), float(np.std(late))
    positive = theory > 1e-12 and abs(measured - theory) < 0.25 * theory
    actual = f"the variance about the minimum {show(best)} stays at {show(measured, 3)}; in theory {show(theory, 3)}"
    return Judgement(
        status="confirmed" if positive else "refuted",
        actual=actual,
        rule="late in the run the variance over many runs is positive and within a quarter of the exact stationary one",
        diagnosis=None if positive else Diagnosis("no noise", f"{actual}: nothing keeps the iterates apart"),
        evidence=(
            Evidence(
                "simulation", f"{chains} runs, steps {steps // 2} to {steps}: {show(measured, 3)}", show(spread, 1)
            ),
            Evidence(
                "closed form", f"stationary variance {show(theory, 3)}, in proportion to the rate when it is small"
            ),
        ),
        suggestion="" if positive else "the iterates settle where every sample has the same minimum",
    )


def _stationary_variance(x: Array, y: Array, rate: float, best: float) -> float:
    residual = x * best - y
    return float(rate**2 * np.mean(x**2 * residual**2) / (1 - np.mean((1 - rate * x**2) ** 2)))
