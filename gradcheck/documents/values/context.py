"""What every statement of a document is judged against: its runs, and how its names hang together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import metadata

from gradcheck.articles.claims import Judgement
from gradcheck.documents.document import Document, Passage
from gradcheck.documents.records import Failure, Runs
from gradcheck.documents.values.code import Code, code_blocks
from gradcheck.documents.values.comments import Statement
from gradcheck.documents.values.lineage import Lineage, Place, lineage, names_in, on_machine
from gradcheck.documents.values.moments import records_by_place, what_changes
from gradcheck.results import Evidence

_DEVICE = re.compile(r"(?:device\(type=)?'?(?:cpu|cuda|mps|xpu)(?::\d+)?'?(?:, index=\d+)?\)?")
"""What a device is called: code chooses the one that it finds."""

_SEEDS = re.compile(r"\b(?:manual_seed|seed|RandomState|default_rng)\(\w")


ONCE = "it ran only once, and may give something else another time: the code takes too long"
NOT_REACHED = "the code ran without reaching it"


@dataclass(frozen=True)
class Context:
    """A document with its runs, if it was run."""

    document: Document
    runs: Runs | None

    @cached_property
    def blocks(self) -> tuple[Code, ...]:
        """The document's Python."""
        return tuple(code_blocks(self.document))

    @cached_property
    def lineage(self) -> Lineage:
        """How the names of the document depend on each other."""
        return lineage(self.blocks)

    @cached_property
    def varying(self) -> tuple[tuple[frozenset[str], Place], ...]:
        """The names that were assigned or changed to something else in the reseeded run, and where."""
        if self.runs is None or self.runs.reseeded is None:
            return ()
        first, other = (records_by_place(run) for run in (self.runs.first, self.runs.reseeded))
        return tuple(
            (frozenset().union(*map(names_in, place.sources)), (place.block, place.line))
            for place, values in first.items()
            if place.how != "print" and other.get(place) != values
        )

    @property
    def failures(self) -> tuple[Failure, ...]:
        """What did not run."""
        return self.runs.first.failures if self.runs else ()

    @cached_property
    def seeded(self) -> bool:
        """Whether the document seeds a generator of random numbers."""
        return any(
            re.search(r"\b(?:manual_seed|seed|RandomState|default_rng)\(\w", code.source) for code in self.blocks
        )

    def not_reached(self, block: int, line: int) -> str:
        """Why a statement at a place of the document was not run, in words."""
        if self.runs is None:
            return "the code was not run"
        here = [each for each in self.failures if each.block == block and each.line <= max(line, each.end_line)]
        before = [each for each in here if each.line <= line] or here
        first = min(before, key=lambda each: (each.kind == "skipped", each.line), default=None)
        ends = [each for each in self.failures if each.kind in {"time", "memory", "output", "exited", "refused"}]
        if first and (first.kind != "skipped" or not ends):
            return f"it was not reached: line {first.line}: {first.text}"
        if ends:
            return f"the run ended before: line {ends[0].line}: {ends[0].text}"
        return NOT_REACHED

    def in_doubt(self, names: frozenset[str], place: Place) -> str:
        """Which failed code the names hang together with, in words; empty where none.

        What ran only once is in doubt too.
        """
        if self.runs and place[0] in self.runs.once:
            return ONCE
        kin = self.lineage.kin(names, place)
        for each in self.failures:
            first, last = (each.block, each.line), (each.block, each.end_line)
            if each.names and first <= place and kin.meets(each.names, first, last):
                return f"it depends on code that did not run: line {each.line}: {each.text}"
        return ""

    def random_origin(self, names: frozenset[str], place: Place) -> int:
        """The line of random numbers that the names hang together with, or 0."""
        kin = self.lineage.kin(names, place)
        for others, where in self.varying:
            if where <= place and kin.meets(others, where, where):
                return where[1]
        return self.lineage.random(names, place)

    def on_machine(self, source: str, place: Place) -> bool:
        """Whether a piece of code asks for something that differs from machine to machine, or holds what did."""
        return on_machine(source) or bool(self.lineage.machine(names_in(source), place))


def excuse(context: Context, code: Code, statement: Statement, seen: str, structural: bool = False) -> Judgement | None:
    """Why another value than stated does not refute what is said of a statement, if anything speaks against it.

    It depends on code that did not run, it changes from run to run or might, or it is the machine's. `seen` is the
    value; a `structural` one, such as a shape, does not hang on random numbers.
    """
    names, place = names_in(statement.source), (code.number, code.line(statement.end_row))
    if reason := context.in_doubt(names, place):
        return unjudged(reason)
    cause = what_changes(context.runs, code, statement) if context.runs else ""
    if not cause and not structural and context.lineage.uninitialised(names, place):
        cause = "uninitialised memory"
    if cause:
        return not_reproducible(context, cause, seen, code.passage)
    if context.on_machine(statement.source, place) or _DEVICE.fullmatch(seen):
        return unjudged(f"it depends on the machine or the installation; here it is {seen}")
    if not structural and (line := context.random_origin(names, place)):
        return unjudged(f"it hangs together with random numbers of line {line}, so that another seed may change it")
    return None


def shows_nothing(context: Context, code: Code, statement: Statement) -> bool:
    """Whether the runs came past an expression of the block's own level without a value to record: it is None."""
    indented = code.source.split("\n")[statement.row - 1][:1].isspace()
    reached = context.not_reached(code.number, code.line(statement.row)) == NOT_REACHED
    return statement.how == "bare" and not indented and reached


def not_reproducible(context: Context, cause: str, seen: str, passage: Passage) -> Judgement:
    """A value that is another in each run."""
    seeded = cause == "random numbers" and context.seeded
    reason = "; the streams of seeded generators differ between versions and devices" if seeded else ""
    rule = f"it changes from run to run: it depends on {cause}{reason}"
    return Judgement("not reproducible", seen, rule, evidence=evidence(passage, [seen]))


def unjudged(reason: str) -> Judgement:
    """A statement that cannot be checked, and why."""
    return Judgement("not checkable", actual="", rule=reason)


def evidence(passage: Passage, seen: Iterable[str]) -> tuple[Evidence, ...]:
    """What ran and with which torch, and how the passage had to be repaired to run."""
    ran = [Evidence("run", text) for text in seen]
    repairs = [Evidence("repair", f"line {repair.line}: {repair.text}") for repair in passage.repairs]
    return (*ran, Evidence("torch", _torch_version()), *repairs)


@cache
def _torch_version() -> str:
    return metadata.version("torch")


def shortened(text: str, limit: int = 400) -> str:
    """A long text cut in the middle.

    >>> shortened("abcdefghij", 7)
    'ab...ij'
    """
    half = (limit - 3) // 2
    return text if len(text) <= limit else f"{text[:half]}...{text[-half:]}"
