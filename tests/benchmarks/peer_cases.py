"""What a case is: a function in NumPy's names for every tool's own arrays, its gradient, and what an answer must be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

Says = Literal["accepts", "rejects", "cannot tell", "raises", "no answer", "cannot be expressed"]


@dataclass(frozen=True)
class Answer:
    """What a tool said of a case, in which words, and what the asking cost and changed."""

    says: Says
    message: str = ""
    inputs_unchanged: bool = True
    generators_unchanged: bool = True
    extra_bytes: int = 0
    seconds: float = 0.0


@dataclass(frozen=True)
class Wants:
    """What a right answer is beyond the verdict, and what is said of one that is not."""

    holds: Callable[[Answer], bool]
    otherwise: str


@dataclass(frozen=True)
class Case:
    """A function at a point, and whether its gradient is right; the name begins with the case's number.

    `forward(np, *inputs)` and `backward(np, *cotangents, *inputs)` use NumPy's names with `np` a tool's own library of
    arrays; without `backward` the gradient is the library's own. `inputs` are NumPy arrays, nested where the case is.
    `wrt` counts the inputs that require grad, all of them unless given. `module` makes a torch module from the inputs
    after the first, for tools that check modules. `raises_at` lists the calls at which the function shall raise, one
    asking for each. `caught` matches the messages of errors that count as a rejection. `impossible` maps tools to why
    they cannot be asked.
    """

    name: str
    forward: Callable[..., Any]
    inputs: tuple[Any, ...]
    backward: Callable[..., Any] | None = None
    jvp: Callable[..., Any] | None = None
    correct: bool = False
    dtype: str = ""
    order: int = 1
    wrt: int | None = None
    module: Callable[..., Any] | None = None
    plants: bool = False
    raises_at: tuple[int, ...] = ()
    caught: str = ""
    wants: Wants | None = None
    impossible: Mapping[str, str] = field(default_factory=dict)

    @property
    def number(self) -> int:
        """The case's number."""
        return int(self.name.split()[0])

    @property
    def reverse_only(self) -> bool:
        """Whether a gradient of one's own defines no derivative in forward mode."""
        return self.jvp is None and (self.plants or self.backward is not None)


def judged(case: Case, answer: Answer) -> str:
    """ "right", or what is wrong with the answer."""
    if answer.says in ("cannot be expressed", "no answer"):
        return answer.says if answer.says == "cannot be expressed" else answer.message
    if case.wants is not None:
        return "right" if case.wants.holds(answer) else _plainly(answer, case.wants.otherwise)
    caught = bool(case.caught) and answer.says == "raises" and re.search(case.caught, answer.message) is not None
    if caught or answer.says == ("accepts" if case.correct else "rejects"):
        return "right"
    return _plainly(answer, f"**{answer.says} it**")


def _plainly(answer: Answer, otherwise: str) -> str:
    return f"raises {answer.message.split(':')[0]}" if answer.says == "raises" else otherwise


def says(*patterns: str) -> Wants:
    """A rejection whose message matches each of the patterns."""
    return Wants(
        lambda answer: answer.says == "rejects" and all(re.search(p, answer.message) for p in patterns),
        "**does not say so**",
    )


def normal(*shape: int, seed: int = 0) -> Any:
    """Gaussian numbers."""
    return np.random.default_rng(seed).standard_normal(shape)


def uniform(*shape: int, seed: int = 0) -> Any:
    """Numbers between 0.5 and 1.5."""
    return np.random.default_rng(seed).random(shape) + 0.5


def at(*values: float) -> Any:
    """A point."""
    return np.array(values, dtype=float)
