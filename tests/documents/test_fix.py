"""Corrections: the right value in the right place, the rest of the file untouched byte for byte."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from gradcheck.articles.claims import Judgement
from gradcheck.documents.fix import Fix, fix
from gradcheck.documents.judged import Judged
from gradcheck.documents.verification import Verification

REFUTED = Judgement("refuted", "2", "equality")


def refuted(line: int, stated: str, replacement: str, end_line: int = 0) -> Judged:
    return Judged(line, end_line or line, "`print(x)` prints", stated, REFUTED, replacement)


def fixed(path: Path, *judged: Judged) -> Fix:
    found = fix(Verification(str(path), judged))
    assert found is not None
    return found


def test_the_last_text_that_is_the_stated_one_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(b"print(1.0)\r\nprint(1.0)  # 1.0 is 1.0\r\n\xc3\xa9")
    found = fixed(path, refuted(2, "1.0", "2.0"))
    assert found.after == "print(1.0)\r\nprint(1.0)  # 1.0 is 2.0\r\né"
    assert len(found.corrected) == 1
    assert not found.left


def test_several_corrections_of_several_lines_each_find_their_place(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("a  # [[1, 2],\n   #  [3, 4]]\nb  # 5\nc  # 6\n", encoding="utf-8")
    found = fixed(
        path, refuted(1, "[[1, 2],\n   #  [3, 4]]", "[[0, 0]]", 2), refuted(3, "5", "55"), refuted(4, "6", "66")
    )
    assert found.after == "a  # [[0, 0]]\nb  # 55\nc  # 66\n"
    assert [each.line for each in found.corrected] == [1, 3, 4]


def test_the_patch_is_one_that_patch_takes(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("one\nx  # 1", encoding="utf-8")
    found = fixed(path, refuted(2, "1", "2"))
    patch = found.patch.replace(str(path), "a.md")
    subprocess.run(["git", "apply", "--unsafe-paths", "-p1"], input=patch, text=True, cwd=tmp_path, check=True)
    assert path.read_text(encoding="utf-8") == "one\nx  # 2"


def test_a_notebook_is_corrected_in_its_own_spelling(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    source = ['print("w")  # "1"\n']
    path.write_text(json.dumps({"cells": [{"source": source}]}, indent=1), encoding="utf-8")
    line = path.read_text(encoding="utf-8").splitlines().index('    "print(\\"w\\")  # \\"1\\"\\n"') + 1
    found = fixed(path, refuted(line, '"1"', '"2"'))
    assert json.loads(found.after)["cells"][0]["source"] == ['print("w")  # "2"\n']


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("print(x)\n# [[1., 2.],\n#  [3., 4.]]\n", "print(x)\n# [[1., 2.],\n#  [3., 5.]]\n"),
        ("[[1., 2.],\r\n [3., 4.]]\r\n", "[[1., 2.],\r\n [3., 5.]]\r\n"),
        ('  "[[1., 2.],\\n",\n  " [3., 4.]]"\n', '  "[[1., 2.],\\n",\n  " [3., 5.]]"\n'),
        ("   [[1., 2.],\n    [3., 4.]]\n", "   [[1., 2.],\n    [3., 5.]]\n"),
    ],
)
def test_rows_that_stand_on_lines_of_their_own_are_put_right_there(tmp_path: Path, before: str, after: str) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(before.encode())
    end = before.count("\n")
    found = fixed(path, refuted(1, "[[1., 2.],\n [3., 4.]]", "[[1., 2.],\n [3., 5.]]", end))
    assert (found.after, len(found.corrected)) == (after, 1)


def test_a_text_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_bytes("梯度 x # 1\n".encode("gbk"))
    found = fixed(path, refuted(1, "1", "2"))
    assert (found.patch, found.corrected, found.refused) == ("", (), "it is not in UTF-8; convert it first")


def test_other_separators_of_lines_are_part_of_a_line(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("one\x0ctwo\u2028three\nx  # 1\n", encoding="utf-8")
    assert fixed(path, refuted(2, "1", "2")).after == "one\x0ctwo\u2028three\nx  # 2\n"


def test_the_patch_names_the_file_from_here_and_may_have_spaces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "a b.md"
    path.write_text("x  # 1\n", encoding="utf-8")
    patch = fixed(path, refuted(1, "1", "2")).patch
    subprocess.run(["git", "apply", "-p1"], input=patch, text=True, check=True)
    assert path.read_text(encoding="utf-8") == "x  # 2\n"


def test_without_a_sure_value_or_its_text_a_claim_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("x # 1\n", encoding="utf-8")
    found = fixed(path, refuted(1, "1", ""), refuted(1, "7", "8"))
    assert found.after == found.before
    assert found.patch == ""
    assert len(found.left) == 2


def test_where_nothing_is_refuted_there_is_nothing_to_fix(tmp_path: Path) -> None:
    confirmed = Judged(1, 1, "s", "1", Judgement("confirmed", "1", "equality"))
    assert fix(Verification(str(tmp_path / "a.md"), (confirmed,))) is None


@pytest.mark.parametrize(
    ("before", "stated", "after"),
    [
        ("print(y)  # 4 since 2 * 2 is 4\n", "4", "print(y)  # 5 since 2 * 2 is 4\n"),
        ("print(y)  # 4, not 4.5\n", "4", "print(y)  # 5, not 4.5\n"),
        ("print(y, 4)  # y is 4\n", "4", "print(y, 4)  # y is 5\n"),
        ('  "print(y, 4)  # 4\\n",\n', "4", '  "print(y, 4)  # 5\\n",\n'),
    ],
)
def test_the_value_is_replaced_where_the_comment_states_it(
    tmp_path: Path, before: str, stated: str, after: str
) -> None:
    path = tmp_path / "a.md"
    path.write_text(before, encoding="utf-8")
    assert fixed(path, refuted(1, stated, "5")).after == after


@pytest.mark.parametrize(
    "line",
    [
        "`a` is 3.5 and `b` is 3.5.\n",
        '{"cells": [{"cell_type": "code", "source": "print(x)  # 3.5"}, {"cell_type": 3.5}]}',
    ],
)
def test_where_it_is_open_which_text_is_meant_the_claim_is_left(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a.md"
    path.write_text(line, encoding="utf-8")
    found = fixed(path, refuted(1, "3.5", "4.5"))
    assert (found.after, len(found.left)) == (line, 1)


def test_the_same_mistake_made_twice_on_a_line_is_put_right_twice(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("dy/dx = 3x, as said dy/dx = 3x\n", encoding="utf-8")
    twice = [refuted(1, "dy/dx = 3x", "dy/dx = 2x") for _ in range(2)]
    assert fixed(path, *twice).after == "dy/dx = 2x, as said dy/dx = 2x\n"
