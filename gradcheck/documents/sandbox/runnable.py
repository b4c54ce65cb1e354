"""Which passages of a document run, and why the others do not."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field

from gradcheck.documents.document import Document, Passage
from gradcheck.documents.records import Failure
from gradcheck.documents.sandbox.excerpts import is_excerpt
from gradcheck.documents.sandbox.job import CodeBlock
from gradcheck.documents.sandbox.names import bound_names, changed_names, names_in_text
from gradcheck.documents.sandbox.parsing import Places, Unparsable, parsed
from gradcheck.documents.sandbox.shell import Stripped, not_python, stripped

_PYTHON_OPENINGS = ("import ", "from ", "def ", "class ", "print(", "with ", "for ", "while ", "@")


@dataclass
class _Sorting:
    """What has been decided about the passages so far; `bound` are the names that the blocks to run bind."""

    blocks: list[CodeBlock] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    bound: set[str] = field(default_factory=set)


def runnable(document: Document) -> tuple[tuple[CodeBlock, ...], tuple[Failure, ...]]:
    """The blocks of a document's code that run, numbered by their place among the passages, and what does not.

    Python runs, and code without a language that looks like Python. Lines for a shell or a notebook are taken out,
    and are failures of kind `shell` where something may depend on them; so is code in another language. What does not
    parse is a failure of kind `syntax`; an excerpt, where `...` stands for code, is one of kind `skipped`.

    >>> passage = Passage("code", "!pip install torch\\nx = 1", (3, 4), language="python")
    >>> runnable(Document("a.md", "markdown", (passage,)))[0]
    (CodeBlock(number=0, source='\\nx = 1', lines=(3, 4), shows='nothing'),)
    """
    sorting = _Sorting()
    for number, passage in enumerate(document.passages):
        if passage.kind in {"code", "session"} and passage.text.strip():
            _sort(number, passage, sorting)
    return tuple(sorting.blocks), tuple(sorting.failures)


def _sort(number: int, passage: Passage, sorting: _Sorting) -> None:
    foreign = f"in {passage.language}, not Python" if passage.language not in {"", "python"} else ""
    reason = foreign or not_python(passage.text)
    if reason:
        sorting.failures.append(_failure("shell", number, passage, reason))
        return
    try:
        found = _parsable(passage.text)
    except Unparsable as error:
        if passage.language or passage.kind == "session" or _opens_like_python(passage.text):
            sorting.failures.append(_unparsable(number, passage, error))
        return
    block = CodeBlock(number, found.source, passage.lines, passage.shows)
    body = parsed(found.source).body
    if not passage.language and passage.kind == "code" and not _looks_like_python(body, sorting.bound):
        return
    sorting.failures.extend(_shell_failures(block, found))
    if is_excerpt(found.source):
        text = "an excerpt: `...` stands for code that is not here"
        sorting.failures.append(_failure("skipped", number, passage, text, changed_names(body)))
    elif body:
        sorting.blocks.append(block)
        sorting.bound |= bound_names(body)


def _parsable(text: str) -> Stripped:
    """Source that parses: as it stands, or without its indentation, or without its lines for a shell."""
    flush = textwrap.dedent(text)
    attempts = (Stripped(text), Stripped(flush), stripped(flush))
    errors: list[Unparsable] = []
    for attempt in attempts:
        try:
            parsed(attempt.source)
        except Unparsable as error:
            errors.append(error)
        else:
            return attempt
    raise errors[-1]


def _shell_failures(block: CodeBlock, found: Stripped) -> Iterator[Failure]:
    places = Places(block)
    for index, text, names in found.lines:
        line = places.line(index)
        yield Failure("shell", block.number, line, line, f"a line for a shell or a notebook: {text}", names)


def _failure(
    kind: str, number: int, passage: Passage, text: str, names: set[str] | frozenset[str] = frozenset()
) -> Failure:
    return Failure(kind, number, passage.line, passage.end_line, text, tuple(sorted(names)))


def _unparsable(number: int, passage: Passage, error: Unparsable) -> Failure:
    line = passage.lines[min(error.index, len(passage.lines) - 1)]
    names = tuple(sorted(names_in_text(passage.text)))
    return Failure("syntax", number, line, max(passage.end_line, line), error.reason, names)


def _opens_like_python(text: str) -> bool:
    return any(line.startswith(_PYTHON_OPENINGS) for line in textwrap.dedent(text).split("\n"))


def _looks_like_python(body: list[ast.stmt], bound: set[str]) -> bool:
    """Whether statements in no stated language are code: something happens, and it is no list of printed values.

    `loss = 0.5` is code where nothing is called so yet, and looks like output where something is.
    """
    if any(not isinstance(statement, ast.Expr | ast.Assign | ast.AnnAssign) for statement in body):
        return True
    if any(_calls_something(statement, bound) for statement in body):
        return True
    return any(isinstance(statement, ast.Assign) for statement in body) and not bound_names(body) & bound


def _calls_something(statement: ast.stmt, bound: set[str]) -> bool:
    return any(
        isinstance(node, ast.Call)
        and (
            isinstance(node.func, ast.Attribute)
            or (isinstance(node.func, ast.Name) and node.func.id in {"print", *bound})
        )
        for node in ast.walk(statement)
    )
