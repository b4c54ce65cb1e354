"""What a remark may speak of: each stated value held against each value of the statement at each of its moments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gradcheck.documents.records import Record, Run, Value
from gradcheck.documents.values.comments import Statement
from gradcheck.documents.values.compare import Comparison, Outcome, compare
from gradcheck.documents.values.labels import plain_source, segments
from gradcheck.documents.values.literals import Literal, read_whole
from gradcheck.documents.values.moments import Subject, live_at, subjects
from gradcheck.documents.values.shape_claims import compare_shape, meant_as_shape
from gradcheck.documents.values.tokens import same_text
from gradcheck.documents.values.wording import Wording


@dataclass(frozen=True)
class Finding:
    """How one candidate compared: what it was held against, and at which of its moments."""

    literal: Literal
    subject: Subject
    comparison: Comparison
    when: str = ""


@dataclass(frozen=True)
class Findings:
    """The comparisons for one remark, in the first run of its document."""

    run: Run
    statement: Statement
    wording: Wording

    def of(self, records: Sequence[Record]) -> list[Finding]:
        """The comparisons of what is stated with the values at the moments that it may speak of."""
        literals = self.wording.literals
        found = self._several(literals, records) if len(literals) > 1 else self._single(literals[0], records)
        if any(each.comparison.agrees for each in found):
            return found
        as_text = self._as_text(records)
        if not as_text and self._printed_line and self.statement.how == "print" and "\n" not in records[-1].text:
            return [self._written(records[-1], "differs", records)]
        return [*as_text, *found]

    def _single(self, literal: Literal, records: Sequence[Record]) -> list[Finding]:
        """One stated value against every value of every moment, the last first."""
        return [
            Finding(literal, subject, self._compare(literal, subject), _when(record, records))
            for record in (records[-1], *records[:-1])
            for subject in self._candidates(record)
        ]

    def _as_text(self, records: Sequence[Record]) -> list[Finding]:
        """The moment at which a call of print wrote just what the remark says, if there is one."""
        texts = (self.wording.rest, self.wording.text, self._printed_line or self.wording.text)
        for record in (records[-1], *records[:-1]) if self.statement.how == "print" else ():
            if any(same_text(text, record.text) for text in texts):
                return [self._written(record, "equal", records)]
        return []

    def _written(self, record: Record, outcome: Outcome, records: Sequence[Record]) -> Finding:
        """All that a call of print wrote, as one text."""
        whole = Subject(self.statement.source, Value("text", "str", record.text, record.text))
        return Finding(self.wording.literals[0], whole, Comparison(outcome), _when(record, records))

    @property
    def _printed_line(self) -> str:
        """The one line that the remark puts in quotes as all that is printed: Prints "1 2 3"."""
        text, several = self.wording.text.strip(), len(self.wording.literals) > 1
        quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
        return text[1:-1] if quoted and self.wording.printed and not several else ""

    def _several(self, literals: Sequence[Literal], records: Sequence[Record]) -> list[Finding]:
        """The first of several stated values that is wrong, or the first of all."""
        found = self.paired(literals, records)
        wrong = [each for each in found if not each.comparison.agrees]
        if wrong or self.statement.how != "print" or len(records) > 1:
            return wrong[:1] or found[:1]
        return [replace(each, subject=self._written(records[-1], "equal", records).subject) for each in found[:1]]

    def paired(self, literals: Sequence[Literal], records: Sequence[Record]) -> list[Finding]:
        """Several stated values: those of the parts of one statement, of its moments, or the entries of one value."""
        parts = [self._candidates(record) for record in records]
        pairs: list[tuple[Literal, Subject]] = []
        if len(parts[-1]) == len(literals):
            pairs = list(zip(literals, parts[-1], strict=True))
        elif len(records) == len(literals) and all(len(part) == 1 for part in parts):
            pairs = [(literal, part[0]) for literal, part in zip(literals, parts, strict=True)]
        elif len(parts[-1]) == 1 and (joined := read_whole(f"[{self.wording.text}]")) is not None:
            pairs = [(joined, parts[-1][0])]
        return [Finding(literal, subject, self._compare(literal, subject)) for literal, subject in pairs]

    def _candidates(self, record: Record) -> list[Subject]:
        """The values that a remark at this moment may speak of: the labelled one, else all of the statement's."""
        label = plain_source(self.wording.label)
        found = subjects(record)
        named = [each for each in found if plain_source(each.source) in segments(label)]
        if named or self.statement.how == "print" or not label:
            return named or found
        live = list(live_at(self.run, record))
        return [each for each in live if plain_source(each.source) in segments(label)] or found

    def _compare(self, literal: Literal, subject: Subject) -> Comparison:
        if self.wording.of_shape or meant_as_shape(literal, subject.value):
            found = compare_shape(literal, subject.value)
            if found is not None:
                return found
        return compare(literal, subject.value, self.wording.approximate)


def decisive(found: Sequence[Finding]) -> Finding | None:
    """The comparison that decides: one that agrees, else the only one there is at the last moment."""
    agreeing = [each for each in found if each.comparison.agrees]
    if agreeing:
        return min(agreeing, key=lambda each: each.comparison.outcome != "equal")
    sources = {each.subject.source for each in found}
    return found[0] if len(sources) == 1 else None


def _when(record: Record, records: Sequence[Record]) -> str:
    """Which of a statement's moments a record is, in words."""
    if len(records) == 1:
        return ""
    place = records.index(record)
    if place in {0, len(records) - 1}:
        return f"the statement runs {len(records)} times, this is the {'last' if place else 'first'}"
    return f"the statement runs {len(records)} times, this is time {place + 1}"
