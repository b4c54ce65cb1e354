"""What a statement comes to under each way to put the document's definitions in."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from gradcheck.documents.document import Document
from gradcheck.documents.formulas.comparison import Comparison, compare
from gradcheck.documents.formulas.computations import all_letters
from gradcheck.documents.formulas.customary import customary_functions
from gradcheck.documents.formulas.definitions import Definition, Definitions
from gradcheck.documents.formulas.entries import entries_of_matrices, named_entries
from gradcheck.documents.formulas.evaluation import CannotEvaluate
from gradcheck.documents.formulas.links import Links
from gradcheck.documents.formulas.resolve import Resolver
from gradcheck.documents.formulas.resolved_calls import Unresolved
from gradcheck.documents.formulas.shapes import index_names, readings
from gradcheck.documents.formulas.statements import Statement
from gradcheck.documents.formulas.tree import (
    BOUND,
    Call,
    Cases,
    Derivative,
    Name,
    Node,
    Number,
    Plus,
    Power,
    SumOver,
    Times,
)

FAILURES = (ArithmeticError, ValueError, TypeError, LookupError, RuntimeError, AttributeError, MemoryError)
"""What SymPy and torch raise for expressions that have no value."""
TARGETS = frozenset(["y", "t", "p", "q", "y_true", "target", "targets", "label", "labels"])
MOST_DEFINITIONS = 6
MOST_FUNCTIONS = 4
MOST_READINGS = 6
SLOPES = ((Fraction(13, 10), Fraction(-7, 10), Fraction(9, 10)), (Fraction(-3, 5), Fraction(8, 5), Fraction(1, 2)))
"""Slopes of the smooth functions that stand in for those that a document leaves open."""


@dataclass
class Outcome:
    """What one choice of definitions makes of a statement: `equal` is None where that could not be decided.

    `wrong` counts the side that differs, `layout` says that a Jacobian is laid out as its transpose, `functions` are
    those that smooth ones stand in for, `probabilities` vectors whose entries are taken to add up to 1, `used` the
    definitions that were put in.
    """

    equal: bool | None
    reason: str = ""
    comparison: Comparison | None = None
    sides: tuple[Node, ...] = ()
    used: Mapping[str, Definition] = field(default_factory=dict)
    wrong: int = 0
    layout: bool = False
    functions: tuple[str, ...] = ()
    probabilities: tuple[str, ...] = ()


@dataclass
class Trials:
    """Tries the statements of one document."""

    definitions: Definitions
    document: Document

    def outcome(self, statement: Statement, found: Links) -> Outcome:
        """The outcome with the nearest definitions.

        Letters that the right side holds are left as they are first: what is true for all their values needs no
        definition of them. Where that does not confirm it, they are replaced too.
        """
        held = _plain_names(side.node for side in found.others)
        first = self._tried(statement, found, {}, held) if held else None
        if first is not None and first.equal is True:
            return first
        second = self._tried(statement, found, {})
        if second.equal is None and second.reason.startswith(Unresolved.FUNCTION):
            return self._with_any_functions(statement, found) or second
        both_false = first is not None and first.equal is False and second.equal is False
        return first if both_false and first is not None else second

    def of_letters(self, statement: Statement, found: Links) -> Outcome:
        """The outcome with every letter as it stands, and no definition put in."""
        return self._tried(statement, found, {}, all_letters((found.derivative, *found.others)))

    def others(self, statement: Statement, found: Links, first: Outcome) -> Iterator[Outcome]:
        """The outcomes with each other definition of a name that was put in."""
        for label, used in first.used.items():
            for other in self.definitions.of(label, statement.place)[:MOST_DEFINITIONS]:
                if other is not used and other.body is not None and other.body != used.body:
                    yield self._tried(statement, found, {label: other})

    def _with_any_functions(self, statement: Statement, found: Links) -> Outcome | None:
        """Confirmed where it holds whichever smooth functions stand for those that are left open; else nothing."""
        outcome: Outcome | None = None
        for slopes in SLOPES:
            outcome = self._with_functions(statement, found, slopes)
            if outcome is None or outcome.equal is not True:
                return None
        return outcome

    def _with_functions(self, statement: Statement, found: Links, slopes: Sequence[Fraction]) -> Outcome | None:
        chosen: dict[str, Definition] = {}
        while len(chosen) <= MOST_FUNCTIONS:
            try:
                sides, resolver = self._resolved(statement, found, chosen, frozenset())
            except Unresolved as error:
                if not error.function or error.function in chosen or not 1 <= error.arguments <= len(slopes):
                    return None
                chosen[error.function] = _smooth(error.function, error.arguments, slopes, len(chosen), statement)
                continue
            except RecursionError:
                return None
            outcome = self._compared(statement, sides, resolver)
            outcome.functions = tuple(sorted(chosen))
            outcome.used = {label: each for label, each in resolver.used.items() if label not in chosen}
            return outcome
        return None

    def _tried(
        self, statement: Statement, found: Links, chosen: Mapping[str, Definition], held: frozenset[str] = frozenset()
    ) -> Outcome:
        try:
            sides, resolver = self._resolved(statement, found, chosen, held)
        except Unresolved as error:
            return Outcome(None, str(error))
        except RecursionError:
            return Outcome(None, "it is nested too deeply")
        outcome = self._compared(statement, sides, resolver)
        outcome.used = dict(resolver.used)
        return outcome

    def _resolved(
        self, statement: Statement, found: Links, chosen: Mapping[str, Definition], held: frozenset[str]
    ) -> tuple[tuple[Node, ...], Resolver]:
        """The derivative and the other sides, with the definitions put in; the variables stay."""
        customary = customary_functions(self.document)
        resolver = Resolver(self.definitions, statement.place, chosen, customary, held - found.variables)
        derivative = resolver.node(found.derivative.node, found.variables)
        stop = found.variables or _variables(derivative)
        sides = (derivative, *(resolver.node(side.node, stop) for side in found.others))
        return named_entries(entries_of_matrices(sides)), resolver

    def _compared(self, statement: Statement, sides: tuple[Node, ...], resolver: Resolver) -> Outcome:
        outcomes: list[Outcome] = []
        reason = "the two sides have no shapes that fit together"
        for reading in readings(sides, resolver.arrays):
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    comparison = compare(sides, reading, statement.conditions)
            except CannotEvaluate as error:
                reason = str(error)
                continue
            except FAILURES as error:
                reason = f"it cannot be worked out ({type(error).__name__})"
                continue
            outcome = _outcome_of(comparison, sides)
            outcomes.append(outcome if outcome.equal is not False else _for_probabilities(statement, sides, outcome))
            if outcomes[0].equal is not False or len(outcomes) > MOST_READINGS:
                break
        return _decided(outcomes, sides) if outcomes else Outcome(None, reason, sides=sides)


def _plain_names(sides: Iterator[Node]) -> frozenset[str]:
    """The letters that stand on the sides outside of derivatives."""
    found: set[str] = set()
    pending = list(sides)
    while pending:
        node = pending.pop()
        if isinstance(node, Name):
            found.add(node.label)
        if not isinstance(node, Derivative):
            pending.extend(node.parts)
    return frozenset(found)


def _variables(derivative: Node) -> frozenset[str]:
    nodes = (node for node in derivative.walk() if isinstance(node, Derivative))
    return frozenset(by.label for node in nodes for by in node.by if isinstance(by, Name))


def _smooth(label: str, count: int, slopes: Sequence[Fraction], number: int, statement: Statement) -> Definition:
    """A smooth function of so many arguments: sin(u) + u²/3 with u linear in them."""
    names = tuple(f"{label}′{place}" for place in range(count))
    inner: Node = Number(Fraction(number + 1, 7))
    for slope, name in zip(slopes, names, strict=False):
        inner = Plus(inner, Times(Number(slope), Name(name)))
    body = Plus(Call("sin", (inner,)), Times(Number(Fraction(1, 3)), Power(inner, Number(Fraction(2)))))
    return Definition(label, names, (), body, statement.place, statement.line, label)


def _outcome_of(comparison: Comparison, sides: tuple[Node, ...]) -> Outcome:
    layout = False
    for place in range(1, len(sides)):
        equal = comparison.equal(0, place)
        if equal is False and comparison.transposed(0, place):
            layout, equal = True, True
        if equal is None:
            return Outcome(None, "SymPy and autograd do not agree", comparison, sides, wrong=place)
        if equal is False:
            return _different(comparison, sides, place)
    return Outcome(True, "", comparison, sides, layout=layout)


def _for_probabilities(statement: Statement, sides: tuple[Node, ...], outcome: Outcome) -> Outcome:
    """The same where targets are probabilities, as a cross-entropy's are by convention."""
    assert outcome.comparison is not None
    reading = outcome.comparison.reading
    targets = frozenset(label for label, shape in reading.shapes.items() if shape and label in TARGETS)
    if not targets:
        return outcome
    try:
        again = _outcome_of(compare(sides, reading, statement.conditions, targets), sides)
    except (CannotEvaluate, *FAILURES):
        return outcome
    again.probabilities = tuple(sorted(targets))
    return again if again.equal is True else outcome


