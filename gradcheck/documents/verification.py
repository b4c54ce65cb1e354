"""One document verified: run, and every statement in it judged, none able to take the others down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from gradcheck.articles.claims import Judgement
from gradcheck.articles.judge import one_line
from gradcheck.computed import Computed
from gradcheck.documents.document import Document, Problem
from gradcheck.documents.formulas.judged import judged_formulas
from gradcheck.documents.gradients.judged import judged_gradients
from gradcheck.documents.judged import Judged
from gradcheck.documents.listings import judged_listings
from gradcheck.documents.pragmas import obeyed
from gradcheck.documents.records import Run, Runs
from gradcheck.documents.sandbox.runnable import runnable
from gradcheck.documents.sandbox.sandbox import Sandbox
from gradcheck.documents.values.judged import judged_values

KINDS = ("values", "formulas", "gradients", "listings")
"""What is looked for in a document."""

_DECISIVE = ("refuted", "confirmed", "not reproducible", "error", "not checkable")
"""Where two finders judge the same text, the first of these that one of them reached stands."""

Finder = Callable[[], Iterable[Judged]]


@dataclass(frozen=True)
class Verification:
    """What was found in one document: its path as shown, and its statements in reading order, judged.

    `unreadable` says why the document could not be read; empty where it could. `sandbox` says how its code was kept
    apart from the rest of the machine; empty where none ran. `computed` says what the functions of tensors compute that
    its code defines and calls, where that was asked for.
    """

    path: str
    judged: tuple[Judged, ...]
    unreadable: str = ""
    sandbox: str = ""
    computed: tuple[Computed, ...] = ()


def verify_document(
    document: Document, sandbox: Sandbox | None, kinds: Collection[str] = KINDS, computes: bool = False
) -> Verification:
    """Judges every statement of the document; without a sandbox its code is not run, and much cannot be checked.

    With `computes`, it is told too what the functions of tensors compute that the code defines and calls.
    """
    runs = _runs(document, sandbox, kinds, computes) if sandbox else None
    finders: dict[str, Finder] = {
        "values": lambda: judged_values(document, runs),
        "formulas": lambda: judged_formulas(document),
        "gradients": lambda: judged_gradients(document, sandbox, runs),
        "listings": lambda: judged_listings(document, runs),
    }
    found = {kind: _guarded(kind, finders[kind]) for kind in KINDS if kind in kinds}
    problems = [_problem(problem) for problem in document.problems]
    distinct = _distinct(found, _of_several_cells(document))
    kept = obeyed(distinct, document.pragmas, complete=set(KINDS) <= set(kinds))
    judged = (*problems, *sorted(kept, key=lambda each: each.line))
    computed = tuple(replace(each, path=document.path) for each in runs.first.computed) if runs else ()
    return Verification(document.path, judged, "", _kept_apart(runs.first) if runs else "", computed)


def unreadable(path: str, reason: str) -> Verification:
    """A document that could not be read, as one statement whose status is `error`.

    >>> unreadable("a.md", "it is a binary file").judged[0].judgement.rule
    'it is a binary file'
    """
    judged = Judged(0, 0, "the document can be read", "", Judgement("error", "", reason))
    return Verification(path, (judged,), reason)


def _runs(document: Document, sandbox: Sandbox, kinds: Collection[str], computes: bool) -> Runs | None:
    """The document's code run twice, and a third time where what the two agree on is not what is stated.

    Of code that takes longer than it may, the blocks run again that came to their end.
    """
    blocks, unrunnable = runnable(document)
    if not blocks:
        return Runs(Run((), unrunnable)) if unrunnable else None
    first = sandbox.run(blocks, computes=computes)
    first = replace(first, failures=(*unrunnable, *first.failures))
    late = [failure.block for failure in first.failures if failure.kind == "time"]
    if late:
        ended = [block for block in blocks if block.number < min(late)]
        again = sandbox.run(ended, reseeded=True) if ended else Run(())
        return Runs(first, reseeded=again, once=frozenset(block.number for block in blocks) - again.outputs.keys())
    runs = Runs(first, reseeded=sandbox.run(blocks, reseeded=True))
    if "values" in kinds and any(each.judgement.status == "refuted" for each in judged_values(document, runs)):
        return replace(runs, repeated=sandbox.run(blocks, hash_seed=1))
    return runs


def _kept_apart(run: Run) -> str:
    """How the code of a run was kept apart, in words; empty where none ran."""
    if not run.records and not run.outputs:
        return ""
    network = "no network" if run.network_off else "network refused to Python's sockets only"
    return f"{network}, {'writing in its own folder only' if run.confined else 'writing not confined'}"


def _guarded(kind: str, finder: Finder) -> list[Judged]:
    found: list[Judged] = []
    try:
        found.extend(finder())
    except Exception as error:
        rule = f"looking for {kind} stopped: {one_line(error)}"
        found.append(Judged(0, 0, f"the document's {kind} can be checked", "", Judgement("error", "", rule)))
    return found


def _problem(problem: Problem) -> Judged:
    judgement = Judgement("not checkable", actual="", rule=problem.text)
    return Judged(problem.line, problem.line, "the document can be read whole", "", judgement)


def _of_several_cells(document: Document) -> frozenset[int]:
    """The lines of the file that more than one of a notebook's cells is written on."""
    cells = {(line, passage.cell) for passage in document.passages for line in passage.lines}
    return frozenset(line for line, met in Counter(line for line, _ in cells).items() if met > 1)


def _distinct(found: Mapping[str, Sequence[Judged]], shared: Container[int]) -> list[Judged]:
    """The statements without those that two kinds of finders met in the same text on the same line.

    What one finder meets twice is stated twice. On a line `shared` by cells, the statements of two finders are the
    same only where both met as many of them.
    """
    texts = {kind: [(each.line, each.stated or each.statement) for each in judged] for kind, judged in found.items()}
    counts = {kind: Counter(places) for kind, places in texts.items()}
    best: dict[tuple[object, ...], Judged] = {}
    for kind, judged in found.items():
        met: Counter[tuple[int, str]] = Counter()
        for each, text in zip(judged, texts[kind], strict=True):
            place = (*text, met[text], counts[kind][text] if text[0] in shared else 0)
            met[text] += 1
            if place not in best or _rank(each) < _rank(best[place]):
                best[place] = each
    return list(best.values())


def _rank(judged: Judged) -> int:
    return _DECISIVE.index(judged.judgement.status)
