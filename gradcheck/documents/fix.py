"""Corrections of a document: the right value in the place of a refuted one, as a patch or in the file."""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from io import StringIO
from pathlib import Path

from gradcheck.documents.judged import Judged
from gradcheck.documents.values.wording import stated_by
from gradcheck.documents.verification import Verification


def _as_it_is(text: str) -> str:
    return text


_SPELLINGS: dict[str, Callable[[str], str]] = {
    ".ipynb": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    ".html": lambda text: html.escape(text, quote=False),
    ".htm": lambda text: html.escape(text, quote=False),
}
"""How a format's file spells the text that its reader gives."""


@dataclass(frozen=True)
class Fix:
    """A document's text before and after its corrections, and the refuted statements put right and left as they are.

    `refused` says why none of them can be put right, where that is so for the whole document.
    """

    path: str
    before: str
    after: str
    corrected: tuple[Judged, ...]
    left: tuple[Judged, ...]
    refused: str = ""

    @property
    def patch(self) -> str:
        """The change as a unified diff that `patch -p1` and `git apply` take; empty where there is none."""
        path = Path(self.path)
        here = Path.cwd()
        shown = (path.relative_to(here) if path.is_relative_to(here) else path).as_posix()
        end = "\t" if " " in shown else ""  # what git writes behind a name that has spaces
        old, new = _lines(self.before, "\n"), _lines(self.after, "\n")
        lines = unified_diff(old, new, f"a/{shown}{end}", f"b/{shown}{end}")
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def fix(verification: Verification) -> Fix | None:
    """The corrections of one document; None where nothing in it is refuted, and refused where it is not in UTF-8.

    A statement is left as it is where the right value is not known for sure, or where its text does not stand in the
    file as it was read, as in a listing that had to be repaired.
    """
    refuted = [each for each in verification.judged if each.judgement.status == "refuted"]
    if not refuted:
        return None
    path = Path(verification.path)
    try:
        before = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return Fix(verification.path, "", "", (), tuple(refuted), "it is not in UTF-8; convert it first")
    lines, spelt = _lines(before, ""), _SPELLINGS.get(path.suffix.lower(), _as_it_is)
    # From the end on, so that a correction that changes how many lines there are moves none that is still to come.
    from_the_end = sorted(refuted, key=lambda judged: judged.line)[::-1]
    alike = Counter((each.line, each.stated, each.replacement) for each in refuted)
    corrected = [
        each
        for each in from_the_end
        if each.replacement and _replace(lines, each, spelt, alike[each.line, each.stated, each.replacement])
    ]
    left = tuple(each for each in refuted if each not in corrected)
    return Fix(verification.path, before, "".join(lines), tuple(reversed(corrected)), left)


def _lines(text: str, newline: str) -> list[str]:
    """The lines with their ends, as a file has them: `newline` is `\\n`, or empty for all ends that files have."""
    return list(StringIO(text, newline=newline))


def _replace(lines: list[str], judged: Judged, spelt: Callable[[str], str], alike: int) -> bool:
    """Put the replacement in place of the stated text, where there is no doubt which text in these lines that is.

    So many statements in these lines are `alike` in what they state and in what should stand there.
    """
    start, end = judged.line - 1, judged.end_line
    text, stated = "".join(lines[start:end]), spelt(judged.stated)
    places = _occurrences(text, stated)
    if not places:
        return _replace_rows(lines, judged, spelt)
    replaced = {at: text[:at] + spelt(judged.replacement) + text[at + len(stated) :] for at in reversed(places)}
    meant = [at for at, new in replaced.items() if _is_read_as(new, at, judged.replacement)]
    if not meant and len(places) > alike:
        meant = _only_one_in_comment(text, places)
        if not meant:
            return False
    lines[start:end] = [replaced[(meant or places[-1:])[0]]]
    return True


def _occurrences(text: str, stated: str) -> list[int]:
    """Where the stated text stands, and not as a part of a longer word or number.

    >>> _occurrences("x = 2.5  # 2 is it", "2")
    [11]
    """
    pattern = re.escape(stated)
    before, after = (r"(?<![\w.])" if stated[:1].isalnum() else ""), (r"(?!\w|\.\d)" if stated[-1:].isalnum() else "")
    return [found.start() for found in re.finditer(before + pattern + after, text)] if stated else []


def _is_read_as(text: str, at: int, value: str) -> bool:
    """Whether the comment around the place `at` of a line of code states just this value."""
    mark = text.rfind("#", 0, at)
    stated = stated_by(text[mark + 1 :].rstrip()) if mark >= 0 else None
    return stated is not None and stated.text == value and not _has_several_cells(text)


def _only_one_in_comment(text: str, places: Sequence[int]) -> list[int]:
    """The last of these places, if it alone stands behind a comment's mark."""
    mark = text.rfind("#", 0, places[-1])
    alone = mark >= 0 and places[-2] < mark and not _has_several_cells(text)
    return [places[-1]] if alone else []


def _has_several_cells(text: str) -> bool:
    """Whether these lines of a notebook's file are several cells, so that which of them is meant is not known."""
    return text.count('"cell_type"') > 1


def _replace_rows(lines: list[str], judged: Judged, spelt: Callable[[str], str]) -> bool:
    """The same for a text of several rows, each in a line that has more: a comment's mark, quotes, a margin."""
    old, new = ([spelt(row.strip()) for row in text.split("\n")] for text in (judged.stated, judged.replacement))
    if len(old) < 2 or len(old) != len(new) or not all(old):
        return False
    for first in range(judged.end_line - len(old), judged.line - 2, -1):
        there = lines[first : first + len(old)]
        if all(row in line for row, line in zip(old, there, strict=True)):
            for place, (before, after) in enumerate(zip(old, new, strict=True), first):
                head, _, tail = lines[place].rpartition(before)
                lines[place] = head + after + tail
            return True
    return False
