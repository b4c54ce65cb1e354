"""The command `gradcheck book`: write the catalogue as a static site, a page a formula."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from gradcheck.cli_values import MOST_JOBS, default_jobs, job_count, names

EXAMPLES = """\
examples:
  gradcheck book --output book                      the whole catalogue; open book/index.html
  gradcheck book --output book --only softmax,relu  these pages alone
  gradcheck book --output book --jobs 1             in one process

exit codes:
  0  every page is complete, and every formula on them holds
  1  a formula failed, or a part of a page could not be worked out; the book is written and says so
  2  bad usage, or a failure of the tool itself; an older book stays as it was
"""


def add_book(commands: Any) -> None:
    """Add the command to the subparsers of the command line."""
    book: argparse.ArgumentParser = commands.add_parser(
        "book",
        help="write the catalogue as a static site, a page a formula",
        description="Write a page for each formula: definition, derivation, checks, pictures, code; and an index with a"
        " search. The pages need no network and read without scripts.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    book.add_argument("--output", metavar="DIR", required=True, help="the folder to write; an older book is replaced")
    book.add_argument(
        "--only", metavar="NAMES", action="extend", type=names, default=[], help="formulas, separated by commas"
    )
    book.add_argument(
        "--jobs",
        metavar="N",
        type=job_count,
        help=f"processes that share the work (default: the cores, at most {MOST_JOBS})",
    )
    book.set_defaults(command=_book)


def _book(options: argparse.Namespace) -> int:
    from gradcheck.book.folder import check_replaceable, write_folder
    from gradcheck.book.site import build

    folder = Path(options.output)
    check_replaceable(folder)
    jobs = options.jobs or (1 if options.only else default_jobs())
    site = build(options.only, jobs, _tell if sys.stderr.isatty() else None)
    write_folder(folder, site.files)
    for problem in site.problems:
        print("gradcheck:", problem, file=sys.stderr)
    for name in site.failed:
        print(f"gradcheck: {name} does not hold", file=sys.stderr)
    print(f"written: {folder / 'index.html'} and {len(site.files) - 1} pages")
    return 1 if site.problems or site.failed else 0


def _tell(done: int, total: int, name: str) -> None:
    end = "\n" if done + 1 == total else ""
    print(f"\r\033[K{done + 1}/{total} {name}", end=end, file=sys.stderr, flush=True)
