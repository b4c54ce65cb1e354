"""Claims of documents as test items: one each, failing where refuted, at the claim's line."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parent.parent
PLUGIN = ("-p", "gradcheck.pytest_plugin", "-p", "no:cacheprovider")

SETTINGS = "[tool.gradcheck]\nexec = false\n"
DOCUMENT = """\
With y = x^2 the derivative is dy/dx = 2x.

With y = x^3 the derivative is dy/dx = 2x^2.

```python
print(1)  # 1
```
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (pytester.path / "docs").mkdir()
    (pytester.path / "docs" / "a.md").write_text(DOCUMENT, encoding="utf-8")
    (pytester.path / "docs" / "silent.md").write_text("Nothing.\n", encoding="utf-8")
    (pytester.path / "pyproject.toml").write_text(SETTINGS, encoding="utf-8")
    pytester.makepyfile(test_own="def test_own():\n    pass\n")
    return pytester


def test_each_claim_is_an_item_and_the_refuted_one_fails_at_its_line(project: pytest.Pytester) -> None:
    ran = project.runpytest_subprocess(
        *PLUGIN, "--gradcheck-docs", "docs/**/*.md", "-rs", "-v", "test_own.py", timeout=600
    )
    ran.assert_outcomes(passed=2, failed=1, skipped=1)
    ran.stdout.fnmatch_lines(
        [
            "docs/a.md::line 1: * PASSED*",
            "*docs/a.md:3",
            "refuted: *",
            "stated: dy/dx = 2x^2",
            "gradcheck: NO CLAIMS FOUND in *silent.md: nothing was verified",
            "SKIPPED [[]1[]] docs/a.md: not checkable: *",
        ],
        consecutive=False,
    )


def test_a_pattern_that_matches_nothing_is_a_usage_error(project: pytest.Pytester) -> None:
    ran = project.runpytest_subprocess(*PLUGIN, "--gradcheck-docs", "missing/*.md", timeout=600)
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    ran.stderr.fnmatch_lines(["ERROR: --gradcheck-docs: nothing matches */missing/[*].md"])


COUNTING = """
import gradcheck.documents.verify as documents

alone = documents.verify

def counted(source, **options):
    with open("verified", "a") as file:
        print(source, file=file)
    return alone(source, only=["values"], **options)

documents.verify = counted
"""


def test_of_several_processes_one_verifies_a_document_for_all(project: pytest.Pytester) -> None:
    (project.path / "docs" / "b.md").write_text(DOCUMENT, encoding="utf-8")
    project.makeconftest(COUNTING)
    ran = project.runpytest_subprocess(*PLUGIN, "-p", "xdist", "-n", "2", "--gradcheck-docs", "docs/*.md", timeout=600)
    ran.assert_outcomes(passed=1, skipped=2)
    ran.stdout.fnmatch_lines(["gradcheck: NO CLAIMS FOUND in *silent.md: nothing was verified"])
    verified = (project.path / "verified").read_text(encoding="utf-8").split()
    assert sorted(verified) == ["docs/a.md", "docs/b.md", "docs/silent.md"]


def test_a_path_with_dots_names_the_same_document(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project.path / "docs")
    ran = project.runpytest_subprocess(*PLUGIN, "--gradcheck-docs", "../docs/*.md", timeout=600)
    ran.assert_outcomes(passed=1, failed=1, skipped=1)


def test_an_empty_name_is_a_usage_error(project: pytest.Pytester) -> None:
    ran = project.runpytest_subprocess(*PLUGIN, "--gradcheck-docs", "", timeout=600)
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
