"""Update rules of optimisers, as `torch.optim` implements them."""

from __future__ import annotations

import sympy as sp
import torch

from gradcheck.symbolic.update_rule import GRADIENT, PARAMETER, STEP, UpdateRule

theta, g, t = PARAMETER, GRADIENT, STEP
alpha, mu, rho, beta1, beta2, epsilon = sp.symbols("alpha mu rho beta_1 beta_2 epsilon", positive=True)
velocity, first_moment, second_moment, accumulated = sp.symbols("b m v s", real=True)

FORMULAS = (
    UpdateRule(
        name="gradient_descent",
        title="Gradient descent",
        assignments=[(theta, theta - alpha * g)],
        hyperparameters={alpha: 0.01},
        torch_optimizer=lambda parameters: torch.optim.SGD(parameters, lr=0.01),
        source="Cauchy, Méthode générale pour la résolution des systèmes d'équations simultanées (1847)",
    ),
    UpdateRule(
        name="momentum",
        title="SGD with momentum",
        assignments=[(velocity, mu * velocity + g), (theta, theta - alpha * velocity)],
        hyperparameters={alpha: 0.01, mu: 0.9},
        torch_optimizer=lambda parameters: torch.optim.SGD(parameters, lr=0.01, momentum=0.9),
        source="Polyak, Some Methods of Speeding Up the Convergence of Iteration Methods (1964)",
    ),
    UpdateRule(
        name="nesterov",
        title="SGD with Nesterov momentum",
        assignments=[(velocity, mu * velocity + g), (theta, theta - alpha * (g + mu * velocity))],
        hyperparameters={alpha: 0.01, mu: 0.9},
        torch_optimizer=lambda parameters: torch.optim.SGD(parameters, lr=0.01, momentum=0.9, nesterov=True),
        source="Sutskever et al., On the Importance of Initialization and Momentum in Deep Learning (2013)",
    ),
    UpdateRule(
        name="adagrad",
        title="Adagrad",
        assignments=[
            (accumulated, accumulated + g**2),
            (theta, theta - alpha * g / (sp.sqrt(accumulated) + epsilon)),
        ],
        hyperparameters={alpha: 0.05, epsilon: 1e-10},
        torch_optimizer=lambda parameters: torch.optim.Adagrad(parameters, lr=0.05, eps=1e-10),
        source="Duchi, Hazan and Singer, Adaptive Subgradient Methods (2011)",
    ),
    UpdateRule(
        name="rmsprop",
        title="RMSprop",
        assignments=[
            (second_moment, rho * second_moment + (1 - rho) * g**2),
            (theta, theta - alpha * g / (sp.sqrt(second_moment) + epsilon)),
        ],
        hyperparameters={alpha: 0.01, rho: 0.99, epsilon: 1e-8},
        torch_optimizer=lambda parameters: torch.optim.RMSprop(parameters, lr=0.01, alpha=0.99, eps=1e-8),
        source="Tieleman and Hinton, Lecture 6.5 of Neural Networks for Machine Learning (2012)",
    ),
    UpdateRule(
        name="adam",
        title="Adam",
        assignments=[
            (first_moment, beta1 * first_moment + (1 - beta1) * g),
            (second_moment, beta2 * second_moment + (1 - beta2) * g**2),
            (
                theta,
                theta - alpha * (first_moment / (1 - beta1**t)) / (sp.sqrt(second_moment / (1 - beta2**t)) + epsilon),
            ),
        ],
        hyperparameters={alpha: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8},
        torch_optimizer=lambda parameters: torch.optim.Adam(parameters, lr=0.01, betas=(0.9, 0.999), eps=1e-8),
        source="Kingma and Ba, Adam: A Method for Stochastic Optimization (2015), algorithm 1",
    ),
)
