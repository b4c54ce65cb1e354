"""The published tables of a run over the operator database: `python -m tests.opdb.table`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import torch
from tabulate import tabulate

from tests.opdb.__main__ import PLANTED, RESULTS
from tests.opdb.reasons import REASONS, UNDECIDED

Record = dict[str, Any]
PUBLISHED = Path("reports/published/opdb.md")
NOT_LOOKED_INTO = "not looked into"

MEANING = {
    "CORRECT": "the gradient agrees with what was measured",
    "NOTHING": "no output entry or input entry to differentiate by (zero-size samples), or integers only",
    "WRONG": "told below, one by one",
    "INCONCLUSIVE": "the error bar is too wide to tell; told below",
    "RAISED": "the operator raises a few steps beside the point, or takes sparse tensors",
    "REFUSED": "inputs or outputs are nan or infinite at the point",
    "CRASHED": "the process ended",
}


def load(path: Path) -> list[Record]:
    """The records of a file of JSON lines, in the order of operators and samples."""
    lines = map(json.loads, path.read_text().splitlines()) if path.exists() else ()
    return sorted(lines, key=lambda line: (line["operator"], line["sample"]))


def document(checked: list[Record], planted: list[Record]) -> str:
    """The whole page."""
    operators = len({line["operator"] for line in checked})
    opening = (
        f"`check_gradients` on {len(checked)} float64 samples of {operators} differentiable operators, PyTorch "
        f"{torch.__version__.split('+')[0]}, on a CPU with one thread; made by `make opdb`."
    )
    parts = [
        "# PyTorch's operator database",
        opening,
        "## Verdicts",
        _table(("verdict", "samples", "share", "meaning"), _verdicts(checked)),
        "## Every WRONG",
        _table(
            ("operator", "wrong", "of", "torch's fast mode passes", "reason"), _by_operator(checked, "WRONG", REASONS)
        ),
        "## Every INCONCLUSIVE",
        _table(
            ("operator", "undecided", "of", "torch's fast mode passes", "reason"),
            _by_operator(checked, "INCONCLUSIVE", UNDECIDED),
        ),
        "## Time",
        _time(checked),
        "## Planted faults",
        _planting(planted),
        _table(("fault", "planted", "caught", "caught, with the right kind", "other kinds"), _plants(planted)),
        *_missed(planted),
    ]
    return "\n\n".join(parts) + "\n"


def _table(headers: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    return tabulate([list(row) for row in rows], list(headers), tablefmt="github", disable_numparse=True)


def _verdicts(checked: list[Record]) -> Iterator[tuple[Any, ...]]:
    counts = Counter(line["verdict"] for line in checked)
    for verdict, count in counts.most_common():
        yield verdict, count, f"{100 * count / len(checked):.2f} %", MEANING[verdict]


def _by_operator(checked: list[Record], verdict: str, reasons: Any) -> Iterator[tuple[Any, ...]]:
    of = Counter(line["operator"] for line in checked)
    found = Counter(line["operator"] for line in checked if line["verdict"] == verdict)
    passed = Counter(
        line["operator"] for line in checked if line["verdict"] == verdict and line.get("torch") == "passed"
    )
    for operator, count in sorted(found.items(), key=lambda item: (-item[1], item[0])):
        yield operator, count, of[operator], passed[operator], reasons.get(operator, NOT_LOOKED_INTO)


def _time(checked: list[Record]) -> str:
    both = [line for line in checked if "seconds" in line and line.get("torch") == "passed"]
    ours, theirs = (sum(line[key] for line in both) for key in ("seconds", "torch_seconds"))
    faster = sum(line["seconds"] < line["torch_seconds"] for line in both)
    return (
        f"On the {len(both)} samples that torch's fast mode passes, one after the other in the same process: ours "
        f"{ours:.0f} s, torch's {theirs:.0f} s, a ratio of {ours / theirs:.1f}; ours is the faster one on {faster}. "
        "Samples are tiny, so this is the cost of Python around the operator; most of ours take 5 evaluations and one "
        "backward pass."
    )


def _planting(planted: list[Record]) -> str:
    samples = [line for line in planted if line.get("plants")]
    return (
        f"Faults were planted in {len(samples)} samples of {len({line['operator'] for line in samples})} operators: "
        "those among the samples run that are CORRECT without a fault, well-conditioned, and have a gradient other "
        "than 0. A factor is planted where it stands out of the operator's own precision. The whole database was not "
        "run with faults. The right kind is `factor` for a scaled gradient; for the other two a "
        "place (`single_entry`, `row`, `column`, `block`), and `zero` or `sign` where no other entry has a gradient."
    )


def _plants(planted: list[Record]) -> Iterator[tuple[Any, ...]]:
    every = [plant for line in planted for plant in line.get("plants", ())]
    for name in dict.fromkeys(plant["plant"] for plant in every):
        chosen = [plant for plant in every if plant["plant"] == name]
        caught = [plant for plant in chosen if plant["verdict"] == "WRONG"]
        named = [plant for plant in caught if plant["named"]]
        others = Counter(plant["kind"] for plant in caught if not plant["named"])
        yield (
            name,
            len(chosen),
            f"{len(caught)} ({100 * len(caught) / len(chosen):.2f} %)",
            f"{len(named)} ({100 * len(named) / len(chosen):.2f} %)",
            ", ".join(f"{kind} {count}" for kind, count in others.most_common()),
        )


def _missed(planted: list[Record]) -> Iterator[str]:
    rows = [
        (line["operator"], line["sample"], plant["plant"], plant["verdict"])
        for line in planted
        for plant in line.get("plants", ())
        if plant["verdict"] != "WRONG"
    ]
    if rows:
        yield "Not caught:"
        yield _table(("operator", "sample", "fault", "verdict"), rows)


if __name__ == "__main__":
    PUBLISHED.write_text(document(load(RESULTS), load(PLANTED)))
