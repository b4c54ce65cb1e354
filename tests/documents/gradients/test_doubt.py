"""Where a difference proves nothing, nothing is refuted, and the reason is said."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.documents.gradients.stand_in import judged

DOUBTS = {
    "the factor may belong to the learning rate": """
        import numpy as np
        X, y, w, lr = np.random.randn(9, 3), np.random.randn(9), np.zeros(3), 0.1
        for i in range(3):
            loss = np.mean((X @ w - y) ** 2)
            w -= lr * X.T @ (X @ w - y)
    """,
    "clipped or normalised": """
        import numpy as np
        X, y, w, lr = np.random.randn(9, 3), np.random.randn(9), np.zeros(3), 0.1
        for i in range(3):
            loss = 100 * np.sum((X @ w - y) ** 2)
            grad = 200 * X.T @ (X @ w - y)
            grad = np.clip(grad, -1, 1)
            w -= lr * grad
    """,
    "not a loss of the samples": """
        import numpy as np
        X, y, w, lr = np.random.randn(9, 3), np.random.randn(9), np.ones(3), 0.1
        losses = []
        for i in range(9):
            xi, yi = X[i], y[i]
            grad = 2 * xi * (xi @ w - yi)
            losses.append(np.mean((X @ w - y) ** 2))
            w -= lr * grad
    """,
    "enters only one of gradient and loss": """
        import numpy as np
        X, y, w, lr, lam = np.random.randn(9, 3), np.random.randn(9), np.ones(3), 0.1, 0.01
        for i in range(9):
            loss = np.mean((X @ w - y) ** 2)
            grad = 2 * X.T @ (X @ w - y) / len(y) + 2 * lam * w
            w -= lr * grad
    """,
    "no value beside it is a scalar loss": """
        import numpy as np
        X, y, w, lr = np.random.randn(9, 3), np.random.randn(9), np.ones(3), 0.1
        for i in range(9):
            loss = (X @ w - y) ** 2
            grad = 2 * X.T @ (X @ w - y) / len(y)
            w -= lr * grad
    """,
    "the statements cannot be run": """
        import numpy as np
        X, y = load_the_data()
        for i in range(9):
            loss = np.mean((model(X) - y) ** 2)
            grad = strange(X @ w) * 2
            w -= lr * grad
    """,
}


@pytest.mark.parametrize("reason", DOUBTS)
def test_a_doubt_is_not_a_refutation(reason: str) -> None:
    (found,) = judged(dedent(DOUBTS[reason]).strip())
    assert found.judgement.status == "not checkable"
    assert reason in found.judgement.rule


def test_a_residual_is_no_loss() -> None:
    code = """
        import numpy as np
        X, y, w, lr = np.random.randn(9, 3), np.random.randn(9), np.ones(3), 0.1
        for i in range(9):
            error = X[i] @ w - y[i]
            w -= lr * error * X[i]
    """
    (found,) = judged(dedent(code).strip())
    assert found.judgement.status == "not checkable"
    assert "half the sum of squared errors" in found.judgement.rule


def test_the_validation_loss_is_not_the_one_that_falls() -> None:
    code = """
        import numpy as np
        X, y, V, t, w, lr = (np.random.randn(*s) for s in ((9, 3), (9,), (4, 3), (4,), (3,), ()))
        for i in range(9):
            loss = np.mean((X @ w - y) ** 2)
            val_loss = np.mean((V @ w - t) ** 2)
            grad = 2 * X.T @ (X @ w - y) / len(y)
            w = w - lr * grad
    """
    (found,) = judged(dedent(code).strip())
    assert found.judgement.status == "confirmed"
    assert "`loss`" in found.judgement.actual


AUTOGRAD = {
    "torch": "import torch\nw = torch.ones(3, requires_grad=True)\nloss = (w ** 2).sum()\nloss.backward()\n"
    "with torch.no_grad():\n    w -= 0.1 * w.grad",
    "torch, under a name": "import torch\nw = torch.ones(3, requires_grad=True)\nloss = (w ** 2).sum()\n"
    "loss.backward()\ngrad = w.grad\nwith torch.no_grad():\n    w -= 0.1 * grad",
    "a function's argument": "def update(w, grad, lr):\n    w -= lr * grad\n    return w",
    "a gradient that is accumulated": "import numpy as np\ndW = np.zeros(3)\nfor x in np.ones((4, 3)):\n    dW += x",
    "a physical step": "x, v, dt = 0.0, 1.0, 0.1\nfor i in range(9):\n    x += dt * v",
}


@pytest.mark.parametrize("name", AUTOGRAD)
def test_what_is_not_written_by_hand_is_left_alone(name: str) -> None:
    assert judged(AUTOGRAD[name]) == []


DEEP = """
import numpy as np
rng = np.random.default_rng(0)
X, Y, W, m = rng.normal(size=(6, 3)), rng.normal(size=(6, 1)), rng.normal(size=(3, 1)), 6
for step in range(3):
    Z = X @ W
    cost = np.sum((Z - Y) ** 2) / (2 * m)
    dZ = Z - Y
    dW = X.T @ dZ / m
    W -= 0.1 * dW
