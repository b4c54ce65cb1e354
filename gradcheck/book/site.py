"""The whole site as texts by path: an index, and a page for each formula."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gradcheck import catalogue
from gradcheck.book.content import Chapter
from gradcheck.book.gather import chapter
from gradcheck.checking.threads import single_threaded
from gradcheck.environment import environment
from gradcheck.errors import UnknownName
from gradcheck.rendering.book import Entry, Neighbours, render_index, render_page
from gradcheck.rendering.words import OUTCOME_SYMBOLS, outcome
from gradcheck.workers import shared_out

Progress = Callable[[int, int, str], None]
"""Called with the number of pages done, the number of all, and the name of the page at hand."""


@dataclass(frozen=True)
class Site:
    """The files of the site by path relative to its folder, and in a line each what could not be worked out."""

    files: dict[str, str]
    problems: tuple[str, ...]
    failed: tuple[str, ...]


@dataclass(frozen=True)
class _Page:
    entry: Entry
    html: str
    problems: tuple[str, ...]


def build(only: Sequence[str] = (), jobs: int = 1, progress: Progress | None = None) -> Site:
    """The site of the catalogue, or of the formulas named in `only`; `jobs` processes share the work.

    What a page cannot tell (a derivation that no rule reaches, a picture that fails) is said on it and in `problems`;
    `failed` names the formulas that do not hold. Raises UnknownName, which suggests the nearest, before any work.

    >>> sorted(build(only=["gradient_descent"]).files)
    ['formulas/gradient_descent.html', 'index.html']
    """
    names = _chosen(only)
    pages: list[_Page] = []
    for page in _pages(names, jobs):
        if progress:
            progress(len(pages), len(names), page.entry.name)
        pages.append(page)
    entries = [page.entry for page in pages]
    broken = () if only else tuple(f"{module.name}: {module.error}" for module in catalogue.broken())
    return Site(
        files={
            "index.html": render_index(entries, environment(), broken),
            **{page.entry.path: page.html for page in pages},
        },
        problems=(*broken, *(f"{page.entry.name}: {problem}" for page in pages for problem in page.problems)),
        failed=tuple(entry.name for entry in entries if entry.outcome not in ("holds", "torch deviates")),
    )


def _chosen(only: Sequence[str]) -> list[str]:
    """The names in the catalogue's order, topic by topic; raises UnknownName for one that it lacks."""
    items = catalogue.formulas()
    by_folded = {item.name.casefold(): item.name for item in items}
    for asked in only:
        if asked.casefold() not in by_folded:
            raise UnknownName("formula", asked, by_folded.values(), "`gradcheck formulas` lists the formulas")
    asked_for = {by_folded[asked.casefold()] for asked in only} or set(by_folded.values())
    topics = list(dict.fromkeys(item.topic for item in items))
    ordered = sorted(items, key=lambda item: topics.index(item.topic))
    return [item.name for item in ordered if item.name in asked_for]


def _pages(names: Sequence[str], jobs: int) -> Iterator[_Page]:
    around = [Neighbours(before, after) for before, after in zip(["", *names], [*names[1:], ""], strict=False)]
    places = list(zip(names, around, strict=True))
    return map(_page, places) if jobs <= 1 or len(names) == 1 else shared_out(_page, places, jobs, _lost)


def _lost(place: tuple[str, Neighbours]) -> _Page:
    raise RuntimeError(f"the process that made the page of {place[0]} ended in the middle of its work")


def _page(place: tuple[str, Neighbours]) -> _Page:
    name, neighbours = place
    item = next(each for each in catalogue.formulas() if each.name == name)
    with single_threaded():
        found = chapter(item)
    return _Page(_entry(found), render_page(found, neighbours), found.problems)


def _entry(found: Chapter) -> Entry:
    return Entry(
        name=found.name,
        title=found.title,
        topic=found.topic,
        outcome=_worst(found),
        variables=tuple(variable.name for variable in found.variables),
    )


def _worst(found: Chapter) -> str:
    outcomes = {outcome(result) for result in found.results}
    return next((word for word in OUTCOME_SYMBOLS if word in outcomes), "error")
