"""The article on gradient algorithms, second part: its update rules and the functions that implement them."""

from __future__ import annotations

from gradcheck.articles.claims import Claim
from gradcheck.articles.demo import training_demo
from gradcheck.articles.derivatives import hand_written_gradient
from gradcheck.articles.listings import listing_complete
from gradcheck.articles.stochastic import sampled_gradient
from gradcheck.articles.update_rules import favours_sparse_gradients, follows_torch, has_momentum_and_rates

PATH = "001_9bcc66715ea2da03.txt"

HALF_MEAN_SQUARE = "((X @ theta - y) ** 2).sum() / (2 * len(y))"
DESIGN = ((1.0, 0.5), (1.0, -1.0), (1.0, 2.0), (1.0, 0.25), (1.0, -1.5))
TARGETS = (2.0, -0.5, 4.5, 1.0, -2.0)
SMALL = {"X": ((0.5, -1.25),), "y": (0.75,), "theta": (2.0, -0.5)}
MIDDLE = {
    "X": ((1.0, 0.5, -0.25), (-1.5, 2.0, 0.75)),
    "y": (1.25, -2.0),
    "theta": (0.5, 1.0, -1.5),
}
LARGE = {"X": DESIGN, "y": TARGETS, "theta": (0.5, -0.75)}
REGRESSION_FORMULA = {"name": "half_mean_square", "variables": {"X": "X", "w": "theta", "y": "y"}}

ADAM_RULE = (
    ("m", "beta1 * m + (1 - beta1) * g"),
    ("v", "beta2 * v + (1 - beta2) * g ** 2"),
    ("m_hat", "m / (1 - beta1 ** t)"),
    ("v_hat", "v / (1 - beta2 ** t)"),
    ("theta", "theta - alpha * m_hat / (sqrt(v_hat) + epsilon)"),
)
ADAM_CONSTANTS = {"alpha": 0.05, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8}
ADAM_OPTIONS = {"lr": 0.05, "betas": (0.9, 0.999), "eps": 1e-8}

