"""A backward pass as source code that a person can paste: a torch `autograd.Function`, or two NumPy functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, TypeAlias

from gradcheck.symbolic.backward.adjoints import PREFIX, adjoints
from gradcheck.symbolic.backward.spelling import Spelling, spelled
from gradcheck.symbolic.backward.spelling_numpy import NUMPY
from gradcheck.symbolic.backward.spelling_torch import TORCH
from gradcheck.symbolic.backward.statements import Statement, Statements, names_in, shapes_of, statements
from gradcheck.symbolic.compile import variable_name
from gradcheck.symbolic.graphs.program import Program, Value

Library: TypeAlias = Literal["torch", "numpy"]
IMPORTS = {"torch": "import torch", "numpy": "import numpy as np"}
INDENT = "    "
EXECUTABLE = """\
def pullback({arguments}):
{lines}
    return {returned}
"""


@dataclass(frozen=True)
class Backward:
    """A traced function with its backward pass.

    >>> import torch
    >>> from gradcheck.symbolic.graphs.trace import trace
    >>> made = Backward(trace(lambda x, y: torch.tanh(x @ y), torch.ones(2, 3), torch.ones(3, 4)).program)
    >>> print(made.gradient_lines(TORCH)[-1])
    grad_y = x.T @ grad_h1
    """

    program: Program

    @cached_property
    def variables(self) -> list[str]:
        """The names of the function's tensors, in order."""
        return [variable_name(variable) for variable in self.program.variables]

    @cached_property
    def gradients(self) -> list[str]:
        """What is given back for each tensor: the name of its gradient, or None where there is none."""
        return [f"{PREFIX}{name}" if name in self.program.wrt else "None" for name in self.variables]

    @cached_property
    def forward(self) -> Statements:
        """The statements of the function itself."""
        values = [*self.program.intermediates, *self.program.outputs]
        return statements(values, shapes_of(self.program.variables), self._like)

    @cached_property
    def backward(self) -> Statements:
        """The statements of the gradients, given all values of the forward pass and the outputs' gradients."""
        return statements(adjoints(self.program), self._at_hand, self._like)

    @cached_property
    def saved(self) -> list[str]:
        """What the backward pass uses of the forward pass."""
        return [name for name in (*self.variables, *self._names(self._values)) if name in self.backward.names]

    def gradient_lines(self, spelling: Spelling) -> list[str]:
        """The backward pass, a line a statement."""
        return _lines(self.backward, spelling)

    def forward_lines(self, spelling: Spelling) -> list[str]:
        """The forward pass, a line a statement."""
        return _lines(self.forward, spelling)

    @property
    def is_differentiable(self) -> bool:
        """Whether the backward pass uses arguments and outputs alone, so that it can be differentiated in turn."""
        return set(self.saved) <= {*self.variables, *self.outputs}

    @property
    def outputs(self) -> list[str]:
        """The names of the outputs."""
        return self._names(self.program.outputs)

    @property
    def grad_outputs(self) -> list[str]:
        """The names of the outputs' gradients."""
        return [f"{PREFIX}{name}" for name in self.outputs]

    @property
    def _values(self) -> Sequence[Value]:
        return (*self.program.intermediates, *self.program.outputs)

    @property
    def _at_hand(self) -> dict[str, tuple[Any, ...]]:
        own = {value.name: value.shape for value in self._values}
        given = {f"{PREFIX}{output.name}": output.shape for output in self.program.outputs}
        return {**shapes_of(self.program.variables), **own, **given}

    @property
    def _like(self) -> str:
        return self.program.wrt[0]

    def _names(self, values: Iterable[Value]) -> list[str]:
        return [value.name for value in values]


def compiled_pullback(backward: Backward) -> Callable[..., Any]:
    """A torch function of the arguments and the outputs' gradients that returns the gradients.

    Raises UsageError where torch has no word for something in it.
    """
    found: dict[str, Any] = {}
    exec(f"import math\nimport torch\n\n{executable(backward)}", found)
    made: Callable[..., Any] = found["pullback"]
    return made


