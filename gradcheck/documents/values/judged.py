"""Every value that a document states, found and judged: in comments, assertions, outputs, and prose."""

from __future__ import annotations

from collections.abc import Iterator

from gradcheck.documents.document import Document
from gradcheck.documents.judged import Judged
from gradcheck.documents.records import Runs
from gradcheck.documents.values.arithmetic import judged_arithmetic
from gradcheck.documents.values.assertions import judged_assertions
from gradcheck.documents.values.code import Code
from gradcheck.documents.values.comments import remarks
from gradcheck.documents.values.context import Context
from gradcheck.documents.values.outputs import judged_outputs
from gradcheck.documents.values.prose import judged_prose
from gradcheck.documents.values.remark_judge import RemarkJudge
from gradcheck.documents.values.spoken import judged_words
from gradcheck.documents.values.wording import stated_by


def judged_values(document: Document, runs: Runs | None) -> Iterator[Judged]:
    """The values that the document states, in reading order, each held against what the runs had.

    Without runs every statement is found all the same, and cannot be checked.
    """
    context = Context(document, runs)
    for code in context.blocks:
        yield from _in_comments(context, code)
        yield from judged_arithmetic(code)
        yield from judged_assertions(context, code)
    yield from judged_outputs(context)
    yield from judged_prose(context)


def _in_comments(context: Context, code: Code) -> Iterator[Judged]:
    taken = set()
    for remark in remarks(code.source):
        if (remark.below or remark.above) and remark.statement in taken:
            continue
        wording = stated_by(remark.text, remark.below)
        if remark.above and (wording is None or not wording.printed):
            continue
        if wording is None:
            judged = judged_words(context, code, remark)
        else:
            judged = RemarkJudge(context, code, remark, wording).judged()
        if judged is not None:
            taken.add(remark.statement)
            yield judged
