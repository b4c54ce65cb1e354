"""The project's settings: found upwards, each checked, and what is wrong said with the file and the setting."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradcheck.configuration import SETTINGS, settings
from gradcheck.errors import UsageError


def written(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(text, encoding="utf-8")
    return folder


def test_the_nearest_file_with_the_table_counts(tmp_path: Path) -> None:
    written(tmp_path, '[tool.gradcheck]\ntimeout = 5\nonly = ["values"]\n')
    below = written(tmp_path / "package", '[project]\nname = "x"\n') / "docs"
    below.mkdir()
    assert settings(below) == {"timeout": 5, "only": ["values"]}


def test_paths_are_taken_from_the_files_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = written(tmp_path / "a", '[tool.gradcheck]\npaths = ["README.md", "docs"]\n')
    monkeypatch.chdir(tmp_path)
    assert [Path(path) for path in settings(folder)["paths"]] == [folder / "README.md", folder / "docs"]
    monkeypatch.chdir(folder)
    assert settings(folder)["paths"] == ["README.md", "docs"]


def test_without_a_table_there_are_no_settings(tmp_path: Path) -> None:
    assert settings(written(tmp_path, "")) == {}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("timout = 3", "no setting is named 'timout'; did you mean 'timeout'?"),
        ("timeout = 'long'", "timeout = 'long' is not a number of seconds"),
        ("timeout = true", "timeout = True is not a number of seconds"),
        ("jobs = 1.5", "jobs = 1.5 is not a whole number"),
        ("paths = 'README.md'", "paths = 'README.md' is not a list of files, folders and globs"),
        ("strict = 1", "strict = 1 is not true or false"),
        ("only = [3]", "only = [3] is not a list of kinds of claims"),
    ],
)
def test_an_unsuitable_setting_is_refused(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(UsageError) as refused:
        settings(written(tmp_path, f"[tool.gradcheck]\n{line}\n"))
    assert told in str(refused.value)
    assert "pyproject.toml, [tool.gradcheck]" in str(refused.value)


@pytest.mark.parametrize("content", [b"[tool.gradcheck\n", b"\xff\xfe\x00"])
def test_a_file_that_is_no_toml_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "pyproject.toml").write_bytes(content)
    with pytest.raises(UsageError, match=r"pyproject\.toml: it is no TOML"):
        settings(tmp_path)


def test_each_setting_accepts_something() -> None:
    samples = {"paths": ["a"], "exclude": ["a"], "exec": False, "timeout": 1.5, "jobs": 2, "strict": True}
    samples |= {"only": ["values"], "format": "sarif", "computes": True}
    assert {name: suits(samples[name]) for name, (suits, _) in SETTINGS.items()} == dict.fromkeys(SETTINGS, True)
