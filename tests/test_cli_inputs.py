"""Inputs from the command line: what they mean, and that nothing else is ever evaluated."""

from __future__ import annotations

import pytest
import torch

from gradcheck.cli_inputs import DTYPES, FACTORIES, input_tensor
from gradcheck.errors import UsageError


def read(text: str, dtype: torch.dtype = torch.float64) -> torch.Tensor:
    return input_tensor(text, torch.Generator().manual_seed(0), dtype)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2.5", torch.tensor(2.5, dtype=torch.float64)),
        ("[0.1, -2]", torch.tensor([0.1, -2], dtype=torch.float64)),
        ("[[1, 2], [3, 4]]", torch.tensor([[1, 2], [3, 4]])),
        ("[]", torch.zeros(0, dtype=torch.float64)),
        ("zeros(2, 3)", torch.zeros(2, 3, dtype=torch.float64)),
        ("ones((2, 3))", torch.ones(2, 3, dtype=torch.float64)),
        ("ones([2, 3])", torch.ones(2, 3, dtype=torch.float64)),
        ("full((2, 3), 1.5)", torch.full((2, 3), 1.5, dtype=torch.float64)),
        ("full(2, 7)", torch.tensor([7, 7])),
        ("eye(2, 3)", torch.eye(2, 3, dtype=torch.float64)),
        ("arange(4)", torch.arange(4)),
        ("arange(1, 0, -0.25)", torch.tensor([1.0, 0.75, 0.5, 0.25], dtype=torch.float64)),
        ("linspace(-1, 1, 3)", torch.tensor([-1.0, 0.0, 1.0], dtype=torch.float64)),
        ("arange(3) * 0.1", torch.arange(3, dtype=torch.float64) * 0.1),
        ("arange(3) / 3", torch.arange(3, dtype=torch.float64) / 3),
        ("-2 * ones(2) + [0.5, 1.5]", torch.tensor([-1.5, -0.5], dtype=torch.float64)),
    ],
)
def test_a_description_means_what_torch_makes_of_it(text: str, expected: torch.Tensor) -> None:
    found = read(text)
    assert found.dtype == expected.dtype
    assert torch.equal(found, expected)


@pytest.mark.parametrize("dtype", DTYPES.values())
@pytest.mark.parametrize("text", ["randn(3, 2)", "rand(3, 2)", "2 * ones(3, 2)", "[[0.5, 1], [2, 3], [4, 5]]"])
def test_floats_are_of_the_dtype_asked_for(text: str, dtype: torch.dtype) -> None:
    found = read(text, dtype)
    assert (found.dtype, found.shape) == (dtype, (3, 2))


def test_random_entries_repeat_and_leave_torchs_own_generator_alone() -> None:
    state = torch.get_rng_state()
    assert torch.equal(read("randn(3)"), read("randn(3)"))
    assert torch.equal(torch.get_rng_state(), state)
    labels = read("randint(2, 5, (40,))")
    assert (labels.dtype, set(labels.tolist())) == (torch.int64, {2, 3, 4})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("__import__('os').system('touch planted')", "is not accepted"),
        ("open(3)", "no function is named 'open'"),
        ("(lambda: 1)()", "is not accepted"),
        ("randn.__globals__", "is not accepted"),
        ("[x for x in [1.0]]", "is not accepted"),
        ("'text'", "is not accepted"),
        ("True", "is not accepted"),
        ("2 ** 1000", "is not accepted"),
        ("randn(3, dtype=1)", "is not accepted"),
        ("randn(*[3])", "is not accepted"),
        ("rndn(3)", "no function is named 'rndn'; did you mean 'randn'"),
        ("randn(3", r"cannot be read; write randn\(3, 4\)"),
        ("", "cannot be read"),
        ("\0", "cannot be read|null bytes"),
        ("randn(2.5)", r"randn is written randn\(3, 4\)"),
        ("randint(3)", r"randint is written randint\(low, high, \(3, 4\)\)"),
        ("randn(-1)", "the size -1 is negative"),
        ("randn(100000, 100000)", "10000000000 entries are too many; at most 100000000"),
        ("arange(1e12)", "entries are too many"),
        ("ones(100000, 1) + ones(1, 100000)", "entries are too many"),
        ("(1,) * 1000000000", "arithmetic takes numbers and tensors"),
        ("(1.0, 2.0)", r"a list stands in \[ \]"),
        ("[[1.0], [2.0, 3.0]]", "expected sequence of length 1"),
        ("[randn(2)]", "stands where a number is accepted"),
        ("ones(2) + ones(3)", "ones.*: .+"),
        ("1 / 0", "division by zero"),
        ("-" * 9000 + "1.0", "argument --input"),
        ("[" * 9000, "argument --input"),
        ("1.0 + " * 4000 + "1.0", "more than 10000 characters"),
        ("9" * 400, "argument --input"),
    ],
)
def test_anything_else_is_refused_in_one_line(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        read(text)
    assert str(caught.value).startswith("argument --input: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", FACTORIES)
def test_every_function_says_how_it_is_written(name: str) -> None:
    usage, _ = FACTORIES[name]
    with pytest.raises(UsageError, match="is written") as caught:
        read(f"{name}([[1]], [[1]], [[1]], [[1]], [[1]])")
    assert usage in str(caught.value)
