"""Whether a learner's line is the derivative, and if not, which slip it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import mpmath as mp
import sympy as sp

from gradcheck.errors import UsageError
from gradcheck.symbolic.binding import canonical
from gradcheck.symbolic.derivations.derivation import TOLERANCE, Derivation, Step, written_out
from gradcheck.symbolic.derivations.differentiation import differentiate
from gradcheck.symbolic.derivations.learner_line import LearnerLine, read_line, transposes
from gradcheck.symbolic.derivations.partly_right import Found, if_symmetric, on_some_entries
from gradcheck.symbolic.derivations.ratios import constant_ratio
from gradcheck.symbolic.derivations.rule import By, NoRule, Rule
from gradcheck.symbolic.derivations.rules import RULES
from gradcheck.symbolic.derivations.slips import SLIPS, Misused, Slip, Use
from gradcheck.symbolic.derivations.verification import Places, apart, random_places
from gradcheck.symbolic.differentiate import derivative
from gradcheck.symbolic.evaluate import evaluate
from gradcheck.symbolic.parser import ParseError
from gradcheck.symbolic.pending import Pending
from gradcheck.symbolic.printing import text as as_text
from gradcheck.symbolic.tensors import delta

CHOICES = (0, 1)
"""Lines are compared at points of several sizes, so that a factor of 2 and a size of 2 are told apart."""
MOST_USES = 4
"""A slip is tried at each of a rule's first uses, and at all at once."""
MOST_WAYS = 4
MOST_INTERMEDIATES = 6
"""Deeper composites are not derived anew with every slip."""
MOST_TERMS = 8
SHOWN = 6
"""Significant digits of a value."""
PERHAPS_TRANSPOSED = ("unexplained", "shape", "symmetric")

UNEXPLAINED: Found = ("unexplained", "it is not the derivative, and none of the usual slips explains it", "")
ONLY_DIAGONAL = "these are the entries on the diagonal alone, and the coupling of the others is forgotten"


@dataclass(frozen=True)
class StepCheck:
    """The verdict on a learner's line.

    `kind` is "right", the kind of slip, or "unexplained"; `rule` is the title of the rule that slipped, where it is
    one's. `evidence` gives both values at one point, where they differ.
    """

    ok: bool
    kind: str
    text: str
    rule: str = ""
    evidence: str = ""

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        found = "right" if self.ok else f"wrong ({self.kind})" if self.kind != "unexplained" else "wrong"
        return f"{found}: {self.text}" + (f"\n  {self.evidence}" if self.evidence else "")


def check_step(derivation: Derivation, line: str) -> StepCheck:
    """Whether a line is the derivative, in whatever form it is written, and if not, which slip it comes from.

    The line is compared with the derivative at 40 digits at random points. Raises ParseError where it cannot be read.

    >>> from gradcheck import derive
    >>> print(check_step(derive("sin(x**2)"), "2*cos(x**2)*x"))
    right: it equals the derivative at every point that was tried
    >>> check_step(derive("sin(x**2)"), "cos(x**2)").kind
    'inner derivative'
    """
    if derivation.formula is None:
        raise UsageError("derivation: it does not say what formula it differentiates")
    try:
        read = read_line(line, derivation)
    except ParseError:
        if (slip := _transposed(derivation, line)) is None:
            raise
        return slip
    verdict = _Checker(derivation, read).verdict()
    slip = _transposed(derivation, line) if verdict.kind in PERHAPS_TRANSPOSED else None
    return verdict if slip is None else slip


def _transposed(derivation: Derivation, line: str) -> StepCheck | None:
    """The verdict on a line that is right once one of its matrices is transposed."""
    with suppress(ParseError):
        for text in transposes(line, derivation):
            with suppress(ParseError):
                if _Checker(derivation, read_line(text, derivation)).is_right():
                    return StepCheck(False, "transposed", f"a transpose is amiss; {text} is right")
    return None


