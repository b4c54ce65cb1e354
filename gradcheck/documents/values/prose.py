"""Values stated in prose: "`w.grad` is 12", "`loss` 等于 4.6667", "the gradient is 6".

Only what names the quantity in code counts, and a gradient where there is just one. It is held against the value after
the code above; where the code below gives that value, the prose was speaking of that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gradcheck.articles.claims import Judgement
from gradcheck.documents.document import Passage
from gradcheck.documents.judged import Judged
from gradcheck.documents.records import Record, Run, Value
from gradcheck.documents.values.code import Code
from gradcheck.documents.values.compare import compare
from gradcheck.documents.values.context import Context, evidence, not_reproducible, shortened, unjudged
from gradcheck.documents.values.explain import Surroundings, explain
from gradcheck.documents.values.lineage import names_in
from gradcheck.documents.values.moments import Subject, live_at, subjects
from gradcheck.documents.values.replacement import replacement
from gradcheck.documents.values.wording import Wording, stated_by

RULE = "a stated decimal claims half a unit in its last place; held against the value after the code above"

_VERB = (
    r"(?:is\s+(?:now|reported\s+as|shown\s+as)|is|equals|becomes|prints|holds|evaluates\s+to|=|≈"
    r"|的值[是为]|是|为|等于|变[为成])"
)
_NAMED = re.compile(rf"`(?P<name>[A-Za-z_][\w.]*(?:\(\))?)``?\s*{_VERB}(?!\w)\s*")
_GRADIENT = re.compile(r"(?:\bthe\s+gradient\s+(?:is|equals)\b|梯度应?该?[是为])\s*", re.IGNORECASE)
_FILLED = re.compile(
    r"\b(?:a|the)\s+(?:matrix|tensor|vector|array)\s+of\s+(?=[`\d-])|得到(?:一个)?(?:矩阵|张量|向量)\s*(?=[`\d-])",
    re.IGNORECASE,
)
_PRINTS = re.compile(
    r"(?:\b(?:prints|outputs|displays)|打印出?|输出)\s*(?:the\s+value\s*)?[:：]?\s*(?=[`\d\[(t-])", re.IGNORECASE
)
_SENTENCE = re.compile(r"[.!?;](?:\s|$)|\n\s*\n|[。；！？]|$")
_HEDGE = re.compile(
    r"\b(?:if|let|suppose|assume|assuming|say|when|where|initial\w*|start\w*|set|choose|default|usually|often|expect\w*|"
    r"not|should|could|would|instead|example|before|previous\w*)\b|如果|假设|设|当|例如|默认|初始|应该",
    re.IGNORECASE,
)


_MARKUP = str.maketrans("`$", "  ")
_SPACED = re.compile(r"\s+([,;])")

PRINTED = "print(...)"
"""Stands for the name of what the one call of print in a block writes."""

ARRAY = "array"
"""Stands for the name of an array that the block shows last, all of whose entries are said to be one number."""


@dataclass(frozen=True)
class Said:
    """A value stated in prose: of which name (empty for the one gradient), in which words, on which row from 0."""

    name: str
    wording: Wording
    row: int


_CONDITION = re.compile(r"\b(?:if|let|suppose|assume|example|create|make)\b|如果|假设|例如|创建", re.IGNORECASE)
_STANDS_FOR = {_PRINTS: PRINTED, _FILLED: ARRAY}


def judged_prose(context: Context) -> Iterator[Judged]:
    """The values that the document's prose states of what its code computes, judged."""
    for number, passage in enumerate(context.document.passages):
        above = [code for code in context.blocks if code.number < number]
        below = [code for code in context.blocks if code.number > number]
        if passage.kind == "prose" and above:
            for said in values_said(passage.text):
                judgement, better = _judgement(context, said, above[-1], below[0] if below else None)
                if judgement is not None:
                    yield _judged(passage, said, judgement, better)


def values_said(text: str) -> Iterator[Said]:
    """The values that a text states of a name in code, or of a gradient.

    >>> [(said.name, said.wording.text) for said in values_said("Then `w.grad` is `12.0`, twice the other.")]
    [('w.grad', '12.0')]
    >>> list(values_said("Here `x` is 2-dimensional, and `n` is set to 3."))
    []
    """
    for pattern in (_NAMED, _GRADIENT, _PRINTS, _FILLED):
        for found in pattern.finditer(text):
            end = _SENTENCE.search(text, found.end())
            rest = text[found.end() : end.start() if end else len(text)]
            begin = max(text.rfind(mark, 0, found.start()) for mark in (". ", "\n\n", "。", ";")) + 1
            wording = stated_by(_SPACED.sub(r"\1", rest.translate(_MARKUP)).strip())
            if wording is None or wording.label or wording.doubtful:
                continue
            hedge = _CONDITION if pattern is _FILLED else _HEDGE
            if hedge.search(text[begin : found.end()] + rest):
                continue
            if wording.literals[0].kind in {"text", "object"} or len(wording.literals) > 1:
                continue
            name = _STANDS_FOR.get(pattern) or found.groupdict().get("name", "")
            yield Said(name, wording, text[: found.end()].count("\n"))


