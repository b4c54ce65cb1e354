"""The readers' door: encodings, formats, and every bad input with a line that says what is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gradcheck.documents.readers.formats import format_of
from gradcheck.documents.readers.read import LARGEST, read_document, read_text
from gradcheck.errors import UnknownName, UsageError

CHINESE = "# 梯度下降\n\n损失函数的梯度是 2x，参数更新的步长由学习率控制。\n\n```python\nprint(x.grad)  # 梯度\n```\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030"])
def test_encodings(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a.md"
    path.write_bytes(CHINESE.replace("\n", "\r\n").encode(encoding))
    document = read_document(path)
    assert [(passage.text, passage.line) for passage in document.passages] == [
        ("梯度下降", 1),
        ("损失函数的梯度是 2x，参数更新的步长由学习率控制。", 3),
        ("print(x.grad)  # 梯度", 6),
    ]
    notices = [problem.text for problem in document.problems]
    assert notices == (["the file is not UTF-8; it was read as gb18030"] if encoding.startswith("gb") else [])


BAD: dict[str, tuple[str, bytes | None, str]] = {
    "binary": ("a.md", b"\x89PNG\r\n\x00\x00", "is a binary file"),
    "empty": ("a.md", b"", "is empty"),
    "blank": ("a.md", b" \n\n", "is empty"),
    "too large": ("a.md", b"x" * (LARGEST + 2**20), "has 11 MB; a document may have 10 MB"),
    "broken notebook": ("a.ipynb", b'{"cells": [', "the notebook is broken"),
    "no notebook": ("a.ipynb", b"[]", "the notebook is broken"),
    "utf-16 cut short": ("a.md", b"\xff\xfea", "begins as UTF-16 but is not"),
    "no encoding": ("a.md", bytes(range(128, 256)) * 3 + b"\xff\xff\x80\n", "is in no known encoding"),
    "missing": ("a.md", None, "does not exist"),
}


@pytest.mark.parametrize(("name", "content", "reason"), BAD.values(), ids=BAD)
def test_bad_files_are_one_clear_line(tmp_path: Path, name: str, content: bytes | None, reason: str) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(UsageError, match=reason) as raised:
        read_document(path)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_folder_is_no_document(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder"):
        read_document(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system has no pipes with names")
def test_a_pipe_is_no_document(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.md")
    with pytest.raises(UsageError, match="is no regular file"):
        read_document(tmp_path / "a.md")


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "a.md").write_text("x")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(UsageError, match="cannot be read: Permission denied"):
        read_document(tmp_path / "a.md")


def test_an_unknown_format_names_the_nearest() -> None:
    with pytest.raises(UnknownName, match="did you mean 'markdown'"):
        read_text("x", "markdwon")


@pytest.mark.parametrize(
    ("path", "text", "format"),
    [
        ("a.markdown", "<html>", "markdown"),
        ("a.RST", "# x", "rst"),
        ("a.txt", "# x", "text"),
        ("a", "# Title\n\nText", "markdown"),
        ("a", "Text\n\n.. math:: x\n", "rst"),
        ("a.page", "\n<HTML lang='en'>", "html"),
        ("a", '{"cells": []}', "notebook"),
        ("a", "#!/usr/bin/env python\nx = 1", "python"),
        ("a", "Text only", "text"),
    ],
)
def test_formats_by_suffix_then_by_content(path: str, text: str, format: str) -> None:
    assert format_of(path, text) == format


@pytest.mark.parametrize(
    ("format", "unit"),
    [
        ("markdown", "Text *with* $x$\n\n```python\nx = 1\nprint(x)  # 1\n```\n\n> - a\n"),
        ("markdown", "\\[ $$ `` ![[(*_ <a\n"),
        ("text", "Prose is here.\n\nx = f(1)\nprint(x)\n\n"),
        ("text", "x = f((\n"),
        ("html", "<p>Text <code>x</code></p>\n<pre>x = 1\n</pre>\n"),
        ("rst", "Text ``x``::\n\n    x = 1\n\n"),
        ("python", '# %%\n# Text\nx = """\n"""\n'),
    ],
)
def test_reading_takes_time_in_proportion_to_size(format: str, unit: str) -> None:
    def seconds(count: int) -> float:
        start = time.process_time()
        read_text(unit * count, format)
        return time.process_time() - start

    seconds(10)
    count = 1500 // len(unit)
    assert min(seconds(8 * count) for _ in range(2)) < 24 * max(min(seconds(count) for _ in range(3)), 0.005)


def test_the_door_opens_without_the_heavy_libraries() -> None:
    program = (
        "import sys, gradcheck.documents.readers.read as read\n"
        "read.read_text('```\\nx = 1\\n```', 'markdown')\n"
        "print(sorted({'torch', 'sympy', 'numpy', 'docutils', 'bs4', 'nbformat'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (run.stdout.strip(), run.stderr) == ("[]", "")
