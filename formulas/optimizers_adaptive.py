"""The adaptive optimisers of `torch.optim` and their options: steps scaled by past gradients, entry by entry."""

from __future__ import annotations

import sympy as sp
import torch

from gradcheck.symbolic.piecewise import cases
from gradcheck.symbolic.update_rule import GRADIENT, PARAMETER, STEP, UpdateRule

theta, g, t = PARAMETER, GRADIENT, STEP
alpha, mu, rho, beta1, beta2, epsilon = sp.symbols("alpha mu rho beta_1 beta_2 epsilon", positive=True)
decay, fading, psi = sp.symbols("lambda eta psi", positive=True)
slope, first, second, accumulated, mean, velocity = sp.symbols("h m v s c b", real=True)
peak, step, travelled, product, now, later, length = sp.symbols("v_max Delta u P mu_t mu_next rho_t", real=True)

ADAM = "Kingma and Ba, Adam: A Method for Stochastic Optimization (2015)"
ADAMW = "Loshchilov and Hutter, Decoupled Weight Decay Regularization (2019), algorithm 2"
BETAS = {alpha: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8}
LONGEST = 2 / (1 - beta2) - 1

MOMENTS = [(first, beta1 * first + (1 - beta1) * g), (second, beta2 * second + (1 - beta2) * g**2)]
DECAYED_MOMENTS = [
    (slope, g + decay * theta),
    (first, beta1 * first + (1 - beta1) * slope),
    (second, beta2 * second + (1 - beta2) * slope**2),
]


def adam_step(square: sp.Expr) -> sp.Expr:
    """The step along the corrected first moment, over the root of the corrected square."""
    return alpha * (first / (1 - beta1**t)) / (sp.sqrt(square / (1 - beta2**t)) + epsilon)


def rectification(count: sp.Expr) -> sp.Expr:
    """The factor that makes up for the variance of few squares."""
    ratio = (count - 4) * (count - 2) * LONGEST / ((LONGEST - 4) * (LONGEST - 2) * count)
    return sp.sqrt(ratio) * sp.sqrt(1 - beta2**t) / (sp.sqrt(second) + epsilon)


LENGTH = (length, LONGEST - 2 * t * beta2**t / (1 - beta2**t))
RADAM_STEP = alpha * first / (1 - beta1**t) * cases((rectification(length), length > 5), otherwise=sp.S.One)
WARMING = [
    (now, beta1 * (1 - sp.Float(0.96) ** (t * psi) / 2)),
    (later, beta1 * (1 - sp.Float(0.96) ** ((t + 1) * psi) / 2)),
    (product, product * now),
]
NADAM_STEP = (
    alpha
    * ((1 - now) * g / (1 - product) + later * first / (1 - product * later))
    / (sp.sqrt(second / (1 - beta2**t)) + epsilon)
)

SQUARES = (
    UpdateRule(
        name="adagrad_decay",
        title="Adagrad with a falling step size, weight decay and a head start",
        assignments=[
            (slope, g + decay * theta),
            (accumulated, accumulated + slope**2),
            (theta, theta - alpha / (1 + fading * (t - 1)) * slope / (sp.sqrt(accumulated) + epsilon)),
        ],
        hyperparameters={alpha: 0.05, fading: 0.1, decay: 0.1, epsilon: 1e-10},
        start={accumulated: 0.5},
        torch_optimizer=lambda parameters: torch.optim.Adagrad(
            parameters, lr=0.05, lr_decay=0.1, weight_decay=0.1, initial_accumulator_value=0.5
        ),
        source="PyTorch documentation, torch.optim.Adagrad",
    ),
    UpdateRule(
        name="rmsprop_centered",
        title="RMSprop by the variance of the gradients",
        assignments=[
            (second, rho * second + (1 - rho) * g**2),
            (mean, rho * mean + (1 - rho) * g),
            (theta, theta - alpha * g / (sp.sqrt(second - mean**2) + epsilon)),
        ],
        hyperparameters={alpha: 0.01, rho: 0.99, epsilon: 1e-8},
        torch_optimizer=lambda parameters: torch.optim.RMSprop(parameters, lr=0.01, centered=True),
        source="Graves, Generating Sequences with Recurrent Neural Networks (2013), eq. 38 to 45",
    ),
    UpdateRule(
        name="rmsprop_momentum",
        title="RMSprop with momentum and weight decay",
        assignments=[
            (slope, g + decay * theta),
            (second, rho * second + (1 - rho) * slope**2),
            (velocity, mu * velocity + slope / (sp.sqrt(second) + epsilon)),
            (theta, theta - alpha * velocity),
        ],
        hyperparameters={alpha: 0.01, rho: 0.99, mu: 0.5, decay: 0.1, epsilon: 1e-8},
        torch_optimizer=lambda parameters: torch.optim.RMSprop(parameters, lr=0.01, momentum=0.5, weight_decay=0.1),
        source="PyTorch documentation, torch.optim.RMSprop",
    ),
    UpdateRule(
        name="adadelta",
        title="Adadelta",
        assignments=[
            (second, rho * second + (1 - rho) * g**2),
            (step, sp.sqrt(travelled + epsilon) / sp.sqrt(second + epsilon) * g),
            (travelled, rho * travelled + (1 - rho) * step**2),
            (theta, theta - alpha * step),
        ],
        hyperparameters={alpha: 1.0, rho: 0.9, epsilon: 1e-6},
        torch_optimizer=lambda parameters: torch.optim.Adadelta(parameters, lr=1.0),
        source="Zeiler, ADADELTA: An Adaptive Learning Rate Method (2012), algorithm 1",
    ),
)

