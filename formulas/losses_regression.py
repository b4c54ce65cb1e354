"""The regression losses of torch.nn.functional, with the options and reductions that change the formula."""

from __future__ import annotations

from collections.abc import Callable

import sympy as sp
import torch
from torch.nn import functional

from gradcheck.symbolic.domains import NONZERO, POSITIVE
from gradcheck.symbolic.formula import Edge, Formula
from gradcheck.symbolic.functions import absolute, sign
from gradcheck.symbolic.piecewise import cases
from gradcheck.symbolic.tensors import delta, dimension, index, mean_over, scalar, sum_over, tensor

n = dimension("n")
i = index("i")
p, y, v, w = (tensor(name, n) for name in "pyvw")
beta, threshold = scalar("β"), scalar("δ")

TORCH = "PyTorch documentation, torch.nn.functional"
FAST_RCNN = "Girshick, Fast R-CNN (2015), eq. 3"
POISSON = "McCullagh and Nelder, Generalized Linear Models, section 6.2"
NIX = "Nix and Weigend, Estimating the Mean and Variance of the Target Probability Distribution (1994)"
ZERO = Edge("a residual of 0", {"p": [1.0, 2.0, -1.0], "y": [1.0, 0.0, 0.5]})
KINK = Edge("a residual of 0", {"p": [1.0, 2.0, -1.0], "y": [1.0, 0.0, 0.5]}, kink=True)
FAR = Edge("residuals of ±800", {"p": [800.0, -800.0, 0.5], "y": [0.0, 0.0, 0.25]})


def residual(k: sp.Expr) -> sp.Expr:
    """The entry of p - y."""
    return p[k] - y[k]


def by_both(gradient: Callable[[sp.Expr], sp.Expr]) -> dict[str, Callable[[sp.Expr], sp.Expr]]:
    """A gradient by the prediction, and its opposite by the target."""
    return {"p": gradient, "y": lambda j: -gradient(j)}


def smooth(t: sp.Expr) -> sp.Expr:
    """t²/(2β) where |t| < β, and |t| - β/2 elsewhere."""
    return cases((t**2 / (2 * beta), absolute(t) < beta), otherwise=absolute(t) - beta / 2)


def smooth_slope(t: sp.Expr) -> sp.Expr:
    """t/β where |t| < β, and the sign of t elsewhere."""
    return cases((t / beta, absolute(t) < beta), otherwise=sign(t))


REDUCTIONS = (
    Formula(
        name="squared_error",
        title="Squared error, entry by entry",
        topic="losses",
        definition=residual(i) ** 2,
        variables=(p, y),
        wrt=("p",),
        output={i: n},
        torch=lambda p, y: functional.mse_loss(p, y, reduction="none"),
        stated={"p": lambda j: 2 * delta(i, j) * residual(i)},
        edges=(ZERO, FAR),
        source=f"{TORCH}.mse_loss",
    ),
    Formula(
        name="squared_error_sum",
        title="Sum of squared errors",
        topic="losses",
        definition=sum_over(n, lambda k: residual(k) ** 2),
        variables=(p, y),
        torch=lambda p, y: functional.mse_loss(p, y, reduction="sum"),
        stated=by_both(lambda j: 2 * residual(j)),
        edges=(ZERO, FAR),
        source="Bishop, Pattern Recognition and Machine Learning, eq. 1.2, without its half",
    ),
    Formula(
        name="squared_error_weighted",
        title="Weighted mean squared error, over the sum of the weights",
        topic="losses",
        definition=sum_over(n, lambda k: w[k] * residual(k) ** 2) / sum_over(n, lambda k: w[k]),
        variables=(p, y, w),
        wrt=("p",),
        domains={"w": POSITIVE},
        torch=lambda p, y, w: torch.sum(w * functional.mse_loss(p, y, reduction="none")) / w.sum(),
        stated={"p": lambda j: 2 * w[j] * residual(j) / sum_over(n, lambda k: w[k])},
        edges=(Edge("a weight of 0", {"p": [1.0, 2.0], "y": [0.0, 1.5], "w": [0.0, 2.0]}),),
        source=f"{TORCH}.mse_loss",
    ),
    Formula(
        name="absolute_error",
        title="Absolute error, entry by entry",
        topic="losses",
        definition=absolute(residual(i)),
        variables=(p, y),
        wrt=("p",),
        output={i: n},
        torch=lambda p, y: functional.l1_loss(p, y, reduction="none"),
        stated={"p": lambda j: delta(i, j) * sign(residual(i))},
        edges=(KINK, FAR),
        kinks="p = y: any slope in [-1, 1] is a subgradient, torch takes 0",
        source=f"{TORCH}.l1_loss",
    ),
    Formula(
        name="absolute_error_sum",
        title="Sum of absolute errors",
        topic="losses",
        definition=sum_over(n, lambda k: absolute(residual(k))),
        variables=(p, y),
        torch=lambda p, y: functional.l1_loss(p, y, reduction="sum"),
        stated=by_both(lambda j: sign(residual(j))),
        edges=(KINK, FAR),
        kinks="p = y: any slope in [-1, 1] is a subgradient, torch takes 0",
        source=f"{TORCH}.l1_loss",
    ),
)

