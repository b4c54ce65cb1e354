"""The variants of stochastic gradient descent in `torch.optim`, and the two rules that need no momentum."""

from __future__ import annotations

import sympy as sp
import torch

from gradcheck.symbolic.piecewise import cases
from gradcheck.symbolic.update_rule import GRADIENT, PARAMETER, STEP, UpdateRule

theta, g, t = PARAMETER, GRADIENT, STEP
alpha, mu, tau, decay = sp.symbols("alpha mu tau lambda", positive=True)
grow, shrink, smallest, largest = sp.symbols("eta_+ eta_- s_min s_max", positive=True)
velocity, slope, size, previous, agreement = sp.symbols("b h s q a", real=True)

TORCH_SGD = "PyTorch documentation, torch.optim.SGD"

SGD = (
    UpdateRule(
        name="sgd_weight_decay",
        title="SGD with weight decay",
        assignments=[(theta, theta - alpha * (g + decay * theta))],
        hyperparameters={alpha: 0.01, decay: 0.1},
        torch_optimizer=lambda parameters: torch.optim.SGD(parameters, lr=0.01, weight_decay=0.1),
        source="Krogh and Hertz, A Simple Weight Decay Can Improve Generalization (1991)",
    ),
    UpdateRule(
        name="sgd_maximize",
        title="Gradient ascent",
        assignments=[(theta, theta + alpha * g)],
        hyperparameters={alpha: 0.01},
        torch_optimizer=lambda parameters: torch.optim.SGD(parameters, lr=0.01, maximize=True),
        source=TORCH_SGD,
    ),
    UpdateRule(
        name="sgd_dampening",
        title="SGD with momentum and dampening, which the first step is spared",
        assignments=[
            (velocity, cases((g, sp.Eq(t, 1)), otherwise=mu * velocity + (1 - tau) * g)),
            (theta, theta - alpha * velocity),
        ],
        hyperparameters={alpha: 0.01, mu: 0.9, tau: 0.5},
        torch_optimizer=lambda parameters: torch.optim.SGD(parameters, lr=0.01, momentum=0.9, dampening=0.5),
        source=TORCH_SGD,
    ),
    UpdateRule(
        name="sgd_momentum_weight_decay",
        title="SGD with momentum and weight decay",
        assignments=[(velocity, mu * velocity + g + decay * theta), (theta, theta - alpha * velocity)],
        hyperparameters={alpha: 0.01, mu: 0.9, decay: 0.1},
        torch_optimizer=lambda parameters: torch.optim.SGD(parameters, lr=0.01, momentum=0.9, weight_decay=0.1),
        source=TORCH_SGD,
    ),
    UpdateRule(
        name="nesterov_weight_decay",
        title="SGD with Nesterov momentum and weight decay",
        assignments=[
            (slope, g + decay * theta),
            (velocity, mu * velocity + slope),
            (theta, theta - alpha * (slope + mu * velocity)),
        ],
        hyperparameters={alpha: 0.01, mu: 0.9, decay: 0.1},
        torch_optimizer=lambda parameters: torch.optim.SGD(
            parameters, lr=0.01, momentum=0.9, nesterov=True, weight_decay=0.1
        ),
        source=TORCH_SGD,
    ),
    UpdateRule(
        name="momentum_maximize",
        title="Gradient ascent with momentum",
        assignments=[(velocity, mu * velocity - g), (theta, theta - alpha * velocity)],
        hyperparameters={alpha: 0.001, mu: 0.9},
        torch_optimizer=lambda parameters: torch.optim.SGD(parameters, lr=0.001, momentum=0.9, maximize=True),
        source=TORCH_SGD,
    ),
)

OTHERS = (
    UpdateRule(
        name="asgd",
        title="Averaged SGD, the iterate that is averaged",
        assignments=[
            (size, alpha / (1 + decay * alpha * (t - 1)) ** tau),
            (theta, theta * (1 - decay * size) - size * g),
        ],
        hyperparameters={alpha: 0.01, decay: 0.1, tau: 0.75},
        torch_optimizer=lambda parameters: torch.optim.ASGD(parameters, lr=0.01, lambd=0.1, alpha=0.75),
        deviation="torch keeps the step size in single precision unless the default dtype is double",
        source="Polyak and Juditsky, Acceleration of Stochastic Approximation by Averaging (1992)",
    ),
    UpdateRule(
        name="rprop",
        title="Resilient backpropagation",
        assignments=[
            (agreement, g * previous),
            (
                size,
                cases(
                    (sp.Min(grow * size, largest), agreement > 0),
                    (sp.Max(shrink * size, smallest), agreement < 0),
                    otherwise=size,
                ),
            ),
            (previous, cases((sp.S.Zero, agreement < 0), otherwise=g)),
            (theta, theta - size * sp.sign(previous)),
        ],
        hyperparameters={grow: 1.2, shrink: 0.5, smallest: 1e-6, largest: 50.0},
        start={size: 0.01},
        torch_optimizer=lambda parameters: torch.optim.Rprop(parameters, lr=0.01),
        source="Riedmiller and Braun, A Direct Adaptive Method for Faster Backpropagation Learning (1993)",
    ),
)

FORMULAS = SGD + OTHERS
