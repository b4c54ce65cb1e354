"""Sides held equal, one after the other, over the lines of an aligned display too."""

from __future__ import annotations

from abc import abstractmethod

from gradcheck.documents.formulas.brackets import BracketReader
from gradcheck.documents.formulas.reading import NotAFormula
from gradcheck.documents.formulas.tree import Equation, Side

EQUALS = frozenset(("=", ":=", "=="))


class EquationReader(BracketReader):
    """Reads equations."""

    @abstractmethod
    def side(self) -> Side:
        """One side of an equation."""

    def equation(self) -> Equation:
        """Sides held equal, as far as they can be read; at least two."""
        self.accept("&")
        sides, relations = [self.side()], []
        self._aligned_continuation()
        self.left, self.left_end = None, self.place
        if self._relation_follows():
            self.left = sides[0]
        while self._relation_follows():
            back = self.place
            self._pass_marks()
            relation = self.take().text
            try:
                self._pass_marks()
                sides.append(self.side())
                relations.append(relation)
            except NotAFormula:
                self.place = back
                break
            self._aligned_continuation()
        if len(sides) < 2:
            raise self.stop("there is no second side")
        return Equation(tuple(sides), tuple(relations), self.unclear)

    def _relation_follows(self) -> bool:
        """Whether an equals sign is next, perhaps behind the marks of an aligned display."""
        ahead = 0
        while self.at("&", ahead=ahead):
            ahead += 1
        return self.at(*EQUALS, "≈", ahead=ahead)

    def _pass_marks(self) -> None:
        while self.accept("&"):
            pass

    def _aligned_continuation(self) -> None:
        """A line break of an aligned display in front of the next equals sign."""
        ahead = 0
        while self.at("\\\\", "&", ahead=ahead):
            ahead += 1
        if ahead and self.at(*EQUALS, ahead=ahead):
            self.place += ahead
