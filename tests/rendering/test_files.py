"""A file is written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradcheck.rendering import write_atomically


def test_writes_and_replaces(tmp_path: Path) -> None:
    target = tmp_path / "report.md"
    write_atomically(target, "old\n")
    write_atomically(str(target), "new 梯度\n")
    assert target.read_bytes() == "new 梯度\n".encode()
    assert list(tmp_path.iterdir()) == [target]


def test_permissions_are_those_of_a_plain_file(tmp_path: Path) -> None:
    plain, target = tmp_path / "plain", tmp_path / "report.md"
    plain.write_text("", encoding="utf-8")
    write_atomically(target, "text")
    assert target.stat().st_mode == plain.stat().st_mode
    target.chmod(0o600)
    write_atomically(target, "again")
    assert target.stat().st_mode & 0o777 == 0o600


def test_what_utf8_cannot_hold_is_escaped(tmp_path: Path) -> None:
    write_atomically(tmp_path / "report.md", "name \udc80")
    assert (tmp_path / "report.md").read_text(encoding="utf-8") == "name \\udc80"


@pytest.mark.parametrize("failure", [OSError("disk full"), KeyboardInterrupt()])
@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.replace"])
def test_a_failure_midway_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, failure: BaseException
) -> None:
    target = tmp_path / "report.md"
    target.write_text("old", encoding="utf-8")

    def fail(*args: object) -> None:
        raise failure

    monkeypatch.setattr(step, fail)
    with pytest.raises(type(failure)):
        write_atomically(target, "new")
    monkeypatch.undo()
    assert target.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_atomically(tmp_path / "missing" / "report.md", "text")