"""


def test_a_gradient_on_the_way_that_leaves_its_factor_to_the_next_one_is_not_refuted() -> None:
    assert {each.stated: each.judgement.status for each in judged(DEEP)} == {
        "dW = X.T @ dZ / m": "confirmed",
        "dZ = Z - Y": "not checkable",
    }


FORWARD = "x = 3.0\ny = 2.0\ns = x * y\nf = s ** 2\n"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("# backward\nds = 1\ndx = y * ds\ndy = x * ds\n", "a number stands there"),
        ("# backward\nds = 5 * s\ndx = y * ds\n", "it is made of no other gradient"),
        ("ds = -2 * s\ndx = y * ds\n", "made of `ds`, which is not known to be right"),
        ("import numpy as np\nv = np.ones(3) * s\ndx = y * v\ndy = dx * v\n", "`v` is no number"),
        (
            "reg = 0.1\nf = s ** 2\n# backward\nds = 2 * s\ndx = y * ds\ndx += reg * x\n",
            "`reg` enters only the gradient",
        ),
    ],
)
def test_a_stage_that_may_mean_something_else_is_not_refuted(code: str, says: str) -> None:
    found = judged(FORWARD + code)
    assert found
    assert all(each.judgement.status != "refuted" for each in found)
    assert any(says in each.judgement.rule for each in found), [each.judgement.rule for each in found]


@pytest.mark.parametrize(
    "code",
    [
        "dx = 0.1\nslope = (f - s) / dx\n",
        "dx = 0.1\ndy = 0.2\n",
        "ds = s\n",
        "dx = 1e-4\ndf = ((x + dx) * y) ** 2 - f\ndfdx = df / dx\n",
        "# backward\nds = 2 * s / 3\ndx = y * ds\nf /= 3\n",
    ],
)
def test_steps_and_single_names_are_no_backward_pass(code: str) -> None:
    assert judged(FORWARD + code) == []


def test_what_moves_in_time_is_no_gradient() -> None:
    code = (
        "x = 1.0\nv = 0.5\nE = 0.5 * v**2 + 0.5 * x**2\ndt = 0.01\ndx = v * dt\ndv = -x * dt\nx = x + dx\nv = v + dv\n"
    )
    found = judged(code)
    assert [each.judgement.status for each in found] == ["not checkable"] * 2
    assert all("a step in time, `dt`" in each.judgement.rule for each in found)


def test_a_second_forward_pass_has_a_backward_pass_of_its_own() -> None:
    backward = "# backward\nds = 2 * s\ndx = y * ds\n"
    found = judged(FORWARD + backward + "x = 4.0\ns = x * y\nf = s ** 3\n" + backward)
    assert [each.judgement.status for each in found] == ["confirmed"] * 2 + ["not checkable"] * 2


def test_a_stage_that_is_a_step_too_is_judged_by_whoever_can() -> None:
    found = judged(FORWARD + "# backward\nds = 2 * s\ndx = y * ds\nx -= 0.1 * dx\n")
    assert [(each.stated, each.judgement.status) for each in found] == [
        ("ds = 2 * s", "confirmed"),
        ("dx = y * ds", "confirmed"),
    ]
