"""A claim: one statement of an article, the data that it states, and the judge that decides.

Whatever an article says in numbers or expressions stands in the claim's `data`; the judge reads it from there and
from nowhere else. Another number in the data therefore means another verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gradcheck.results import Diagnosis, Evidence, Figure, Status

Data = Mapping[str, object]


@dataclass(frozen=True)
class Judgement:
    """What a judge decided about a claim's data, and why.

    >>> Judgement("confirmed", actual="0.25", rule="equal to the last digit stated").status
    'confirmed'
    """

    status: Status
    actual: str
    rule: str
    diagnosis: Diagnosis | None = None
    evidence: tuple[Evidence, ...] = ()
    suggestion: str = ""
    figures: tuple[Figure, ...] = ()


@dataclass(frozen=True)
class Claim:
    """One statement of one article.

    `path` is the article's file name, `line` and `end_line` count from 1 in its text. `statement` is in our own
    words, `stated` is the value or rule that is judged, `math` is LaTeX without delimiters or empty.
    `reproduce` is a shell line that computes the actual value again; without one, the report is asked for this claim.

    >>> claim = Claim("X1", "x.txt", 1, 1, "one is one", "1", {}, lambda data: Judgement("confirmed", "1", "equality"))
    >>> claim.command
    'gradcheck report --only X1'
    """

    id: str
    path: str
    line: int
    end_line: int
    statement: str
    stated: str
    data: Data
    judge: Callable[[Data], Judgement]
    math: str = ""
    reproduce: str = ""

    @property
    def command(self) -> str:
        """The shell line that recomputes the claim."""
        return self.reproduce or f"gradcheck report --only {self.id}"