def source(backward: Backward, library: Library = "torch") -> str:
    """The source code. Raises UsageError where a library has no word for something in it."""
    body = _torch(backward) if library == "torch" else _numpy(backward)
    mathematics = "import math\n\n" if "math." in body else ""
    return f"{mathematics}{IMPORTS[library]}\n\n\n{body}"


def executable(backward: Backward) -> str:
    """The source of `pullback`: a torch function of the arguments and the outputs' gradients, for the gradients."""
    lines = [*backward.forward_lines(TORCH), *backward.gradient_lines(TORCH)]
    arguments = ", ".join((*backward.variables, *backward.grad_outputs))
    return EXECUTABLE.format(
        arguments=arguments,
        lines="\n".join(INDENT + line for line in lines),
        returned=_tuple(backward.gradients),
    )


def _torch(backward: Backward) -> str:
    forward = [*backward.forward_lines(TORCH), f"ctx.save_for_backward({', '.join(backward.saved)})"]
    unpacked = [f"{_tuple(backward.saved)} = ctx.saved_tensors"] if backward.saved else []
    once = [] if backward.is_differentiable else [f"{INDENT}@torch.autograd.function.once_differentiable"]
    return "\n".join(
        [
            f"class {class_name(backward.program.title)}(torch.autograd.Function):",
            f'{INDENT}"""{backward.program.title}, with a backward pass made from its formula."""',
            "",
            f"{INDENT}@staticmethod",
            f"{INDENT}def forward(ctx, {', '.join(backward.variables)}):",
            *_indented([*forward, f"return {_result(backward.outputs)}"], 2),
            "",
            f"{INDENT}@staticmethod",
            *once,
            f"{INDENT}def backward(ctx, {', '.join(backward.grad_outputs)}):",
            *_indented([*unpacked, *backward.gradient_lines(TORCH), f"return {_result(backward.gradients)}"], 2),
            "",
        ]
    )


def _numpy(backward: Backward) -> str:
    name, arguments = backward.program.title, ", ".join(backward.variables)
    needed = _needed(backward)
    scalar = len(backward.program.outputs) == 1 and not backward.program.outputs[0].shape
    grad_outputs = ", ".join(f"{each}=1.0" if scalar else each for each in backward.grad_outputs)
    forward = backward.forward_lines(NUMPY)
    return "\n".join(
        [
            f"def {name}({arguments}):",
            f'{INDENT}"""The function."""',
            *_indented([*forward, f"return {_result(backward.outputs)}"], 1),
            "",
            "",
            f"def {name}_gradient({arguments}, {grad_outputs}):",
            f'{INDENT}"""Its gradient by each argument, made from its formula."""',
            *_indented(dict.fromkeys([*needed, *backward.gradient_lines(NUMPY)]), 1),
            *_indented([f"return {_result([each for each in backward.gradients if each != 'None'])}"], 1),
            "",
        ]
    )


def _needed(backward: Backward) -> list[str]:
    """The lines of the forward pass that the gradient needs."""
    wanted = {*backward.saved, *backward.backward.names}
    kept: list[Statement] = []
    for name, code in reversed((*backward.forward.sizes, *backward.forward.lines)):
        if name in wanted:
            kept.append((name, code))
            wanted |= {each.partition(".")[0] for each in names_in(code)}
    return _written(kept[::-1], backward.forward, NUMPY)


def class_name(title: str) -> str:
    """The name of the class for a function.

    >>> class_name("mean_squared_error")
    'MeanSquaredErrorFunction'
    """
    return "".join(word[:1].upper() + word[1:] for word in title.split("_")) + "Function"


def _lines(made: Statements, spelling: Spelling) -> list[str]:
    return _written((*made.sizes, *made.lines), made, spelling)


def _written(lines: Iterable[Statement], made: Statements, spelling: Spelling) -> list[str]:
    numbers = [name for name, _ in made.sizes]
    return [f"{name} = {spelled(code, spelling, numbers)}" for name, code in lines]


def _indented(lines: Iterable[str], depth: int) -> list[str]:
    return [INDENT * depth + line for line in lines]


def _tuple(names: Sequence[str]) -> str:
    return f"{', '.join(names)}," if len(names) == 1 else ", ".join(names)


def _result(names: Sequence[str]) -> str:
    return ", ".join(names)
