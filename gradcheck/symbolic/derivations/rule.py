"""What a rule of differentiation is: its name and statement, and how it rewrites a derivative."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import sympy as sp
from sympy.concrete.expr_with_limits import ExprWithLimits

from gradcheck.errors import UsageError
from gradcheck.symbolic.binding import NAMES
from gradcheck.symbolic.pending import Pending

Bindings = tuple[tuple[str, sp.Expr], ...]


@dataclass
class By:
    """What is differentiated by: a scalar or a tensor's entry, and the index names that are taken."""

    entry: sp.Expr
    taken: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, entry: sp.Expr, expression: sp.Expr) -> By:
        """With every name in the expression taken, also those of bound indices."""
        symbols = (expression.atoms(sp.Symbol) | expression.free_symbols | entry.free_symbols) - {entry}
        return cls(entry, {str(symbol) for symbol in symbols})

    @property
    def variable(self) -> sp.Symbol:
        """The scalar, or the label of the tensor."""
        return self.entry.base.label if isinstance(self.entry, sp.Indexed) else self.entry

    def moves(self, expression: sp.Expr) -> bool:
        """Whether the expression depends on the variable."""
        return bool(expression.has(self.variable))

    def derivative(self, function: sp.Expr) -> sp.Expr:
        """The function's derivative, still to be worked out."""
        return Pending(function, self.entry)

    def inner_letter(self) -> sp.Symbol:
        """A letter for an inner function: u, or the next that nothing in the derivation bears."""
        letters = (*"uvwst", *(f"u_{number}" for number in range(100)))
        return sp.Symbol(next(letter for letter in letters if letter not in self.taken), real=True)

    def fresh_index(self) -> sp.Symbol:
        """An index with a readable name that nothing in the derivation bears."""
        names = (f"{name}_{number}" if number else name for number in range(100) for name in NAMES)
        name = next(name for name in names if name not in self.taken)
        self.taken.add(name)
        return sp.Symbol(name, integer=True, nonnegative=True)


@dataclass(frozen=True)
class Substep:
    """A rule used inside another, such as the outer function's derivative in the chain rule, in a letter of its own.

    `letter` stands for the inner function.
    """

    rule: str
    before: sp.Expr
    after: sp.Expr
    letter: sp.Symbol
    inner: sp.Expr


@dataclass(frozen=True)
class Match:
    """What a rule makes of an expression, and what its letters stood for.

    `before` is the part that is rewritten where that is not the whole; `definitions` names new intermediates.
    """

    after: sp.Expr
    bindings: Bindings = ()
    substeps: tuple[Substep, ...] = ()
    before: sp.Expr | None = None
    definitions: tuple[tuple[sp.Expr, sp.Expr], ...] = ()


class NoRule(UsageError):
    """A function that no rule differentiates."""

    def __init__(self, function: sp.Expr) -> None:
        super().__init__(
            f"no rule differentiates {function.func}: {function}; a subclass of gradcheck.symbolic.functions."
            "Elementary that states its slope would supply one, and an entry of evaluate.ELEMENTARY its value"
        )


Apply = Callable[[sp.Expr, By], Match | None]


@dataclass(frozen=True)
class Rule:
    """A named rule.

    `statement` is LaTeX, `prose` says it in a sentence, `reference` where to read of it. `apply` takes the function
    under a derivative (for a rule that rewrites: the whole line) and says what becomes of it, or None where the rule
    does not apply. A `trivial` rule's steps may be folded away.
    """

    id: str
    title: str
    statement: str
    prose: str
    reference: str
    apply: Apply = field(compare=False, repr=False)
    trivial: bool = False

    def __str__(self) -> str:
        return self.title


def with_named_indices(expression: sp.Expr, by: By) -> sp.Expr:
    """The expression with a readable name for each bound index that has none."""
    bound = [k for each in expression.atoms(ExprWithLimits) for k in each.bound_symbols if isinstance(k, sp.Dummy)]
    ordered = sorted(dict.fromkeys(bound), key=lambda k: str(expression).find(str(k)))
    return expression.xreplace({k: by.fresh_index() for k in ordered})


def without_empty_sums(expression: sp.Expr) -> sp.Expr:
    """The expression with every sum of nothing but 0 replaced by 0."""
    if not expression.has(ExprWithLimits):
        return expression
    empty = {each: sp.S.Zero for each in expression.atoms(sp.Sum) if each.function == 0}
    return without_empty_sums(expression.xreplace(empty)) if empty else expression