ROBUST = (
    Formula(
        name="smooth_l1",
        title="Smooth L1 loss",
        topic="losses",
        definition=mean_over(n, lambda k: smooth(residual(k))),
        variables=(p, y, beta),
        wrt=("p", "y"),
        domains={"β": POSITIVE},
        torch=lambda p, y, beta: functional.smooth_l1_loss(p, y, beta=beta.detach().item()),
        stated=by_both(lambda j: smooth_slope(residual(j)) / n),
        edges=(
            Edge("residuals of ±β and 0", {"p": [0.5, -0.5, 0.0], "y": [0.0, 0.0, 0.0], "β": 0.5}),
            Edge("residuals of ±800", {**FAR.point, "β": 0.5}),
        ),
        kinks="none; the second derivative jumps at |p - y| = β",
        source=FAST_RCNN,
    ),
    Formula(
        name="smooth_l1_sum",
        title="Smooth L1 loss, summed",
        topic="losses",
        definition=sum_over(n, lambda k: smooth(residual(k))),
        variables=(p, y, beta),
        wrt=("p",),
        domains={"β": POSITIVE},
        torch=lambda p, y, beta: functional.smooth_l1_loss(p, y, beta=beta.detach().item(), reduction="sum"),
        stated={"p": lambda j: smooth_slope(residual(j))},
        edges=(Edge("residuals of ±β and 0", {"p": [0.5, -0.5, 0.0], "y": [0.0, 0.0, 0.0], "β": 0.5}),),
        source=FAST_RCNN,
    ),
    Formula(
        name="log_cosh",
        title="Mean logarithm of the hyperbolic cosine of the residuals",
        topic="losses",
        definition=mean_over(n, lambda k: sp.log(sp.cosh(residual(k)))),
        variables=(p, y),
        torch=lambda p, y: torch.log(torch.cosh(p - y)).mean(),
        stated=by_both(lambda j: sp.tanh(residual(j)) / n),
        edges=(ZERO, Edge("residuals of ±20", {"p": [20.0, -20.0], "y": [0.0, 0.0]})),
        kinks="none; written like this it is infinite beyond residuals of ±710",
        source="Green, Bayesian Reconstructions from Emission Tomography Data (1990)",
    ),
    Formula(
        name="quantile_loss",
        title="Quantile (pinball) loss",
        topic="losses",
        definition=mean_over(
            n, lambda k: cases(((beta - 1) * residual(k), residual(k) < 0), otherwise=beta * residual(k))
        ),
        variables=(p, y, beta),
        wrt=("p",),
        domains={"β": POSITIVE},
        torch=lambda p, y, beta: torch.where(p < y, (beta - 1) * (p - y), beta * (p - y)).mean(),
        stated={"p": lambda j: cases((beta - 1, residual(j) < 0), otherwise=beta) / n},
        edges=(Edge("a residual of 0", {**KINK.point, "β": 0.25}, kink=True),),
        kinks="p = y: any slope between (β - 1)/n and β/n is a subgradient, torch takes the latter as this is written",
        source="Koenker and Bassett, Regression Quantiles (1978)",
    ),
)

