"""Documents as tests: `pytest --gradcheck-docs "docs/**/*.md"` makes each claim of each document a test item.

A refuted claim fails, one that cannot be judged is skipped with its reason. A document runs when it is collected; of
several processes of pytest-xdist, one verifies it for all.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from gradcheck.configuration import settings
from gradcheck.errors import UsageError
from gradcheck.results import ClaimResult, Report
from gradcheck.shared_work import done_once

FAILING = ("refuted", "error")

_WITHOUT_CLAIMS = "gradcheck_without_claims"


class Documents:
    """The documents that the option names, for the session that collects them."""

    def __init__(self, config: pytest.Config, patterns: Sequence[str]) -> None:
        from gradcheck.documents.readers.paths import documents_under

        root = config.invocation_params.dir
        if not all(pattern.strip() for pattern in patterns):
            raise pytest.UsageError("--gradcheck-docs: an empty name is no document; the present folder is called .")
        try:
            self.settings = settings(root)
            found = documents_under([str(root / pattern) for pattern in patterns], self.settings.get("exclude", ()))
        except UsageError as error:
            raise pytest.UsageError(f"--gradcheck-docs: {error}") from None
        self.paths = [_absolute(path) for path in found]
        self.without_claims: list[Path] = []
        self.shared = _shared_folder(config)
        config.args = [*_asked(config, self.paths), *map(str, self.paths)]

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        if file_path not in self.paths:
            return None
        document: DocumentFile = DocumentFile.from_parent(parent, path=file_path)
        document.documents = self
        return document

    def report_on(self, path: Path) -> Report:
        """What is found in a document, by this process or another one of the session."""
        from gradcheck.rendering.json import report_from_dict

        if self.shared is None:
            return self._verified(path)
        others = [str(other) for other in self.paths if other != path]
        return report_from_dict(json.loads(done_once(self.shared, str(path), others, self._verified_as_text)))

    def _verified_as_text(self, path: str) -> str:
        from gradcheck.rendering.json import render

        return render(self._verified(Path(path)))

    def _verified(self, path: Path) -> Report:
        from gradcheck.documents import verify

        known = {"exec": "execute", "timeout": "timeout", "only": "only"}
        chosen: dict[str, Any] = {known[name]: value for name, value in self.settings.items() if name in known}
        return verify.verify(_as_called(path), **chosen)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[_WITHOUT_CLAIMS] = [str(path) for path in self.without_claims]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Learns from a process of pytest-xdist what only that has collected."""
        told = getattr(node, "workeroutput", {}).get(_WITHOUT_CLAIMS, ())
        self.without_claims += [path for path in map(Path, told) if path not in self.without_claims]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for path in self.without_claims:
            terminalreporter.write_line(f"gradcheck: NO CLAIMS FOUND in {path}: nothing was verified")


def _shared_folder(config: pytest.Config) -> Path | None:
    """A folder that the processes of this session of pytest-xdist share; None where there is one process only."""
    inputs, own = getattr(config, "workerinput", {}), getattr(config.option, "basetemp", None)
    return Path(own).parent / f"gradcheck-{inputs['testrunuid']}" if own and "testrunuid" in inputs else None


def _absolute(path: Path) -> Path:
    """The path as pytest names it: from the root on, without `..`, links left as they are."""
    return Path(os.path.abspath(path))  # noqa: PTH100


def _asked(config: pytest.Config, documents: Sequence[Path]) -> list[str]:
    """What pytest was to collect anyway, without the documents themselves: each is collected once."""
    return [arg for arg in config.args if _absolute(Path(arg)) not in documents]


class DocumentFile(pytest.File):
    """A document whose claims are its tests."""

    documents: Documents

    def collect(self) -> Iterator[pytest.Item]:
        report = self.documents.report_on(self.path)
        if not report.claims:
            self.documents.without_claims.append(self.path)
        strict = bool(self.documents.settings.get("strict"))
        for claim in report.claims:
            item: ClaimItem = ClaimItem.from_parent(self, name=f"line {claim.line}: {claim.statement} [{claim.id}]")
            item.claim, item.fails = claim, claim.status in FAILING or (strict and claim.status != "confirmed")
            if claim.status != "confirmed" and not item.fails:
                item.add_marker(pytest.mark.skip(reason=f"{claim.status}: {claim.rule}"))
            yield item


def _as_called(path: Path) -> Path:
    """The path as the command line would call it from here, so that a claim has the same id there."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


class RefutedClaim(Exception):
    """A claim that fails its test."""


class ClaimItem(pytest.Item):
    """One claim of a document as a test."""

    claim: ClaimResult
    fails: bool

    def runtest(self) -> None:
        if self.fails:
            raise RefutedClaim

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if not isinstance(excinfo.value, RefutedClaim):
            return super().repr_failure(excinfo, style)
        from gradcheck.rendering.sarif import message

        return f"{self.path}:{self.claim.line}\n{message(self.claim)}"

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, max(self.claim.line - 1, 0), self.name
