"""Code of a document that does not run: each cause is told once, as a statement that cannot be checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from gradcheck.articles.claims import Judgement
from gradcheck.documents.document import Document
from gradcheck.documents.judged import Judged
from gradcheck.documents.pragmas import LISTING
from gradcheck.documents.records import Failure, Runs
from gradcheck.results import Diagnosis, Status

_ENDINGS: dict[str, tuple[Status, str]] = {
    "syntax": ("not checkable", "correct the listing, or mark it as text"),
    "raised": ("not checkable", "complete the code so that it runs from the document alone"),
    "time": ("not checkable", "shorten the run, or allow more time with --timeout"),
    "memory": ("not checkable", "use less memory"),
    "output": ("not checkable", "print less"),
    "exited": ("not checkable", "do not end the interpreter"),
    "refused": ("not checkable", "do without the network, other processes and other people's files"),
}
"""For each kind of failure that a reader should hear of: its status, and what would help."""


_MODULE = re.compile(r"^ModuleNotFoundError: No module named '(\w+)")
_DEVICE = re.compile(r"\bCUDA\b|\bcuda devices|accelerator|NVIDIA")
_NAME = re.compile(r"^NameError: name '(\w+)' is not defined")


def judged_listings(document: Document, runs: Runs | None) -> Iterator[Judged]:
    """One statement for each cause that kept code from running.

    What was skipped after it, names missing for it, and the same module or a device missing again, are its
    consequences. An error that the document shows below its code is what the listing is for.
    """
    for failure in _causes(runs.first.failures if runs else ()):
        if not _is_shown(document, failure):
            yield _judged(document, failure)


def _is_shown(document: Document, failure: Failure) -> bool:
    """Whether an output of the code states the error that it raises: its type and the first line of its message."""
    kind, colon, message = failure.text.partition("\n")[0].partition(": ")
    error = f"{kind.rpartition('.')[2]}{colon}{message}"
    outputs = (passage for passage in document.passages if passage.kind == "output" and passage.of == failure.block)
    return failure.kind == "raised" and any(error in passage.text for passage in outputs)


def _causes(failures: Iterable[Failure]) -> Iterator[Failure]:
    unbound: set[str] = set()
    missing: set[str] = set()
    device_told = False
    for failure in sorted(failures, key=lambda each: each.line):
        modules, names = set(_MODULE.findall(failure.text)), set(_NAME.findall(failure.text))
        follows = names <= unbound if names else bool(modules) and modules <= missing
        device = _DEVICE.search(failure.text) is not None
        if failure.kind in _ENDINGS and not follows and not (device and device_told):
            yield failure
        device_told = device_told or device
        unbound |= {name.partition(".")[0] for name in failure.names} | names
        missing |= modules


def _judged(document: Document, failure: Failure) -> Judged:
    status, suggestion = _ENDINGS[failure.kind]
    return Judged(
        line=failure.line,
        end_line=failure.end_line,
        statement=LISTING,
        stated=_source(document, failure),
        judgement=Judgement(
            status=status,
            actual=failure.text,
            rule=f"it does not run: {failure.text}",
            diagnosis=Diagnosis(failure.kind, failure.text),
            suggestion=suggestion,
        ),
    )


def _source(document: Document, failure: Failure) -> str:
    """The first line of the code that failed, as the document has it."""
    if not 0 <= failure.block < len(document.passages):
        return ""
    passage = document.passages[failure.block]
    lines = zip(passage.lines, passage.text.split("\n"), strict=True)
    return next((text.strip() for line, text in lines if line >= failure.line), "")
