"""A comment that is the whole text that a call of print writes, words and all: `print("a", x)  # a 4`."""

from __future__ import annotations

from collections.abc import Sequence

from gradcheck.articles.claims import Judgement
from gradcheck.documents.judged import Judged
from gradcheck.documents.records import Record
from gradcheck.documents.values.code import Code
from gradcheck.documents.values.comments import Remark
from gradcheck.documents.values.context import Context, evidence, excuse, shortened
from gradcheck.documents.values.moments import moments
from gradcheck.documents.values.tokens import same_text, tokens
from gradcheck.documents.values.wording import spoken
from gradcheck.results import Diagnosis

_RULE = "printed text is compared word by word, its numbers by value"


def judged_words(context: Context, code: Code, remark: Remark) -> Judged | None:
    """A remark that repeats printed text, judged; None where it is other words, and so about something else."""
    text, statement = spoken(remark.text), remark.statement
    if context.runs is None or statement.how != "print" or not tokens(text):
        return None
    records = moments(context.runs.first, code, statement)
    judgement = _judgement(context, code, remark, records, text)
    if judgement is None:
        return None
    return Judged(
        line=code.line(remark.row),
        end_line=code.line(remark.end_row),
        statement=f"`{shortened(' '.join(statement.source.split()), 120)}` prints",
        stated=text,
        judgement=judgement,
        replacement=judgement.actual if judgement.status == "refuted" else "",
    )


def _judgement(context: Context, code: Code, remark: Remark, records: Sequence[Record], text: str) -> Judgement | None:
    same = next((record for record in reversed(records) if same_text(text, record.text)), None)
    if same is not None:
        return Judgement("confirmed", same.text, _RULE, evidence=evidence(code.passage, [shortened(same.text)]))
    if not records or not _only_numbers_differ(text, records[-1].text):
        return None
    actual = records[-1].text
    found = excuse(context, code, remark.statement, actual)
    return found or Judgement(
        "refuted",
        actual=actual,
        rule=_RULE,
        diagnosis=Diagnosis("unexplained", "the words are the same, a number is not"),
        evidence=evidence(code.passage, [shortened(actual)]),
        suggestion=f"write `{shortened(actual)}`",
    )


def _only_numbers_differ(stated: str, actual: str) -> bool:
    """Whether two texts have the same words, some at least, and numbers at the same places.

    >>> _only_numbers_differ("loss 0.5", "loss 0.25"), _only_numbers_differ("the loss", "loss 0.25")
    (True, False)
    """
    first, second = tokens(stated), tokens(actual)
    if len(first) != len(second) or not any(token.kind == "word" for token in first):
        return False
    return all(
        one.kind == other.kind and (one.kind == "number" or one.text == other.text)
        for one, other in zip(first, second, strict=True)
    )
