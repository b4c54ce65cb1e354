"""The command `gradcheck verify`: what it prints and writes, how it exits, and what it says of bad input.

Nothing here runs a document's code: that is tried where documents are verified from end to end.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Cli = Callable[..., "tuple[int, str, str]"]

RIGHT = "With y = x^2 the derivative is dy/dx = 2x.\n"
WRONG = "With y = x^2 the derivative is dy/dx = 4x.\n"


@pytest.fixture
def documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with documents that are right, wrong, silent and binary."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs").mkdir()
    for name, text in {"right.md": RIGHT, "wrong.md": WRONG, "silent.md": "Nothing.\n"}.items():
        (tmp_path / "docs" / name).write_text(text, encoding="utf-8")
    (tmp_path / "binary.md").write_bytes(b"\x00\x01\x02\xff" * 100)
    return tmp_path


@pytest.fixture
def verify(documents: Path, gradcheck_cli: Cli) -> Cli:
    def call(*arguments: str) -> tuple[int, str, str]:
        return gradcheck_cli("verify", "--no-exec", *arguments)

    return call


def test_what_is_refuted_fails(verify: Cli) -> None:
    code, out, err = verify("docs")
    assert (code, err) == (1, "")
    assert out.startswith("2 claims in 3 documents: 1 refuted, 1 confirmed\n")
    assert "docs/wrong.md:1" in out


def test_what_is_right_passes(verify: Cli) -> None:
    assert verify("docs/right.md")[0] == 0


def test_no_claims_are_said_loudly_and_fail_a_strict_run(verify: Cli) -> None:
    code, out, _ = verify("docs/silent.md")
    assert (code, out) == (0, "NO CLAIMS FOUND in 1 document: nothing was verified.\n")
    assert verify("docs/silent.md", "--strict")[0] == 1


def test_a_strict_run_wants_every_claim_confirmed(verify: Cli, documents: Path) -> None:
    open_claim = documents / "open.md"
    open_claim.write_text("```python\nprint(1)  # 1\n```\n", encoding="utf-8")
    assert verify("open.md")[0] == 0
    assert verify("open.md", "--strict")[0] == 1
    assert verify("docs/right.md", "--strict")[0] == 0


@pytest.mark.parametrize(
    ("name", "start"), [("a.md", "# Gradient report"), ("a.html", "<!DOCTYPE html>"), ("a.txt", "1 claim")]
)
def test_the_files_name_asks_for_the_form(verify: Cli, name: str, start: str) -> None:
    code, out, _ = verify("docs/wrong.md", "--output", name)
    assert (code, out) == (1, f"1 claim in 1 document: 1 refuted, 0 confirmed\nwritten: {name}\n")
    assert Path(name).read_text(encoding="utf-8").startswith(start)


def test_sarif_and_json_name_the_place(verify: Cli) -> None:
    assert verify("docs/wrong.md", "--output", "a.sarif")[0] == 1
    (result,) = json.loads(Path("a.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "docs/wrong.md"
    (claim,) = json.loads(verify("docs/wrong.md", "--format", "json")[1])["claims"]
    assert (claim["path"], claim["line"], claim["status"]) == ("docs/wrong.md", 1, "refuted")


def test_annotations_go_to_standard_error(verify: Cli) -> None:
    _, out, err = verify("docs/wrong.md", "--format", "github")
    assert out.startswith("1 claim in 1 document")
    assert err.startswith("::error file=docs/wrong.md,line=1,")


def test_two_runs_give_the_same_bytes(verify: Cli) -> None:
    assert verify("docs", "--format", "json") == verify("docs", "--format", "json")


def test_a_patch_is_printed_and_written_on_request(verify: Cli, documents: Path) -> None:
    code, out, err = verify("docs", "--fix")
    assert code == 1
    assert "1 refuted claim that can be put right (--write does it)" in err
    assert (documents / "docs/wrong.md").read_text(encoding="utf-8") == WRONG
    subprocess.run(["git", "apply", "--check", "-p1"], input=out, text=True, cwd=documents, check=True)
    code, again, err = verify("docs", "--fix", "--write")
    assert (code, again) == (0, out)
    assert "1 refuted claim put right" in err
    assert verify("docs")[0] == 0


def test_a_document_that_cannot_be_read_takes_no_other_down(verify: Cli) -> None:
    code, out, err = verify("binary.md", "docs/right.md")
    assert code == 1
    assert "1 confirmed" in out
    assert err.startswith("gradcheck: ")
    assert "binary.md" in err
    assert verify("binary.md")[0] == 2


@pytest.mark.parametrize("name", ["missing.md", "nothing*.md"])
def test_a_name_that_is_nothing_takes_no_other_down(verify: Cli, name: str) -> None:
    code, out, err = verify(name, "docs/right.md", "./docs/right.md")
    assert (code, err.count("\n")) == (1, 1)
    assert out.startswith("2 claims in 2 documents: 0 refuted, 1 confirmed, 1 error\n")
    assert verify(name)[:2] == (2, "")


def test_a_closed_output_is_no_failure(documents: Path) -> None:
    command = f"{sys.executable} -m gradcheck verify --no-exec docs/right.md"
    assert subprocess.run(f"{command} >&- 2>&-", shell=True, check=False).returncode == 0


def test_the_projects_settings_are_used_and_the_command_line_goes_before_them(verify: Cli, documents: Path) -> None:
    settings = '[tool.gradcheck]\npaths = ["docs"]\nexclude = ["wrong.md"]\nstrict = true\nformat = "json"\n'
    (documents / "pyproject.toml").write_text(settings, encoding="utf-8")
    code, out, _ = verify()
    assert (code, json.loads(out)["documents"]) == (0, ["docs/right.md", "docs/silent.md"])
    code, out, _ = verify("docs/wrong.md", "--exclude", "nothing", "--format", "text")
    assert (code, out[:7]) == (1, "1 claim")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "argument PATH: name a file, a folder or a glob, or set paths in [tool.gradcheck]"),
        (["missing.md"], "missing.md does not exist"),
        (["dosc"], "did you mean docs?"),
        (["docs/*.rst"], "nothing matches docs/*.rst"),
        (["docs", "--format", "pdf"], "no format is named 'pdf'"),
        (["docs", "--output", "a.pdf"], "argument --output: 'a.pdf' ends in none of .txt, .md"),
        (["docs", "--output", "missing/a.md"], "name a file in an existing folder"),
        (["docs", "--timeout", "0"], "timeout: 0 is not a number of seconds above 0"),
        (["docs", "--timeout", "soon"], "'soon' is not a number of seconds"),
        (["docs", "--jobs", "0"], "'0' is no number of processes; 1 to 256 is accepted"),
        (["docs", "--only", "vlaues"], "did you mean 'values'"),
        (["docs", "--write"], "argument --write: it goes with --fix"),
        (["docs", "--fix", "--format", "json"], "argument --fix: it prints a patch"),
    ],
)
def test_bad_usage_is_one_clear_line(verify: Cli, arguments: list[str], told: str) -> None:
    code, out, err = verify(*arguments)
    assert (code, out, len(err.splitlines())) == (2, "", 1)
    assert told in err


def test_help_teaches_by_example(gradcheck_cli: Cli) -> None:
    code, out, _ = gradcheck_cli("verify", "--help")
    assert code == 0
    assert "gradcheck verify README.md --fix" in out
    assert "accidents, not attackers" in out
