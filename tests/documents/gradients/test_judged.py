"""Right gradients are confirmed; a twin with one mistake is refuted, the mistake named at its place."""

from __future__ import annotations

import pytest

from gradcheck.documents.gradients.judged import judged_gradients
from tests.documents.gradients.function_snippets import CUSTOM, FUNCTIONS
from tests.documents.gradients.handed_snippets import HANDED
from tests.documents.gradients.snippets import SNIPPETS, Snippet, Twin
from tests.documents.gradients.staged_snippets import STAGED
from tests.documents.gradients.stand_in import document_of, judged

ALL = (*SNIPPETS, *FUNCTIONS, *CUSTOM, *HANDED, *STAGED)
TWINS = [(snippet, twin) for snippet in ALL for twin in snippet.twins]


@pytest.mark.parametrize("snippet", ALL, ids=lambda each: each.name)
def test_right_gradients_are_confirmed(snippet: Snippet) -> None:
    found = judged(snippet.text)
    assert [each.judgement.status for each in found] == ["confirmed"] * snippet.gradients


@pytest.mark.parametrize(("snippet", "twin"), TWINS, ids=[f"{each.name}: {twin.new[:40]}" for each, twin in TWINS])
def test_a_mistake_is_named_at_its_place(snippet: Snippet, twin: Twin) -> None:
    assert twin.old in snippet.text
    code = snippet.text.replace(twin.old, twin.new)
    refuted = [each for each in judged(code) if each.judgement.status == "refuted"]
    place = twin.at or twin.new.split("\n", maxsplit=1)[0]
    at_place = [each for each in refuted if place in code.split("\n")[each.line - 1]]
    assert {each.judgement.diagnosis.kind for each in at_place if each.judgement.diagnosis} == {twin.kind}


@pytest.mark.parametrize("snippet", ALL[:3], ids=lambda each: each.name)
def test_nothing_is_run_without_a_sandbox(snippet: Snippet) -> None:
    found = list(judged_gradients(document_of(snippet.text), None, None))
    assert [each.judgement.rule for each in found] == ["its code was not run"] * snippet.gradients


def test_what_is_stated_is_the_documents_own_text() -> None:
    (found,) = judged(SNIPPETS[0].text)
    assert (found.line, found.stated) == (6, "gradient = X.T.dot(error) / m")
    assert found.statement == "`gradient` is the gradient of the loss by `theta`"
    assert [each.oracle for each in found.judgement.evidence] == ["stated code", "finite_difference"]


def test_a_document_without_gradients_has_nothing_to_judge() -> None:
    assert judged("import numpy as np\nx = np.ones(3)\nx -= x.mean()\ncount = 0\ncount += 1") == []
