"""The errors that a user can cause, each with a message that says what is accepted."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

LONGEST_NAME = 40
"""Of a longer name a message shows only so many letters."""


class UsageError(ValueError):
    """Bad input from a user. The message names the input, what was wrong, and what is accepted.

    The command line prints it as one line and exits with 2.
    """


class UnknownName(UsageError):
    """A name that nothing bears. The message suggests the nearest ones.

    >>> print(UnknownName("formula", "sotfmax", ["sigmoid", "softmax"]))
    no formula is named 'sotfmax'; did you mean 'softmax'?
    """

    def __init__(self, kind: str, name: str, known: Iterable[str], remedy: str = "") -> None:
        self.kind = kind
        self.name = name
        self.suggestions = nearest(name, known)
        super().__init__(
            f"no {kind} is named {shortened(name)!r}{_did_you_mean(self.suggestions) or (remedy and f'; {remedy}')}"
        )


def shortened(name: str) -> str:
    """The name as a message shows it: of a very long one the beginning.

    >>> shortened("softmax"), len(shortened("a" * 1_000))
    ('softmax', 43)
    """
    return name if len(name) <= LONGEST_NAME + 3 else f"{name[:LONGEST_NAME]}..."


def nearest(name: str, known: Iterable[str], count: int = 3) -> tuple[str, ...]:
    """The known names closest to `name`, best first, whatever their case.

    >>> nearest("a22", ["A2", "A12", "sigmoid"])
    ('A2', 'A12')
    """
    by_folded: dict[str, str] = {}
    for candidate in known:
        by_folded.setdefault(candidate.casefold(), candidate)
    return tuple(by_folded[match] for match in get_close_matches(name.casefold(), by_folded, n=count))


def _did_you_mean(names: tuple[str, ...]) -> str:
    return f"; did you mean {' or '.join(map(repr, names))}?" if names else ""
