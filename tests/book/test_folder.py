"""A folder is replaced whole, or stays as it was; what is no book is never touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradcheck import UsageError
from gradcheck.book.folder import check_replaceable, write_folder
from gradcheck.rendering.book import GENERATOR

OLD = {"index.html": f"old {GENERATOR}", "formulas/gone.html": "gone"}
NEW = {"index.html": f"new {GENERATOR}", "formulas/relu.html": "relu", "formulas/softmax.html": "softmax ∂"}


def held(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def book(tmp_path: Path) -> Path:
    write_folder(tmp_path / "book", OLD)
    return tmp_path / "book"


def test_a_new_folder_holds_the_files(tmp_path: Path) -> None:
    write_folder(tmp_path / "book", NEW)
    assert held(tmp_path) == {f"book/{name}": text for name, text in NEW.items()}


def test_an_older_book_is_replaced_with_all_its_pages(book: Path) -> None:
    write_folder(book, NEW)
    assert held(book) == NEW
    assert [path.name for path in book.parent.iterdir()] == ["book"]


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    write_folder(tmp_path, NEW)
    assert held(tmp_path) == NEW


@pytest.mark.parametrize("files", [{**NEW, "formulas/relu.html": 3}, {**NEW, "index.html/x": "under a file"}])
def test_a_write_that_fails_leaves_the_old_book_whole(files: dict[str, str], book: Path) -> None:
    with pytest.raises((TypeError, OSError)):
        write_folder(book, files)
    assert held(book) == OLD
    assert [path.name for path in book.parent.iterdir()] == ["book"]


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, OSError])
def test_an_exchange_that_fails_puts_the_old_book_back(
    interruption: type[BaseException], book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def fail_for_the_new(self: Path, target: Path) -> Path:
        if self.name == "new":
            raise interruption
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_for_the_new)
    with pytest.raises(interruption):
        write_folder(book, NEW)
    assert held(book) == OLD
    assert [path.name for path in book.parent.iterdir()] == ["book"]


@pytest.mark.parametrize(
    ("name", "text"),
    [("notes.txt", "mine"), ("index.html", "my own site"), ("formulas/notes.txt", "mine"), ("formulas/a/b.html", "x")],
)
def test_what_is_no_book_is_never_replaced(name: str, text: str, tmp_path: Path) -> None:
    folder = tmp_path / "precious"
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="would be lost"):
        write_folder(folder, NEW)
    assert held(folder) == {name: text}


def test_a_file_beside_a_book_s_pages_is_not_lost(book: Path) -> None:
    (book / "formulas" / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match=r"holds 'mine\.txt'"):
        check_replaceable(book)


def test_a_file_or_a_link_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    for name in ("file", "link"):
        with pytest.raises(UsageError, match="is no folder"):
            check_replaceable(tmp_path / name)
