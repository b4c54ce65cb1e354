"""What takes long to load, and which documents will want it: a guess, which only time depends on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from gradcheck.documents.sandbox.launch import Zygote

JUDGES = ("torch", "gradcheck.documents.formulas.judge", "gradcheck.documents.readers.markdown")
"""What takes long to load and every process needs that judges."""

HEAD = 1 << 20
"""So many bytes of a document are asked what it is about."""

_DERIVATIVES = rb"\\partial|\xe2\x88\x82|\\nabla|\xe2\x88\x87|\\frac\s*\{d|\bd\w+/d\w|\w'\(\w|[Dd]erivative of"


@contextmanager
def shared_zygote(paths: Sequence[Path]) -> Iterator[str]:
    """The door of a process that all workers have theirs from which run code, with torch where a document names it."""
    zygote = Zygote(several=True, preloaded=("torch",) if any(map(names_torch, paths)) else ())
    try:
        yield zygote.door
    finally:
        zygote.close()


def names_torch(path: Path) -> bool:
    """Whether a document speaks of torch."""
    return b"torch" in _head(path)


def states_derivatives(path: Path) -> bool:
    """Whether formulas will have to be judged, as it seems, beside code that takes time to run."""
    return names_torch(path) and re.search(_DERIVATIVES, _head(path)) is not None


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(HEAD)
    except OSError:
        return b""