class _Checker:
    """One line beside one derivation."""

    def __init__(self, derivation: Derivation, line: LearnerLine) -> None:
        assert derivation.formula is not None
        self.derivation, self.formula, self.line = derivation, derivation.formula, line
        self.axes = tuple(derivation.axes)
        self.shape = tuple(derivation.axes.values())
        self.true = derivation.steps[-1].line if derivation.steps else derivation.result

    def verdict(self) -> StepCheck:
        """Right, or the first slip that explains the line."""
        if self.line.shape not in (None, (), self.shape):
            return self._misshapen(self.line.shape or ())
        if self.is_right():
            return self._right()
        found = next(self._slips(), None) or self._relation()
        return StepCheck(False, *(found or UNEXPLAINED), evidence=self._evidence())

    def is_right(self) -> bool:
        """Whether the line is the derivative."""
        return self.line.shape in (None, (), self.shape) and self._is(self.true)

    def _right(self) -> StepCheck:
        open_ = len(self.learner.atoms(Pending))
        rest = f"; {open_} derivative{'s are' if open_ > 1 else ' is'} still to be worked out in it" if open_ else ""
        return StepCheck(True, "right", f"it equals the derivative at every point that was tried{rest}")

    @cached_property
    def learner(self) -> sp.Expr:
        """The learner's entry at the derivative's indices."""
        return self.line.entry(*self.axes)

    @cached_property
    def places(self) -> Places:
        """Points of several sizes."""
        d, formula = self.derivation, self.formula
        choices = CHOICES if formula.dimensions else CHOICES[:1]
        found = [random_places(formula, d.axes, d.definitions, d.order, choice) for choice in choices]
        return Places(tuple(place for each in found for place in each.places), found[0].digits)

    @cached_property
    def written(self) -> list[Any]:
        """The learner's line at every place."""
        return self.places.values(self.learner)

    @cached_property
    def truth(self) -> list[Any]:
        """What the derivative is at every place."""
        return self.places.values(self.true)

    def _is(self, expression: sp.Expr) -> bool:
        """Whether the learner's line has the expression's value everywhere; the first place that says no decides."""
        values = zip(self.places.places, self.written, strict=True)
        one = (Places((place,), self.places.digits).values(expression) for place, _ in values)
        return all(apart([own], found) <= TOLERANCE for own, found in zip(self.written, one, strict=True))

    def _misshapen(self, shape: tuple[sp.Expr, ...]) -> StepCheck:
        """An array of another shape: a transpose, the diagonal alone, or something else."""
        if shape == self.shape[::-1] and self._same_as_entry(self.axes[::-1]):
            return StepCheck(False, "transposed", f"it is the transpose; the derivative has {_shape(self.shape)}")
        if 2 * shape == self.shape and self._is_diagonal(len(shape)):
            return StepCheck(False, "coupling", f"{ONLY_DIAGONAL}; the derivative has {_shape(self.shape)}")
        return StepCheck(False, "shape", f"it has {_shape(shape)}, the derivative has {_shape(self.shape)}")

    def _same_as_entry(self, indices: Sequence[sp.Symbol]) -> bool:
        return apart(self.places.values(self.line.entry(*indices)), self.truth) <= TOLERANCE

    def _is_diagonal(self, half: int) -> bool:
        first, second = self.axes[:half], self.axes[half:]
        on = [
            place
            for place in self.places.places
            if all(place[a] == place[b] for a, b in zip(first, second, strict=True))
        ]
        diagonal = Places(tuple(on), self.places.digits)
        return diagonal.distance(self.line.entry(*first), self.true) <= TOLERANCE

    def _slips(self) -> Iterator[Found]:
        """The slips in a rule with which the derivation comes to the learner's line."""
        if len(self.derivation.intermediates) > MOST_INTERMEDIATES:
            return
        used = {rule for step in self.derivation.steps for rule in _rules_of(step)}
        for slip in SLIPS:
            for rule in slip.rules:
                if rule in used:
                    yield from self._slips_in(slip, rule)

    def _slips_in(self, slip: Slip, rule: str) -> Iterator[Found]:
        """A slip at each of a rule's first uses, then at all of them."""
        for use in (*range(MOST_USES), None):
            for way in range(MOST_WAYS):
                rules = Misused(RULES, slip, rule, use, way)
                result = self._derived(rules.rules)
                if rules.slipped is None:
                    break
                if result is not None and self._is(result):
                    yield _found(slip, RULES[rule], rules.slipped)
            if use is not None and way == 0:
                break

    def _derived(self, rules: Mapping[str, Rule]) -> sp.Expr | None:
        """The last line of the last derivative, by other rules."""
        with suppress(NoRule, ZeroDivisionError, TypeError):
            function = canonical(self._stage)
            by = By.of(self.derivation.entry, function)
            by.taken |= {*self.formula.variable_names, *map(str, self.axes), *map(str, self.formula.dimensions)}
            line: sp.Expr = Pending(function, self.derivation.entry)
            for each in differentiate(function, by, rules):
                line = each.line
            return None if line.has(sp.zoo, sp.nan) else line
        return None

    @cached_property
    def _stage(self) -> sp.Expr:
        """What is differentiated last: the definition, or its derivative."""
        stage = written_out(self.formula.definition, self.derivation.intermediates)
        for entry in self.derivation.entries[:-1]:
            stage = derivative(stage, entry)
        return stage

    def _relation(self) -> Found | None:
        """How the line is related to the derivative as a whole."""
        for kind, text, candidate in self._candidates():
            if self._is(candidate):
                return kind, text, ""
        return self._in_part() or self._factor()

    def _in_part(self) -> Found | None:
        half = len(self.axes) // 2
        square = self.axes and self.shape[:half] == self.shape[half:]
        found = on_some_entries(self.axes, self.places, self.written, self.truth) if square else None
        return found or if_symmetric(self.formula.variables, self.learner, self.true, self.places)

    def _candidates(self) -> Iterator[tuple[str, str, sp.Expr]]:
        yield "not differentiated", "this is the function itself", self.derivation.definition
        yield "sign", "the sign is the other one", -self.true
        half = len(self.axes) // 2
        if self.axes and self.shape[:half] == self.shape[half:]:
            pairs = list(zip(self.axes[:half], self.axes[half:], strict=True))
            yield "coupling", ONLY_DIAGONAL, self.true * sp.Mul(*(delta(a, b) for a, b in pairs))
            swap = dict([*pairs, *((b, a) for a, b in pairs)])
            yield "transposed", "it is the transpose", self.true.xreplace(swap)
        terms = sp.Add.make_args(sp.expand(self.true)) if not self.axes else sp.Add.make_args(self.true)
        for term in terms if 1 < len(terms) <= MOST_TERMS else ():
            yield "term", f"a term is missing: {as_text(term)}", self.true - term
            yield "sign", f"a term has the other sign: {as_text(term)}", self.true - 2 * term

    def _factor(self) -> Found | None:
        """A number, a power of a size, or a constant by which the line is off."""
        if any(not mp.isfinite(own) or not own or not true for own, true in zip(self.written, self.truth, strict=True)):
            return None
        ratios = [own / true for own, true in zip(self.written, self.truth, strict=True)]
        if (number := constant_ratio(ratios)) is not None:
            return "factor", f"it is {number} times the derivative", ""
        for symbol in (*self.formula.dimensions, *self._letters()):
            values = self.places.values(symbol)
            for power in (1, -1, 2, -2):
                number = constant_ratio([ratio / value**power for ratio, value in zip(ratios, values, strict=True)])
                if number is not None:
                    kind = "mean" if symbol.is_integer else "factor"
                    return kind, f"it is {as_text(number * symbol**power)} times the derivative", ""
        return None

    def _letters(self) -> list[sp.Symbol]:
        return [each for each in self.formula.variables if isinstance(each, sp.Symbol)]

    def _evidence(self) -> str:
        """Both values at the place where they differ first."""
        for place, own, true in zip(self.places.places, self.written, self.truth, strict=True):
            if apart([own], [true]) > TOLERANCE:
                at = [f"{each} = {_number(evaluate(each, place))}" for each in self._letters()]
                at += [f"{index} = {place[index]}" for index in self.axes]
                where = ", ".join(at) or "a random point"
                return f"at {where}: this line is {_number(own)}, the derivative {_number(true)}"
        return ""


def _rules_of(step: Step) -> Iterator[str]:
    yield step.rule.id
    for inner in step.substeps:
        yield from _rules_of(inner)


def _found(slip: Slip, rule: Rule, use: Use) -> Found:
    inner = f" ({RULES[use.match.substeps[0].rule]})" if use.match.substeps else ""
    return slip.kind, f"{slip.text}: {rule}{inner}, at {as_text(use.by.derivative(use.f))}", rule.title


def _shape(shape: Sequence[sp.Expr]) -> str:
    return f"the shape ({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})" if shape else "no axes"


def _number(value: Any) -> str:
    return str(mp.nstr(value, SHOWN))
