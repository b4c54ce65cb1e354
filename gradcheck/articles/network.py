"""Judges backpropagation through a small network: does `backward()` give the gradient of every layer's parameters?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradcheck.articles import data as read
from gradcheck.articles.claims import Data, Judgement
from gradcheck.articles.data import Array
from gradcheck.articles.gradient import OraclesDisagree, close
from gradcheck.results import Diagnosis, Evidence

PARAMETERS = ("0.weight", "0.bias", "2.weight", "2.bias")
"""The parameters of Linear-ReLU-Linear, by the names that `nn.Sequential` gives them."""


def network_backward(data: Data) -> Judgement:
    """Judges what one backward pass leaves in Linear-ReLU-Linear of the sizes `layers`: inputs, hidden, outputs.

    `samples` inputs and the parameters are drawn from `seed`; the loss is the mean squared error. `frozen` names
    parameters without `requires_grad`. Each parameter's gradient is held against the chain rule written out by hand,
    the catalogue's symbolic gradient, and finite differences.
    """
    from gradcheck.numeric import difference

    frozen = [str(name) for name in read.items(data, "frozen")]
    inputs, target, parameters = _draw(data)
    buffers = _torch_buffers(inputs, target, parameters, frozen)
    by_hand, symbolic = _chain_rule(inputs, target, parameters), _symbolic(inputs, target, parameters)
    evidence, wrong = [], []
    for name in PARAMETERS:
        measured = difference.jacobian(_loss_in(name, inputs, target, parameters), [parameters[name]])
        error = np.abs(measured.value - by_hand[name])
        if np.any(error > measured.error_bar + 1e-12) or not close(symbolic[name], by_hand[name]):
            raise OraclesDisagree(f"chain rule, symbolic gradient and finite difference differ for {name}")
        found = buffers[name]
        right = found is not None and close(found, by_hand[name])
        wrong += [] if right else [name]
        evidence.append(_evidence(name, found, by_hand[name], float(np.max(error)), float(np.max(measured.error_bar))))
    shapes = ", ".join(f"{name} {list(parameters[name].shape)}" for name in PARAMETERS)
    actual = f"no right gradient for {', '.join(wrong)}" if wrong else f"every parameter has its gradient: {shapes}"
    return Judgement(
        status="refuted" if wrong else "confirmed",
        actual=actual,
        rule="for each parameter autograd, the chain rule by hand, the symbolic gradient and finite differences agree",
        diagnosis=Diagnosis("missing gradient", actual) if wrong else None,
        evidence=(*evidence, Evidence("symbolic", "`two_layer_relu`, derived for symbolic sizes, gives the same four")),
        suggestion="every parameter must require its gradient and take part in the loss" if wrong else "",
    )


def _evidence(name: str, found: Array | None, by_hand: Array, error: float, bar: float) -> Evidence:
    if found is None:
        return Evidence("reverse", f"{name}: no gradient at all")
    apart = float(np.max(np.abs(found - by_hand)))
    text = f"{name}: {apart:.0e} from the chain rule by hand, which is {error:.0e} from the finite difference"
    return Evidence("reverse", text, f"{bar:.0e}")


def _draw(data: Data) -> tuple[Array, Array, dict[str, Array]]:
    """Inputs `[samples, inputs]`, target `[samples, outputs]`, and the parameters, as decimals of two places."""
    n_in, n_hidden, n_out = (int(size) for size in read.array(data, "layers"))
    samples, generator = read.integer(data, "samples"), np.random.default_rng(read.integer(data, "seed"))
    shapes = ((n_hidden, n_in), (n_hidden,), (n_out, n_hidden), (n_out,))
    drawn = {name: generator.normal(size=shape).round(2) for name, shape in zip(PARAMETERS, shapes, strict=True)}
    return generator.normal(size=(samples, n_in)).round(2), generator.normal(size=(samples, n_out)).round(2), drawn


def _torch_buffers(
    inputs: Array, target: Array, parameters: Mapping[str, Array], frozen: list[str]
) -> dict[str, Array | None]:
    import torch
    from torch import nn

    n_hidden, n_in = parameters["0.weight"].shape
    with torch.device("meta"):  # no storage, hence no draw from torch's global generator
        model = nn.Sequential(nn.Linear(n_in, n_hidden), nn.ReLU(), nn.Linear(n_hidden, target.shape[1]))
    model.load_state_dict({name: torch.tensor(value) for name, value in parameters.items()}, assign=True)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name not in frozen)
    torch.autograd.backward(nn.functional.mse_loss(model(torch.tensor(inputs)), torch.tensor(target)))
    return {name: None if p.grad is None else p.grad.numpy() for name, p in model.named_parameters()}


def _chain_rule(inputs: Array, target: Array, parameters: Mapping[str, Array]) -> dict[str, Array]:
    """The gradients of the mean squared error, layer by layer from the output."""
    before = inputs @ parameters["0.weight"].T + parameters["0.bias"]
    hidden = np.maximum(before, 0)
    output = hidden @ parameters["2.weight"].T + parameters["2.bias"]
    at_output = 2 * (output - target) / target.size
    at_hidden = (at_output @ parameters["2.weight"]) * (before > 0)
    gradients = (at_hidden.T @ inputs, at_hidden.sum(axis=0), at_output.T @ hidden, at_output.sum(axis=0))
    return dict(zip(PARAMETERS, gradients, strict=True))


def _symbolic(inputs: Array, target: Array, parameters: Mapping[str, Array]) -> dict[str, Array]:
    """The same from the catalogue, where the network is differentiated for symbolic sizes, averaged over samples."""
    from gradcheck.catalogue import formula

    network, total = formula("two_layer_relu"), {}
    for name, variable in zip(PARAMETERS, ("W1", "b1", "W2", "b2"), strict=True):
        derivative = network.compile("numpy", variable)
        samples = (derivative(x, *parameters.values(), y) for x, y in zip(inputs, target, strict=True))
        total[name] = np.sum([np.asarray(sample) for sample in samples], axis=0) / target.size
    return total


def _loss_in(name: str, inputs: Array, target: Array, parameters: Mapping[str, Array]) -> Any:
    def loss(value: NDArray[np.float64]) -> NDArray[np.float64]:
        values = {**parameters, name: value}
        hidden = np.maximum(inputs @ values["0.weight"].T + values["0.bias"], 0)
        output = hidden @ values["2.weight"].T + values["2.bias"]
        return np.asarray(((output - target) ** 2).mean())

    return loss
