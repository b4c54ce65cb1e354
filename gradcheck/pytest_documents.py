"""Documents as tests: `pytest --gradcheck-docs "docs/**/*.md"` makes each claim of each document a test item.

A refuted claim fails, one that cannot be judged is skipped with its reason. A document runs when it is collected.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from gradcheck.configuration import settings
from gradcheck.errors import UsageError
from gradcheck.results import ClaimResult

FAILING = ("refuted", "error")


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
        config.args = [*_asked(config, self.paths), *map(str, self.paths)]

    def pytest_collect_file(self, file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
        if file_path not in self.paths:
            return None
        document: DocumentFile = DocumentFile.from_parent(parent, path=file_path)
        document.documents = self
        return document

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for path in self.without_claims:
            terminalreporter.write_line(f"gradcheck: NO CLAIMS FOUND in {path}: nothing was verified")


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
        from gradcheck.documents.verify import verify

        known = {"exec": "execute", "timeout": "timeout", "only": "only"}
        chosen: dict[str, Any] = {
            known[name]: value for name, value in self.documents.settings.items() if name in known
        }
        report = verify(_as_called(self.path), **chosen)
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
