"""One statement of a document with its judgement: what every finder yields, whatever it looks for."""

from __future__ import annotations

from dataclasses import dataclass

from gradcheck.articles.claims import Judgement


@dataclass(frozen=True)
class Judged:
    """A statement found on `line` to `end_line` of the file, and what was decided about it.

    `statement` says in our words what is claimed ("`print(w.grad)` prints"), `stated` is the document's own text of the
    value, formula or code, letter for letter. `replacement` is what should stand in its place, where that is known
    for sure; `math` is LaTeX without delimiters, or empty.
    """

    line: int
    end_line: int
    statement: str
    stated: str
    judgement: Judgement
    replacement: str = ""
    math: str = ""
