"""Blocks that show what the code before them prints, told from code and from text."""

from __future__ import annotations

import pytest

from gradcheck.documents.readers.outputs import announces_output
from gradcheck.documents.readers.printed import is_printed_data
from tests.documents.readers.reading import read, rows

CODE = "```python\nprint(x.grad)\n```\n"


@pytest.mark.parametrize(
    ("between", "info", "text"),
    [
        ("", "text", "anything"),
        ("", "output", "anything"),
        ("", "", "tensor([1.0000, 2.0000])"),
        ("", "", "tensor([[1., 2.],\n        [3., 4.]], requires_grad=True)"),
        ("", "", "loss: 0.25\nw: tensor([2.])"),
        ("", "", "[[1 2]\n [3 4]]"),
        ("", "", "3.5"),
        ("Output:\n", "", "the gradient is 3"),
        ("**Out**\n", "", "1 of 2"),
        ("This prints:\n", "text", "3.5"),
        ("输出：\n", "", "梯度 = 3"),
        ("执行结果:\n", "", "tensor([3.])"),
        ("Outputs are displayed below.\n", "", "cpu total: 2.3 s"),
        ("The output is\n", "output", "3.5"),
        ("**Output:**\n", "sh", "conv.weight torch.Size([6, 3])"),
    ],
)
def test_an_output_of_the_code_before_it(between: str, info: str, text: str) -> None:
    document = read(f"{CODE}\n{between}\n```{info}\n{text}\n```\n")
    output = document.passages[-1]
    assert (output.kind, output.text, output.of) == ("output", text, 0)


@pytest.mark.parametrize(
    ("between", "info", "text", "kind"),
    [
        ("", "", "x.grad.zero_()", "code"),
        ("", "", "y = x ** 2", "code"),
        ("Output:\n", "", "y = x ** 2", "code"),
        ("Then compute the gradient:\n", "", "tensor([1.])", "code"),
        ("Output:\n", "python", "tensor([1.])", "code"),
        ("The result is used in the next line.\n", "", "x.grad", "code"),
        ("In a file:\n", "text", "anything", "prose"),
        ("Output:\n", "sh", "python main.py", "code"),
        ("Then this:\n", "bash", "conv.weight 3", "code"),
        ("Then this:\n", "", "The gradient is 2x.", "prose"),
    ],
)
def test_what_is_no_output(between: str, info: str, text: str, kind: str) -> None:
    last = read(f"{CODE}\n{between}\n```{info}\n{text}\n```\n").passages[-1]
    assert (last.kind, last.text, last.of) == (kind, text, -1)


def test_text_before_any_code_is_no_output() -> None:
    assert rows(read("```text\n3.5\n```")) == [("prose", "3.5", 2)]


def test_an_output_belongs_to_the_block_before_it_whatever_its_language() -> None:
    document = read(f"{CODE}\n```bash\nls\n```\n```text\na.py\n```\n")
    assert [passage.of for passage in document.passages] == [-1, -1, 1]


def test_commands_without_a_language_are_for_a_shell() -> None:
    (command,) = read("```\npip install torch\n```").passages
    assert (command.kind, command.language) == ("code", "bash")


@pytest.mark.parametrize("prose", ["Results are in the text", "Put it out there", "The gradient is:", "x returns y."])
def test_prose_that_announces_nothing(prose: str) -> None:
    assert not announces_output(prose)


@pytest.mark.parametrize("text", ["x", "x.grad", "f(1)", "x = 3", "print(3)", "tensor(x)", "", "a: b"])
def test_what_is_no_printed_data(text: str) -> None:
    assert not is_printed_data(text)
