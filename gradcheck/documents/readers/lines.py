"""Lines of text that know their place in the file, whatever a format nests them in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gradcheck.documents.document import Kind, Passage


@dataclass(frozen=True)
class Lines:
    """Some lines of a document: `texts` without their line ends, and for each its line in the file, from 1.

    >>> code = Lines.of("x = 1\\n\\n  y = 2\\n")[1:].dedented().stripped()
    >>> code.text, code.numbers
    ('y = 2', (3,))
    """

    texts: tuple[str, ...]
    numbers: tuple[int, ...]

    @classmethod
    def of(cls, text: str, first: int = 1) -> Lines:
        """The lines of a whole text, counted from `first`."""
        texts = tuple(text.split("\n"))
        return cls(texts, tuple(range(first, first + len(texts))))

    @classmethod
    def joined(cls, numbered: Iterable[tuple[str, int]]) -> Lines:
        """The lines out of pairs of a text and its line in the file."""
        pairs = list(numbered)
        return cls(tuple(text for text, _ in pairs), tuple(number for _, number in pairs))

    def __len__(self) -> int:
        return len(self.texts)

    def __iter__(self) -> Iterator[tuple[str, int]]:
        return zip(self.texts, self.numbers, strict=True)

    def __getitem__(self, part: slice) -> Lines:
        return Lines(self.texts[part], self.numbers[part])

    @property
    def text(self) -> str:
        """The lines as one text."""
        return "\n".join(self.texts)

    def stripped(self) -> Lines:
        """Without the blank lines at both ends."""
        filled = [place for place, text in enumerate(self.texts) if text.strip()]
        return self[filled[0] : filled[-1] + 1] if filled else self[:0]

    def dedented(self) -> Lines:
        """Without the white space that all lines that are not blank begin with."""
        margin = min((len(text) - len(text.lstrip()) for text in self.texts if text.strip()), default=0)
        return Lines(tuple(text[margin:] if text.strip() else "" for text in self.texts), self.numbers)

    def passages(self, kind: Kind, **fields: Any) -> Iterator[Passage]:
        """One passage of these lines, or none where they are blank."""
        filled = self.stripped()
        if filled:
            yield Passage(kind, filled.text, filled.numbers, **fields)


def of_rows(texts: Sequence[str], numbers: Sequence[int], first: int) -> Lines:
    """Lines with the texts given, at the `numbers` from `first` on; the last of these stands for more."""
    last = len(numbers) - 1
    return Lines(tuple(texts), tuple(numbers[min(first + row, last)] for row in range(len(texts))))
