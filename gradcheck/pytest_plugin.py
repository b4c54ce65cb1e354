"""The pytest plugin: hears of every check that a test makes, counts them, and writes them into one report.

Results travel on the tests' reports, so that pytest-xdist brings them to the process that writes. Nothing heavy is
imported before there is a report to write: loading this module must cost a test run nothing.
"""

from __future__ import annotations

import argparse
from collections.abc import Generator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gradcheck.checking.expectations.symbolic_choice import WORDS, default_symbolic
from gradcheck.checking.recording import default_seed, listening

if TYPE_CHECKING:
    from gradcheck.checking.check import GradientCheck
    from gradcheck.results import CheckReport

ENDINGS = (".md", ".html", ".json")
LARGEST_SEED = 2**63 - 1

_CARRIED = "gradcheck_checks"
"""The attribute of a test's report that carries its checks as plain data, from a worker to the controller too."""

_OURS = "gradcheck"
"""The name of the entry point that loads this module."""


def pytest_plugin_registered(plugin: object, plugin_name: str, manager: pytest.PytestPluginManager) -> None:
    """Loaded as `-p gradcheck.pytest_plugin`, this module must not be loaded again by its entry point."""
    if plugin_name == __name__ and plugin is manager.get_plugin(__name__):
        manager.set_blocked(_OURS)


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options."""
    group = parser.getgroup("gradcheck", "gradient checks")
    group.addoption(
        "--gradcheck-report",
        metavar="FILE",
        type=_report_path,
        help=f"write every gradient check of the run to FILE, by its ending {_endings()}",
    )
    group.addoption(
        "--gradcheck-seed",
        metavar="N",
        type=_seed,
        help="seed of the random directions of checks that name none (default: 0)",
    )
    group.addoption(
        "--gradcheck-symbolic",
        choices=tuple(WORDS),
        default="auto",
        help="when checks that do not say ask for the formula of the function's code: always, never, or where something"
        " is not right (default: auto)",
    )
    group.addoption(
        "--gradcheck-docs",
        metavar="GLOB",
        action="append",
        help="make each claim of these documents a test: files, folders or globs, such as 'docs/**/*.md'",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Listen to this run's checks; fail now, not after the run, where the report could not be written."""
    path = _target(config)
    if path and not _is_worker(config):
        _refuse_unwritable(path)
    seed = config.getoption("--gradcheck-seed") or 0
    cleanup = ExitStack()
    cleanup.enter_context(default_seed(seed))
    cleanup.enter_context(default_symbolic(WORDS[config.getoption("--gradcheck-symbolic")]))
    config.add_cleanup(cleanup.close)
    config.pluginmanager.register(_Checks(path, seed), "gradcheck-checks")
    if config.getoption("--gradcheck-docs"):
        from gradcheck.pytest_documents import Documents

        config.pluginmanager.register(Documents(config, config.getoption("--gradcheck-docs")), "gradcheck-documents")


def pytest_report_header(config: pytest.Config) -> list[str]:
    """The seed, where one was asked for."""
    seed = config.getoption("--gradcheck-seed")
    return [] if seed is None else [f"gradcheck: seed {seed}"]


class _Checks:
    """The checks of one test run, in whichever process."""

    def __init__(self, path: Path | None, seed: int) -> None:
        self.path = path
        self.seed = seed
        self.heard: list[dict[str, Any]] = []
        self.collected: list[dict[str, Any]] = []
        self.written = ""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        def hear(check: GradientCheck) -> None:
            self.heard.append({"test": item.nodeid, "message": str(check), **check.to_dict()})

        with listening(hear):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        report.__dict__[_CARRIED], self.heard = self.heard, []
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.collected += getattr(report, _CARRIED, [])

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if not self.path or _is_worker(session.config) or session.config.getoption("collectonly"):
            return
        from gradcheck.rendering import render_checks, write_atomically

        try:
            write_atomically(self.path, render_checks(self.report(), self.path.suffix[1:].lower()))
            self.written = f"written: {self.path}"
        except OSError as error:
            self.written = f"cannot write {self.path}: {error.strerror or error}"
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.collected or self.written:
            from gradcheck.rendering.check_words import checks_headline

            terminalreporter.write_line(f"gradcheck: {checks_headline(self.report())}")
        if self.written:
            terminalreporter.write_line(f"gradcheck: {self.written}")

    def report(self) -> CheckReport:
        """The checks ordered by test, so that workers that finish in any order give the same report."""
        from gradcheck.environment import environment
        from gradcheck.results import CheckReport

        checks = sorted(self.collected, key=lambda check: str(check["test"]))
        return CheckReport(tuple(map(_result, checks)), self.seed, environment(("numpy", "pytest", "torch")))


def _result(check: Mapping[str, Any]) -> Any:
    """The plain data of one check, as it came from this process or another, as the results' model."""
    from gradcheck.results import CheckResult, Verdict

    findings = tuple(map(_finding, check["findings"]))
    told = {name: check[name] for name in ("test", "subject", "message", "evaluations")}
    return CheckResult(
        verdict=Verdict(check["verdict"]), findings=findings, unchecked=tuple(check["unchecked"]), **told
    )


def _finding(finding: Mapping[str, Any]) -> Any:
    from gradcheck.results import CheckedEntry, CheckFinding, Verdict

    worst = tuple(CheckedEntry(**{**entry, "index": tuple(entry["index"])}) for entry in finding["worst"])
    known = {"index": tuple(finding["index"]), "verdict": Verdict(finding["verdict"]), "worst": worst}
    return CheckFinding(**{**finding, **known})


def _report_path(text: str) -> str:
    if Path(text).suffix.lower() not in ENDINGS:
        raise argparse.ArgumentTypeError(f"{text!r} has none of the accepted endings {_endings()}")
    return text


def _endings() -> str:
    return f"{', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}"


def _seed(text: str) -> int:
    accepted = f"a whole number from 0 to {LARGEST_SEED} is accepted"
    try:
        seed = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no seed; {accepted}") from None
    if not 0 <= seed <= LARGEST_SEED:
        raise argparse.ArgumentTypeError(f"{text} is out of range; {accepted}")
    return seed


def _target(config: pytest.Config) -> Path | None:
    """The report's path, relative to where pytest was called, whatever a test makes the current folder."""
    text = config.getoption("--gradcheck-report")
    return config.invocation_params.dir / text if text else None


def _is_worker(config: pytest.Config) -> bool:
    return hasattr(config, "workerinput")


def _refuse_unwritable(path: Path) -> None:
    import tempfile

    if path.is_dir():
        raise pytest.UsageError(f"--gradcheck-report: {path} is a folder; name a file")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise pytest.UsageError(f"--gradcheck-report: cannot write to {path.parent}: {error.strerror}") from None
