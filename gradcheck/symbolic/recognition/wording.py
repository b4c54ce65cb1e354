"""What is said about a formula that was recognised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sympy as sp

from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.printing import text

NAMES_AT_FIRST = ("Huber", "Frobenius", "Gaussian", "Hadamard", "Jacobi", "Kullback", "Poisson", "Euclidean", "Laplace")
"""Words at the beginning of a title that keep their capital."""


def called(title: str) -> str:
    """A title within a sentence.

    >>> called("Mean squared error"), called("Huber loss"), called("ReLU")
    ('mean squared error', 'Huber loss', 'ReLU')
    """
    first = title.split(maxsplit=1)[0] if title else ""
    keeps = first.startswith(NAMES_AT_FIRST) or any(letter.isupper() for letter in first[1:])
    return title if keeps or len(first) == 1 else title[:1].lower() + title[1:]


@dataclass(frozen=True, eq=False)
class Recognition:
    """The known formula that a formula equals, and in what it differs.

    `variables` says for each of the known formula's variables which of the formula's it is, such as "x" or "xᵀ", or
    its number. `factor` and `offset` are what the known formula is multiplied by and what is added to it; `words` say
    what of the formula it is, such as "of each row of X", and `where` what alone it holds for.
    """

    formula: Formula
    variables: Mapping[str, str]
    factor: sp.Expr = sp.S.One
    offset: sp.Expr = sp.S.Zero
    words: tuple[str, ...] = ()
    where: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """For people, without a full stop: "this is mean squared error (mse) times 1/3, with x as p and t as y"."""
        name = f"{called(self.formula.title)} ({self.formula.name})"
        parts = [" ".join(["this is", name, *self.words, *_scale(self.factor), *_shift(self.offset)])]
        others = [f"{own} as {known}" for known, own in self.variables.items() if own != known]
        parts += [f"with {_listed(others)}"] if others else []
        parts += [f"for {_listed(self.where)}"] if self.where else []
        return ", ".join(parts)


def _scale(factor: sp.Expr) -> list[str]:
    if factor == 1:
        return []
    return ["with the opposite sign"] if factor == -1 else [f"times {_in_brackets(factor)}"]


def _shift(offset: sp.Expr) -> list[str]:
    if offset == 0:
        return []
    return [f"plus {text(offset)}"] if offset > 0 else [f"minus {text(-offset)}"]


def _in_brackets(factor: sp.Expr) -> str:
    return f"({text(factor)})" if factor.is_Add else text(factor)


def _listed(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
