"""Names for the claims of a document: the same from run to run, wherever in the document they move."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256

from gradcheck.documents.judged import Judged

_LENGTH = 8


def claim_ids(path: str, judged: Iterable[Judged]) -> Iterator[str]:
    """An id for each judged statement of the document at `path`, in order.

    It is made of the path, what is claimed, and which of the like claims it is: never of the line, so that text put in
    above leaves it alone.

    >>> from gradcheck.articles.claims import Judgement
    >>> claim = Judged(3, 3, "`print(x)` prints", "1", Judgement("confirmed", "1", ""))
    >>> first, second = claim_ids("a.md", [claim, claim])
    >>> len(first), first != second
    (8, True)
    """
    met: Counter[str] = Counter()
    for each in judged:
        claim = f"{path}\0{each.statement}\0{each.stated}"
        yield sha256(f"{claim}\0{met[claim]}".encode()).hexdigest()[:_LENGTH]
        met[claim] += 1
