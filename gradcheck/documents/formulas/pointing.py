"""Statements that only point at a function: "it approaches 0" is said of the one last defined."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from gradcheck.documents.formulas.definitions import Definition, Definitions
from gradcheck.documents.formulas.spoken_values import NEAREST
from gradcheck.documents.formulas.statements import Statement
from gradcheck.documents.formulas.tree import Call, Node, mapped


@dataclass(frozen=True)
class Pointing:
    """A statement among a document's definitions."""

    definitions: Definitions
    statement: Statement

    @cached_property
    def _function(self) -> Definition | None:
        """The function last defined with as many arguments, or with a vector in their place."""
        counts = {len(each.arguments) for each in self._calls}
        above = self.definitions.before(self.statement.place)
        fitting = (each for each in above if each.body and each.parameters and self._takes(each, counts))
        return next(fitting, None)

    def _takes(self, found: Definition, counts: set[int]) -> bool:
        """Whether a function takes so many numbers: as its arguments, or as the entries of one that is a vector."""
        return len(found.parameters or ()) in counts or (len(found.arguments) == 1 and found.arguments[0].bold)

    @property
    def _calls(self) -> list[Call]:
        nodes = (each for side in self.statement.equation.sides for each in side.node.walk())
        return [each for each in nodes if isinstance(each, Call) and each.function == NEAREST]

    @property
    def misses(self) -> bool:
        """Whether it points at a function and there is none."""
        return bool(self._calls) and self._function is None

    def named(self) -> Statement:
        """The statement with the name of the function that it points at."""
        found = self._function if self._calls else None
        if found is None:
            return self.statement

        def put(node: Node) -> Node:
            inner = mapped(node, put)
            return (
                replace(inner, function=found.label) if isinstance(inner, Call) and inner.function == NEAREST else inner
            )

        equation = self.statement.equation
        sides = tuple(replace(side, node=put(side.node)) for side in equation.sides)
        return replace(self.statement, equation=replace(equation, sides=sides))