def _judged(passage: Passage, said: Said, judgement: Judgement, better: str) -> Judged:
    line = passage.lines[said.row]
    what = f"`{said.name}` is" if said.name else "the gradient is"
    what = {PRINTED: "the code above prints", ARRAY: "the code above gives an array of"}.get(said.name, what)
    return Judged(line, line, f"{what}, in prose", said.wording.text, judgement, better)


def _judgement(context: Context, said: Said, above: Code, below: Code | None) -> tuple[Judgement | None, str]:
    if context.runs is None:
        return (unjudged("the code was not run") if said.name else None), ""
    first = context.runs.first
    subject, literal = _subject(first, above, said.name), said.wording.literals[0]
    later = _subject(first, below, said.name) if below else None
    held = [each for each in (subject, later) if each is not None]
    for each in held:
        filled = _filling(each.value) if said.name in ("", ARRAY) else each.value
        if compare(literal, filled, said.wording.approximate).agrees:
            seen = shortened(each.value.text)
            return Judgement("confirmed", seen, RULE, evidence=evidence(above.passage, [seen])), ""
    if subject is None or said.name in ("", ARRAY) or literal.whole:
        return None, ""  # it may speak of anything
    return _refuted(context, said, subject, above)


def _refuted(context: Context, said: Said, subject: Subject, above: Code) -> tuple[Judgement | None, str]:
    found = compare(said.wording.literals[0], subject.value, said.wording.approximate)
    if found.outcome in {"unlike", "unknown"} or _was_ever(context, said):
        return None, ""
    names, place = names_in(subject.source), (above.number, above.passage.end_line)
    seen = shortened(subject.value.text)
    if reason := context.in_doubt(names, place):
        return unjudged(reason), ""
    if cause := _what_changes(context, said, subject, above):
        return not_reproducible(context, cause, seen, above.passage), ""
    if line := context.random_origin(names, place):
        return unjudged(f"it hangs together with random numbers of line {line}"), ""
    literal = said.wording.literals[0]
    better = replacement(literal, subject.value)
    judgement = Judgement(
        "refuted",
        actual=seen,
        rule=RULE,
        diagnosis=explain(literal, subject, found, Surroundings()),
        evidence=evidence(above.passage, [seen]),
        suggestion=f"write `{better}`" if better else f"the run gives {seen}",
    )
    return judgement, better


def _subject(run: Run, code: Code, name: str) -> Subject | None:
    """The named value after the last statement of a block; without a name, the one gradient there is."""
    records = [record for record in run.records if record.block == code.number]
    if not records:
        return None
    alive = list(live_at(run, records[-1]))
    if name == PRINTED:
        calls = {(record.line, record.sources) for record in records if record.how == "print"}
        values = [value for record in records if record.how == "print" for value in subjects(record)]
        return values[0] if len(calls) == len(values) == 1 else None
    if name == ARRAY:
        return next(iter(subjects(records[-1])), None)
    if not name:
        if records[-1].sources and records[-1].sources[0].endswith(".grad"):
            return subjects(records[-1])[0]
        gradients = [each for each in alive if each.source.endswith(".grad")]
        return gradients[0] if len(gradients) == 1 else None
    recorded = [Subject(name, value) for record in records for value in _values_of(record, name)]
    return next((each for each in alive if each.source == name), recorded[-1] if recorded else None)


def _filling(value: Value) -> Value:
    """The one number that all entries of an array are; any other value as it is."""
    if value.kind != "array" or not value.entries or len(set(value.entries)) > 1:
        return value
    return Value("number", "float", value.text, value.shown, value.dtype, (), value.entries[:1])


def _values_of(record: Record, name: str) -> list[Value]:
    return [value for source, value in zip(record.sources, record.values, strict=False) if source == name]


def _was_ever(context: Context, said: Said) -> bool:
    """Whether the name has the stated value at any other moment of the run."""
    runs = context.runs
    values = [value for record in runs.first.records for value in _values_of(record, said.name)] if runs else []
    return any(compare(said.wording.literals[0], value).agrees for value in values)


def _what_changes(context: Context, said: Said, subject: Subject, above: Code) -> str:
    runs = context.runs
    assert runs is not None
    for run, cause in ((runs.repeated, "time, memory addresses or the machine"), (runs.reseeded, "random numbers")):
        if run is not None:
            other = _subject(run, above, said.name)
            if other is None or other.value.text != subject.value.text:
                return cause
    return ""
