"""The command line: a thin door that parses, calls, prints, and turns every failure into one line.

Exit codes: 0 all that the project vouches for holds, 1 a formula failed, something crashed while being checked, or a
checked gradient is not correct, 2 bad usage or a failure of the tool itself, 130 interrupted, 141 the reader of a pipe
left. Nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn

import gradcheck
from gradcheck.cli_backward import add_backward
from gradcheck.cli_book import add_book
from gradcheck.cli_check import add_check
from gradcheck.cli_derive import add_derive
from gradcheck.cli_picture import add_picture
from gradcheck.cli_progress import progress_bar
from gradcheck.cli_values import MOST_JOBS, default_jobs, job_count, names
from gradcheck.cli_verify import add_verify
from gradcheck.errors import UnknownName, UsageError
from gradcheck.rendering import FORMATS, render, render_catalogue, write_atomically

DEFAULT_OUTPUT = "reports/published"
FILE_FORMATS = ("md", "json", "html")
CATALOGUE = "catalogue.md"
"""Where a full report as Markdown puts the table of the formulas."""

EXAMPLES = """\
examples:
  gradcheck report                            check everything and write reports/published/
  gradcheck report --only A2,sigmoid          check one claim and one formula, and print what was found
  gradcheck report --only A2 --format json    the same, as JSON
  gradcheck report --format html --output out write out/report.html alone
  gradcheck formulas                          list the formulas, and the variables each is differentiated by
  gradcheck derive "x**2*sin(x)" --wrt x      derive step by step (more: gradcheck derive --help)
  gradcheck check torch:sin --input "randn(3)" check a function of yours (more: gradcheck check --help)
  gradcheck picture relu --kind function --output relu.svg
  gradcheck book --output book                a page a formula, and an index with a search

exit codes:
  0  every formula holds (an article's refuted claim is a finding, not a failure); a checked gradient is correct
  1  a formula failed, or a formula or claim could not be checked; a checked gradient is wrong, or undecided
  2  bad usage, or a failure of the tool itself
"""


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are raised, so that they end like all others: in one line."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message} (see {self.prog} --help)")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; never shows a traceback.

    >>> main(["formulas", "--verbose"])
    2
    """
    _open_output()
    try:
        return _run(argv)
    except UsageError as error:
        return _fail(str(error))
    except BrokenPipeError:
        _silence_output()
        return 141
    except OSError as error:
        _silence_output()
        return _fail(f"cannot write {error.filename or 'the output'}: {error.strerror or error}")
    except KeyboardInterrupt:
        return _fail("interrupted; reports written before are untouched", code=130)
    except Exception as error:
        return _fail(f"internal error: {type(error).__name__}: {error}")


def _open_output() -> None:
    """Where a stream was closed before the program began, let what is written there go nowhere."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115


def _run(argv: Sequence[str] | None) -> int:
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        options = _parser().parse_args(argv)
    except SystemExit as done:  # --help and --version end here
        sys.stdout.flush()
        return int(done.code or 0)
    command: Callable[[argparse.Namespace], int] = options.command
    code = command(options)
    sys.stdout.flush()
    return code


def _fail(message: str, code: int = 2) -> int:
    print("gradcheck:", " ".join(message.split()), file=sys.stderr)
    return code


def _silence_output() -> None:
    """Where standard output takes nothing more, keep the interpreter from complaining when it flushes at exit."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="gradcheck",
        description="Says whether a gradient is right: derived with SymPy, held against PyTorch and measured.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"gradcheck {gradcheck.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, dest="name")
    _add_report(commands)
    add_check(commands)
    add_derive(commands)
    add_backward(commands)
    add_picture(commands)
    add_book(commands)
    add_verify(commands)
    listing = commands.add_parser("formulas", help="list the formulas that can be checked", allow_abbrev=False)
    listing.set_defaults(command=_formulas)
    return parser


def _add_report(commands: argparse._SubParsersAction[_Parser]) -> None:
    report = commands.add_parser(
        "report",
        help="check every formula and every claim of the bundled articles, and write the report",
        description="Check every formula and every claim of the bundled articles; print the summary, write the files.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    report.add_argument(
        "--format",
        dest="formats",
        metavar="FORMAT",
        action="extend",
        type=_formats,
        help=f"one or several of {', '.join(FORMATS)}, separated by commas (default: {','.join(FILE_FORMATS)})",
    )
    report.add_argument(
        "--output",
        metavar="DIR",
        type=_folder,
        help=f"folder for the files, or - to print one format (default: {DEFAULT_OUTPUT}; - with --only)",
    )
    report.add_argument(
        "--only",
        metavar="NAMES",
        action="extend",
        type=names,
        default=[],
        help="claims and formulas to check, separated by commas, such as A2,sigmoid",
    )
    report.add_argument(
        "--jobs",
        metavar="N",
        type=job_count,
        help=f"processes that share the work (default: the cores, at most {MOST_JOBS}; 1 with --only)",
    )
    report.set_defaults(command=_report)


def _folder(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("no folder given")
    return text


def _formats(text: str) -> list[str]:
    found = names(text)
    for name in found:
        if name not in FORMATS:
            accepted = f"choose from {', '.join(FORMATS)}"
            raise argparse.ArgumentTypeError(str(UnknownName("format", name, FORMATS, accepted)))
    return found


def _report(options: argparse.Namespace) -> int:
    output = options.output or ("-" if options.only else DEFAULT_OUTPUT)
    formats = list(dict.fromkeys(options.formats or (["text"] if output == "-" else FILE_FORMATS)))
    if output == "-" and len(formats) > 1:
        raise UsageError(f"argument --format: {','.join(formats)} needs --output DIR; only one format can be printed")
    if output != "-":
        _check_writable(Path(output), formats)
    from gradcheck.articles.run import report

    with progress_bar("check") as progress:
        jobs = options.jobs or (1 if options.only else default_jobs())
        found = report(only=tuple(options.only), progress=progress, jobs=jobs)
    if output == "-":
        print(render(found, formats[0]).rstrip("\n"))
    else:
        rendered = {Path(output, _file_name(name)): render(found, name) for name in formats}
        if "md" in formats and not options.only:
            rendered[Path(output, CATALOGUE)] = render_catalogue(found)
        for path, text in rendered.items():
            write_atomically(path, text)
        print(render(found, "text").rstrip("\n"))
        print("\nwritten:", ", ".join(str(path) for path in rendered))
    return 0 if found.ok else 1


def _file_name(name: str) -> str:
    return "report.txt" if name == "text" else f"report.{name}"


def _check_writable(folder: Path, formats: Sequence[str]) -> None:
    """Fail before the run, not after it, where the report could not be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(
            f"argument --output: cannot write to {str(folder)!r}: {reason}; name a writable folder"
        ) from None
    for path in (folder / _file_name(name) for name in formats):
        if path.is_dir():
            raise UsageError(f"argument --output: {str(path)!r} is a folder where the report should be written")


def _formulas(_: argparse.Namespace) -> int:
    from tabulate import tabulate

    from gradcheck import catalogue

    rows = [(each.name, each.title, each.topic, ", ".join(each.wrt)) for each in catalogue.formulas()]
    print(tabulate(rows, headers=("name", "title", "topic", "wrt"), tablefmt="simple", disable_numparse=True))
    for module in catalogue.broken():
        print(f"gradcheck: {module.name} could not be loaded: {module.error}", file=sys.stderr)
    return 1 if catalogue.broken() else 0
