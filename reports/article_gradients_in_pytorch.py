"""The article on gradients in PyTorch: what it says of autograd, activations and training, claim by claim."""

from __future__ import annotations

from gradcheck.articles.autograd_rules import accumulation, one_update, tracking
from gradcheck.articles.claims import Claim
from gradcheck.articles.custom_backward import custom_backward
from gradcheck.articles.derivatives import derivative_formula, jacobian_formula
from gradcheck.articles.listings import listing_runs
from gradcheck.articles.network import network_backward
from gradcheck.articles.printed_judge import printed_gradient
from gradcheck.articles.steepest import steepest_direction

PATH = "000_48c6a6e0da4d4b93.txt"

REGRESSION_LOSS = "((w * x + b - y) ** 2).mean()"
REGRESSION_VALUES = {"x": (1.0, 2.0, 3.0), "w": (2.0,), "b": (1.0,), "y": (6.0, 9.0, 12.0)}
REGRESSION_QUANTITIES = {"the predictions": "w * x + b", "the residuals": "w * x + b - y"}


def _reproduce_regression(printed: str) -> str:
    return (
        'python -c "import torch; x, y = torch.tensor([1., 2., 3.]), torch.tensor([6., 9., 12.]); '
        "w, b = torch.tensor([2.], requires_grad=True), torch.tensor([1.], requires_grad=True); "
        f'((w * x + b - y) ** 2).mean().backward(); print({printed})"'
    )


