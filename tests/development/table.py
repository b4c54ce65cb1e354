"""The published page: claims found in each set, how they were decided, why not, and every refuted one looked at."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tabulate import tabulate

from gradcheck.documents.pragmas import LISTING
from gradcheck.rendering.markdown import cell
from gradcheck.results import ClaimResult, Report

LOOKED_AT = Path(__file__).parent / "looked_at.toml"
"""What a person found who looked at a refuted claim, by set, path and stated text."""

SEEN = Path(__file__).parent / "seen.toml"
"""The lines on which a person sees a stated value, by set and path."""

SEEN_LATER = Path(__file__).parent / "seen_later.toml"
"""The same of documents that nothing was mended on."""

FOUND_AT_FIRST = Path(__file__).parent / "found_at_first.toml"
"""How many of the lines of `SEEN` were found before anything was mended on a document, where that was measured."""

COUNTED = ("confirmed", "refuted", "not reproducible", "not checkable", "error")
MOST_REASONS = 15
SEEN_HEADERS = ("set", "document", "seen", "found at first", "found", "missed on lines")

HOW_SEEN = (
    "The lines were listed by reading the documents, before the findings on them were looked at; two line numbers that "
    "had been copied wrongly were corrected afterwards. What was missed at first was then mended in general, and the "
    "share was measured again on the same documents: on others it is lower. `found at first` says how many lines were "
    "found before anything was mended on a document, where that was measured. A line counts as found where a claim "
    "stands on it, whatever became of the claim."
)

HELD_OUT = (
    "On documents that nothing was mended on. Some of the forms that were mended stand in these documents too, such as "
    "assertions and outputs called so in Korean; `found at first` is what was found before that, empty where a "
    "document was listed later."
)


def page(sets: Mapping[str, Report]) -> str:
    """The page in Markdown."""
    opening = (
        "What `gradcheck verify` says of documents that nobody prepared for it, made by `python -m tests.development`. "
        "The documents themselves are other people's and are not part of this repository."
    )
    parts = [
        "# Documents nobody prepared",
        opening,
        "## Claims",
        _table(("set", "documents", "claims", *COUNTED, "listings that do not run"), _counts(sets)),
        "## Why claims are not checkable",
        _table(("set", "claims", "reason"), _reasons(sets)),
        "## Stated values that a person sees",
        HOW_SEEN,
        _table(SEEN_HEADERS, _seen(sets, SEEN)),
        HELD_OUT,
        _table(SEEN_HEADERS, _seen(sets, SEEN_LATER)),
        "## Every refuted claim",
        _table(("set", "place", "stated", "actual", "what a person who looked says"), _refuted(sets)),
    ]
    return "\n\n".join(parts) + "\n"


def _table(headers: Iterable[str], rows: Iterable[Iterable[Any]]) -> str:
    return tabulate([list(row) for row in rows], list(headers), tablefmt="github", disable_numparse=True)


def _counts(sets: Mapping[str, Report]) -> Iterator[tuple[Any, ...]]:
    for name, report in sets.items():
        stated = [claim for claim in report.claims if claim.statement != LISTING]
        amounts: Counter[str] = Counter(claim.status for claim in stated)
        silent = len(report.claims) - len(stated)
        yield name, len(report.documents), len(stated), *(amounts[status] for status in COUNTED), silent


def _reasons(sets: Mapping[str, Report]) -> Iterator[tuple[Any, ...]]:
    for name, report in sets.items():
        reasons = Counter(_reason(claim) for claim in report.claims if claim.status == "not checkable")
        for reason, amount in reasons.most_common(MOST_REASONS):
            yield name, amount, cell(reason)
        rest = sum(amount for _, amount in reasons.most_common()[MOST_REASONS:])
        if rest:
            yield name, rest, "others"


def _reason(claim: ClaimResult) -> str:
    """The rule without what is particular to one document: names, numbers, quoted text."""
    first = claim.rule.splitlines()[0] if claim.rule else ""
    return re.sub(r"`[^`]*`|'[^']*'|\d+", "…", first)[:100]


def _seen(sets: Mapping[str, Report], listed: Path) -> Iterator[tuple[Any, ...]]:
    first = tomllib.loads(FOUND_AT_FIRST.read_text(encoding="utf-8"))
    total = everywhere = at_first = of_first = 0
    for name, documents in tomllib.loads(listed.read_text(encoding="utf-8")).items():
        if name not in sets:
            continue
        for path, lines in documents.items():
            claims = [each for each in sets[name].claims if each.path == path and each.statement != LISTING]
            missed = [line for line in lines if not any(each.line <= line <= each.end_line for each in claims)]
            total, everywhere = total + len(lines) - len(missed), everywhere + len(lines)
            known = first.get(name, {}).get(path)
            if known is not None:
                at_first, of_first = at_first + known, of_first + len(lines)
            found = len(lines) - len(missed)
            yield name, path, len(lines), "" if known is None else known, found, ", ".join(map(str, missed))
    if everywhere:
        before = f"{at_first} of {of_first} ({at_first / of_first:.0%})" if of_first else ""
        yield "all", "", everywhere, before, f"{total} ({total / everywhere:.0%})", ""


def listed(name: str) -> list[str]:
    """The documents of a set whose lines a person listed: scripts among them are read where they are named."""
    found = (tomllib.loads(path.read_text(encoding="utf-8")) for path in (SEEN, SEEN_LATER))
    return [document for each in found for document in each.get(name, {})]


def _refuted(sets: Mapping[str, Report]) -> Iterator[tuple[str, ...]]:
    looked_at = tomllib.loads(LOOKED_AT.read_text(encoding="utf-8"))
    for name, report in sets.items():
        for claim in report.claims:
            if claim.status == "refuted":
                remark = looked_at.get(name, {}).get(f"{claim.path}:{claim.stated}", "not looked at")
                place = f"{claim.path}:{claim.line}"
                yield name, cell(place), cell(claim.stated[:80]), cell(claim.actual[:80]), cell(remark)
