"""What a document leaves unsaid, and what it says about the points where there is no derivative."""

from __future__ import annotations

from textwrap import dedent

from tests.documents.gradients.function_snippets import CUSTOM
from tests.documents.gradients.stand_in import judged

RECTIFIER = next(each for each in CUSTOM if each.name == "a custom rectifier")
NETWORK = """
import numpy as np
def sigmoid(x):
    return 1 / (1 + np.exp(-x))
class Network:
    def __init__(self, n_in, n_hidden):
        self.W1 = np.random.randn(n_in, n_hidden)
        self.W2 = np.random.randn(n_hidden, 1)
    def forward(self, x):
        self.hidden = sigmoid(x @ self.W1)
        self.out = sigmoid(self.hidden @ self.W2)
        return self.out
    def backward(self, x, y, lr):
        delta2 = (self.out - y) * self.out * (1 - self.out)
        delta1 = delta2 @ self.W2.T * self.hidden * (1 - self.hidden)
        self.W2 -= lr * self.hidden.T @ delta2
        self.W1 -= lr * x.T @ delta1
x, y = np.random.randn(5, 3), np.random.rand(5, 1)
net = Network(3, 4)
for i in range(2):
    net.forward(x)
    net.backward(x, y, 0.1)
"""


def test_a_network_without_a_stated_loss_descends_one_of_the_usual() -> None:
    found = judged(NETWORK.strip())
    assert [each.judgement.status for each in found] == ["confirmed"] * 2
    assert all("exactly the gradient of half the sum of squared errors" in each.judgement.actual for each in found)
    assert all("the loss itself is never stated" in each.judgement.actual for each in found)


def test_a_network_that_descends_no_usual_loss_is_not_checkable() -> None:
    found = judged(NETWORK.replace("(self.out - y) *", "(self.out - y) ** 3 *").strip())
    assert {each.judgement.status for each in found} == {"not checkable"}
    assert all("the gradient of none of the usual ones" in each.judgement.rule for each in found)


def test_without_a_statement_about_zero_any_subgradient_will_do() -> None:
    (found,) = judged(RECTIFIER.text)
    assert found.judgement.status == "confirmed"
    assert "at the kink x = 0 it has 1, torch.relu 0" in found.judgement.actual


def test_a_backward_pass_contradicts_the_documents_own_formula_at_zero() -> None:
    (found,) = judged(RECTIFIER.text, "The derivative of ReLU:\n- for x ≤ 0, df/dx = 0")
    assert found.judgement.status == "refuted"
    assert found.judgement.diagnosis is not None
    assert found.judgement.diagnosis.kind == "kink"
    assert "x ≤ 0, df/dx = 0" in found.judgement.actual


def test_the_reading_of_a_derivative_in_the_output_is_told() -> None:
    sigmoid = "import numpy as np\ndef sigmoid(x):\n    return 1 / (1 + np.exp(-x))\n"
    (found,) = judged(sigmoid + "def sigmoid_prime(s):\n    return s * (1 - s)")
    assert "`sigmoid_prime(sigmoid(s))` is the gradient of `sigmoid`" in found.judgement.actual


def test_a_step_uphill_on_a_likelihood_is_no_mistake() -> None:
    code = """
        import numpy as np
        X, y, w, lr = np.random.randn(9, 3), np.random.randn(9), np.ones(3), 0.1
        for i in range(9):
            objective = -np.sum((X @ w - y) ** 2)
            grad = -2 * X.T @ (X @ w - y)
            w += lr * grad
    """
    (found,) = judged(dedent(code).strip())
    assert found.judgement.status == "confirmed"
    assert "climbs" in found.judgement.actual


def test_a_listing_that_breaks_off() -> None:
    code = "def gradient_descent(X, y, theta):\n    for i in range(9):\n        h = X @ theta\n        J"
    (found,) = judged(code)
    assert found.judgement.status == "not checkable"
    assert "its last line is the bare name `J`" in found.judgement.actual