ADAMS = (
    UpdateRule(
        name="adam_weight_decay",
        title="Adam with weight decay in the gradient",
        assignments=[*DECAYED_MOMENTS, (theta, theta - adam_step(second))],
        hyperparameters={**BETAS, decay: 0.1},
        torch_optimizer=lambda parameters: torch.optim.Adam(parameters, lr=0.01, weight_decay=0.1),
        source=ADAM,
    ),
    UpdateRule(
        name="adam_maximize",
        title="Adam uphill",
        assignments=[*MOMENTS, (theta, theta + adam_step(second))],
        hyperparameters=BETAS,
        torch_optimizer=lambda parameters: torch.optim.Adam(parameters, lr=0.01, maximize=True),
        source="PyTorch documentation, torch.optim.Adam",
    ),
    UpdateRule(
        name="amsgrad",
        title="AMSGrad: Adam whose squares never fall",
        assignments=[*MOMENTS, (peak, sp.Max(peak, second)), (theta, theta - adam_step(peak))],
        hyperparameters=BETAS,
        torch_optimizer=lambda parameters: torch.optim.Adam(parameters, lr=0.01, amsgrad=True),
        source="Reddi, Kale and Kumar, On the Convergence of Adam and Beyond (2018), algorithm 2, with bias correction",
    ),
    UpdateRule(
        name="adamw",
        title="AdamW: Adam with decoupled weight decay",
        assignments=[*MOMENTS, (theta, theta * (1 - alpha * decay) - adam_step(second))],
        hyperparameters={**BETAS, decay: 0.1},
        torch_optimizer=lambda parameters: torch.optim.AdamW(parameters, lr=0.01, weight_decay=0.1),
        source=ADAMW,
    ),
    UpdateRule(
        name="adamw_amsgrad",
        title="AdamW whose squares never fall",
        assignments=[
            *MOMENTS,
            (peak, sp.Max(peak, second)),
            (theta, theta * (1 - alpha * decay) - adam_step(peak)),
        ],
        hyperparameters={**BETAS, decay: 0.1},
        torch_optimizer=lambda parameters: torch.optim.AdamW(parameters, lr=0.01, weight_decay=0.1, amsgrad=True),
        source="PyTorch documentation, torch.optim.AdamW",
    ),
    UpdateRule(
        name="adamax",
        title="Adamax: Adam by the largest gradient",
        assignments=[
            (first, beta1 * first + (1 - beta1) * g),
            (peak, sp.Max(beta2 * peak, sp.Abs(g) + epsilon)),
            (theta, theta - alpha / (1 - beta1**t) * first / peak),
        ],
        hyperparameters=BETAS,
        torch_optimizer=lambda parameters: torch.optim.Adamax(parameters, lr=0.01),
        source=f"{ADAM}, algorithm 2",
    ),
    UpdateRule(
        name="nadam",
        title="NAdam: Adam with Nesterov momentum",
        assignments=[*WARMING, *MOMENTS, (theta, theta - NADAM_STEP)],
        hyperparameters={**BETAS, psi: 0.004},
        start={product: 1.0},
        deviation="torch keeps the product of the momenta in single precision unless the default dtype is double",
        torch_optimizer=lambda parameters: torch.optim.NAdam(parameters, lr=0.01, momentum_decay=0.004),
        source="Dozat, Incorporating Nesterov Momentum into Adam (2016)",
    ),
    UpdateRule(
        name="nadam_decoupled",
        title="NAdam with decoupled weight decay",
        assignments=[*WARMING, *MOMENTS, (theta, theta * (1 - alpha * decay) - NADAM_STEP)],
        hyperparameters={**BETAS, psi: 0.004, decay: 0.1},
        start={product: 1.0},
        deviation="torch keeps the product of the momenta in single precision unless the default dtype is double",
        torch_optimizer=lambda parameters: torch.optim.NAdam(
            parameters, lr=0.01, weight_decay=0.1, decoupled_weight_decay=True
        ),
        source="PyTorch documentation, torch.optim.NAdam",
    ),
    UpdateRule(
        name="radam",
        title="RAdam: Adam that rectifies the variance of few squares",
        assignments=[*MOMENTS, LENGTH, (theta, theta - RADAM_STEP)],
        hyperparameters=BETAS,
        torch_optimizer=lambda parameters: torch.optim.RAdam(parameters, lr=0.01),
        source="Liu et al., On the Variance of the Adaptive Learning Rate and Beyond (2020), algorithm 2",
    ),
    UpdateRule(
        name="radam_decoupled",
        title="RAdam with decoupled weight decay",
        assignments=[*MOMENTS, LENGTH, (theta, theta * (1 - alpha * decay) - RADAM_STEP)],
        hyperparameters={**BETAS, decay: 0.1},
        torch_optimizer=lambda parameters: torch.optim.RAdam(
            parameters, lr=0.01, weight_decay=0.1, decoupled_weight_decay=True
        ),
        source="PyTorch documentation, torch.optim.RAdam",
    ),
)

FORMULAS = SQUARES + ADAMS
