"""The published tables of a traced operator database: `python -m tests.traced.table`."""

from __future__ import annotations

import argparse
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from tabulate import tabulate

from tests.opdb.table import load
from tests.traced.__main__ import RESULTS
from tests.traced.checks import SECONDS
from tests.traced.reasons import REASONS

Record = dict[str, Any]
PUBLISHED = Path("reports/published/traced.md")

MEANING = {
    "right": "values agree at the example and at other sizes, every derivative with autograd's",
    "refused": "no formula; the reasons are told below",
    "late": f"no formula within {SECONDS} s of the processor, on the machine that made this page",
    "raised": "the formula cannot be built: a fault of the tracing",
    "wrong": "a derivative differs from autograd's, and finite differences do not hold with the formula",
    "autograd": "a derivative differs from autograd's, and finite differences hold with the formula; told below",
    "kink": "a derivative differs from autograd's where there is none: the slopes of the two sides differ; told below",
    "nothing": "no entry to derive by, or sparse tensors",
    "ended": "the process ended",
}
OUTCOMES = tuple(MEANING)


FAILING = ("wrong", "raised", "ended")
DIFFERING = ("wrong", "autograd", "kink")


def document(lines: list[Record]) -> str:
    """The whole page."""
    by_operator = _by_operator(lines)
    accepted = [name for name, counts in by_operator.items() if counts["right"] and not _failing(counts)]
    whole = [name for name in accepted if not by_operator[name]["refused"] + by_operator[name]["late"]]
    opening = (
        f"{len(lines)} float64 samples of {len(by_operator)} differentiable operators, PyTorch "
        f"{torch.__version__.split('+')[0]}: the first {_most(by_operator)} of each operator, or all where it has "
        "fewer, which is what a row of the last table stands for. Each is traced to a formula, which has to give the "
        "function's values, and whose derivatives are held against autograd's to 1e-9 of the largest entry (of "
        "outputs in lower precision, to that precision); made by `make traced`."
    )
    counted = (
        f"{len(accepted)} operators become formulas that are right at every sample they accept, {len(whole)} of them "
        "accept every sample with something to derive."
    )
    parts = [
        "# PyTorch's operator database as formulas",
        opening,
        counted,
        "## Samples",
        _table(("outcome", "samples", "share", "meaning"), _outcomes(lines)),
        "## Every derivative that differs from autograd's",
        _table(("operator", "differ", "of", "outcome", "reason"), _differing(by_operator)),
        "## What is refused",
        _table(("reason", "samples", "operators"), _refusals(lines)),
        "## Every operator",
        _table(("operator", *OUTCOMES), _operators(by_operator)),
    ]
    return "\n\n".join(parts) + "\n"


def _by_operator(lines: Iterable[Record]) -> Mapping[str, Counter[str]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for line in lines:
        found[line["operator"]][line["verdict"]] += 1
    return dict(sorted(found.items()))


def _most(by_operator: Mapping[str, Counter[str]]) -> int:
    """The largest number of samples of an operator."""
    return max((counts.total() for counts in by_operator.values()), default=0)


def _failing(counts: Counter[str]) -> int:
    return sum(counts[outcome] for outcome in FAILING)


def _table(headers: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    return tabulate([list(row) for row in rows], list(headers), tablefmt="github", disable_numparse=True)


def _outcomes(lines: list[Record]) -> Iterator[tuple[Any, ...]]:
    counts = Counter(line["verdict"] for line in lines)
    for outcome in OUTCOMES:
        if counts[outcome]:
            yield outcome, counts[outcome], f"{100 * counts[outcome] / len(lines):.2f} %", MEANING[outcome]


def _differing(by_operator: Mapping[str, Counter[str]]) -> Iterator[tuple[Any, ...]]:
    for outcome in DIFFERING:
        for name, counts in by_operator.items():
            if counts[outcome]:
                yield name, counts[outcome], counts.total(), outcome, REASONS.get(name, "not looked into")


_OF_SIZES = re.compile(r" at sizes .*")


def _refusals(lines: list[Record]) -> Iterator[tuple[Any, ...]]:
    """The reasons, the most frequent first, with the operators whose samples they refuse."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        if line["verdict"] == "refused":
            found[_OF_SIZES.sub(" at other sizes", line["text"]).replace("|", "/")].append(line["operator"])
    for reason, operators in sorted(found.items(), key=lambda each: (-len(each[1]), each[0])):
        yield reason, len(operators), ", ".join(sorted(set(operators)))


def _operators(by_operator: Mapping[str, Counter[str]]) -> Iterator[tuple[Any, ...]]:
    for name, counts in by_operator.items():
        yield name, *(counts[outcome] or "" for outcome in OUTCOMES)


def main() -> None:
    """Write the page of a run."""
    parser = argparse.ArgumentParser(prog="python -m tests.traced.table", description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS, help="file of JSON lines")
    parser.add_argument("--output", type=Path, default=PUBLISHED, help="the page to write")
    options = parser.parse_args()
    options.output.write_text(document(load(options.results)))


if __name__ == "__main__":
    main()