def _different(comparison: Comparison, sides: tuple[Node, ...], place: int) -> Outcome:
    piecewise = any(isinstance(each, Cases) for each in sides[place].walk())
    if not piecewise and comparison.sometimes(0, place):
        reason = "it holds at some points and not at others; a condition may be stated elsewhere"
        return Outcome(None, reason, comparison, sides, wrong=place)
    return Outcome(False, "", comparison, sides, wrong=place)


def _decided(outcomes: list[Outcome], sides: tuple[Node, ...]) -> Outcome:
    """The first reading's outcome; a refutation stands only where all is tied, and no other reading confirms."""
    first = outcomes[0]
    if first.equal is not False:
        return first
    assert first.comparison is not None
    if (untied := _untied(sides)) and untied != first.comparison.reading.counted:
        reason = f"`{untied}` cannot be tied to anything in what is differentiated"
        return Outcome(None, reason, first.comparison, first.sides)
    if summed := _repeated_index(sides):
        reason = f"the index {summed} is repeated in a product; a sum over it may be meant"
        return Outcome(None, reason, first.comparison, first.sides)
    if any(each.equal is True and _keeps_matrices(first, each) for each in outcomes[1:]):
        return Outcome(None, "whether it holds depends on which letters are scalars and which are vectors")
    return first


