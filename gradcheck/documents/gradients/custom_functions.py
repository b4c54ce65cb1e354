"""Judges the backward passes that a document writes for `torch.autograd.Function`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gradcheck.articles.claims import Judgement
from gradcheck.articles.expressions import show
from gradcheck.documents.document import Document
from gradcheck.documents.gradients.asking import Answer, Inquiry, Request
from gradcheck.documents.gradients.cutting import source_for
from gradcheck.documents.gradients.flow import writes
from gradcheck.documents.gradients.judging import NOT_RUN, unknown
from gradcheck.documents.gradients.source import Source
from gradcheck.documents.gradients.updates import dotted
from gradcheck.documents.judged import Judged
from gradcheck.results import Diagnosis, Evidence

AT_ZERO = re.compile(r"[xz]\s*(?:≤|<=|\\leq?(?:slant)?)\s*0\D{0,24}?(?:=|is|:|为|是)\s*\$?0(?![.\d])")
"""A statement that a derivative is 0 up to and including 0."""

NO_MISTAKES = ("backward_raises", "inconclusive", "mutated", "random")
"""Findings that may come from the made-up inputs."""

RULE = "the backward pass is held against finite differences of its forward pass, and at a kink against both sides"


def custom_functions(document: Document, source: Source) -> Inquiry:
    """Every subclass of `torch.autograd.Function` that has a forward and a backward pass."""
    found = [each for each in ast.walk(source.tree) if isinstance(each, ast.ClassDef) and _passes(each)]

    def finish(answers: Sequence[Answer | None]) -> Iterator[Judged]:
        for each, answer in zip(found, answers, strict=True):
            backward = _passes(each)["backward"]
            yield Judged(
                *source.place(backward),
                statement=f"the backward pass of `{each.name}` is the derivative of its forward pass",
                stated=source.written(backward),
                judgement=unknown(NOT_RUN) if answer is None else _judgement(document, answer),
            )

    return Inquiry([_request(source, each) for each in found], finish)


def _passes(node: ast.ClassDef) -> dict[str, ast.FunctionDef]:
    """The forward and the backward pass, where a class is such a function."""
    if not any(dotted(base).rsplit(".", 1)[-1] == "Function" for base in node.bases):
        return {}
    methods = {each.name: each for each in node.body if isinstance(each, ast.FunctionDef)}
    return methods if {"forward", "backward"} <= methods.keys() else {}


def _request(source: Source, node: ast.ClassDef) -> Request:
    forward = _passes(node)["forward"]
    arguments = forward.args.args[: len(forward.args.args) - len(forward.args.defaults)]
    first = 1 if "setup_context" not in _passes(node) else 0
    others = [each for each in source.tree.body if each is node or node.name not in writes(each)]
    return Request(
        module="trying",
        function="backward_checked",
        fields={
            "source": source_for(others, [node.name]),
            "name": node.name,
            "arguments": [each.arg for each in arguments][first:],
            "constant": _without_gradient(_passes(node)["backward"]),
        },
    )


def _without_gradient(backward: ast.FunctionDef) -> list[int]:
    """The places of the inputs for which a backward pass returns None: no gradient is claimed for them."""
    returns = [each.value for each in ast.walk(backward) if isinstance(each, ast.Return)]
    last = returns[-1] if returns else None
    parts = last.elts if isinstance(last, ast.Tuple) else []
    return [place for place, each in enumerate(parts) if isinstance(each, ast.Constant) and each.value is None]


def _judgement(document: Document, answer: Answer) -> Judgement:
    if not answer.points:
        return unknown("it cannot be run on made-up inputs: " + "; ".join(answer.reasons))
    (found,) = answer.points
    if found["verdict"] == "WRONG":
        return _wrong(found["findings"])
    kink = found["kink"]
    if kink is None:
        return Judgement("confirmed", "it is the derivative of the forward pass wherever it was tried", RULE)
    stated = _stated_at_zero(document)
    if stated and kink["chosen"] != 0:
        return _refuted_at_zero(kink, stated)
    return Judgement("confirmed", f"it is the derivative away from 0; {_at_zero(kink)}", RULE)


def _wrong(findings: Sequence[Mapping[str, Any]]) -> Judgement:
    finding = next((each for each in findings if each["kind"] != "precision"), None)
    if finding is None:
        return Judgement("confirmed", "it is the derivative of the forward pass to single precision", RULE)
    if finding["kind"] in NO_MISTAKES:
        return unknown(finding["text"])
    diagnosis = Diagnosis(finding["kind"], finding["text"], finding["remedy"])
    return Judgement("refuted", finding["text"], RULE, diagnosis)


def _refuted_at_zero(kink: Mapping[str, Any], stated: tuple[int, str]) -> Judgement:
    line, text = stated
    passed = show_number(kink["chosen"])
    actual = f"at x = 0 it passes on {passed} times the upstream gradient, where line {line} states `{text}`"
    diagnosis = Diagnosis("kink", f"{_at_zero(kink)}; the document contradicts itself", "Treat x = 0 as the text does.")
    evidence = (
        Evidence("custom backward", f"{passed} at x = 0"),
        Evidence(
            "finite_difference",
            f"{show_number(kink['left'])} from the left, {show_number(kink['right'])} from the right",
        ),
    )
    return Judgement("refuted", f"{actual}; they agree everywhere else", RULE, diagnosis, evidence)


def _at_zero(kink: Mapping[str, Any]) -> str:
    between = min(kink["left"], kink["right"]) - 1e-6 <= kink["chosen"] <= max(kink["left"], kink["right"]) + 1e-6
    torch = "" if kink["torch"] is None else f", torch.relu {show_number(kink['torch'])}"
    valid = (
        "any number between the slopes of the two sides is a valid subgradient" if between else "it is no subgradient"
    )
    return f"at the kink x = 0 it has {show_number(kink['chosen'])}{torch}: {valid}"


def show_number(value: float) -> str:
    """A slope for a reader: `1`, not `0.99999999`."""
    import numpy as np

    return show(np.round(np.array(value), 6))


def _stated_at_zero(document: Document) -> tuple[int, str] | None:
    """Where the document says that a derivative is 0 at 0 too, and in what words."""
    for passage in document.passages:
        if passage.kind in ("prose", "math"):
            for line, text in zip(passage.lines, passage.text.split("\n"), strict=True):
                found = AT_ZERO.search(text)
                if found:
                    return line, found.group(0)
    return None
