"""Which blocks are not code but what the code before them prints, and which code that is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from gradcheck.documents.document import Passage
from gradcheck.documents.readers.plain_code import looks
from gradcheck.documents.readers.printed import is_printed_data
from gradcheck.documents.readers.sessions import is_session
from gradcheck.documents.repair.python import parses

_LEAD = re.compile(
    r"outputs?|prints?|printed|results?|returns?|gives|yields|displays?|shows|out|stdout|expected"
    r"|输出|结果|打印|显示|返回|輸出|結果|顯示|출력|결과|出力",
    re.IGNORECASE,
)
"""A word that announces printed output, in prose that ends in a colon or is nothing else."""

_COMMAND = re.compile(
    r"(\$|%|sudo|pip3?|python3?|conda|git|cd|mkdir|wget|curl|apt|apt-get|brew|docker|cmake|make|jupyter|tensorboard|torchrun)"
    r" [^=(]"
)
"""How a line for a shell begins."""

_SHELLS = frozenset(("bash", "sh", "shell", "zsh", "terminal"))
"""Languages that authors give to what a terminal shows, commands or their output."""

_LEAD_WORD = re.compile(rf"\b({_LEAD.pattern})\b", re.IGNORECASE)
_LEAD_ALONE = re.compile(rf"(\w+ )?({_LEAD.pattern})", re.IGNORECASE)
_LEAD_BELOW = re.compile(r"\b(outputs?|results?)\b.*\b(below|as follows|like this)\b", re.IGNORECASE)
_CJK = re.compile("[\u4e00-\u9fff\uac00-\ud7af]")


def announces_output(prose: str) -> bool:
    """Whether prose announces what the code before it prints.

    >>> [announces_output(text) for text in ("Output:", "**Out**", "执行结果:", "This prints:", "The result is good.")]
    [True, True, True, True, False]
    """
    last = prose.strip().rsplit("\n", 1)[-1].strip(" *_#`")
    if last.endswith((":", "：")):
        return bool(_LEAD.search(last) if _CJK.search(last) else _LEAD_WORD.search(last))
    return bool(_LEAD_ALONE.fullmatch(last) or _LEAD_BELOW.search(prose))


def with_outputs(passages: Iterable[Passage]) -> Iterator[Passage]:
    """The same passages, those blocks that are printed output marked as such, or as prose where they are text."""
    code, announced, adjacent = False, False, False
    for each in passages:
        passage = _classified(each, code, announced, adjacent) if each.kind == "code" else each
        yield passage
        if passage.kind == "prose":
            announced, adjacent = announces_output(passage.text), False
        else:
            announced = False
            adjacent = passage.kind in ("code", "session")
            code = code or adjacent


def linked(passages: Iterable[Passage]) -> list[Passage]:
    """The passages, each output with the place of the code or session before it."""
    placed: list[Passage] = []
    last = -1
    for place, passage in enumerate(passages):
        if passage.kind in ("code", "session"):
            last = place
        placed.append(replace(passage, of=last) if passage.kind == "output" else passage)
    return placed


def _classified(passage: Passage, code: bool, announced: bool, adjacent: bool) -> Passage:
    if passage.language == "output" or (code and _is_output(passage, announced, adjacent)):
        return replace(passage, kind="output", shows="nothing")
    if passage.language == "text":
        return replace(passage, kind="prose")
    if not passage.language and not is_session(passage.text) and not parses(passage.text):
        return _told_from_python(passage)
    return passage


def _told_from_python(passage: Passage) -> Passage:
    """A block without a language that does not parse: damaged Python, commands for a shell, or words."""
    lines = [line for line in passage.text.split("\n") if line.strip()]
    if _COMMAND.match(lines[0].strip()):
        return replace(passage, language="bash")
    alike = sum(looks(line, False) in ("code", "comment") or line[:1] in " \t" for line in lines)
    python = any(looks(line, False) == "code" for line in lines) and 2 * alike >= len(lines)
    return passage if python else replace(passage, kind="prose", language="text")


def _is_output(passage: Passage, announced: bool, adjacent: bool) -> bool:
    if passage.language in ("text", "console") and not passage.text.lstrip().startswith(("$ ", "% ", "# ")):
        return announced or adjacent
    if passage.language in _SHELLS:
        return announced and not any(_COMMAND.match(line.strip()) for line in passage.text.split("\n"))
    if passage.language:
        return False
    if announced:
        return is_printed_data(passage.text) or not parses(passage.text)
    return adjacent and is_printed_data(passage.text)
