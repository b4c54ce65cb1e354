"""Which documents are meant by files, folders and patterns on a command line."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from itertools import takewhile
from pathlib import Path

from gradcheck.documents.readers.formats import SUFFIXES
from gradcheck.errors import UsageError, nearest

SKIPPED = frozenset(
    ("__pycache__", "_build", "build", "dist", "env", "node_modules", "site-packages", "target", "venv", "virtualenv")
)
"""Folders of build output and of other people's code; hidden ones and virtual environments are skipped as well."""

_SCRIPTS = "; a script without comment blocks for prose is read where it is named itself"

HEAD = 256 * 1024
"""So many bytes tell a script written to be read from a module."""


def documents_under(paths: Sequence[str], exclude: Sequence[str] = ()) -> tuple[Path, ...]:
    """The documents that files, folders and patterns name, each file once, in the order given.

    A file is taken whatever its suffix. A folder and a pattern give the files of the known suffixes, sorted, and of
    the Python files those that are written to be read, with comment blocks as prose. What a pattern of `exclude`
    matches, a path or a folder above it, is left out.

    Raises UsageError for a name that is nothing, with the nearest name beside it, and for one that holds no document.
    """
    found: dict[str, Path] = {}
    for name in paths:
        before = len(found)
        named = False
        for path in _named(name):
            named = True
            if not _is_excluded(path, exclude):
                found.setdefault(os.path.realpath(path), path)
        if not named and len(found) == before:
            raise UsageError(f"{name} holds no documents; looked for {', '.join(sorted(SUFFIXES))}{_SCRIPTS}")
    return tuple(found.values())


def _is_excluded(path: Path, patterns: Sequence[str]) -> bool:
    """Whether a pattern matches the path or a folder above it, whole or from any folder on: `drafts`, `docs/*.md`."""
    return any(place.match(pattern) for place in (path, *path.parents) for pattern in patterns if place.name)


def _named(name: str) -> Iterator[Path]:
    path = Path(name)
    if not name.strip():
        raise UsageError("an empty name is no document; the present folder is called .")
    if path.is_dir():
        yield from _in_folder(path)
    elif path.exists() or path.is_symlink():
        yield path
    elif glob.has_magic(name):
        yield from _matching(name)
    else:
        raise UsageError(f"{name} does not exist{_suggestion(path)}")


def _matching(pattern: str) -> Iterator[Path]:
    matches = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207
    if not matches:
        raise UsageError(f"nothing matches {pattern}")
    stated = sum(1 for _ in takewhile(lambda part: not glob.has_magic(part), Path(pattern).parts))
    for match in map(Path, matches):
        found = [Path(*match.parts[:end]) for end in range(stated + 1, len(match.parts))]
        if not match.is_dir() and not any(map(_is_skipped, found)) and _is_document(match):
            yield match


def _in_folder(folder: Path) -> Iterator[Path]:
    """The documents in a folder and below, sorted; links are followed, and no real folder is entered twice."""
    entered: set[str] = set()
    for root, folders, names in os.walk(folder, followlinks=True):
        here = os.path.realpath(root)
        if here in entered:
            folders.clear()
            continue
        entered.add(here)
        folders[:] = sorted(name for name in folders if not _is_skipped(Path(root, name)))
        yield from (path for name in sorted(names) if _is_document(path := Path(root, name)))


def _is_skipped(folder: Path) -> bool:
    name = folder.name
    return name.startswith(".") or name in SKIPPED or name.endswith(".egg-info") or (folder / "pyvenv.cfg").exists()


def _is_document(path: Path) -> bool:
    known = SUFFIXES.get(path.suffix.lower())
    if known is None or path.name.startswith(".") or not path.is_file():
        return False
    return known != "python" or _is_written_to_be_read(path)


def _is_written_to_be_read(path: Path) -> bool:
    from gradcheck.documents.readers.script import is_gallery

    try:
        with path.open("rb") as file:
            return is_gallery(file.read(HEAD).decode("utf-8", errors="replace"))
    except OSError:
        return False


def _suggestion(path: Path) -> str:
    try:
        beside = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return f"; nor does the folder {path.parent}"
    near = nearest(path.name, beside, 1)
    return f"; did you mean {path.parent / near[0]}?" if near else ""
