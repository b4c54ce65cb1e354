"""The door of the readers: a file or a text of any format, as a document."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from gradcheck.documents.document import Document, Passage, Pragma, Problem
from gradcheck.documents.readers.encodings import decoded
from gradcheck.documents.readers.finish import finished
from gradcheck.documents.readers.formats import FORMATS, format_of
from gradcheck.documents.readers.lines import Lines
from gradcheck.documents.readers.pragmas import in_code, misunderstood, placed, with_outputs
from gradcheck.errors import UnknownName, UsageError

LARGEST = 10 * 2**20
"""The size in bytes of the largest document that is read."""

Reader = Callable[[Lines], Iterator[Passage | Pragma | Problem]]


def read_document(path: str | os.PathLike[str]) -> Document:
    """The passages of a document; its format is told by its suffix, or by its content where the suffix says nothing.

    Raises UsageError for what is no readable document: missing, a folder, binary, empty, larger than `LARGEST`, in no
    known encoding, or a notebook that is none.
    """
    shown = os.fspath(path)
    text, notices = decoded(_bytes(Path(path), shown), shown)
    return _document(text, format_of(shown, text), shown, notices)


def read_text(text: str, format: str, path: str = "<text>") -> Document:
    """The passages of a text in one of the `FORMATS`; `path` is how messages call it.

    >>> document = read_text("Take\\n\\n```python\\nprint(2)  # 2\\n```\\n", "markdown")
    >>> [(passage.kind, passage.line) for passage in document.passages]
    [('prose', 1), ('code', 4)]

    Raises UnknownName for a format that is not known, and UsageError as `read_document` does.
    """
    if format not in FORMATS:
        raise UnknownName("format", format, FORMATS, f"accepted: {', '.join(FORMATS)}")
    return _document(text.replace("\r\n", "\n").replace("\r", "\n"), format, path, ())


def _document(text: str, format: str, path: str, notices: tuple[Problem, ...]) -> Document:
    if not text.strip():
        raise UsageError(f"{path} is empty; there is nothing to verify")
    module, name = FORMATS[format].reader.split(":")
    reader: Reader = getattr(import_module(module), name)
    try:
        parts = list(placed(reader(Lines.of(text))))
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None
    except RecursionError:
        raise UsageError(f"{path} is nested too deeply to be read") from None
    read = [in_code(passage) for passage in finished(part for part in parts if isinstance(part, Passage))]
    passages = tuple(passage for passage, _ in read)
    marks = (*(part for part in parts if isinstance(part, Pragma)), *(mark for _, found in read for mark in found))
    pragmas = tuple(with_outputs(mark, passages) for mark in marks)
    problems = (part for part in parts if isinstance(part, Problem))
    return Document(path, format, passages, (*notices, *problems, *misunderstood(pragmas)), pragmas)


def _bytes(path: Path, shown: str) -> bytes:
    try:
        if path.is_dir():
            raise UsageError(f"{shown} is a folder, not a document")
        if not path.is_file():
            what = "is no regular file" if path.exists() else "does not exist"
            raise UsageError(f"{shown} {what}")
        if (size := path.stat().st_size) > LARGEST:
            raise UsageError(f"{shown} has {size / 2**20:.0f} MB; a document may have {LARGEST // 2**20} MB")
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror or error}") from None
