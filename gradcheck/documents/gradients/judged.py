"""Every hand-written gradient of a document, judged."""

from __future__ import annotations

from collections.abc import Iterator

from gradcheck.documents.document import Document
from gradcheck.documents.gradients.asking import inquire
from gradcheck.documents.gradients.custom_functions import custom_functions
from gradcheck.documents.gradients.derivative_checks import derivatives
from gradcheck.documents.gradients.listings import judged_breaks
from gradcheck.documents.gradients.makers import makers
from gradcheck.documents.gradients.source import parse
from gradcheck.documents.gradients.stage_checks import stages
from gradcheck.documents.gradients.update_checks import updates
from gradcheck.documents.gradients.written_out import written_out
from gradcheck.documents.judged import Judged
from gradcheck.documents.records import Runs
from gradcheck.documents.sandbox.runnable import runnable
from gradcheck.documents.sandbox.sandbox import Sandbox


def judged_gradients(document: Document, sandbox: Sandbox | None, runs: Runs | None) -> Iterator[Judged]:
    """Judges every gradient that the document's code writes out by hand, against the loss beside it.

    The loss and the gradient are cut out of the code and run in the `sandbox`, at values that the code itself computes
    or else at made-up ones of fitting shapes. Without a sandbox every gradient that was found is not checkable. `runs`
    is what the document's own run brought back; nothing here depends on it.
    """
    del runs
    blocks, _ = runnable(document)
    source = parse(blocks)
    finders = (
        updates(written_out(source), sandbox),
        derivatives(source),
        makers(source),
        custom_functions(document, source),
    )
    found = list(inquire(finders, sandbox))
    yield from _merged(found, list(inquire((stages(source),), sandbox)))
    yield from judged_breaks(source)


def _merged(found: list[Judged], staged: list[Judged]) -> Iterator[Judged]:
    """What was found; of what is met as a stage of a backward pass too, the one of the two that is decided."""
    decided = {each.line for each in found if each.judgement.status != "not checkable"}
    better = {each.line for each in staged if each.judgement.status != "not checkable"} - decided
    yield from (each for each in found if each.line not in better)
    met = {each.line for each in found} - better
    yield from (each for each in staged if each.line not in met)
