"""From a document's text to judgements, with its code in a real sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gradcheck.documents.gradients.judged import judged_gradients
from gradcheck.documents.judged import Judged
from gradcheck.documents.readers.read import read_text
from gradcheck.documents.sandbox.sandbox import Sandbox

TUTORIAL = """
# Descent

```python
import numpy as np
np.random.seed(0)
X = np.random.rand(20, 2)
y = X @ np.array([[3.0], [4.0]]) + np.random.randn(20, 1)

def mse_loss(y_true, y_pred):
    return np.mean((y_true - y_pred) ** 2)
```

The step itself:

```python
def descend(X, y, theta, alpha, steps):
    for i in range(steps):
        y_pred = X @ theta
        J = mse_loss(y, y_pred)
        gradient = X.T @ (y_pred - y) / len(y)
        theta = theta - alpha * gradient
    return theta

theta = descend(X, y, np.zeros((2, 1)), 0.01, 10)
```

```python
def get_gradient_function(f):
    def gradient(x):
        return 2 * x
    return gradient
```
"""

ENDLESS = """
```python
def f(x):
    while True:
        pass

def f_grad(x):
    return 2 * x

def g(x):
    return x ** 2

def g_grad(x):
    return 2 * x
```
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as found:
        yield found


def judged(text: str, sandbox: Sandbox) -> list[Judged]:
    return list(judged_gradients(read_text(text, "markdown", "a.md"), sandbox, None))


def test_half_the_gradient_and_a_maker_that_ignores_its_function(sandbox: Sandbox) -> None:
    half, maker = judged(TUTORIAL, sandbox)
    assert half.judgement.status == "refuted"
    assert "`gradient` is not the gradient of `J`: the gradient is 1/2 of the true one" in half.judgement.actual
    assert (half.line, half.end_line) == (21, 21)
    assert maker.judgement.status == "refuted"
    assert "for `x ** 3` it returns [1, 2.6, -1.4] at x = [0.5, 1.3, -0.7]" in maker.judgement.actual


def test_code_that_never_ends_takes_no_other_down() -> None:
    from gradcheck.documents.sandbox.job import Limits

    with Sandbox(Limits(seconds=3)) as short:
        found = {each.statement.split("`")[1]: each.judgement.status for each in judged(ENDLESS, short)}
    assert found == {"f_grad": "not checkable", "g_grad": "confirmed"}
