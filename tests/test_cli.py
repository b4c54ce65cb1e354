"""The command line: what it prints, where it writes, how it exits; the report itself is a stand-in."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

import gradcheck
from gradcheck import cli
from gradcheck.cli_progress import Progress
from gradcheck.errors import UnknownName
from gradcheck.results import ClaimResult, FormulaResult, OracleResult, Report, Status, Verdict

Cli = Callable[..., "tuple[int, str, str]"]


def claim(status: Status) -> ClaimResult:
    return ClaimResult("A2", "a.txt", 1, 1, "the slope", "4.6667", "-17.3333", status, "differs")


def formula(verdict: Verdict) -> FormulaResult:
    oracles = {"reverse": OracleResult(verdict, 0.5, 1e-12)}
    return FormulaResult("sigmoid", "Sigmoid", "activations", "x", "s", "s'", ({"n": 3},), 4, oracles)


class FakeRun:
    """Stands in for the run: remembers what it was asked for and returns or raises what it is told."""

    def __init__(self) -> None:
        self.claims: tuple[ClaimResult, ...] = (claim("refuted"),)
        self.formulas: tuple[FormulaResult, ...] = (formula(Verdict.CORRECT),)
        self.raises: BaseException | None = None
        self.calls: list[tuple[str, ...]] = []
        self.steps = 0

    def report(self, only: tuple[str, ...] = (), progress: Progress | None = None, jobs: int = 1) -> Report:
        self.calls.append(only)
        for done in range(1, self.steps + 1):
            if progress:
                progress(done, self.steps, f"item {done}")
        if self.raises:
            raise self.raises
        return Report(self.claims, self.formulas, {"python": "3"})


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeRun:
    fake, module = FakeRun(), ModuleType("gradcheck.articles.run")
    module.__dict__["report"] = fake.report
    monkeypatch.setitem(sys.modules, "gradcheck.articles.run", module)
    monkeypatch.chdir(tmp_path)
    return fake


def test_a_full_report_prints_the_summary_and_writes_its_files(run: FakeRun, gradcheck_cli: Cli) -> None:
    code, out, err = gradcheck_cli("report")
    assert (code, err) == (0, "")
    assert "1 refuted" in out
    folder = Path("reports/published")
    written = ["catalogue.md", "report.html", "report.json", "report.md"]
    assert sorted(path.name for path in folder.iterdir()) == written
    assert json.loads((folder / "report.json").read_text(encoding="utf-8"))["claims"][0]["status"] == "refuted"
    assert "written: reports/published/report.md, reports/published/report.json" in out
    assert run.calls == [()]


@pytest.mark.parametrize(
    ("arguments", "files"),
    [
        (["--format", "json"], {"report.json"}),
        (["--format", "json,md", "--format", "json"], {"report.json", "report.md", "catalogue.md"}),
        (["--format", "text"], {"report.txt"}),
    ],
)
def test_only_the_formats_asked_for_are_written(
    run: FakeRun, gradcheck_cli: Cli, arguments: list[str], files: set[str]
) -> None:
    assert gradcheck_cli("report", "--output", "made/here", *arguments)[0] == 0
    assert {path.name for path in Path("made/here").iterdir()} == files


def test_a_selection_is_printed_and_leaves_the_published_report_alone(run: FakeRun, gradcheck_cli: Cli) -> None:
    code, out, _ = gradcheck_cli("report", "--only", "A2, sigmoid", "--only", "tanh")
    assert (code, run.calls) == (0, [("A2", "sigmoid", "tanh")])
    assert "A2" in out
    assert list(Path().iterdir()) == []


def test_one_format_can_be_printed_for_a_pipe(run: FakeRun, gradcheck_cli: Cli) -> None:
    code, out, _ = gradcheck_cli("report", "--only", "A2", "--format", "json")
    assert code == 0
    assert json.loads(out)["schema"] == 1
    assert gradcheck_cli("report", "--output", "-", "--format", "json") == (0, out, "")


@pytest.mark.parametrize(
    ("status", "verdict", "expected"),
    [
        ("refuted", Verdict.CORRECT, 0),
        ("not checkable", Verdict.CORRECT, 0),
        ("error", Verdict.CORRECT, 1),
        ("confirmed", Verdict.WRONG, 1),
        ("confirmed", Verdict.INCONCLUSIVE, 1),
    ],
)
def test_the_exit_code_tells_whether_what_the_project_vouches_for_holds(
    run: FakeRun, gradcheck_cli: Cli, status: Status, verdict: Verdict, expected: int
) -> None:
    run.claims, run.formulas = (claim(status),), (formula(verdict),)
    assert gradcheck_cli("report", "--only", "A2")[0] == expected


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: COMMAND (see gradcheck --help)"),
        (["repotr"], "argument COMMAND: invalid choice: 'repotr'"),
        (["report", "--formt", "md"], "unrecognized arguments: --formt md"),
        (["report", "--format", "htlm"], "argument --format: no format is named 'htlm'; did you mean 'html'?"),
        (["report", "--format", "pdf"], "no format is named 'pdf'; choose from text, md, json, html"),
        (["report", "--format", ","], "argument --format: no name given"),
        (["report", "--only", ""], "argument --only: no name given"),
        (["report", "--output", ""], "argument --output: no folder given"),
        (["report", "--output", "-", "--format", "md,html"], "argument --format: md,html needs --output DIR"),
        (["report", "--output", "file/below"], "argument --output: cannot write to 'file/below': Not a directory"),
        (["report", "--output", "file"], "argument --output: cannot write to 'file': File exists"),
        (["report", "--output", "taken"], "'taken/report.md' is a folder where the report should be written"),
    ],
)
def test_bad_usage_is_one_line_before_anything_runs(
    run: FakeRun, gradcheck_cli: Cli, arguments: list[str], message: str
) -> None:
    Path("file").touch()
    Path("taken/report.md").mkdir(parents=True)
    code, out, err = gradcheck_cli(*arguments)
    assert (code, out, run.calls) == (2, "", [])
    assert err.startswith("gradcheck: ")
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (UnknownName("claim or formula", "sigmod", ["sigmoid"]), 2, "no claim or formula is named 'sigmod'; did you"),
        (KeyboardInterrupt(), 130, "interrupted; reports written before are untouched"),
        (RuntimeError("two\nlines"), 2, "internal error: RuntimeError: two lines"),
        (OSError(28, "No space left on device", "x/report.md"), 2, "cannot write x/report.md: No space left on device"),
    ],
)
def test_a_run_that_fails_ends_in_one_line_and_leaves_the_old_report_whole(
    run: FakeRun, gradcheck_cli: Cli, error: BaseException, code: int, message: str
) -> None:
    old = Path("reports/published/report.md")
    old.parent.mkdir(parents=True)
    old.write_text("old", encoding="utf-8")
    run.raises = error
    ended, out, err = gradcheck_cli("report")
    assert (ended, out) == (code, "")
    assert err.startswith(f"gradcheck: {message}")
    assert err.count("\n") == 1
    assert [path.name for path in old.parent.iterdir()] == ["report.md"]
    assert old.read_text(encoding="utf-8") == "old"


def test_a_report_that_cannot_be_rendered_replaces_no_file(
    run: FakeRun, gradcheck_cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def render(report: Report, name: str) -> str:
        if name == "html":
            raise RuntimeError("no template")
        return name

    monkeypatch.setattr(cli, "render", render)
    assert gradcheck_cli("report")[0] == 2
    assert list(Path("reports/published").iterdir()) == []


def test_progress_is_shown_to_a_person_and_not_to_a_pipe(
    run: FakeRun, gradcheck_cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.steps = 3
    assert gradcheck_cli("report", "--only", "A2")[2] == ""
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    assert "item 3" in gradcheck_cli("report", "--only", "A2")[2]


def test_formulas_are_listed_with_what_they_are_differentiated_by(gradcheck_cli: Cli) -> None:
    code, out, err = gradcheck_cli("formulas")
    assert (code, err) == (0, "")
    header, _, *rows = out.splitlines()
    assert header.split() == ["name", "title", "topic", "wrt"]
    assert any(row.split()[0] == "softmax" for row in rows)


@pytest.mark.parametrize("arguments", [["--help"], ["report", "--help"]])
def test_help_teaches_by_example(gradcheck_cli: Cli, arguments: list[str]) -> None:
    code, out, err = gradcheck_cli(*arguments)
    assert (code, err) == (0, "")
    assert "gradcheck report --only A2,sigmoid" in out
    assert "exit codes:" in out


def test_the_version_is_the_packages(gradcheck_cli: Cli) -> None:
    assert gradcheck_cli("--version") == (0, f"gradcheck {gradcheck.__version__}\n", "")


def test_usage_needs_no_heavy_import() -> None:
    code = (
        "import sys; from gradcheck.cli import main; main(['report', '--format', 'x']); print('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def shell(script: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a bash line in which `gradcheck` is this package's command line."""
    command = f'gradcheck() {{ {sys.executable} -m gradcheck "$@"; }}; {script}'
    return subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONUNBUFFERED": ""} | variables,
    )


@pytest.mark.parametrize(
    ("script", "err"),
    [
        ("gradcheck --help | true; echo ${PIPESTATUS[0]} >&2", ("0\n", "141\n")),
        (
            "gradcheck --help >/dev/full; echo $? >&2",
            ("gradcheck: cannot write the output: No space left on device\n2\n",),
        ),
    ],
)
def test_a_reader_that_leaves_and_a_full_disk_end_without_a_traceback(script: str, err: tuple[str, ...]) -> None:
    assert shell(script).stderr in err


def test_an_encoding_without_mathematical_letters_is_no_failure() -> None:
    ran = shell("gradcheck formulas", PYTHONIOENCODING="ascii")
    assert (ran.returncode, ran.stderr) == (0, "")


def test_an_interrupt_from_the_keyboard_is_one_line() -> None:
    # A run in the background, such as CI's, may have inherited that interrupts are ignored.
    code = (
        "import os, signal, time; from gradcheck import cli\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "cli._report = lambda options: (os.kill(os.getpid(), signal.SIGINT), time.sleep(5))\n"
        "raise SystemExit(cli.main(['report']))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr.count("\n")) == (128 + signal.SIGINT, 1)
