"""From a statement to trees that stand alone: every name replaced by what the document says it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from gradcheck.documents.formulas.definitions import Definition, Definitions, Place, holds
from gradcheck.documents.formulas.resolved_calls import (
    CUSTOMARY,
    FUNCTION_LETTERS,
    KNOWN,
    LOSSES,
    Unresolved,
    check_depends,
    is_letter,
    normal_distribution,
    substituted,
    values_of_variables,
    with_entries,
    with_own_indices,
)
from gradcheck.documents.formulas.shapes import index_names
from gradcheck.documents.formulas.tree import (
    BOUND,
    At,
    Call,
    Derivative,
    Integral,
    Limit,
    Listed,
    Name,
    Node,
    Number,
    Power,
    Series,
    SumOver,
    Times,
    Transposed,
    mapped,
)

CONSTANT_NAMES = ("e", "pi")
MOST_NODES = 1_500


@dataclass
class Resolver:
    """Replaces names by their definitions as they stand at `place`; `chosen` holds a name to one definition of it.

    `customary` are functions that the document speaks of by name. `used` collects what was put in.
    """

    definitions: Definitions
    place: Place
    chosen: Mapping[str, Definition] = field(default_factory=dict)
    customary: frozenset[str] = frozenset()
    held: frozenset[str] = frozenset()
    used: dict[str, Definition] = field(default_factory=dict)
    arrays: set[str] = field(default_factory=set)
    renamed: int = 0

    def node(self, node: Node, stop: frozenset[str]) -> Node:
        """The tree with every name replaced but those of `stop`; raises Unresolved."""
        found = self._node(node, stop, ())
        if sum(1 for _ in found.walk()) > MOST_NODES:
            raise Unresolved("the definitions put in make it too long")
        return found

    def _node(self, node: Node, stop: frozenset[str], within: tuple[str, ...]) -> Node:
        rule = self._rules.get(type(node))
        return rule(node, stop, within) if rule else mapped(node, lambda part: self._node(part, stop, within))

    @cached_property
    def _rules(self) -> Mapping[type[Node], Callable[[Any, frozenset[str], tuple[str, ...]], Node]]:
        return {
            Name: self._name,
            Call: self._call,
            Power: self._power,
            Transposed: self._transposed,
            Derivative: self._derivative,
            Limit: self._bound,
            Integral: self._bound,
            Series: self._bound,
            At: self._placed,
        }

    def _bound(self, node: Limit | Integral | Series, stop: frozenset[str], within: tuple[str, ...]) -> Node:
        """A limit or an integral with a name of its own for its variable, which the limits themselves do not hold."""
        self.renamed += 1
        bound = Name(f"{node.by.label}{BOUND}{self.renamed}")
        body = self._node(substituted(node.body, {node.by.label: bound}, {}), stop | {bound.label}, within)
        if isinstance(node, Series):
            upper = None if node.upper is None else self._node(node.upper, stop, within)
            return Series(body, bound, self._node(node.lower, stop, within), upper)
        if isinstance(node, Limit):
            return Limit(body, bound, self._node(node.toward, stop, within), node.side)
        return Integral(body, bound, self._node(node.lower, stop, within), self._node(node.upper, stop, within))

    def _placed(self, node: At, stop: frozenset[str], within: tuple[str, ...]) -> Node:
        """An expression with a value in place of one of its names."""
        inner = self._node(node.operand, stop | {node.name.label}, within)
        if not holds(inner, node.name.label):
            raise Unresolved(f"`{node.name.label}` does not occur in what is evaluated")
        return with_entries(inner, {node.name: self._node(node.value, stop, within)})

    def definition(self, label: str) -> Definition | None:
        """The definition in force for a name."""
        found = self.chosen.get(label) or next(iter(self.definitions.of(label, self.place)), None)
        if found is not None and found.body is None:
            self.arrays.add(label)
        return found

    def _name(self, node: Name, stop: frozenset[str], within: tuple[str, ...]) -> Node:
        if node.label in stop or node.label in self.held or node.label in within:
            return node
        found = self.definition(node.label)
        if found is None or found.body is None or isinstance(found.body, Listed):
            return node
        if len(found.indices) != len(node.indices):
            return node
        self.used[node.label] = found
        return self._node(self._renamed(found, node.indices), stop, (*within, node.label))

    def _renamed(self, found: Definition, indices: Sequence[Node]) -> Node:
        """A definition's body for other indices."""
        assert found.body is not None
        body = self._fresh_bound(found.body)
        return substituted(body, {}, dict(zip(found.indices, indices, strict=True)))

    def _fresh_bound(self, node: Node) -> Node:
        """The tree with letters of their own for what is summed over, so that none is caught."""
        if isinstance(node, SumOver) and node.index:
            self.renamed += 1
            letter = f"{node.index}{self.renamed}"
            inner = substituted(node.body, {}, {node.index: Name(letter)})
            return replace(node, body=self._fresh_bound(inner), index=letter)
        return mapped(node, self._fresh_bound)

    def _call(self, node: Call, stop: frozenset[str], within: tuple[str, ...]) -> Node:
        arguments = tuple(self._node(each, stop, within) for each in node.arguments)
        label = node.function
        found = None if label in within else self.definition(label)
        if found is not None and found.body is not None:
            return self._defined_call(node, found, arguments, stop, within)
        if label in KNOWN:
            rest = [each for each in arguments if each != Number(Fraction(0))]
            if label == "max" and len(arguments) == 2 and len(rest) == 1:
                return Call("relu", (rest[0],), node.indices)
            return replace(node, arguments=arguments)
        if label in self.customary or label in CUSTOMARY:
            called = Call(CUSTOMARY.get(label, label), arguments, node.indices)
            return normal_distribution(arguments[0]) if label == "Phi" and len(arguments) == 1 else called
        is_factor = label in stop or (label not in FUNCTION_LETTERS and is_letter(label))
        if not is_factor or len(arguments) != 1:
            raise Unresolved("", label, len(arguments))
        return Times(Name(label, node.indices), arguments[0])

    def _power(self, node: Power, stop: frozenset[str], within: tuple[str, ...]) -> Node:
        base, exponent = self._node(node.base, stop, within), self._node(node.exponent, stop, within)
        return self._of_bracket(node.base, base, lambda inner: Power(inner, exponent))

    def _transposed(self, node: Transposed, stop: frozenset[str], within: tuple[str, ...]) -> Node:
        return self._of_bracket(node.operand, self._node(node.operand, stop, within), Transposed)

    def _of_bracket(self, written: Node, found: Node, raised: Callable[[Node], Node]) -> Node:
        """What is raised or transposed; of p(1 - p)^k and a(u - y)^T, where p and a are no functions, the bracket."""
        if isinstance(written, Call) and isinstance(found, Times) and len(written.arguments) == 1:
            known = self.definition(written.function)
            if (known is None or known.parameters is None) and written.function not in KNOWN:
                return Times(found.left, raised(found.right), found.sign)
        return raised(found)

    def _defined_call(
        self, node: Call, found: Definition, arguments: tuple[Node, ...], stop: frozenset[str], within: tuple[str, ...]
    ) -> Node:
        label = node.function
        if any(holds(argument, label) for argument in node.arguments):
            whole = self._name(Name(label, node.indices), stop, within)
            return Times(whole, arguments[0])
        self.used[label] = found
        assert found.body is not None
        if found.parameters is None:
            whole = self._name(Name(label, node.indices), stop, within)
            names = {each.label for each in whole.walk() if isinstance(each, Name)}
            given = [each for each in node.arguments if isinstance(each, Name)]
            if len(given) == len(node.arguments) and (len(given) > 1 or given[0].label in names):
                return whole
            if len(node.arguments) == 1:
                if label in FUNCTION_LETTERS or isinstance(node.arguments[0], Name):
                    raise Unresolved("", label, 1)
                return Times(whole, arguments[0])
            raise Unresolved(f"`{label}` is defined without arguments")
        if len(found.parameters) != len(arguments):
            raise Unresolved(f"`{label}` takes {len(found.parameters)} arguments in its definition")
        body = (
            self._renamed(found, node.indices)
            if len(found.indices) == len(node.indices)
            else self._fresh_bound(found.body)
        )
        inner = self._node(body, stop | set(found.parameters), (*within, label))
        if found.of_entries:
            return with_own_indices(inner, found.arguments, arguments)
        return substituted(inner, dict(zip(found.parameters, arguments, strict=True)), {})

    def _derivative(self, node: Derivative, stop: frozenset[str], within: tuple[str, ...]) -> Node:
        of = node.of if node.of is not None else self._spoken_of(node.by)
        node = replace(node, of=of)
        by = node.by or self._variables(node) * node.order
        labels = frozenset(each.label for each in by if isinstance(each, Name))
        if node.sign == "∇" and len(labels) > 1:
            at = node.at if len(node.at) == len(by) else ()
            partials = (Derivative(of, (each,), "∂", 1, at) for each in by)
            return Listed(tuple(self._derivative(each, stop | labels, within) for each in partials))
        if len(labels) == 0 or any(not isinstance(each, Name) for each in by):
            raise Unresolved("what is differentiated by is no variable")
        inner = self._operand(of, by, stop | labels, within)
        check_depends(inner, labels, of)
        given = values_of_variables(node, by, self._parameters_in_order(node.of))
        where = [(label, self._node(value, stop, within)) for label, value in given]
        placed = {label for label, _ in where}
        for label in sorted((labels | self._parameters(of)) - stop - placed):
            if not holds(inner, label):
                continue
            value = self._name(Name(label), stop, within)
            if value != Name(label) and not isinstance(value, Number):
                where.append((label, value))
        return Derivative(inner, by, node.sign, 1, (), tuple(where))

    def _parameters(self, of: Node) -> frozenset[str]:
        """The parameters of the function whose bare name is differentiated."""
        found = self.definition(of.label) if isinstance(of, Name) else None
        return frozenset(found.parameters or ()) if found is not None and found.body is not None else frozenset()

    def _parameters_in_order(self, of: Node | None) -> tuple[str, ...]:
        found = self.definition(of.label) if isinstance(of, Name) else None
        return (found.parameters if found else None) or ()

    def _operand(self, of: Node, by: tuple[Node, ...], stop: frozenset[str], within: tuple[str, ...]) -> Node:
        """What is differentiated; the bare name of a function stands for it at its own variables."""
        if isinstance(of, Name) and not of.indices:
            found = self.definition(of.label)
            if found is not None and found.body is not None and found.parameters and len(by) >= 1:
                self.used[of.label] = found
                body = self._node(self._fresh_bound(found.body), stop | set(found.parameters), (*within, of.label))
                return self._at_variable(body, found.parameters, by)
            if found is None and (of.label in KNOWN or of.label in CUSTOMARY):
                return Call(CUSTOMARY.get(of.label, of.label), (by[0],))
            if found is None and of.label not in stop:
                raise Unresolved("", of.label, 1)
        return self._node(of, stop, within)

    def _at_variable(self, body: Node, parameters: tuple[str, ...], by: tuple[Node, ...]) -> Node:
        """dσ/dz for σ(x): the parameter is called as the statement calls it."""
        if len(parameters) == 1 and isinstance(by[0], Name) and not holds(body, by[0].label):
            return substituted(body, {parameters[0]: by[0]}, {})
        return body

    def _spoken_of(self, by: tuple[Node, ...]) -> Node:
        """The function that "the gradient" is of: the loss, or the nearest one that depends on the variable."""
        labels = {each.label for each in by if isinstance(each, Name)}
        for found in self.definitions.before(self.place):
            if found.label in LOSSES and found.body is not None:
                try:
                    whole = self._node(found.body, frozenset(labels), (found.label,))
                except Unresolved:
                    continue
                if not labels or any(holds(whole, label) for label in labels):
                    return Name(found.label)
        raise Unresolved("it is not said what the gradient is of")

    def _variables(self, node: Derivative) -> tuple[Node, ...]:
        """What a prime or a bare nabla differentiates by: the parameters, or the only variable."""
        of = node.of
        if isinstance(of, Name | Call):
            label = of.label if isinstance(of, Name) else of.function
            found = self.definition(label)
            if found is not None and found.parameters:
                return tuple(Name(each) for each in found.parameters)
            if isinstance(of, Call) and all(isinstance(each, Name) for each in of.arguments):
                return of.arguments
            if found is None and (label in KNOWN or label in CUSTOMARY):
                return (Name("x"),)
        assert of is not None
        whole = self._node(of, frozenset(), ())
        if isinstance(of, Name) and isinstance(whole, Name):
            raise Unresolved("", of.label, 1)
        indices = index_names([whole])
        free = {each.label for each in whole.walk() if isinstance(each, Name)} - set(CONSTANT_NAMES) - indices
        if len(free) != 1:
            raise Unresolved("it is not said by which variable the derivative is taken")
        return (Name(free.pop()),)
