"""The pytest plugin, run on the worked example of `tests/samples`: counts, reports, seeds, and what a failure shows."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from gradcheck.checking import recording

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parent.parent
SAMPLES = Path(__file__).parent / "samples"
PLUGIN = ("-p", "gradcheck.pytest_plugin", "-p", "no:cacheprovider")


@pytest.fixture
def example(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A copy of the example project, beside which gradcheck can be imported as from a checkout."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    for source in SAMPLES.glob("*.py"):
        (pytester.path / source.name).write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    return pytester


def run(example: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return example.runpytest_subprocess(*PLUGIN, *arguments, timeout=600)


def test_loading_the_plugin_imports_nothing_heavy() -> None:
    code = (
        "import sys, pytest; before = set(sys.modules); import gradcheck.pytest_plugin\n"
        "print([name for name in ('torch', 'sympy', 'numpy', 'jinja2', 'hypothesis') if name in sys.modules])\n"
        "print(sorted(name for name in set(sys.modules) - before if not name.startswith('gradcheck')))"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n[]\n"


def test_the_examples_gradients_are_counted_and_the_failure_ends_at_the_users_line(example: pytest.Pytester) -> None:
    ran = run(example, "--deselect", "test_layers.py::test_relu_at_its_kink")
    ran.assert_outcomes(passed=3, failed=1, deselected=1)
    ran.stdout.fnmatch_lines(
        [
            ">       assert_gradients(swish, *",
            "E       gradcheck.checking.assertions.GradientError: WRONG: *",
            "test_swish.py:12: GradientError",
            "gradcheck: 4 checks: 3 correct, 1 wrong",
        ]
    )
    ran.stdout.no_fnmatch_line("*gradcheck/checking/*.py:*")


@pytest.mark.parametrize("ending", ["md", "html"])
def test_every_format_tells_of_each_test(example: pytest.Pytester, ending: str) -> None:
    assert example.runpytest_inprocess(*PLUGIN, "test_swish.py", "--gradcheck-report", f"one/r.{ending}").ret == 1
    assert "test_swish.py::test_swish" in Path(f"one/r.{ending}").read_text(encoding="utf-8")


def test_a_report_is_the_same_with_and_without_workers(example: pytest.Pytester) -> None:
    assert run(example, "--gradcheck-report", "one/r.json").ret == 1
    ran = run(example, "-n", "2", "--gradcheck-report", "two/r.json")
    ran.assert_outcomes(passed=4, failed=1)
    ran.stdout.fnmatch_lines(["gradcheck: * checks: * correct, 1 wrong", "gradcheck: written: *two/r.json"])
    one, two = (Path(folder, "r.json").read_text(encoding="utf-8") for folder in ("one", "two"))
    assert one == two
    assert [path.name for path in Path("two").iterdir()] == ["r.json"]


def test_the_json_report_holds_each_check_with_its_test_and_the_seed(example: pytest.Pytester) -> None:
    example.runpytest_inprocess(*PLUGIN, "test_swish.py", "--gradcheck-report", "r.json", "--gradcheck-seed", "7")
    report = json.loads(Path("r.json").read_text(encoding="utf-8"))
    (check,) = report["checks"]
    assert report["summary"] == {"checks": 1, "CORRECT": 0, "WRONG": 1, "INCONCLUSIVE": 0}
    assert (report["schema"], report["seed"]) == (1, 7)
    assert (check["test"], check["verdict"]) == ("test_swish.py::test_swish", "WRONG")
    assert check["findings"][0]["place"] == "input 0"
    assert check["findings"][0]["worst"][0]["index"] == [1]
    assert check["message"].startswith("WRONG: ")
    assert check["evaluations"] > 0


def test_checks_outside_tests_are_not_the_tests(example: pytest.Pytester) -> None:
    example.makepyfile(
        test_it="""
        from gradcheck.checking.functions import check_gradient_function
        check_gradient_function(lambda x: x**2, lambda x: x, 3.0)
        def test_it():
            assert check_gradient_function(lambda x: x**2, lambda x: 2 * x, 3.0).ok
        """
    )
    ran = example.runpytest_inprocess(*PLUGIN, "test_it.py")
    ran.stdout.fnmatch_lines(["gradcheck: 1 check: 1 correct, 0 wrong"])


def test_a_run_without_checks_writes_so_and_says_nothing_else(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_nothing(): pass")
    ran = pytester.runpytest_inprocess(*PLUGIN)
    ran.stdout.no_fnmatch_line("gradcheck: *")
    ran = pytester.runpytest_inprocess(*PLUGIN, "--gradcheck-report", "r.md")
    ran.stdout.fnmatch_lines(["gradcheck: no checks: no test checked a gradient", "gradcheck: written: *r.md"])
    assert "No checks" in Path("r.md").read_text(encoding="utf-8")


def test_collecting_alone_leaves_an_old_report(pytester: pytest.Pytester) -> None:
    Path("r.md").write_text("old", encoding="utf-8")
    pytester.makepyfile("def test_nothing(): pass")
    pytester.runpytest_inprocess(*PLUGIN, "--gradcheck-report", "r.md", "--collect-only")
    assert Path("r.md").read_text(encoding="utf-8") == "old"


def test_the_seed_is_the_default_within_the_run_and_said_in_its_header(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        "from gradcheck.checking.recording import chosen_seed\ndef test_it(): assert chosen_seed(None) == 7"
    )
    ran = pytester.runpytest_inprocess(*PLUGIN, "--gradcheck-seed", "7")
    ran.assert_outcomes(passed=1)
    ran.stdout.fnmatch_lines(["gradcheck: seed 7"])
    assert recording.chosen_seed(None) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--gradcheck-report", "r.txt"], "*'r.txt' has none of the accepted endings .md, .html or .json"),
        (["--gradcheck-report", "folder.md"], "*folder.md is a folder; name a file"),
        (["--gradcheck-report", "file/r.md"], "*--gradcheck-report: cannot write to *file: *"),
        (["--gradcheck-seed", "one"], "*'one' is no seed; a whole number from 0 to * is accepted"),
        (["--gradcheck-seed", "-1"], "*-1 is out of range; a whole number from 0 to * is accepted"),
    ],
)
def test_bad_options_are_usage_errors(pytester: pytest.Pytester, arguments: list[str], message: str) -> None:
    Path("folder.md").mkdir()
    Path("file").touch()
    ran = pytester.runpytest_inprocess(*PLUGIN, *arguments)
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    ran.stderr.fnmatch_lines([message])


def test_a_disk_that_fails_in_the_end_is_said(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("from pathlib import Path\ndef test_it(): Path('out').rename('moved')")
    ran = pytester.runpytest_inprocess(*PLUGIN, "--gradcheck-report", "out/r.md")
    assert ran.ret == pytest.ExitCode.INTERNAL_ERROR
    ran.stdout.fnmatch_lines(["gradcheck: cannot write *r.md: No such file or directory"])
