"""The README is run: every Python block, every command, and what each is said to print."""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gradcheck.cli import main
from gradcheck.configuration import settings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

TEST = """
import torch
from gradcheck import assert_gradients

def test_tanh():
    assert_gradients(torch.tanh, torch.tensor([0.5, -1.0], dtype=torch.float64))
"""


class Block(NamedTuple):
    """One fenced block, and the text it is said to print (None where the README does not say)."""

    language: str
    source: str
    line: int
    printed: str | None


def blocks() -> Iterator[Block]:
    """Every block but those that state an output, in order."""
    found = list(FENCE.finditer(README))
    for match, following in zip(found, [*found[1:], None], strict=True):
        if match[1] != "text":
            printed = following[2] if following and following[1] == "text" else None
            yield Block(match[1], match[2], README[: match.start()].count("\n") + 1, printed)


BLOCKS = tuple(blocks())
COMMANDS = [(block, line) for block in BLOCKS if block.language == "sh" for line in block.source.splitlines()]


def run_python(block: Block, namespace: dict[str, Any]) -> str:
    """What the block prints; an assertion that fails at its end is printed as Python would, without the traceback."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        try:
            exec(compile("\n" * block.line + block.source, "README.md", "exec"), namespace)
        except AssertionError as error:
            out.write(f"{type(error).__name__}: {error}\n")
    return out.getvalue()


def agree(stated: str, printed: str) -> bool:
    """Equal but for trailing spaces; a line of `...` in what is stated stands for any lines."""
    pattern = "".join(r"(?:.*\n)*" if line == "..." else re.escape(f"{line}\n") for line in trimmed(stated))
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in trimmed(printed))) is not None


def trimmed(text: str) -> list[str]:
    """The lines without blank ones around them and without trailing spaces."""
    return [line.rstrip() for line in text.strip("\n").splitlines()]


def test_the_readme_is_short_and_every_block_says_its_language() -> None:
    assert len(README.splitlines()) < 150
    assert {block.language for block in BLOCKS} == {"python", "sh"}


def test_every_python_block_prints_what_the_readme_says() -> None:
    namespace: dict[str, Any] = {"__name__": "readme"}
    for block in (block for block in BLOCKS if block.language == "python"):
        printed = run_python(block, namespace)
        assert agree(block.printed or "", printed), f"README.md line {block.line} prints:\n{printed}"


def run_pytest(arguments: list[str]) -> tuple[str, set[str]]:
    """The plugin's first line about a project with one test and one document, and the reports that appeared."""
    Path("test_tanh.py").write_text(TEST, encoding="utf-8")
    Path("docs").mkdir()
    Path("docs", "a.md").write_text("With y = x^2, dy/dx = 2x.\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "gradcheck.pytest_plugin", *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    ran = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    (line, *_) = (line for line in ran.stdout.splitlines() if line.startswith("gradcheck: "))
    return line, {path.name for path in Path().iterdir() if path.suffix in (".md", ".html", ".json")}


@pytest.mark.parametrize(("block", "line"), COMMANDS, ids=[line for _, line in COMMANDS])
def test_every_command_works_as_the_readme_says(
    block: Block, line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    program, *arguments = shlex.split(line, comments=True)
    if program == "make":
        assert re.search(rf"^{arguments[0]}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
        return
    monkeypatch.chdir(tmp_path)
    if program == "pytest":
        reports = {"gradients.html"} & set(arguments)
        assert run_pytest(arguments) == ("gradcheck: 1 check: 1 correct, 0 wrong", reports)
        return
    assert program == "gradcheck"
    Path("README.md").write_text(README, encoding="utf-8")
    code = main(arguments)
    printed, err = capsys.readouterr()
    assert (code, err) == (0, "")
    assert block.printed is None or agree(block.printed, printed), f"README.md line {block.line} prints:\n{printed}"


def test_every_claim_of_the_readme_is_to_be_confirmed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert settings(ROOT) == {"paths": ["README.md"], "strict": True}


@pytest.mark.parametrize(
    ("stated", "printed", "expected"),
    [
        ("a\nb\n", "a  \nb\n", True),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("a\n...\n", "a\nb\n", True),
        ("a\n...\n", "b\nb\n", False),
        ("a\n", "b\n", False),
        ("", "b\n", False),
    ],
)
def test_stated_and_printed_text_are_told_apart(stated: str, printed: str, expected: bool) -> None:
    assert agree(stated, printed) is expected