def _keeps_matrices(first: Outcome, other: Outcome) -> bool:
    """Whether another reading leaves every capital letter the matrix that it is in the first."""
    assert first.comparison is not None
    assert other.comparison is not None
    shapes, others = first.comparison.reading.shapes, other.comparison.reading.shapes
    return all(len(others[label]) == len(shape) for label, shape in shapes.items() if label[:1].isupper())


def _untied(sides: Sequence[Node]) -> str:
    """A letter of a right side that what is differentiated does not hold."""
    known = {each.label for each in sides[0].walk() if isinstance(each, Name)} | index_names(sides) | {"e", "pi"}
    names = (each.label for side in sides[1:] for each in side.walk() if isinstance(each, Name))
    return next((label for label in names if label not in known and BOUND not in label), "")


def _repeated_index(sides: Sequence[Node]) -> str:
    """An index of x_i a_ij x_j, which two different tensors share and no sum binds: Einstein's convention."""
    for side in sides:
        if any(isinstance(each, SumOver) for each in side.walk()):
            continue
        for product in (each for each in side.walk() if isinstance(each, Times)):
            left, right = _indexed(product.left), _indexed(product.right)
            shared = {i for a, i in left for b, j in right if i == j and a != b}
            if shared:
                return min(shared)
    return ""


def _indexed(node: Node) -> set[tuple[str, str]]:
    """Each tensor with each of its index letters."""
    names = (each for each in node.walk() if isinstance(each, Name))
    return {(name.label, index.label) for name in names for index in name.indices if isinstance(index, Name)}
