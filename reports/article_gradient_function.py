"""The article on `get_gradient_function`: its first example, the XOR network, and other optimisers."""

from __future__ import annotations

from collections.abc import Callable

from gradcheck.articles.claims import Claim
from gradcheck.articles.comparison import needs_fewer_steps
from gradcheck.articles.derivatives import derivative_formula
from gradcheck.articles.gradient_functions import arrives, returns_gradients
from gradcheck.articles.listings import no_output
from gradcheck.articles.sigmoid_network import trains
from gradcheck.articles.steepest import steepest_direction
from gradcheck.articles.which_loss import gradient_of_some_loss

PATH = "002_aa6ed0310444c608.txt"

XOR_INPUTS = ((0.0, 0.0), (0.0, 1.0), (1.0, 0.0), (1.0, 1.0))
XOR_TARGETS = (0.0, 1.0, 1.0, 0.0)


def always_two_x(_: Callable[[float], float]) -> Callable[[float], float]:
    """What the article's function does: whatever it is given, the gradient that it returns is 2x.

    >>> always_two_x(lambda x: x**3)(5.0)
    10.0
    """
    return lambda x: 2 * x


CLAIMS = (
    Claim(
        id="C1",
        path=PATH,
        line=14,
        end_line=33,
        statement="The gradient of x^2 is 2x.",
        stated="2x",
        data={"cases": ({"function": "x ** 2", "at": {"x": (-2.0, 0.0, 0.5, 3.0)}, "derivatives": {"x": "2 * x"}},)},
        judge=derivative_formula,
        math=r"\frac{d}{dx} x^2 = 2x",
    ),
    Claim(
        id="C2",
        path=PATH,
        line=17,
        end_line=20,
        statement="`get_gradient_function(f)` returns the gradient of the function f.",
        stated="the gradient of f",
        data={
            "implementation": always_two_x,
            "functions": ("x**2", "x**3"),
            "points": (-1.0, 0.5, 2.0),
        },
        judge=returns_gradients,
        math=r"f(x) = x^3, \quad f'(x) = 3x^2 \neq 2x",
    ),
    Claim(
        id="C3",
        path=PATH,
        line=8,
        end_line=8,
        statement="The gradient is the slope at a point, and points the way in which the function rises fastest.",
        stated="direction: the gradient; size: the slope",
        data={
            "function": "(x ** 3).sum() - 2 * x.sum()",
            "points": ({"x": (1.5,)}, {"x": (-0.25,)}),
            "direction": "g",
            "size": "norm(g)",
        },
        judge=steepest_direction,
    ),
    Claim(
        id="C4",
        path=PATH,
        line=24,
        end_line=33,
        statement="Ten steps at rate 0.1 from a random start give the x that minimises x^2.",
        stated="the minimising x",
        data={"loss": "x ** 2", "start": 1.0, "rate": 0.1, "steps": 10, "tolerance": 1e-6},
        judge=arrives,
        math=r"x_{k} = (1 - 2\alpha)^k x_0 = 0.8^k x_0",
    ),
    Claim(
        id="C5",
        path=PATH,
        line=59,
        end_line=72,
        statement="The hand-written backward pass trains the sigmoid network by gradient descent on its error.",
        stated="the gradient of the network's error, which is not stated",
        data={
            "at": {
                "x": XOR_INPUTS,
                "y": ((0.0,), (1.0,), (1.0,), (0.0,)),
                "W1": ((0.5, -1.25, 0.75), (1.5, 0.25, -0.5)),
                "b1": ((0.25, -0.5, 0.75),),
                "W2": ((1.0,), (-0.75,), (0.5,)),
                "b2": ((-0.25,),),
            },
            "forward": (("h", "sigmoid(x @ W1 + b1)"), ("o", "sigmoid(h @ W2 + b2)")),
            "backward": (
                ("output_delta", "(o - y) * o * (1 - o)"),
                ("hidden_delta", "(output_delta @ W2.T) * h * (1 - h)"),
            ),
            "gradients": {
                "W2": "h.T @ output_delta",
                "b2": "output_delta.sum(0)",
                "W1": "x.T @ hidden_delta",
                "b1": "hidden_delta.sum(0)",
            },
            "losses": {
                "the mean squared error": "((o - y) ** 2).mean()",
                "the sum of squared errors": "((o - y) ** 2).sum()",
                "half the sum of squared errors": "((o - y) ** 2).sum() / 2",
                "the cross-entropy": "-(y * log(o) + (1 - y) * log(1 - o)).sum()",
            },
            "formula": {
                "name": "xor_network",
                "variables": {"X": "x", "W1": "W1", "b1": "b1", "W2": "W2", "b2": "b2", "Y": "y"},
            },
        },
        judge=gradient_of_some_loss,
        math=r"L = \tfrac12 \sum_k (o_k - y_k)^2",
    ),
    Claim(
        id="C6",
        path=PATH,
        line=75,
        end_line=95,
        statement="After 10000 epochs at rate 0.1 the network with 16 hidden units predicts XOR.",
        stated="XOR: 0, 1, 1, 0",
        data={
            "x": XOR_INPUTS,
            "y": XOR_TARGETS,
            "hidden": 16,
            "epochs": 10000,
            "rate": 0.1,
            "seeds": (0, 1, 2, 3, 4, 5, 6, 7),
        },
        judge=trains,
    ),
    Claim(
        id="C7",
        path=PATH,
        line=35,
        end_line=35,
        statement="Momentum and Adam improve on plain gradient descent.",
        stated="they are improvements",
        data={
            "curvatures": (1.0, 100.0),
            "start": (1.0, 1.0),
            "tolerance": 1e-6,
            "horizon": 400,
            "methods": (
                {
                    "name": "gradient descent (rate 2/101)",
                    "rule": (("theta", "theta - alpha * g"),),
                    "constants": {"alpha": 2 / 101},
                    "optimizer": "SGD",
                    "options": {"lr": 2 / 101},
                },
                {
                    "name": "momentum (rate 4/121, mu 0.67)",
                    "rule": (("b", "mu * b + g"), ("theta", "theta - alpha * b")),
                    "constants": {"alpha": 4 / 121, "mu": (9 / 11) ** 2},
                    "optimizer": "SGD",
                    "options": {"lr": 4 / 121, "momentum": (9 / 11) ** 2},
                },
                {
                    "name": "Adam (rate 0.1)",
                    "rule": (
                        ("m", "beta1 * m + (1 - beta1) * g"),
                        ("v", "beta2 * v + (1 - beta2) * g ** 2"),
                        (
                            "theta",
                            "theta - alpha * (m / (1 - beta1 ** t)) / (sqrt(v / (1 - beta2 ** t)) + epsilon)",
                        ),
                    ),
                    "constants": {"alpha": 0.1, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8},
                    "optimizer": "Adam",
                    "options": {"lr": 0.1, "betas": (0.9, 0.999), "eps": 1e-8},
                },
            ),
        },
        judge=needs_fewer_steps,
    ),
    Claim(
        id="C8",
        path=PATH,
        line=91,
        end_line=93,
        statement="The listing prints predictions; the article gives no values.",
        stated="no value",
        data={
            "reason": "no value is stated, so there is nothing to compare with",
            "actual": "the predictions of several seeds stand under C6",
            "suggestion": "give the printed predictions and fix the seed",
        },
        judge=no_output,
    ),
)
