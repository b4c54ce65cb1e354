"""A stand-in for the sandbox that runs what this package writes in the tests' own process."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Sequence
from typing import cast

import torch

from gradcheck.documents.document import Document, Passage
from gradcheck.documents.gradients.judged import judged_gradients
from gradcheck.documents.judged import Judged
from gradcheck.documents.records import Run
from gradcheck.documents.sandbox.job import CodeBlock
from gradcheck.documents.sandbox.sandbox import Sandbox


@contextlib.contextmanager
def torch_as_it_was() -> Iterator[None]:
    """A child process may set torch up as it likes; this one goes on with other tests."""
    dtype, threads = torch.get_default_dtype(), torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_default_dtype(dtype)
        torch.set_num_threads(threads)


class InProcess:
    """Runs blocks of the tests' own making, none of which is a stranger's."""

    def __init__(self) -> None:
        self.runs = 0

    def run(self, blocks: Sequence[CodeBlock], seed: int = 0, reseeded: bool = False) -> Run:
        del seed, reseeded
        self.runs += 1
        outputs: dict[int, str] = {}
        for block in blocks:
            written = io.StringIO()
            with contextlib.redirect_stdout(written), torch_as_it_was():
                exec(compile(block.source, "<block>", "exec"), {})
            outputs[block.number] = written.getvalue()
        return Run((), (), outputs)


def document_of(code: str, prose: str = "") -> Document:
    """A document with one listing, and prose after it."""
    code_lines, prose_lines = code.split("\n"), prose.split("\n")
    listing = Passage("code", code, tuple(range(1, len(code_lines) + 1)), language="python")
    text = Passage("prose", prose, tuple(range(len(code_lines) + 1, len(code_lines) + len(prose_lines) + 1)))
    return Document("a.md", "markdown", (listing, text))


def judged(code: str, prose: str = "") -> list[Judged]:
    """What is judged in a document with one listing."""
    return list(judged_gradients(document_of(code, prose), cast(Sandbox, InProcess()), None))
