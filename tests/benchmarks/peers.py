"""Checkers side by side on the same functions: `python -m tests.benchmarks.peers` writes the published page.

`--cases` measures the table of cases and tools alone, `--speed` the times and the memory; the other part stays.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from gradcheck.rendering import write_atomically
from tests.benchmarks import peer_speed, peer_table

PUBLISHED = Path("reports/published/benchmarks.md")
TITLE = "# Benchmarks\n\nWritten by `python -m tests.benchmarks.peers`."
SECTIONS: Mapping[str, tuple[str, Callable[[], str]]] = {
    "speed": ("Time and memory", peer_speed.section),
    "cases": ("Cases and tools", peer_table.section),
}


def sections(page: str) -> dict[str, str]:
    """The parts of a published page by their headings."""
    parts = (part.partition("\n") for part in page.split("\n## ")[1:])
    return {heading: text.strip() for heading, _, text in parts}


def measured(page: str, names: Iterable[str]) -> str:
    """The page with these sections measured again."""
    found = sections(page)
    for name in names:
        heading, measure = SECTIONS[name]
        found[heading] = measure()
    ordered = [f"## {heading}\n\n{found[heading]}" for heading, _ in SECTIONS.values() if heading in found]
    return "\n\n".join((TITLE, *ordered)) + "\n"


def main() -> None:
    """Measure what was asked for, all of it unless something is named, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.peers", description=__doc__)
    for name in SECTIONS:
        parser.add_argument(f"--{name}", action="append_const", dest="names", const=name)
    names = parser.parse_args().names or list(SECTIONS)
    page = PUBLISHED.read_text(encoding="utf-8") if PUBLISHED.exists() else ""
    write_atomically(PUBLISHED, measured(page, names))


if __name__ == "__main__":
    main()
