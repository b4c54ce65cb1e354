"""Outputs that a document shows below its code, held against what the code wrote: whole, as a part, or line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from gradcheck.articles.claims import Judgement
from gradcheck.documents.document import Passage
from gradcheck.documents.judged import Judged
from gradcheck.documents.records import Failure, Record, Run
from gradcheck.documents.values.code import Code
from gradcheck.documents.values.comments import Remark, Statement, statements
from gradcheck.documents.values.context import Context, evidence, not_reproducible, shortened, unjudged
from gradcheck.documents.values.lineage import names_in
from gradcheck.documents.values.literals import read_whole
from gradcheck.documents.values.moments import moments
from gradcheck.documents.values.remark_judge import RemarkJudge
from gradcheck.documents.values.tokens import Token, fit, same_text, tokens
from gradcheck.documents.values.wording import Wording
from gradcheck.results import Diagnosis

RULE = "printed text is compared word by word, its numbers by value; `...` stands for anything"

_NO_CLAIM = re.compile(
    r"\d+%\s*\|| it/s|s/it\b|\bETA\b|https?://|[Dd]ownload|[Ee]xtracting|Warning\b|warnings?\.warn|"
    r"\b\d+(?:\.\d+)?\s*(?:s|ms|us|µs|ns|sec|secs|seconds?|minutes?|min|hours?)\b|/sec\b|CPU times|Wall time|"
    r"\b\d{4}-\d\d-\d\d\b|\b\d\d:\d\d:\d\d\b|\bcuda\b|\bGPU\b|device\(|\bpid\b|\bElapsed\b|\btime\b",
    re.IGNORECASE,
)
"""A line of a progress bar, a time, a date, a warning, a download or a device: it is another each time."""

_VALUE_WORDS = frozenset({"True", "False", "None", "nan", "inf"})


@dataclass(frozen=True)
class Line:
    """A line of printed text that states something, with its place in the text, and its tokens."""

    place: int
    text: str
    tokens: tuple[Token, ...]


def judged_outputs(context: Context) -> Iterator[Judged]:
    """Every output that the document shows for a block of Python, judged."""
    blocks = {code.number: code for code in context.blocks}
    shown: dict[int, int] = {}
    for passage in context.document.passages:
        if passage.kind == "output" and passage.of in blocks:
            skipped = shown.get(passage.of, 0)
            judge = OutputJudge(context, blocks[passage.of], passage, skipped)
            judged = judge.judged()
            if judged is not None:
                shown[passage.of] = skipped + len(judge.stated)
                yield judged


@dataclass(frozen=True)
class OutputJudge:
    """One shown output with the block that wrote it; `skipped` lines of the writing belong to outputs before it."""

    context: Context
    code: Code
    passage: Passage
    skipped: int = 0

    @property
    def stated(self) -> list[Line]:
        """The lines of the shown output that state something."""
        return telling_lines(self.shown)

    @property
    def shown(self) -> str:
        """The shown output; a session's ends at the first blank line or comment, as it does for doctest."""
        if self.code.passage.kind != "session":
            return self.passage.text
        rows = self.passage.text.split("\n")
        ends = (at for at, row in enumerate(rows) if (at and not row.strip()) or row.startswith("# "))
        end = next(ends, len(rows))
        return "\n".join(rows[:end])

    @property
    def _end_line(self) -> int:
        return self.passage.lines[self.shown.count("\n")]

    def judged(self) -> Judged | None:
        """The output judged; None where it states nothing."""
        if not self.stated or self._is_remark():
            return None
        by_value = self._by_value()
        if by_value is not None and by_value.judgement.status != "not checkable":
            return by_value
        by_text = self._whole(*self._judgement())
        return by_value if by_value is not None and by_text.judgement.status == "not checkable" else by_text

    def _is_remark(self) -> bool:
        """Whether words stand below an input that shows nothing, an assignment, and so are the author's own."""
        last = statements(self.code.source)[-1:]
        silent = self.code.passage.kind == "session" and bool(last) and last[0].how == "assigned"
        return silent and read_whole(self.shown) is None and not _ERROR.match(self.shown)

    def _whole(self, judgement: Judgement, line: Line | None = None, written: str = "") -> Judged:
        lines = self.passage.lines
        return Judged(
            line=lines[line.place] if line else self.passage.line,
            end_line=lines[line.place] if line else self._end_line,
            statement=f"the {'error' if _ERROR.match(self.shown) else 'output'} shown is what the code writes",
            stated=line.text if line else self.shown,
            judgement=judgement,
            replacement=written,
        )

    def _by_value(self) -> Judged | None:
        """The output as the value of the one statement that wrote, where it is one value and one statement did."""
        literal = read_whole(self.shown)
        wrote = self._writers()
        if literal is None or len(wrote) != 1 or literal.kind == "mapping":
            return None
        wording = Wording((literal,), literal.text, literal.text, worded=True)
        judged = RemarkJudge(self.context, self.code, Remark(wrote[0], literal.text, 1, 1), wording).judged()
        if judged is None:
            return None
        return replace(judged, line=self.passage.line, end_line=self._end_line, stated=self.shown)

    def _writers(self) -> list[Statement]:
        """The statements of the block that wrote something in the first run, once each."""
        if self.context.runs is None:
            return []
        found = statements(self.code.source)
        shows = self.code.passage.shows
        last = found[-1:] if shows == "last" else []
        writing = [
            each for each in found if each.how == "print" or (each.how == "bare" and (shows == "every" or each in last))
        ]
        recorded = [(each, moments(self.context.runs.first, self.code, each)) for each in writing]
        wrote = [(each, found) for each, found in recorded if any(_writes(record) for record in found)]
        return [each for each, found in wrote if len(found) == 1] if all(len(found) == 1 for _, found in wrote) else []

    def _judgement(self) -> tuple[Judgement, Line | None, str]:
        runs = self.context.runs
        if runs is None:
            return unjudged("the code was not run"), None, ""
        stated, actual = self.stated, self._written(runs.first)
        if _part(stated, actual):
            seen = shortened("\n".join(line.text for line in actual))
            return Judgement("confirmed", seen, RULE, evidence=evidence(self.code.passage, [seen])), None, ""
        failure = next((each for each in self.context.failures if each.block == self.code.number), None)
        if failure is not None:
            return self._of_failed(failure), None, ""
        return self._differing(stated, actual[self.skipped :] or actual) if actual else (self._of_silent(), None, "")

    def _of_failed(self, failure: Failure) -> Judgement:
        """What is shown below code that raises an error: that error, or what cannot be checked for it."""
        if _is_error(self.shown, failure.text):
            return Judgement("confirmed", failure.text, RULE, evidence=evidence(self.code.passage, [failure.text]))
        return unjudged(f"the block did not run to its end: line {failure.line}: {failure.text}")

    def _of_silent(self) -> Judgement:
        """What is shown below code that writes nothing, held against what its last statement assigns."""
        reason = self.context.not_reached(self.code.number, self.code.passage.end_line)
        if "without" not in reason:
            return unjudged(reason)
        if _ERROR.match(self.shown):
            return unjudged("the code raises no error here; another version may")
        literal, last = read_whole(self.shown), statements(self.code.source)[-1:]
        if literal is not None and last and last[0].how == "assigned":
            wording = Wording((literal,), literal.text, literal.text)
            judged = RemarkJudge(self.context, self.code, Remark(last[0], literal.text, 1, 1), wording).judged()
            if judged is not None and judged.judgement.status in {"confirmed", "not reproducible"}:
                return replace(
                    judged.judgement, rule=f"the code writes nothing, but assigns it; {judged.judgement.rule}"
                )
        return unjudged("the code writes nothing")

    def _written(self, run: Run) -> list[Line]:
        return telling_lines(run.outputs.get(self.code.number, ""))

    def _differing(self, stated: Sequence[Line], actual: Sequence[Line]) -> tuple[Judgement, Line | None, str]:
        """The first line that differs and is the same in every run decides."""
        names, place = names_in(self.code.source), (self.code.number, self.code.passage.end_line)
        if reason := self.context.in_doubt(names, place):
            return unjudged(reason), None, ""
        cause = self._what_changes(actual)
        if not cause and self.context.lineage.uninitialised(names, place):
            cause = "uninitialised memory"
        if cause:
            seen = shortened("\n".join(line.text for line in actual))
            return not_reproducible(self.context, cause, seen, self.code.passage), None, ""
        if len(stated) != len(actual):
            return unjudged(f"{len(stated)} lines are shown, the code writes {len(actual)}"), None, ""
        wrong = [(one, other) for one, other in zip(stated, actual, strict=True) if not fit(one.tokens, other.tokens)]
        line, written = next(((one, other) for one, other in wrong if _values_differ(one, other)), wrong[0])
        if not _values_differ(line, written) or self.context.on_machine(self.code.source, place):
            return unjudged(f"the code writes other words: {shortened(written.text, 120)}"), None, ""
        if origin := self.context.random_origin(names, place):
            rule = f"it hangs together with random numbers of line {origin}, so that another seed may change it"
            return unjudged(rule), line, ""
        judgement = Judgement(
            "refuted",
            actual=written.text,
            rule=RULE,
            diagnosis=Diagnosis("unexplained", f"{len(wrong)} of {len(stated)} lines differ"),
            evidence=evidence(self.code.passage, [shortened(written.text)]),
            suggestion=f"write `{shortened(written.text)}`",
        )
        return judgement, line, written.text

    def _what_changes(self, actual: Sequence[Line]) -> str:
        runs = self.context.runs
        assert runs is not None
        first = [line.tokens for line in actual]
        for run, cause in ((runs.repeated, "time, memory addresses or the machine"), (runs.reseeded, "random numbers")):
            if run is not None:
                other = [line.tokens for line in self._written(run)]
                if [_fixed(each) for each in other[-len(first) :]] != [_fixed(each) for each in first]:
                    return cause
        return ""


