"""Judges functions that are said to return the gradient of any function handed to them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from gradcheck.articles.claims import Judgement
from gradcheck.articles.expressions import show
from gradcheck.documents.gradients.asking import Answer, Inquiry, Request
from gradcheck.documents.gradients.cutting import source_for
from gradcheck.documents.gradients.flow import reads
from gradcheck.documents.gradients.judging import NOT_RUN, unknown
from gradcheck.documents.gradients.source import Source
from gradcheck.documents.judged import Judged
from gradcheck.results import Diagnosis, Evidence

NAME = re.compile(r".*(?:grad|deriv|differentiate|slope).*", re.IGNORECASE)
ARGUMENT = re.compile(r"f|fn|func|function|fun|loss_fn|g", re.IGNORECASE)

NEAR = 1e-3
"""How near the derivative a difference quotient has to come, relative to it."""

RULE = "for every function tried it returns the derivative"


def makers(source: Source) -> Inquiry:
    """Every function whose name speaks of gradients and whose first argument is a function."""
    found = [each for each in source.functions if _is_maker(each)]

    def finish(answers: Sequence[Answer | None]) -> Iterator[Judged]:
        for each, answer in zip(found, answers, strict=True):
            yield Judged(
                *source.place(each),
                statement=f"`{each.name}` returns the gradient of the function that is handed to it",
                stated=source.written(each),
                judgement=unknown(NOT_RUN) if answer is None else _judgement(each, answer),
            )

    return Inquiry([_request(source, each) for each in found], finish)


def _is_maker(function: ast.FunctionDef) -> bool:
    arguments = function.args.args
    if not NAME.fullmatch(function.name) or not arguments or not ARGUMENT.fullmatch(arguments[0].arg):
        return False
    required = len(arguments) - len(function.args.defaults)
    inner = any(isinstance(each, ast.FunctionDef | ast.Lambda) for each in function.body) or required == 2
    return inner and required <= 2 and any(isinstance(each, ast.Return) for each in ast.walk(function))


def _request(source: Source, function: ast.FunctionDef) -> Request:
    before = [each for each in source.tree.body if each.lineno <= function.lineno]
    return Request(
        module="trying",
        function="gradients_made",
        fields={"source": source_for(before, [function.name]), "name": function.name},
    )


def _judgement(function: ast.FunctionDef, answer: Answer) -> Judgement:
    if not answer.points:
        return unknown("it cannot be called with a function of one number: " + "; ".join(answer.reasons))
    wrong = [row for row in answer.points if not _near(row)]
    evidence = tuple(Evidence("stated code", _told(row)) for row in answer.points)
    if not wrong:
        return Judgement(
            "confirmed", "it returned the gradient of every function that was tried", RULE, evidence=evidence
        )
    if _uses(function):
        return unknown(f"it comes no nearer than this: {_told(wrong[0])}")
    text = f"it ignores the function that is handed to it; a counterexample: {_told(wrong[0])}"
    remedy = "Differentiate the function that is handed in."
    return Judgement("refuted", text, RULE, Diagnosis("ignores its argument", text, remedy), evidence)


def _uses(function: ast.FunctionDef) -> bool:
    return any(function.args.args[0].arg in reads(each) for each in function.body) or any(
        isinstance(each, ast.Name) and each.id == function.args.args[0].arg and isinstance(each.ctx, ast.Load)
        for each in ast.walk(function)
    )


def _near(row: Mapping[str, Any]) -> bool:
    found, true = np.array(row["found"]), np.array(row["true"])
    return bool(np.all(np.abs(found - true) <= NEAR * np.max(np.abs(true))))


def _told(row: Mapping[str, Any]) -> str:
    found, at, true = (show(np.array(row[name])) for name in ("found", "at", "true"))
    return f"for `{row['function']}` it returns {found} at x = {at}, the gradient is {true}"
