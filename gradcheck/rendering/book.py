"""The book's pages as HTML: each reads without scripts and asks nothing of the network; the index has a search."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from markupsafe import Markup

from gradcheck.rendering.html import templates
from gradcheck.rendering.words import count

if TYPE_CHECKING:
    from gradcheck.book.content import Chapter

GENERATOR = "gradcheck book"
"""What the index says made it."""

COUNTED: Mapping[str, str] = {
    "holds": "{} confirmed",
    "torch deviates": "torch deviates in {}",
    "undecided": "{} undecided",
    "not run": "{} not run",
    "wrong": "{} wrong",
    "error": "{} in error",
}
"""How the index counts the formulas of each outcome."""


@dataclass(frozen=True)
class Entry:
    """A page's line in the index."""

    name: str
    title: str
    topic: str
    outcome: str
    variables: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """Where its page lies."""
        return f"formulas/{self.name}.html"

    @property
    def words(self) -> str:
        """What the search looks through."""
        return " ".join([self.title, self.name, self.name.replace("_", " "), self.topic, self.outcome]).lower()


@dataclass(frozen=True)
class Neighbours:
    """The names of the pages before and after; empty where there is none."""

    before: str
    after: str


def render_page(chapter: Chapter, neighbours: Neighbours) -> str:
    """The page of one formula or update rule."""
    return templates().get_template("book_page.html.j2").render(chapter=chapter, neighbours=neighbours)


def render_index(entries: Sequence[Entry], environment: Mapping[str, str], broken: Sequence[str] = ()) -> str:
    """The index, topic by topic; `broken` names what of the catalogue could not be loaded."""
    topics: dict[str, list[Entry]] = {}
    for entry in entries:
        topics.setdefault(entry.topic, []).append(entry)
    script = templates().get_template("book_search.js").render()
    return (
        templates()
        .get_template("book_index.html.j2")
        .render(
            topics=topics,
            headline=_headline(entries),
            environment=environment,
            broken=broken,
            generator=GENERATOR,
            script=Markup(script),
            script_hash=b64encode(sha256(script.encode()).digest()).decode(),
        )
    )


def _headline(entries: Sequence[Entry]) -> str:
    """How many formulas, and how many of each outcome.

    >>> _headline([Entry("relu", "ReLU", "activations", "holds")])
    '1 formula: 1 confirmed'
    """
    outcomes = [entry.outcome for entry in entries]
    told = (COUNTED[word].format(outcomes.count(word)) for word in COUNTED if word in outcomes)
    return ": ".join(filter(None, [count(len(entries), "formula"), ", ".join(told)]))
