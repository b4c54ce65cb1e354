"""Corrections of a document: the right value in the place of a refuted one, as a patch or in the file."""

from __future__ import annotations

import html
import json
from collections.abc import Callable
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from gradcheck.documents.judged import Judged
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
    """A document's text before and after its corrections, and the refuted statements put right and left as they are."""

    path: str
    before: str
    after: str
    corrected: tuple[Judged, ...]
    left: tuple[Judged, ...]

    @property
    def patch(self) -> str:
        """The change as a unified diff that `patch -p1` and `git apply` take; empty where there is none."""
        old, new = self.before.splitlines(keepends=True), self.after.splitlines(keepends=True)
        lines = unified_diff(old, new, f"a/{self.path}", f"b/{self.path}")
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def fix(verification: Verification) -> Fix | None:
    """The corrections of one document in UTF-8; None where nothing in it is refuted.

    A statement is left as it is where the right value is not known for sure, or where its text does not stand in the
    file as it was read, as in a listing that had to be repaired.
    """
    refuted = [each for each in verification.judged if each.judgement.status == "refuted"]
    if not refuted:
        return None
    path = Path(verification.path)
    before = path.read_bytes().decode("utf-8")
    lines, spelt = before.splitlines(keepends=True), _SPELLINGS.get(path.suffix.lower(), _as_it_is)
    # From the end on, so that a correction that changes how many lines there are moves none that is still to come.
    from_the_end = sorted(refuted, key=lambda judged: judged.line, reverse=True)
    corrected = [each for each in from_the_end if each.replacement and _replace(lines, each, spelt)]
    left = tuple(each for each in refuted if each not in corrected)
    return Fix(verification.path, before, "".join(lines), tuple(reversed(corrected)), left)


def _replace(lines: list[str], judged: Judged, spelt: Callable[[str], str]) -> bool:
    """Put the replacement in place of the last text in the statement's lines that is the stated one."""
    start, end = judged.line - 1, judged.end_line
    text, stated = "".join(lines[start:end]), spelt(judged.stated)
    at = text.rfind(stated)
    if not stated or at < 0:
        return False
    lines[start:end] = [text[:at] + spelt(judged.replacement) + text[at + len(stated) :]]
    return True
