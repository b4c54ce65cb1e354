"""Files outside a run's own folder: they can be read, and not be changed where the system has Landlock."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gradcheck.documents.sandbox import confinement
from gradcheck.documents.sandbox.job import Limits
from gradcheck.documents.sandbox.sandbox import Sandbox
from tests.documents.sandbox.blocks import kinds, laid_out, printed

has_landlock = pytest.mark.skipif(confinement.landlock_version() < 1, reason="this kernel has no Landlock")

CHANGES = {
    "a new file": "open('{folder}/new', 'w')",
    "an overwritten file": "open('{folder}/kept', 'w')",
    "an appended file": "open('{folder}/kept', 'a')",
    "a removed file": "import os; os.remove('{folder}/kept')",
    "a file cut off": "import os; os.truncate('{folder}/kept', 0)",
    "a file moved away": "import os; os.rename('{folder}/kept', 'kept')",
    "a new folder": "import os; os.mkdir('{folder}/new')",
    "a link that is written through": "import os; os.symlink('{folder}/kept', 'link'); open('link', 'w')",
    "a path that leads up": "import os; open(os.path.relpath('{folder}/kept'), 'w')",
}

OWN = """
    import os, multiprocessing, tempfile
    os.makedirs("a/b")
    with open("a/file", "w") as file:
        file.write("own")
    os.rename("a/file", "a/b/file")
    with tempfile.TemporaryFile() as file, open("/dev/null", "w") as nothing:
        print(open("a/b/file").read(), file.write(b"four"), nothing.write("five!"))
    os.remove("a/b/file")
    with multiprocessing.get_context("fork").Pool(1) as pool:
        print(pool.map(abs, [-1]))
"""


@pytest.fixture(scope="module")
def opened() -> Iterator[Sandbox]:
    with Sandbox(Limits(seconds=20)) as sandbox:
        yield sandbox


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "kept").write_text("kept", encoding="utf-8")
    return tmp_path


@has_landlock
@pytest.mark.parametrize("name", CHANGES)
def test_a_change_elsewhere_is_refused_and_said_to_be(opened: Sandbox, folder: Path, name: str) -> None:
    run = opened.run(laid_out(CHANGES[name].format(folder=folder), "after = 1"))
    assert run.confined
    assert kinds(run) == [("refused", 0)]
    assert "the run's own folder only" in run.failures[0].text
    assert [(each.name, each.read_text(encoding="utf-8")) for each in folder.iterdir()] == [("kept", "kept")]


@has_landlock
def test_a_program_that_the_code_starts_is_confined_too(opened: Sandbox, folder: Path) -> None:
    opened.run(laid_out(f"import os; os.system('echo lost > {folder}/kept')"))
    assert (folder / "kept").read_text(encoding="utf-8") == "kept"


@has_landlock
def test_an_error_that_names_no_file_says_what_may_be_behind_it(opened: Sandbox, folder: Path) -> None:
    (folder / "inner").mkdir()
    (folder / "inner" / "kept").write_text("kept", encoding="utf-8")
    run = opened.run(laid_out(f"import shutil; shutil.rmtree('{folder}/inner')"))
    assert "perhaps since the sandbox" in run.failures[0].text
    assert (folder / "inner" / "kept").exists()


def test_the_run_s_own_files_and_reading_elsewhere_are_free(opened: Sandbox, folder: Path) -> None:
    run = opened.run(laid_out(OWN, f"print(open('{folder}/kept').read())"))
    assert (printed(run), run.failures) == (["own 4 5", "[1]", "kept"], ())


def test_a_file_that_its_owner_keeps_is_no_matter_of_the_sandbox(opened: Sandbox) -> None:
    run = opened.run(laid_out("raise PermissionError(13, 'Permission denied', 'missing/file')"))
    assert kinds(run) == [("raised", 0)]


def test_without_landlock_the_run_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(confinement, "landlock_version", lambda: 0)
    other = confinement.Confinement()
    assert not other.confine(str(tmp_path))
    assert not other.refuses("/etc/passwd")