def telling_lines(text: str) -> list[Line]:
    """The lines of a text that state something that is the same each time.

    >>> [line.text for line in telling_lines("100%|####| 3/3\\nloss 0.5\\n\\ntook 1.2 seconds")]
    ['loss 0.5']
    """
    kept = [
        Line(place, line.rstrip(), tokens(line))
        for place, line in enumerate(text.split("\n"))
        if line.strip() and not _NO_CLAIM.search(line)
    ]
    return [line for line in kept if line.tokens]


_ERROR = re.compile(
    r"^(?:Traceback.*^)?(?:[\w.]+\.)?(\w*(?:Error|Exception|Warning|Interrupt)\b.*)", re.DOTALL | re.MULTILINE
)


def _is_error(shown: str, raised: str) -> bool:
    """Whether what is shown is the error that ended the code."""
    stated, actual = _ERROR.search(shown), _ERROR.search(raised)
    return stated is not None and actual is not None and same_text(stated.group(1), actual.group(1))


def _part(stated: Sequence[Line], actual: Sequence[Line]) -> bool:
    """Whether the shown lines are the written ones, or some of them in one piece."""
    wanted = [token for line in stated for token in line.tokens]
    written = [token for line in actual for token in line.tokens]
    if fit(wanted, written):
        return True
    if any(token.kind == "dots" for token in wanted):
        return False
    starts = {len([t for line in actual[:place] for t in line.tokens]) for place in range(len(actual))}
    return any(fit(wanted, written[start : start + len(wanted)]) for start in sorted(starts))


def _values_differ(stated: Line, written: Line) -> bool:
    """Whether two lines say the same in words, and other numbers, clearly."""
    if len(stated.tokens) != len(written.tokens):
        return False
    pairs = list(zip(stated.tokens, written.tokens, strict=True))
    alike = all(one.fits(other) or (_is_value(one) and _is_value(other)) for one, other in pairs)
    return alike and any(not one.near(other) for one, other in pairs)


def _is_value(token: Token) -> bool:
    return token.kind == "number" or token.text in _VALUE_WORDS


def _fixed(line: Sequence[Token]) -> list[str]:
    return ["" if token.kind == "address" else token.text for token in line]


def _writes(record: Record) -> bool:
    return record.how == "print" or (bool(record.values) and record.values[0].type != "NoneType")
