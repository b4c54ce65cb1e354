"""HTML as a tree, built as the standard says, in a time that grows with the text and not with its nesting too.

The standard asks at nearly every tag whether a paragraph is open; html5lib looks through all open elements for it.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable
from typing import Any, SupportsIndex

from bs4 import BeautifulSoup, MarkupResemblesLocatorWarning
from bs4.builder._html5lib import HTML5TreeBuilder, TreeBuilderForHtml5lib
from html5lib.constants import namespaces


def page_of(text: str) -> BeautifulSoup:
    """The tree of a page, or of a part of one, which is then the body of a page.

    >>> page_of("<div>one<div>two").get_text()
    'onetwo'
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MarkupResemblesLocatorWarning)  # a text that is a mere path is one
        return BeautifulSoup(text, builder=_Builder())


class _Builder(HTML5TreeBuilder):
    def create_treebuilder(self, namespaceHTMLElements: bool) -> TreeBuilderForHtml5lib:
        self.underlying_builder = _Tree(namespaceHTMLElements, self.soup, store_line_numbers=self.store_line_numbers)
        return self.underlying_builder


class _Tree(TreeBuilderForHtml5lib):
    def reset(self) -> None:
        super().reset()
        self.openElements = _OpenElements()

    def elementInScope(self, target: Any, variant: str | None = None) -> bool:  # noqa: N802
        if isinstance(target, str) and not self.openElements.names[namespaces["html"], target]:
            return False
        return bool(super().elementInScope(target, variant))  # type: ignore[no-untyped-call]


class _OpenElements(list[Any]):
    """The elements that are open, the innermost last, and how many there are of each name."""

    def __init__(self) -> None:
        super().__init__()
        self.names: Counter[tuple[str, str]] = Counter()

    def append(self, element: Any) -> None:
        super().append(element)
        self._count([element], 1)

    def insert(self, place: SupportsIndex, element: Any) -> None:
        super().insert(place, element)
        self._count([element], 1)

    def pop(self, place: SupportsIndex = -1) -> Any:
        element = super().pop(place)
        self._count([element], -1)
        return element

    def remove(self, element: Any) -> None:
        super().remove(element)
        self._count([element], -1)

    def __setitem__(self, place: Any, element: Any) -> None:
        before = self[place] if isinstance(place, slice) else [self[place]]
        self._count(before, -1)
        super().__setitem__(place, element)
        self._count(element if isinstance(place, slice) else [element], 1)

    def _count(self, elements: Iterable[Any], by: int) -> None:
        for element in elements:
            self.names[element.nameTuple] += by