CLAIMS = (
    Claim(
        id="B5",
        path=PATH,
        line=197,
        end_line=211,
        statement="X^T (X theta - y) / m is the gradient of the sum of squared residuals over 2m.",
        stated="X^T (X theta - y) / m",
        data={
            "loss": HALF_MEAN_SQUARE,
            "gradient": "X.T @ (X @ theta - y) / len(y)",
            "wrt": "theta",
            "points": (SMALL, MIDDLE, LARGE),
            "formula": REGRESSION_FORMULA,
        },
        judge=hand_written_gradient,
        math=r"\nabla_\theta \frac{\|X\theta - y\|^2}{2m} = \frac{1}{m} X^\top (X\theta - y)",
    ),
    Claim(
        id="B6",
        path=PATH,
        line=237,
        end_line=252,
        statement="X_i^T (X_i theta - y_i) is the gradient of half the squared residual of one sample.",
        stated="X_i^T (X_i theta - y_i)",
        data={
            "loss": "((X @ theta - y) ** 2).sum() / 2",
            "gradient": "X.T @ (X @ theta - y)",
            "at": LARGE,
            "batch_size": 1,
            "whole": HALF_MEAN_SQUARE,
        },
        judge=sampled_gradient,
        math=r"\nabla_\theta \tfrac12 (x_i^\top\theta - y_i)^2 = x_i (x_i^\top\theta - y_i)",
    ),
    Claim(
        id="B7",
        path=PATH,
        line=258,
        end_line=286,
        statement="A function for mini-batch gradient descent.",
        stated="a complete function that returns theta and the history of losses",
        data={
            "code": "def mini_batches(X, y, theta, alpha, steps, size):\n"
            "    J_history = []\n"
            "    for step in range(steps):\n"
            "        for i in range(0, len(y), size):\n"
            "            loss = np.dot(X[i:i+size], theta) - y[i:i+size]\n"
            "            J\n",
            "returns": ("theta", "J_history"),
            "suggestion": "print the listing to its end; the completed rule is judged as B7-completed",
        },
        judge=listing_complete,
    ),
    Claim(
        id="B7-completed",
        path=PATH,
        line=258,
        end_line=286,
        statement="Mini-batch descent, completed like its neighbours: X_B^T (X_B theta - y_B) / |B| for a batch B.",
        stated="X_B^T (X_B theta - y_B) / |B|",
        data={
            "loss": HALF_MEAN_SQUARE,
            "gradient": "X.T @ (X @ theta - y) / len(y)",
            "at": LARGE,
            "batch_size": 2,
            "whole": HALF_MEAN_SQUARE,
        },
        judge=sampled_gradient,
        math=r"\theta \leftarrow \theta - \frac{\alpha}{|B|} X_B^\top (X_B\theta - y_B)",
    ),
    Claim(
        id="B8",
        path=PATH,
        line=290,
        end_line=338,
        statement="Adam's update: both moments corrected for bias, and the step alpha m_hat / (sqrt(v_hat) + epsilon).",
        stated="Adam with bias correction",
        data={
            "rule": ADAM_RULE,
            "constants": ADAM_CONSTANTS,
            "optimizer": "Adam",
            "options": ADAM_OPTIONS,
            "loss": HALF_MEAN_SQUARE,
            "at": LARGE,
            "wrt": "theta",
            "steps": 50,
        },
        judge=follows_torch,
        math=r"\theta \leftarrow \theta - \alpha \frac{\hat m}{\sqrt{\hat v} + \epsilon}",
    ),
    Claim(
        id="B9",
        path=PATH,
        line=360,
        end_line=377,
        statement="The demo trains on the mean squared error with the gradient X^T (X theta - y) / m.",
        stated="X^T (X theta - y) / m is the gradient of the mean squared error",
        data={
            "loss": "((y - X @ theta) ** 2).mean()",
            "gradient": "X.T @ (X @ theta - y) / len(y)",
            "wrt": "theta",
            "points": (SMALL, MIDDLE, LARGE),
            "formula": REGRESSION_FORMULA,
        },
        judge=hand_written_gradient,
        math=r"\nabla_\theta \frac{\|y - X\theta\|^2}{m} = \frac{2}{m} X^\top (X\theta - y)",
    ),
    Claim(
        id="B10",
        path=PATH,
        line=347,
        end_line=404,
        statement="The demo, with seed 0, 100 points, rate 0.01 and 1000 steps, prints the optimised theta.",
        stated="a picture that is lost",
        data={
            "seed": 0,
            "samples": 100,
            "scale": 2.0,
            "intercept": 4.0,
            "slope": 3.0,
            "rate": 0.01,
            "steps": 1000,
            "printed": None,
        },
        judge=training_demo,
        reproduce='python -c "import numpy as np; r = np.random.RandomState(0); x = 2 * r.rand(100, 1); '
        "y = 4 + 3 * x + r.randn(100, 1); X = np.hstack([np.ones((100, 1)), x]); t = r.randn(2, 1); "
        "H = np.eye(2) - 0.01 * X.T @ X / 100; b = np.linalg.lstsq(X, y, rcond=None)[0]; "
        "t = b + np.linalg.matrix_power(H, 1000) @ (t - b); print('[%.4f, %.4f]' % tuple(t.ravel()))\"",
    ),
    Claim(
        id="B15",
        path=PATH,
        line=172,
        end_line=172,
        statement="RMSProp scales the learning rate by a moving average of the squared gradients.",
        stated="RMSProp divides by the root of a moving average of squared gradients",
        data={
            "rule": (
                ("v", "rho * v + (1 - rho) * g ** 2"),
                ("theta", "theta - alpha * g / (sqrt(v) + epsilon)"),
            ),
            "constants": {"alpha": 0.02, "rho": 0.9, "epsilon": 1e-8},
            "optimizer": "RMSprop",
            "options": {"lr": 0.02, "alpha": 0.9, "eps": 1e-8},
            "loss": HALF_MEAN_SQUARE,
            "at": LARGE,
            "wrt": "theta",
            "steps": 50,
        },
        judge=follows_torch,
        math=r"v \leftarrow \rho v + (1-\rho) g^2, \quad \theta \leftarrow \theta - \alpha g / (\sqrt v + \epsilon)",
    ),
    Claim(
        id="B16",
        path=PATH,
        line=176,
        end_line=176,
        statement="Adagrad gives parameters with sparse gradients larger updates and those with dense ones smaller.",
        stated="larger updates for sparse gradients",
        data={
            "rule": (
                ("s", "s + g ** 2"),
                ("theta", "theta - alpha * g / (sqrt(s) + epsilon)"),
            ),
            "literal": (("theta", "theta - alpha / (g ** 2 + epsilon) * g"),),
            "constants": {"alpha": 0.1, "epsilon": 1e-10},
            "optimizer": "Adagrad",
            "options": {"lr": 0.1, "eps": 1e-10},
            "size": 0.5,
            "period": 10,
            "steps": 50,
            "suggestion": "say that the squares are summed over the steps, and that the rate is divided by the root",
        },
        judge=favours_sparse_gradients,
        math=r"s \leftarrow s + g^2, \quad \theta \leftarrow \theta - \alpha g / (\sqrt s + \epsilon)",
    ),
    Claim(
        id="B17",
        path=PATH,
        line=168,
        end_line=168,
        statement="Adam combines momentum with a learning rate of its own for each dimension.",
        stated="momentum and a rate per dimension",
        data={
            "rule": ADAM_RULE,
            "constants": ADAM_CONSTANTS,
            "optimizer": "Adam",
            "options": ADAM_OPTIONS,
            "sizes": (1.0, 100.0),
            "steps": 10,
        },
        judge=has_momentum_and_rates,
    ),
)
