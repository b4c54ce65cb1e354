"""A folder written whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from gradcheck.errors import UsageError
from gradcheck.rendering.book import GENERATOR

PAGES = "formulas"


def check_replaceable(folder: Path) -> None:
    """UsageError where the folder holds anything but an earlier book, which a new one may replace.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as empty:
    ...     check_replaceable(Path(empty))
    """
    if not folder.exists() and not folder.is_symlink():
        if not folder.resolve().parent.is_dir():
            raise UsageError(
                f"argument --output: {str(folder.parent)!r} is no folder; name a new one in one that exists"
            )
        return
    if not folder.is_dir() or folder.is_symlink():
        raise UsageError(f"argument --output: {str(folder)!r} is no folder; name a new one, an empty one or a book")
    foreign = [path for path in folder.iterdir() if path.name not in ("index.html", PAGES)]
    foreign += [path for path in folder.glob(f"{PAGES}/*") if path.suffix != ".html" or path.is_dir()]
    index = folder / "index.html"
    is_book = index.is_file() and GENERATOR in index.read_text(encoding="utf-8", errors="replace")
    if foreign or (any(folder.iterdir()) and not is_book):
        name = foreign[0].name if foreign else index.name
        raise UsageError(
            f"argument --output: {str(folder)!r} holds {name!r}, which is no part of a book and would be lost;"
            " name a new folder"
        )


def write_folder(folder: Path, files: Mapping[str, str]) -> None:
    """Put the files, by relative path, in place of the folder and all that it held.

    They are written beside it first. Where anything fails, an interrupt included, the old folder stays as it was.
    Raises UsageError where the folder holds something else than a book, OSError where it cannot be written.
    """
    check_replaceable(folder)
    target = folder.resolve()
    workshop = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}."))
    try:
        fresh, old = workshop / "new", workshop / "old"
        fresh.mkdir()
        for name, text in files.items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        _exchange(fresh, target, old)
    finally:
        shutil.rmtree(workshop, ignore_errors=True)


def _exchange(fresh: Path, target: Path, old: Path) -> None:
    if target.exists():
        target.rename(old)
    try:
        fresh.rename(target)
    except BaseException:
        if old.exists():
            old.rename(target)
        raise
