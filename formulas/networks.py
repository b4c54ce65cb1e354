"""Small networks, and the chain rule that differentiates them."""

from __future__ import annotations

import sympy as sp
import torch
from torch.nn import functional

from gradcheck.symbolic.formula import Edge, Formula
from gradcheck.symbolic.functions import relu, sigmoid, step
from gradcheck.symbolic.tensors import dimension, index, sum_over, tensor

m, n, p, N = dimension("m n p N")
i = index("i")

DEEP_LEARNING = "Goodfellow, Bengio and Courville, Deep Learning"

x, y = tensor("x", n), tensor("y", p)
W1, b1, W2, b2 = tensor("W1", m, n), tensor("b1", m), tensor("W2", p, m), tensor("b2", p)


def pre_activation(unit: sp.Expr) -> sp.Expr:
    """The entry of W1 x + b1."""
    return sum_over(n, lambda k: W1[unit, k] * x[k]) + b1[unit]


def error(output: sp.Expr) -> sp.Expr:
    """The entry of W2 relu(W1 x + b1) + b2 - y."""
    return sum_over(m, lambda k: W2[output, k] * relu(pre_activation(k))) + b2[output] - y[output]


def hidden_error(unit: sp.Expr) -> sp.Expr:
    """The loss's derivative by a pre-activation: the output errors carried back through W2 and the ReLU."""
    return step(pre_activation(unit)) * sum_over(p, lambda k: 2 * error(k) * W2[k, unit])


UNIT_AT_ZERO = {
    "x": [1.0, -0.5],
    "W1": [[0.5, 1.0], [0.75, -0.25]],
    "b1": [0.0, 0.125],
    "W2": [[1.5, -0.5]],
    "b2": [0.25],
    "y": [1.0],
}

TWO_LAYER_RELU = Formula(
    name="two_layer_relu",
    title="Two-layer ReLU network with squared loss",
    topic="networks",
    definition=sum_over(p, lambda k: error(k) ** 2),
    variables=(x, W1, b1, W2, b2, y),
    wrt=("W1", "b1", "W2", "b2"),
    torch=lambda x, W1, b1, W2, b2, y: torch.sum(
        (functional.linear(functional.relu(functional.linear(x, W1, b1)), W2, b2) - y) ** 2
    ),
    stated={
        "W1": lambda row, column: hidden_error(row) * x[column],
        "b1": hidden_error,
        "W2": lambda row, column: 2 * error(row) * relu(pre_activation(column)),
        "b2": lambda j: 2 * error(j),
    },
    edges=(Edge("a hidden unit exactly at 0", UNIT_AT_ZERO),),
    kinks="a pre-activation of 0, where torch takes the slope 0",
    source=f"{DEEP_LEARNING}, algorithms 6.3 and 6.4",
)

X, Y = tensor("X", N, n), tensor("Y", N, p)
V1, c1, V2, c2 = tensor("W1", n, m), tensor("b1", m), tensor("W2", m, p), tensor("b2", p)


def hidden(sample: sp.Expr, unit: sp.Expr) -> sp.Expr:
    """The entry of σ(X W1 + b1), one sample a row."""
    return sigmoid(sum_over(n, lambda k: X[sample, k] * V1[k, unit]) + c1[unit])


def prediction(sample: sp.Expr, output: sp.Expr) -> sp.Expr:
    """The entry of σ(H W2 + b2)."""
    return sigmoid(sum_over(m, lambda k: hidden(sample, k) * V2[k, output]) + c2[output])


def output_delta(sample: sp.Expr, output: sp.Expr) -> sp.Expr:
    """The loss's derivative by the output's pre-activation."""
    guess = prediction(sample, output)
    return (guess - Y[sample, output]) * guess * (1 - guess)


def hidden_delta(sample: sp.Expr, unit: sp.Expr) -> sp.Expr:
    """The loss's derivative by a hidden pre-activation."""
    active = hidden(sample, unit)
    return sum_over(p, lambda k: output_delta(sample, k) * V2[unit, k]) * active * (1 - active)


XOR_NETWORK = Formula(
    name="xor_network",
    title="Two-layer sigmoid network, half the sum of squared errors over a batch",
    topic="networks",
    definition=sum_over(N, lambda s: sum_over(p, lambda k: (prediction(s, k) - Y[s, k]) ** 2)) / 2,
    variables=(X, V1, c1, V2, c2, Y),
    wrt=("W1", "b1", "W2", "b2"),
    torch=lambda X, W1, b1, W2, b2, Y: torch.sum((torch.sigmoid(torch.sigmoid(X @ W1 + b1) @ W2 + b2) - Y) ** 2) / 2,
    stated={
        "W1": lambda row, column: sum_over(N, lambda s: X[s, row] * hidden_delta(s, column)),
        "b1": lambda j: sum_over(N, lambda s: hidden_delta(s, j)),
        "W2": lambda row, column: sum_over(N, lambda s: hidden(s, row) * output_delta(s, column)),
        "b2": lambda j: sum_over(N, lambda s: output_delta(s, j)),
    },
    edges=(
        Edge(
            "the four points of XOR",
            {
                "X": [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]],
                "W1": [[2.0, -1.0, 0.5], [1.0, -2.0, 0.25]],
                "b1": [-0.5, 1.5, 0.0],
                "W2": [[1.0], [-1.5], [0.75]],
                "b2": [-0.25],
                "Y": [[0.0], [1.0], [1.0], [0.0]],
            },
        ),
    ),
    source="Rumelhart, Hinton and Williams, Learning Representations by Back-Propagating Errors (1986), eq. 3 to 7",
)

W, V = tensor("W", m, n), tensor("V", p, m)


def inner(unit: sp.Expr) -> sp.Expr:
    """The entry of f(x) = tanh(Wx)."""
    return sp.tanh(sum_over(n, lambda k: W[unit, k] * x[k]))


def outer(output: sp.Expr) -> sp.Expr:
    """The entry of g(u) = σ(Vu) at u = f(x)."""
    return sigmoid(sum_over(m, lambda k: V[output, k] * inner(k)))


CHAIN_RULE = Formula(
    name="chain_rule",
    title="Chain rule: the Jacobian of σ(V tanh(Wx)) is the product of two",
    topic="networks",
    definition=outer(i),
    variables=(x, W, V),
    wrt=("x",),
    output={i: p},
    torch=lambda x, W, V: torch.sigmoid(V @ torch.tanh(W @ x)),
    stated={
        "x": lambda j: sum_over(m, lambda k: outer(i) * (1 - outer(i)) * V[i, k] * (1 - inner(k) ** 2) * W[k, j]),
    },
    source=f"{DEEP_LEARNING}, eq. 6.46",
)

FORMULAS = (CHAIN_RULE, TWO_LAYER_RELU, XOR_NETWORK)
