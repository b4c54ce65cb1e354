"""The command `gradcheck verify`: documents verified, told as a report, as annotations, or as a patch."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradcheck.cli_progress import progress_bar
from gradcheck.cli_values import check_file, job_count, names
from gradcheck.configuration import settings
from gradcheck.errors import UnknownName, UsageError
from gradcheck.rendering import DOCUMENT_FORMATS, render, write_atomically
from gradcheck.rendering.words import claims_headline, count

if TYPE_CHECKING:
    from gradcheck.documents.fix import Fix
    from gradcheck.documents.verification import Verification
    from gradcheck.results import Report

EXAMPLES = """\
examples:
  gradcheck verify README.md                       what does it state, and is it so?
  gradcheck verify docs "notes/**/*.ipynb"         folders and globs; .md .ipynb .rst .html .txt .py
  gradcheck verify docs --jobs 2 --output docs.html  a page; .md, .json and .sarif too
  gradcheck verify docs --format github            annotations on the lines of a pull request (on standard error)
  gradcheck verify README.md --no-exec             check what can be checked without running the document's code
  gradcheck verify README.md --only formulas       values, formulas, gradients, listings, or the id of a claim
  gradcheck verify notes.md --computes             the formula and gradients of the functions in its code, too
  gradcheck verify README.md --fix                 a patch with the right values; --fix --write changes the file

The code of a document runs in a child process with limits on time, memory, files and output, without the network
where the system allows. That contains accidents, not attackers: do not run documents that you would not run yourself.

settings: the table [tool.gradcheck] of the nearest pyproject.toml may hold paths, exclude, exec, timeout, jobs,
strict, only, computes and format; the command line goes before it.

exit codes:
  0  nothing is refuted
  1  a claim is refuted, or a document could not be processed; with --strict, a claim is not confirmed, or none found
  2  bad usage, no document that can be read, or a failure of the tool itself
"""

SUFFIXES = {".txt": "text", ".md": "md", ".html": "html", ".json": "json", ".sarif": "sarif"}
"""The format that a file's name asks for."""


