"""The article on gradient algorithms, first part: the definitions, the descent rule, and what it converges to."""

from __future__ import annotations

from gradcheck.articles.chain import chain_rule
from gradcheck.articles.claims import Claim
from gradcheck.articles.derivatives import layout
from gradcheck.articles.descent import every_step_lowers, reaches_global_minimum, stops_when_settled
from gradcheck.articles.listings import listing_complete, no_output
from gradcheck.articles.stochastic import keeps_fluctuating

PATH = "001_9bcc66715ea2da03.txt"

CLAIMS = (
    Claim(
        id="B1",
        path=PATH,
        line=48,
        end_line=48,
        statement="Each iteration of theta - alpha grad J lowers the loss, at least locally; no rate is named.",
        stated="every step lowers the loss, whatever the rate",
        data={
            "loss": "(c * theta ** 2).sum() / 2",
            "at": {"c": (1.0, 10.0), "theta": (1.0, 1.0)},
            "wrt": "theta",
            "rates": (0.05, 0.19, 0.21),
            "steps": 30,
        },
        judge=every_step_lowers,
        math=r"\theta \leftarrow \theta - \alpha \nabla J(\theta), \quad \alpha < 2/L",
    ),
    Claim(
        id="B2",
        path=PATH,
        line=128,
        end_line=134,
        statement="The gradient of a scalar by a vector is the vector of its partial derivatives.",
        stated="(df/dx_1, ..., df/dx_n)",
        data={
            "function": "sin(x[0]) * x[1] + x[2] ** 3",
            "at": {"x": (0.5, -1.25, 2.0)},
            "wrt": "x",
            "arrangement": "variable",
        },
        judge=layout,
        math=r"\nabla f = \left(\frac{\partial f}{\partial x_1}, \ldots, \frac{\partial f}{\partial x_n}\right)",
    ),
    Claim(
        id="B3",
        path=PATH,
        line=136,
        end_line=142,
        statement="The gradient of a scalar by an n x m matrix is the n x m matrix of its partial derivatives.",
        stated="entry i, j is df/dX_ij",
        data={
            "function": "(A * X ** 2).sum() + X[2, 0] * X[0, 1]",
            "at": {"X": ((0.5, -1.0), (2.0, 0.25), (-0.75, 1.5)), "A": ((1.0, 2.0), (3.0, 4.0), (5.0, 6.0))},
            "wrt": "X",
            "arrangement": "variable",
            "suggestion": "name the layout: this is the denominator layout, the gradient is shaped like the variable",
        },
        judge=layout,
        math=r"(\nabla f)_{ij} = \frac{\partial f}{\partial X_{ij}}",
    ),
    Claim(
        id="B4",
        path=PATH,
        line=144,
        end_line=150,
        statement="The gradient of a vector by a scalar is the vector of the components' derivatives.",
        stated="(df_1/dx, ..., df_n/dx)",
        data={
            "function": "stack(sin(x), x ** 2, exp(-x))",
            "at": {"x": 0.75},
            "wrt": "x",
            "arrangement": "variable",
        },
        judge=layout,
        math=r"\nabla \mathbf{f} = \left(\frac{d f_1}{d x}, \ldots, \frac{d f_n}{d x}\right)",
    ),
    Claim(
        id="B11",
        path=PATH,
        line=89,
        end_line=89,
        statement="Backpropagation is the chain rule: local derivatives, multiplied from the output back to the input.",
        stated="the product of the layers' derivatives",
        data={
            "at": {
                "h": (0.5, -1.0),
                "A": ((1.0, -0.5), (0.25, 2.0), (-1.5, 0.75)),
                "B": ((0.5, -1.0, 2.0), (1.5, 0.25, -0.5)),
            },
            "layers": (
                ("A @ h", "A"),
                ("sigmoid(h)", "diag(sigmoid(h) * (1 - sigmoid(h)))"),
                ("B @ h", "B"),
                ("(h ** 2).sum()", "2 * h"),
            ),
        },
        judge=chain_rule,
        math=r"\frac{\partial L}{\partial x} = \frac{\partial L}{\partial h_k} \cdots \frac{\partial h_1}{\partial x}",
    ),
    Claim(
        id="B12",
        path=PATH,
        line=62,
        end_line=62,
        statement="Batch gradient descent converges to the global minimum of a convex loss.",
        stated="it reaches the global minimum",
        data={
            "loss": "((X @ theta - y) ** 2).sum() / (2 * len(y))",
            "at": {
                "X": ((1.0, 0.5), (1.0, -1.0), (1.0, 2.0), (1.0, 0.0), (1.0, -1.5)),
                "y": (2.0, -0.5, 4.5, 1.0, -2.0),
                "theta": (0.0, 0.0),
            },
            "wrt": "theta",
            "rate": 0.5,
            "steps": 60,
            "starts": ((0.0, 0.0), (10.0, -10.0), (-5.0, 3.0)),
            "tolerance": 1e-8,
        },
        judge=reaches_global_minimum,
    ),
    Claim(
        id="B13",
        path=PATH,
        line=156,
        end_line=156,
        statement="Batch gradient descent obtains the global optimum (the next sentence: it may fall into local ones).",
        stated="it reaches the global optimum",
        data={
            "loss": "theta ** 4 / 4 - theta ** 2 / 2 + theta / 10",
            "at": {"theta": 1.5},
            "wrt": "theta",
            "rate": 0.2,
            "steps": 80,
            "starts": (-1.5, 1.5),
            "tolerance": 1e-6,
            "suggestion": "say `for a convex loss`: as printed the sentence and the next one contradict each other",
        },
        judge=reaches_global_minimum,
    ),
    Claim(
        id="B14",
        path=PATH,
        line=160,
        end_line=160,
        statement="The updates of stochastic gradient descent fluctuate near the minimum.",
        stated="the iterates keep fluctuating at a constant rate",
        data={
            "x": (1.0, -0.5, 1.5, 0.75, -1.25, 0.5),
            "y": (2.5, -0.5, 2.5, 2.0, -3.0, 0.5),
            "rate": 0.1,
            "chains": 2000,
            "steps": 300,
            "seed": 0,
        },
        judge=keeps_fluctuating,
    ),
    Claim(
        id="B18",
        path=PATH,
        line=112,
        end_line=122,
        statement="The loop stops as soon as the loss changes by less than a threshold.",
        stated="it stops before the largest number of steps",
        data={
            "loss": "(c * theta ** 2).sum() / 2",
            "at": {"c": (1.0, 4.0), "theta": (1.0, -2.0)},
            "wrt": "theta",
            "rate": 0.1,
            "threshold": 1e-6,
            "steps": 1000,
        },
        judge=stops_when_settled,
    ),
    Claim(
        id="B19",
        path=PATH,
        line=425,
        end_line=425,
        statement="A TensorFlow listing of a convolutional network for handwritten digits.",
        stated="a network that classifies digits",
        data={
            "code": "model = tf.keras.models.Sequential([\n"
            "    tf.keras.layers.Conv2D(32, (3, 3), activation='relu', input_shape=(28, 28, 1)),\n"
            "    tf.keras.layers.MaxPooling2",
        },
        judge=listing_complete,
    ),
    Claim(
        id="B20",
        path=PATH,
        line=172,
        end_line=172,
        statement="RMSProp was proposed before Adam.",
        stated="before Adam",
        data={
            "reason": "a statement about history: no computation decides it",
            "actual": "nothing to compute; RMSProp is usually dated to lecture notes of 2012, Adam to a paper of 2014",
            "suggestion": "cite both sources",
        },
        judge=no_output,
    ),
)
