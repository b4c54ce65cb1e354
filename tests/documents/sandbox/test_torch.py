"""A small training document: every value as it was, at its line, and what a failure in it makes doubtful."""

from __future__ import annotations

import pytest

from gradcheck.documents.records import Run
from gradcheck.documents.sandbox.sandbox import Sandbox
from tests.documents.sandbox.blocks import kinds, laid_out, printed

SETUP = """
    import torch
    w = torch.tensor([1.0, 2.0], requires_grad=True)
    def loss_of(w):
        return (w ** 2).sum()
"""

TRAINING = """
    for epoch in range(3):
        loss = loss_of(w)
        loss.backward()
        with torch.no_grad():
            w -= 0.1 * w.grad
        w.grad.zero_()
    print(f"{loss:.2f}", w)
"""


@pytest.fixture(scope="module")
def trained(torch_sandbox: Sandbox) -> Run:
    return torch_sandbox.run(laid_out(SETUP, "loss_of(w).backward()\nw.grad", "w.grad = None", TRAINING))


def test_it_runs(trained: Run) -> None:
    assert trained.failures == ()
    assert printed(trained) == ["2.05 tensor([0.5120, 1.0240], requires_grad=True)"]


def test_a_gradient_is_recorded_as_values(trained: Run) -> None:
    (record,) = (record for record in trained.records if record.how == "bare" and record.sources == ("w.grad",))
    assert (record.block, record.values[0].entries) == (1, (2.0, 4.0))


def test_an_attribute_that_is_assigned_is_recorded(trained: Run) -> None:
    (record,) = (record for record in trained.records if record.how == "assigned" and record.sources == ("w.grad",))
    assert record.values[0].text == "None"


def test_each_turn_of_the_loop_is_recorded(trained: Run) -> None:
    losses = [record.values[0].entries for record in trained.records if record.sources == ("loss",)]
    assert [entries and pytest.approx(entries[0]) for entries in losses] == [5.0, 3.2, 2.048]


def test_leaf_gradients_are_alive(trained: Run) -> None:
    line = next(record.line for record in trained.records if record.how == "bare" and record.sources == ("w.grad",))
    gradient = trained.live[line]["w"].leaf_gradient
    assert gradient is not None
    assert gradient.entries == (2.0, 4.0)


def test_without_a_training_step_every_trained_name_is_doubtful(torch_sandbox: Sandbox) -> None:
    run = torch_sandbox.run(laid_out(SETUP, "missing\nloss_of(w).backward()", "print(w)"))
    assert kinds(run) == [("raised", 1), ("skipped", 1)]
    assert "w" in run.failures[1].names


def test_without_a_function_that_trains_so_are_they(torch_sandbox: Sandbox) -> None:
    code = "def train(n):\n    loss_of(w).backward()"
    run = torch_sandbox.run(laid_out(SETUP, code, "missing\ntrain(3)"))
    assert run.failures[1].names == ("w",)


def test_pictures_are_drawn_and_shown_to_nobody(torch_sandbox: Sandbox) -> None:
    run = torch_sandbox.run(
        laid_out("import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\nprint(plt.get_backend().lower())")
    )
    assert run.failures == ()
    assert printed(run) == ["agg"]


def test_workers_of_a_data_loader(torch_sandbox: Sandbox) -> None:
    code = """
        import torch
        from torch.utils.data import DataLoader, TensorDataset
        for (batch,) in DataLoader(TensorDataset(torch.arange(4.0)), batch_size=2, num_workers=2):
            print(batch)
    """
    run = torch_sandbox.run(laid_out(code))
    assert (printed(run), run.failures) == (["tensor([0., 1.])", "tensor([2., 3.])"], ())


def test_memory_that_torch_cannot_get(torch_sandbox: Sandbox) -> None:
    run = torch_sandbox.run(laid_out("import torch\nx = torch.ones(2 * 10**9)", "print(1)"))
    assert kinds(run) == [("memory", 0)]
    assert printed(run) == ["1"]


def test_code_that_torch_reads_or_calls_back_works_as_written(torch_sandbox: Sandbox) -> None:
    code = """
        import torch
        @torch.jit.script
        def double(x):
            y = x * 2
            return y
        class Square(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                ctx.save_for_backward(x)
                return x ** 2
            @staticmethod
            def backward(ctx, g):
                (x,) = ctx.saved_tensors
                return 2 * x * g
        x = torch.tensor(3.0, requires_grad=True)
        Square.apply(x).backward()
        traced = torch.jit.trace(torch.nn.Linear(1, 1), torch.ones(1))
        def cube_sum(x):
            z = x ** 3
            return z.sum()
        print(double(torch.ones(1)), x.grad, torch.func.grad(cube_sum)(torch.ones(1)))
    """
    run = torch_sandbox.run(laid_out(code))
    assert (printed(run), run.failures) == (["tensor([2.]) tensor(6.) tensor([3.])"], ())
