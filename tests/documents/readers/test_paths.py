"""Files, folders and patterns as the documents they mean."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradcheck.documents.readers.paths import documents_under
from gradcheck.errors import UsageError

FILES = (
    *(
        "a.md",
        "b.ipynb",
        "c.rst",
        "deep/er/d.html",
        "deep/e.txt",
        "gallery.py",
        "module.py",
        "picture.png",
        "data.json",
    ),
    *(".hidden/x.md", ".x.md", "node_modules/x.md", "build/x.md", "_build/x.md", "__pycache__/x.md"),
    *("environment/pyvenv.cfg", "environment/lib/x.md", "thing.egg-info/x.md"),
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("# %%\n# prose" if name == "gallery.py" else "x = 1")
    return tmp_path


def names(folder: Path, *paths: str) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in documents_under(paths)]


def test_a_folder_gives_its_documents_and_skips_what_others_wrote(folder: Path) -> None:
    assert names(folder, str(folder)) == ["a.md", "b.ipynb", "c.rst", "gallery.py", "deep/e.txt", "deep/er/d.html"]


def test_a_file_is_taken_whatever_it_is_called(folder: Path) -> None:
    assert names(folder, str(folder / "module.py"), str(folder / ".hidden/x.md")) == ["module.py", ".hidden/x.md"]


def test_a_pattern_gives_documents_sorted(folder: Path) -> None:
    assert sorted(names(folder, str(folder / "**" / "*.*"))) == sorted(names(folder, str(folder)))
    assert names(folder, str(folder / "build" / "*.md")) == ["build/x.md"]
    assert names(folder, str(folder / "*.md")) == ["a.md"]


def test_each_real_file_comes_once(folder: Path) -> None:
    (folder / "again.md").symlink_to(folder / "a.md")
    assert names(folder, str(folder / "a.md"), str(folder / "deep/../a.md"), str(folder / "again.md")) == ["a.md"]


def test_links_in_a_circle_end(folder: Path) -> None:
    (folder / "deep" / "up").symlink_to(folder)
    (folder / "self.md").symlink_to(folder / "self.md")
    assert names(folder, str(folder)) == ["a.md", "b.ipynb", "c.rst", "gallery.py", "deep/e.txt", "deep/er/d.html"]


def test_a_missing_file_names_the_nearest(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"aa\.md does not exist; did you mean .*/a\.md\?"):
        documents_under([str(folder / "aa.md")])
    with pytest.raises(UsageError, match="nor does the folder"):
        documents_under([str(folder / "no" / "a.md")])


def test_what_holds_no_document(folder: Path) -> None:
    (folder / "none").mkdir()
    with pytest.raises(UsageError, match="holds no documents; looked for"):
        documents_under([str(folder / "none")])
    with pytest.raises(UsageError, match="nothing matches"):
        documents_under([str(folder / "*.markdown")])
    with pytest.raises(UsageError, match="holds no documents"):
        documents_under([str(folder / "*.png")])