LIKELIHOODS = (
    Formula(
        name="poisson_nll",
        title="Negative log-likelihood of Poisson counts, from log-rates",
        topic="losses",
        definition=mean_over(n, lambda k: sp.exp(p[k]) - y[k] * p[k]),
        variables=(p, y),
        wrt=("p", "y"),
        domains={"y": POSITIVE},
        torch=functional.poisson_nll_loss,
        stated={"p": lambda j: (sp.exp(p[j]) - y[j]) / n, "y": lambda j: -p[j] / n},
        edges=(Edge("log-rates of -800 and 20, a count of 0", {"p": [-800.0, 20.0, 0.5], "y": [3.0, 1.0, 0.0]}),),
        source=POISSON,
    ),
    Formula(
        name="poisson_nll_rates",
        title="Negative log-likelihood of Poisson counts, from rates",
        topic="losses",
        definition=mean_over(n, lambda k: p[k] - y[k] * sp.log(p[k] + beta)),
        variables=(p, y, beta),
        wrt=("p",),
        domains={"p": POSITIVE, "y": POSITIVE, "β": POSITIVE},
        torch=lambda p, y, epsilon: functional.poisson_nll_loss(p, y, log_input=False, eps=epsilon.detach().item()),
        stated={"p": lambda j: (1 - y[j] / (p[j] + beta)) / n},
        edges=(Edge("a rate of 0, a count of 0", {"p": [0.0, 2.0], "y": [1.0, 0.0], "β": 1e-3}),),
        source=f"{TORCH}.poisson_nll_loss",
    ),
    Formula(
        name="poisson_nll_full",
        title="Negative log-likelihood of Poisson counts with Stirling's term for counts above 1",
        topic="losses",
        definition=mean_over(
            n,
            lambda k: (
                sp.exp(p[k])
                - y[k] * p[k]
                + cases(
                    (y[k] * sp.log(y[k]) - y[k] + sp.log(2 * sp.pi * y[k]) / 2, y[k] > 1),
                    otherwise=sp.S.Zero,
                )
            ),
        ),
        variables=(p, y),
        wrt=("p",),
        domains={"y": POSITIVE},
        torch=lambda p, y: functional.poisson_nll_loss(p, y, full=True),
        stated={"p": lambda j: (sp.exp(p[j]) - y[j]) / n},
        edges=(Edge("counts of 0, 1 and 2", {"p": [0.5, -0.5, 0.25], "y": [0.0, 1.0, 2.0]}),),
        source=f"{TORCH}.poisson_nll_loss",
    ),
    Formula(
        name="gaussian_nll",
        title="Negative log-likelihood of a Gaussian with its variance",
        topic="losses",
        definition=mean_over(n, lambda k: sp.log(v[k]) + residual(k) ** 2 / v[k]) / 2,
        variables=(p, y, v),
        wrt=("p", "v"),
        domains={"v": POSITIVE},
        torch=functional.gaussian_nll_loss,
        stated={
            "p": lambda j: residual(j) / (n * v[j]),
            "v": lambda j: (1 / v[j] - residual(j) ** 2 / v[j] ** 2) / (2 * n),
        },
        edges=(
            Edge("a residual of 0", {**ZERO.point, "v": [1.0, 0.5, 2.0]}),
            Edge("a small variance", {"p": [1.0, 0.0], "y": [0.5, 0.0], "v": [1e-3, 1.0]}),
        ),
        kinks="v = 1e-6: torch keeps the variance above it, and its slope as if it had not",
        source=NIX,
    ),
    Formula(
        name="gaussian_nll_full",
        title="Negative log-likelihood of a Gaussian with its constant",
        topic="losses",
        definition=mean_over(n, lambda k: sp.log(v[k]) + residual(k) ** 2 / v[k] + sp.log(2 * sp.pi)) / 2,
        variables=(p, y, v),
        wrt=("p",),
        domains={"v": POSITIVE, "y": NONZERO},
        torch=lambda p, y, v: functional.gaussian_nll_loss(p, y, v, full=True),
        stated={"p": lambda j: residual(j) / (n * v[j])},
        edges=(Edge("a residual of 0", {**ZERO.point, "v": [1.0, 0.5, 2.0]}),),
        source=NIX,
    ),
)

FORMULAS = REDUCTIONS + ROBUST + LIKELIHOODS