CLAIMS = (
    Claim(
        id="A1",
        path=PATH,
        line=11,
        end_line=11,
        statement="The gradient is the direction in which a function changes fastest, and the size of that change.",
        stated="direction: the gradient; size: its norm",
        data={
            "function": "(c * x ** 2).sum() + sin(x[0] * x[1]) + exp(x[2] / 2)",
            "points": (
                {"x": (0.5, -1.0, 0.75), "c": (1.0, 2.0, 0.5)},
                {"x": (-2.0, 0.25, 1.5), "c": (1.0, 2.0, 0.5)},
            ),
            "direction": "g",
            "size": "norm(g)",
        },
        judge=steepest_direction,
        math=r"\max_{\|u\|=1} \nabla f \cdot u = \|\nabla f\|",
    ),
    Claim(
        id="A2",
        path=PATH,
        line=29,
        end_line=37,
        statement="For x = [1, 2, 3], w = 2, b = 1, y = [6, 9, 12] and the mean squared error, `w.grad` prints 4.6667.",
        stated="tensor([4.6667])",
        data={
            "loss": REGRESSION_LOSS,
            "at": REGRESSION_VALUES,
            "wrt": "w",
            "dtype": "float32",
            "stated": "tensor([4.6667])",
            "quantities": REGRESSION_QUANTITIES,
        },
        judge=printed_gradient,
        math=r"\frac{\partial L}{\partial w} = \frac{2}{n} \sum_i x_i (w x_i + b - y_i)",
        reproduce=_reproduce_regression("w.grad"),
    ),
    Claim(
        id="A3",
        path=PATH,
        line=29,
        end_line=38,
        statement="For the same data and loss, `b.grad` prints 3.0000.",
        stated="tensor([3.0000])",
        data={
            "loss": REGRESSION_LOSS,
            "at": REGRESSION_VALUES,
            "wrt": "b",
            "dtype": "float32",
            "stated": "tensor([3.0000])",
            "quantities": REGRESSION_QUANTITIES,
        },
        judge=printed_gradient,
        math=r"\frac{\partial L}{\partial b} = \frac{2}{n} \sum_i (w x_i + b - y_i)",
        reproduce=_reproduce_regression("b.grad"),
    ),
    Claim(
        id="A4",
        path=PATH,
        line=42,
        end_line=46,
        statement="One step at rate 0.01 under `no_grad`, then zeroing: the parameters move, the gradients are zero.",
        stated="w - 0.01 w.grad and b - 0.01 b.grad, then zero gradients",
        data={
            "loss": REGRESSION_LOSS,
            "at": REGRESSION_VALUES,
            "parameters": ("w", "b"),
            "rate": 0.01,
            "zeroed": True,
        },
        judge=one_update,
        math=r"w \leftarrow w - \alpha \frac{\partial L}{\partial w}",
    ),
    Claim(
        id="A5",
        path=PATH,
        line=52,
        end_line=53,
        statement="For y = wx + b the derivatives are dy/dw = x and dy/db = 1, in the scalar case.",
        stated="dy/dw = x, dy/db = 1",
        data={
            "cases": (
                {
                    "function": "w * x + b",
                    "at": {"w": 2.0, "x": -1.5, "b": 0.25},
                    "derivatives": {"w": "x", "b": "1"},
                },
                {
                    "function": "(w * x).sum() + b",
                    "at": {"w": (2.0, -0.5, 1.0), "x": (-1.5, 3.0, 0.5), "b": 0.25},
                    "derivatives": {"w": "x", "b": "1"},
                },
                {
                    "function": "w * x + b",
                    "at": {"w": 2.0, "x": (-1.5, 3.0, 0.5), "b": 0.25},
                    "derivatives": {"w": "x.sum()", "b": "len(x)"},
                },
            )
        },
        judge=derivative_formula,
        math=r"\frac{\partial y}{\partial w} = x, \quad \frac{\partial y}{\partial b} = 1",
    ),
    Claim(
        id="A6",
        path=PATH,
        line=57,
        end_line=61,
        statement="The derivative of ReLU is 1 for x > 0 and 0 for x <= 0.",
        stated="1 for x > 0, 0 for x <= 0",
        data={
            "cases": (
                {
                    "function": "relu(x)",
                    "at": {"x": (-2.0, -0.5, 0.5, 3.0)},
                    "derivatives": {"x": "where(x > 0, 1, 0)"},
                    "kinks": (0.0,),
                },
            )
        },
        judge=derivative_formula,
        math=r"\max(0, x)' = [x > 0]",
    ),
    Claim(
        id="A7",
        path=PATH,
        line=65,
        end_line=68,
        statement="The gradient of the sum of ReLU at [-1, 0, 2] prints [0, 0, 1].",
        stated="tensor([0., 0., 1.])",
        data={
            "loss": "relu(x).sum()",
            "at": {"x": (-1.0, 0.0, 2.0)},
            "wrt": "x",
            "dtype": "float32",
            "stated": "tensor([0., 0., 1.])",
        },
        judge=printed_gradient,
        reproduce='python -c "import torch; x = torch.tensor([-1., 0., 2.], requires_grad=True); '
        'torch.relu(x).sum().backward(); print(x.grad)"',
    ),
    Claim(
        id="A8",
        path=PATH,
        line=72,
        end_line=73,
        statement="The derivative of the sigmoid s is s(1 - s).",
        stated="s(x) (1 - s(x))",
        data={
            "cases": (
                {
                    "function": "1 / (1 + exp(-x))",
                    "at": {"x": (-3.0, -0.5, 0.0, 1.25, 4.0)},
                    "derivatives": {"x": "sigmoid(x) * (1 - sigmoid(x))"},
                },
            )
        },
        judge=derivative_formula,
        math=r"\sigma'(x) = \sigma(x) (1 - \sigma(x))",
    ),
    Claim(
        id="A9",
        path=PATH,
        line=77,
        end_line=80,
        statement="The derivative of the sigmoid at 0 prints 0.2500.",
        stated="tensor([0.2500])",
        data={
            "loss": "sigmoid(x).sum()",
            "at": {"x": (0.0,)},
            "wrt": "x",
            "dtype": "float32",
            "stated": "tensor([0.2500])",
        },
        judge=printed_gradient,
        reproduce='python -c "import torch; x = torch.tensor([0.], requires_grad=True); '
        'torch.sigmoid(x).backward(); print(x.grad)"',
    ),
    Claim(
        id="A10",
        path=PATH,
        line=84,
        end_line=85,
        statement="Entry i, j of softmax's Jacobian is s_i (delta_ij - s_j).",
        stated="s_i (delta_ij - s_j)",
        data={
            "function": "softmax(x)",
            "entry": "s[i] * (delta - s[j])",
            "points": ((0.5, -1.0), (2.0, 0.25, -1.5), (-0.5, 1.0, 0.75, 2.5)),
            "formula": {"name": "softmax", "variables": {"z": "x"}},
        },
        judge=jacobian_formula,
        math=r"\frac{\partial s_i}{\partial x_j} = s_i (\delta_{ij} - s_j)",
    ),
    Claim(
        id="A11",
        path=PATH,
        line=91,
        end_line=93,
        statement="Gradients accumulate from one backward pass to the next unless they are zeroed.",
        stated="two passes leave twice the gradient",
        data={
            "loss": REGRESSION_LOSS,
            "at": REGRESSION_VALUES,
            "wrt": "w",
            "passes": 2,
            "zeroed": False,
            "factor": 2,
        },
        judge=accumulation,
    ),
    Claim(
        id="A12",
        path=PATH,
        line=97,
        end_line=99,
        statement="Inside `torch.no_grad()` PyTorch does not track operations.",
        stated="not tracked",
        data={
            "function": "(w * x ** 2).sum()",
            "at": {"w": 2.0, "x": (1.0, -3.0)},
            "context": "no_grad",
            "tracked": False,
        },
        judge=tracking,
    ),
    Claim(
        id="A13",
        path=PATH,
        line=105,
        end_line=109,
        statement="In Linear(10, 5), ReLU, Linear(5, 1) one backward pass gives the gradients of every layer.",
        stated="the gradients of all four parameter arrays",
        data={"layers": (10, 5, 1), "samples": 3, "seed": 0, "frozen": ()},
        judge=network_backward,
    ),
    Claim(
        id="A14",
        path=PATH,
        line=115,
        end_line=124,
        statement="A backward pass that zeroes the upstream gradient where the input is negative is ReLU's gradient.",
        stated="upstream gradient, zero where x < 0",
        data={
            "function": "relu(x)",
            "backward": "where(x < 0, 0 * g, g)",
            "derivative": "where(x > 0, 1.0, 0.0)",
            "at": {"x": (-1.5, -0.25, 0.0, 0.5, 2.0)},
            "upstream": (1.0, -2.0, 3.0, 0.5, -1.0),
            "suggestion": "zero the gradient where `x <= 0`, as the article's own formula and `torch.relu` do",
        },
        judge=custom_backward,
    ),
    Claim(
        id="A15",
        path=PATH,
        line=105,
        end_line=109,
        statement="The listing of the model, its forward and its backward pass, runs (its lost line breaks put back).",
        stated="runs",
        data={
            "code": "import torch.nn as nn\n"
            "model = nn.Sequential(nn.Linear(10, 5), nn.ReLU(), nn.Linear(5, 1))\n"
            "output = model(input_data)\n"
            "loss = loss_function(output, target)\n"
            "loss.backward()\n",
        },
        judge=listing_runs,
    ),
)
