"""What a document's own function computes, as plain data: so it leaves the sandbox and comes into every report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Equation:
    """An equation as one line of Unicode, and as LaTeX without delimiters."""

    text: str
    latex: str


@dataclass(frozen=True)
class Computed:
    """A function or module that a document defines and calls, and the formula that its code was traced to.

    `arguments` are the tensors that it depends on with their sizes, such as "X: m × n". `formula` has a line for each
    named intermediate and each output, `gradients` one for each argument whose gradient is short enough to be read.
    `recognised` says in a sentence what of the catalogue it is, `notes` say for what all this holds. `reason` says why
    there is no formula, and is empty where there is one.
    """

    name: str
    line: int
    end_line: int
    path: str = ""
    arguments: tuple[str, ...] = ()
    formula: tuple[Equation, ...] = ()
    gradients: tuple[Equation, ...] = ()
    recognised: str = ""
    notes: tuple[str, ...] = ()
    reason: str = ""


def computed_from_data(data: Mapping[str, Any]) -> Computed:
    """What `dataclasses.asdict` made plain.

    >>> from dataclasses import asdict
    >>> square = Computed("square", 3, 4, formula=(Equation("f = x²", "f = x^2"),))
    >>> computed_from_data(asdict(square)) == square
    True
    """
    equations = {name: tuple(Equation(**each) for each in data[name]) for name in ("formula", "gradients")}
    return Computed(**{**data, **equations, "arguments": tuple(data["arguments"]), "notes": tuple(data["notes"])})
