"""Whole documents, read and run: what they state about values."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gradcheck.documents.judged import Judged
from gradcheck.documents.readers.read import read_text
from gradcheck.documents.records import Runs
from gradcheck.documents.sandbox.job import Limits
from gradcheck.documents.sandbox.runnable import runnable
from gradcheck.documents.sandbox.sandbox import Sandbox
from gradcheck.documents.values.judged import judged_values

PAGE = """\
# A tutorial

```python
import torch
x = torch.tensor([1.0, 2.0, 3.0])
w = torch.tensor([2.0], requires_grad=True)
y = torch.tensor([6.0, 9.0, 12.0])
loss = ((w * x + 1 - y) ** 2).mean()
loss.backward()
print(w.grad)  # tensor([4.6667])
print(loss)  # tensor(14., grad_fn=<MeanBackward0>)
print(f"loss: {loss.item():.1f}")  # loss: 14.0
```

Now `w.grad` is `tensor([-17.3333])`.

```python
loss = (w * 3).sum()
loss.backward()
print(w.grad)
```

Output:

```
tensor([3.])
```

```python
noise = torch.randn(2)
print(noise)  # tensor([0.1000, 0.2000])
for step in range(3):
    total = step * 2
    print(total)  # 0, 2, 4
z = missing(3)
```

```python
print(w * z)  # tensor([6.])
print(torch.ones(2))  # tensor([1., 2.])
```

```python
>>> torch.tensor([0.5, 0.25])
tensor([0.5000, 0.2500])
```
"""

EXPECTED = [
    (10, "refuted", "unexplained"),
    (11, "refuted", "unexplained"),
    (12, "refuted", "unexplained"),
    (15, "confirmed", None),
    (26, "refuted", "unexplained"),
    (31, "not reproducible", None),
    (34, "confirmed", None),
    (39, "not checkable", None),
    (40, "not checkable", None),
    (45, "confirmed", None),
]


@pytest.fixture(scope="module")
def judged() -> dict[int, Judged]:
    page = read_text(PAGE, "markdown", "page.md")
    blocks, failures = runnable(page)
    with Sandbox(Limits(seconds=60)) as sandbox:
        first = sandbox.run(blocks)
        runs = Runs(
            replace(first, failures=(*failures, *first.failures)),
            reseeded=sandbox.run(blocks, reseeded=True),
            repeated=sandbox.run(blocks),
        )
    return {each.line: each for each in judged_values(page, runs)}


@pytest.mark.parametrize(("line", "status", "kind"), EXPECTED)
def test_each_statement(judged: dict[int, Judged], line: int, status: str, kind: str | None) -> None:
    found = judged[line].judgement
    assert (found.status, found.diagnosis.kind if found.diagnosis else None) == (status, kind)


def test_nothing_else_is_found(judged: dict[int, Judged]) -> None:
    assert sorted(judged) == [line for line, _, _ in EXPECTED]