def add_verify(commands: Any) -> None:
    """Add the command to the subparsers of the command line."""
    verify: argparse.ArgumentParser = commands.add_parser(
        "verify",
        help="check what documents state: their printed values, their formulas, their hand-written gradients",
        description="Check what documents state: printed values, formulas and hand-written gradients.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    verify.add_argument("paths", metavar="PATH", nargs="*", help="files, folders and globs (default: as configured)")
    verify.add_argument("--exclude", metavar="GLOB", action="append", help="leave out what this matches")
    verify.add_argument("--format", metavar="FORMAT", type=_format, help=f"one of {', '.join(DOCUMENT_FORMATS)}")
    verify.add_argument("--output", metavar="FILE", help="the file to write, or - to print (default)")
    verify.add_argument("--strict", action="store_true", default=None, help="fail also where a claim is not confirmed")
    verify.add_argument("--no-exec", dest="exec", action="store_false", default=None, help="run none of the code")
    verify.add_argument("--timeout", metavar="SECONDS", type=_seconds, help="for each run of a document (default: 30)")
    verify.add_argument("--jobs", metavar="N", type=job_count, help="documents at a time (default: 1)")
    verify.add_argument("--only", metavar="NAMES", action="extend", type=names, help="kinds of claims, or ids")
    verify.add_argument("--computes", action="store_true", default=None, help="tell what its functions compute, too")
    verify.add_argument("--fix", action="store_true", help="print a patch that puts right what is refuted")
    verify.add_argument("--write", action="store_true", help="with --fix: change the files")
    verify.set_defaults(command=_verify)


def _format(text: str) -> str:
    if text not in DOCUMENT_FORMATS:
        accepted = f"choose from {', '.join(DOCUMENT_FORMATS)}"
        raise argparse.ArgumentTypeError(str(UnknownName("format", text, DOCUMENT_FORMATS, accepted)))
    return text


def _seconds(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds") from None


def _verify(options: argparse.Namespace) -> int:
    _configure(options)
    if options.write and not options.fix:
        raise UsageError("argument --write: it goes with --fix, which says what would be written")
    if options.fix and (options.output or options.format):
        raise UsageError("argument --fix: it prints a patch, and takes neither --format nor --output")
    path = check_file(options.output) if options.output not in (None, "-") else None
    form = _form(options, path)
    found = _verifications(options)
    from gradcheck.documents.verify import report_on

    report = report_on(found, options.only, options.computes)
    _tell_unreadable(found)
    if all(each.unreadable for each in found):
        return 2
    if options.fix:
        return _fix(found, options.write)
    _tell(report, form, path)
    return _exit_code(report, options.strict)


def _configure(options: argparse.Namespace) -> None:
    """Fill in what the command line left open: from the project's settings, then from the defaults."""
    configured = settings(Path.cwd())
    for name, default in _DEFAULTS.items():
        if getattr(options, name) in (None, []):
            setattr(options, name, configured.get(name, default))
    if not options.paths:
        raise UsageError("argument PATH: name a file, a folder or a glob, or set paths in [tool.gradcheck]")
    if options.format:
        options.format = _checked_format(options.format)


_DEFAULTS: dict[str, Any] = {
    "paths": [],
    "exclude": [],
    "exec": True,
    "timeout": 30.0,
    "jobs": 1,
    "strict": False,
    "only": [],
    "format": None,
    "computes": False,
}


def _checked_format(name: str) -> str:
    try:
        return _format(name)
    except argparse.ArgumentTypeError as error:
        raise UsageError(f"format: {error}") from None


def _form(options: argparse.Namespace, path: Path | None) -> str:
    form: str = options.format or (SUFFIXES.get(path.suffix.lower(), "") if path else "text")
    if not form:
        raise UsageError(f"argument --output: {str(path)!r} ends in none of {', '.join(SUFFIXES)}; give --format")
    return form


def _verifications(options: argparse.Namespace) -> list[Verification]:
    from gradcheck.documents.verify import Options, kinds_of, verify_paths

    kinds, computes = kinds_of(options.only), options.computes and not options.fix
    chosen = Options(options.exec, float(options.timeout), options.jobs, kinds, computes)
    paths, missing = _documents(options.paths, options.exclude)
    if not paths and not missing:
        raise UsageError(f"argument --exclude: {', '.join(map(repr, options.exclude))} leaves no document")
    with progress_bar("document") as progress:
        return [*verify_paths(paths, chosen, progress), *missing]


def _documents(names: Sequence[str], exclude: Sequence[str]) -> tuple[list[Path], list[Verification]]:
    """The documents, each once, and for each name that is none a line to tell: it takes no other down."""
    from gradcheck.documents.readers.paths import documents_under
    from gradcheck.documents.verification import unreadable

    found: dict[str, Path] = {}
    missing = []
    for name in names:
        try:
            for path in documents_under([name], exclude):
                found.setdefault(os.path.realpath(path), path)
        except UsageError as error:
            missing.append(unreadable(name, str(error)))
    return list(found.values()), missing


def _tell_unreadable(found: Sequence[Verification]) -> None:
    for each in found:
        if each.unreadable:
            print(f"gradcheck: {each.unreadable}", file=sys.stderr)


def _tell(report: Report, form: str, path: Path | None) -> None:
    if path is not None:
        write_atomically(path, render(report, form))
        print(claims_headline(report))
        print("written:", path)
    elif form == "github":
        print(render(report, "text").rstrip("\n"))
        print(render(report, form), end="", file=sys.stderr)
    else:
        print(render(report, form).rstrip("\n"))


def _exit_code(report: Report, strict: bool) -> int:
    summary = report.summary
    failed = summary["refuted"] or summary["error"]
    return int(
        bool(failed) or (strict and summary["confirmed"] != len(report.claims)) or (strict and not report.claims)
    )


def _fix(found: Sequence[Verification], write: bool) -> int:
    from gradcheck.documents.fix import fix

    fixes = [each for verification in found if not verification.unreadable and (each := fix(verification))]
    for each in fixes:
        print(each.patch, end="")
        if write and each.corrected:
            write_atomically(each.path, each.after)
    for line in _summary(fixes, write):
        print(f"gradcheck: {line}", file=sys.stderr)
    unread = any(each.unreadable for each in found)
    return int(unread or any(each.left or (each.corrected and not write) for each in fixes))


def _summary(fixes: Sequence[Fix], write: bool) -> Iterator[str]:
    corrected = sum(len(each.corrected) for each in fixes)
    if not fixes:
        yield "nothing is refuted: there is nothing to put right"
    else:
        done = "put right" if write else "that can be put right (--write does it)"
        yield f"{count(corrected, 'refuted claim')} {done}"
    for each in fixes:
        if each.refused:
            yield f"{each.path}: {each.refused}"
            continue
        yield from (f"{each.path}:{left.line}: no sure correction of {left.stated!r}" for left in each.left)
