"""The published table of what is recognised of the catalogue: `python -m tests.symbolic.recognition.table`."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from tabulate import tabulate
from tqdm import tqdm

from gradcheck import catalogue
from gradcheck.rendering.files import write_atomically
from gradcheck.symbolic.formula import Formula
from gradcheck.symbolic.graphs.refusals import NotTraceable
from gradcheck.symbolic.recognition.recognition import recognised
from tests.symbolic.recognition.counterparts import counterpart

PUBLISHED = Path("reports/published/recognised.md")
AS_ITSELF, AS_ANOTHER, NOT_RECOGNISED, NOT_TRACED = "as itself", "as an equal one", "not recognised", "not traced"


@dataclass(frozen=True)
class Row:
    """What became of one formula: one of the four outcomes, and what was said, or why nothing."""

    formula: str
    outcome: str
    said: str


def row(formula: Formula) -> Row:
    """The formula's counterpart, traced and recognised."""
    try:
        traced = counterpart(formula)
    except NotTraceable as error:
        return Row(formula.name, NOT_TRACED, error.problem)
    except RuntimeError as error:
        return Row(formula.name, NOT_TRACED, f"{type(error).__name__}: {error}")
    found = recognised(traced)
    if found is None:
        return Row(formula.name, NOT_RECOGNISED, "")
    return Row(formula.name, AS_ITSELF if found.formula is formula else AS_ANOTHER, found.sentence)


def rows() -> Iterator[Row]:
    """A row for each formula of the catalogue."""
    formulas = [each for each in catalogue.formulas() if isinstance(each, Formula)]
    return map(row, tqdm(formulas))


def document(found: Iterable[Row]) -> str:
    """The whole page."""
    listed = list(found)
    counts = Counter(each.outcome for each in listed)
    reached = counts[AS_ITSELF] + counts[AS_ANOTHER]
    outcomes = [(outcome, counts[outcome]) for outcome in (AS_ITSELF, AS_ANOTHER, NOT_RECOGNISED, NOT_TRACED)]
    opening = (
        f"The torch function of each of the catalogue's {len(listed)} formulas was traced back into a formula, and "
        f"that was looked up in the catalogue: {reached} of them ({reached / len(listed):.0%}) were recognised; "
        f"PyTorch {torch.__version__.split('+')[0]}; made by `make recognised`."
    )
    parts = [
        "# Formulas recognised in torch code",
        opening,
        tabulate(outcomes, headers=("recognised", "formulas"), tablefmt="github"),
        "## Every formula",
        tabulate(
            [_cells(each) for each in listed], headers=("formula", "recognised", "what is said"), tablefmt="github"
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _cells(found: Row) -> tuple[str, ...]:
    said = " ".join(found.said.split()).replace("|", "\\|")
    return f"`{found.formula}`", found.outcome, said


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    write_atomically(PUBLISHED, document(rows()))
