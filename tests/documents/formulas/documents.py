"""Documents made by hand, and what is found in them."""

from __future__ import annotations

from gradcheck.documents.document import Document, Kind, Passage
from gradcheck.documents.formulas.judged import judged_formulas
from gradcheck.documents.judged import Judged

MARKS: dict[str, Kind] = {"code: ": "code", "math: ": "math"}


def document(*texts: str) -> Document:
    """Passages in order: prose, or what the text's first word says."""
    passages, line = [], 1
    for text in texts:
        mark = next((each for each in MARKS if text.startswith(each)), "")
        body = text.removeprefix(mark)
        count = body.count("\n") + 1
        lines = tuple(range(line, line + count))
        passages.append(Passage(MARKS.get(mark, "prose"), body, lines, "python" if mark == "code: " else ""))
        line += count + 1
    return Document("page.md", "markdown", tuple(passages))


def found(*texts: str) -> list[Judged]:
    """Every stated derivative of these passages, judged."""
    return list(judged_formulas(document(*texts)))


def statuses(*texts: str) -> list[str]:
    """The status of each."""
    return [each.judgement.status for each in found(*texts)]
