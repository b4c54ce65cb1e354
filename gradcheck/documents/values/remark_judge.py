"""Judges one remark: the value that a comment states of the statement beside it, against what the runs had there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gradcheck.articles.claims import Judgement
from gradcheck.documents.judged import Judged
from gradcheck.documents.records import Record
from gradcheck.documents.sandbox.recorder import MAXIMAL_OCCURRENCES
from gradcheck.documents.values.code import Code
from gradcheck.documents.values.comments import Remark, Statement
from gradcheck.documents.values.context import Context, evidence, excuse, shortened, shows_nothing, unjudged
from gradcheck.documents.values.explain import Surroundings, explain
from gradcheck.documents.values.findings import Finding, Findings, decisive
from gradcheck.documents.values.labels import label_fits
from gradcheck.documents.values.moments import backward_calls, live_at, moments, other_values
from gradcheck.documents.values.replacement import replacement, with_parts_replaced
from gradcheck.documents.values.shape_claims import is_slip, is_structural, may_be_range, meant_as_shape
from gradcheck.documents.values.wording import Wording
from gradcheck.results import Diagnosis

RULE = "a stated decimal claims half a unit in its last place; shape and count must match"

NOTHING = "an expression whose value is None shows nothing, and the code ran past it"

_SAID = {"print": "prints", "bare": "is", "assigned": "is"}
_REMARKS: dict[str, str] = {
    "rounding": "rounding",
    "truncated": "truncated",
    "format": "print format",
}
"""The kinds of diagnosis that a confirmed value may carry."""


@dataclass(frozen=True)
class Decision:
    """A judgement, and what should stand in place of the stated text."""

    judgement: Judgement
    replacement: str = ""


@dataclass(frozen=True)
class RemarkJudge:
    """One remark with all that decides about it."""

    context: Context
    code: Code
    remark: Remark
    wording: Wording

    @property
    def statement(self) -> Statement:
        """The statement that the remark stands beside."""
        return self.remark.statement

    @property
    def _findings(self) -> Findings:
        assert self.context.runs is not None
        return Findings(self.context.runs.first, self.statement, self.wording)

    def judged(self) -> Judged | None:
        """The remark judged, or None where what it says turns out to be about something else."""
        decision = self._decision()
        if decision is None:
            return None
        return Judged(
            line=self.code.line(self.remark.row),
            end_line=self.code.line(self.remark.end_row),
            statement=f"`{shortened(_one_line(self._subject_text()), 120)}` {_SAID[self.statement.how]}",
            stated=self.wording.text,
            judgement=decision.judgement,
            replacement=decision.replacement,
        )

    def _subject_text(self) -> str:
        how = self.statement.how
        return ", ".join(self.statement.sources) if how == "assigned" else self.statement.source

    def _decision(self) -> Decision | None:
        runs = self.context.runs
        if runs is None:
            return _unjudged("the code was not run")
        records = moments(runs.first, self.code, self.statement)
        if not records and self.wording.of_none and shows_nothing(self.context, self.code, self.statement):
            return Decision(Judgement("confirmed", "None", NOTHING, evidence=evidence(self.code.passage, ["None"])))
        return self._of(records) if records else self._unreached()

    def _unreached(self) -> Decision | None:
        if self.wording.doubtful or self._mislabelled():
            return None
        return _unjudged(self.context.not_reached(self.code.number, self.code.line(self.statement.row)))

    def _of(self, records: Sequence[Record]) -> Decision | None:
        found = decisive(self._findings.of(records))
        if found is None:
            return self._unclear("which of the values is meant is not clear")
        if found.comparison.agrees:
            return self._confirmed(found)
        if found.comparison.outcome in {"unlike", "unknown"}:
            return self._unclear(found.comparison.remark)
        return self._refuted(found, records)

    def _unclear(self, reason: str) -> Decision | None:
        """Beside an assignment such a remark is about something else; beside an output it was meant as one."""
        shown = self.statement.how == "print" or self.wording.worded or self.wording.literals[0].wrapped
        other = self.statement.how == "assigned" or not shown or self.wording.doubtful or self._mislabelled()
        return None if other else _unjudged(reason)

    def _mislabelled(self) -> bool:
        """Whether the words before the value name something else than what the statement gives."""
        label = self.wording.label
        named = any(label_fits(label, source, self.statement) for source in self.statement.sources or ("",))
        return bool(label) and not self.wording.worded and not named

    def _confirmed(self, found: Finding) -> Decision:
        outcome, remark = found.comparison.outcome, found.comparison.remark
        kind = _REMARKS.get(outcome)
        better = replacement(found.literal, found.subject.value) if outcome == "truncated" else ""
        judgement = Judgement(
            "confirmed",
            actual=shortened(found.subject.value.text),
            rule=f"{RULE}; {found.when}" if found.when else RULE,
            diagnosis=Diagnosis(kind, remark) if kind else None,
            evidence=evidence(self.code.passage, [shortened(found.subject.value.shown)]),
            suggestion=f"rounded it is `{better}`" if better else "",
        )
        return Decision(judgement, better)

    def _refuted(self, found: Finding, records: Sequence[Record]) -> Decision | None:
        if len(records) >= MAXIMAL_OCCURRENCES[self.statement.how]:
            return _unjudged(
                f"it runs more often than the {len(records)} times that are kept, none of which gives this"
            )
        excused = self._excuse(found)
        if excused is not None:
            vague = self.wording.doubtful and excused.status == "not checkable"
            return self._doubtful() if vague else Decision(excused)
        if self.wording.doubtful or not self._understood(found):
            return self._doubtful()
        text = self._corrected(found, records)
        diagnosis = explain(found.literal, found.subject, found.comparison, self._surroundings(found, records))
        judgement = Judgement(
            "refuted",
            actual=shortened(found.subject.value.text),
            rule=f"{RULE}; {found.when}" if found.when else RULE,
            diagnosis=diagnosis,
            evidence=evidence(self.code.passage, [shortened(found.subject.value.shown)]),
            suggestion=f"write `{text}`" if text else f"the run gives {shortened(found.subject.value.text)}",
        )
        return Decision(judgement, text)

    def _corrected(self, found: Finding, records: Sequence[Record]) -> str:
        """What should stand in place of all that is stated; nothing where a part of it is not known for sure."""
        literals = self.wording.literals
        if len(literals) == 1:
            return replacement(found.literal, found.subject.value)
        parts = [
            (
                each.literal,
                each.literal.text if each.comparison.agrees else replacement(each.literal, each.subject.value),
            )
            for each in self._findings.paired(literals, records)
        ]
        return with_parts_replaced(self.wording.text, parts)

    def _excuse(self, found: Finding) -> Judgement | None:
        """Why a value that is another than stated does not refute the statement, if something speaks against it."""
        seen = shortened(found.subject.value.text)
        judgement = excuse(
            self.context,
            self.code,
            self.statement,
            seen,
            is_structural(found.literal, found.subject, found.comparison, self.code.source),
        )
        if judgement is None and found.literal.kind == "object":
            return unjudged(f"how it is named depends on the version installed; here it is {seen}")
        return judgement

    def _doubtful(self) -> Decision | None:
        if self.statement.how == "assigned" or self.wording.text.isdigit():
            return None
        return _unjudged("it differs from what the statement gives, and its words leave open what it speaks of")

    def _understood(self, found: Finding) -> bool:
        """Whether the words beside the value leave no doubt that it is the statement's."""
        statement, label = self.statement, self.wording.label
        if statement.how == "assigned" and statement.constant:
            return self.wording.worded
        if statement.how == "assigned" and found.comparison.outcome == "shape":
            value = found.subject.value
            shape = self.wording.of_shape or (meant_as_shape(found.literal, value) and is_slip(found.literal, value))
            return self.wording.worded or found.literal.wrapped or shape
        loose = found.literal.whole and (found.comparison.outcome == "shape" or statement.looped)
        if (loose and not self.wording.worded) or (statement.how == "assigned" and may_be_range(found.literal)):
            return False
        return not label or self.wording.worded or label_fits(label, found.subject.source, statement)

    def _surroundings(self, found: Finding, records: Sequence[Record]) -> Surroundings:
        assert self.context.runs is not None
        first = self.context.runs.first
        record = next((each for each in records if found.subject.value in each.values), records[-1])
        earlier, later = other_values(first, found.subject.source, record)
        return Surroundings(list(live_at(first, record)), earlier, later, backward_calls(first, record))


def _unjudged(reason: str) -> Decision:
    return Decision(unjudged(reason))


def _one_line(text: str) -> str:
    return " ".join(text.split())
