"""Verifies sets of documents and publishes what was found: `python -m tests.development d2l=FOLDER other=FOLDER`."""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from gradcheck.documents.readers.paths import documents_under
from gradcheck.documents.verify import Options, report_on, verify_paths
from gradcheck.errors import UsageError
from gradcheck.rendering.files import write_atomically
from gradcheck.rendering.json import report_from_dict, report_to_dict
from gradcheck.results import Report
from tests.development.docstrings import write_docstrings
from tests.development.table import listed, page

PUBLISHED = Path("reports/published/documents.md")
RESULTS = Path(".benchmarks/documents")
DOCSTRINGS = "torch's docstrings"
_INSTALLED = re.compile(r"/\S*/(?=site-packages/)")


def main() -> None:
    """Verify each set that is named, keep its report, and write the page of all sets verified so far."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", metavar="NAME=FOLDER")
    parser.add_argument("--docstrings", action="store_true", help="verify the docstrings of the installed torch too")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--timeout", type=float, default=30.0)
    options = parser.parse_args()
    RESULTS.mkdir(parents=True, exist_ok=True)
    for name, _, folder in (each.partition("=") for each in options.sets):
        keep(name, verified(Path(folder), options.jobs, options.timeout, listed(name)))
    if options.docstrings:
        with tempfile.TemporaryDirectory() as folder:
            write_docstrings(Path(folder))
            keep(DOCSTRINGS, verified(Path(folder), options.jobs, options.timeout))
    write_atomically(PUBLISHED, page({path.stem: kept(path) for path in sorted(RESULTS.glob("*.json"))}))


def verified(folder: Path, jobs: int, timeout: float, named: Sequence[str] = ()) -> Report:
    """The report on every document under the folder, and those named; progress goes to standard error."""

    def tell(done: int, total: int, label: str) -> None:
        sys.stderr.write(f"{done}/{total} {label}\n")

    paths = tuple(dict.fromkeys((*documents_in(folder), *(folder / each for each in named))))
    return relative(report_on(verify_paths(paths, Options(timeout=timeout, jobs=jobs), tell)), folder)


def documents_in(folder: Path) -> tuple[Path, ...]:
    """The documents in a folder; where it has none, its scripts, which are read where they are named."""
    try:
        return documents_under([str(folder)])
    except UsageError:
        return tuple(sorted(folder.rglob("*.py")))


def relative(report: Report, folder: Path) -> Report:
    """The report with paths from the set's folder on: the same on every machine."""
    data = report_to_dict(report)
    data["documents"] = [str(Path(path).relative_to(folder)) for path in data["documents"]]
    for claim in data["claims"]:
        claim["path"] = str(Path(claim["path"]).relative_to(folder))
        claim["rule"] = _INSTALLED.sub("", claim["rule"])
    return report_from_dict(data)


def keep(name: str, report: Report) -> None:
    """Keep a set's report for the page."""
    text = json.dumps(report_to_dict(report), ensure_ascii=False, sort_keys=True)
    write_atomically(RESULTS / f"{name}.json", text)


def kept(path: Path) -> Report:
    """A report that was kept."""
    return report_from_dict(json.loads(path.read_text(encoding="utf-8")))


if __name__ == "__main__":
    main()
