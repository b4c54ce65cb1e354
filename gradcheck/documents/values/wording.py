"""What a comment states about the value beside it, if anything: most comments state none.

A comment states a value where it is one, where it says that it is one (`Output: 4`), or where it ends in one after an
equals sign or a verb (`dw = x = 2.0`, `grad is -6.0`). A number that goes on in words (`10 by default`) is a remark.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gradcheck.documents.values.literals import Literal, read_literal

_FULL_WIDTH = str.maketrans("：，；（）＝。［］＋－．", ":,;()=.[]+-.")

_MARK = re.compile(
    r"(?:expected\s+)?(?:outputs?|out(?:\[\d*\])?|results?|returns?|gives?|yields?|"
    r"(?:will\s+)?prints?|printed|(?:it\s+)?should\s+(?:be|print|give)|value)\b\s*(?:is|are|be)?\s*(?:[:=]|=>|->)?\s*"
    r"|(?:输出(?:结果)?|打印(?:结果|出)?|结果|得到|返回|值)\s*(?:为|是)?\s*:?\s*"
    r"|(?:출력(?:값|\s*결과)?|결과(?:값)?|반환(?:값)?)\s*(?:은|는|이|가)?\s*:?\s*"
    r"|(?:→|=>|->|==>|>>|⇒|==?(?!=))\s*",
    re.IGNORECASE,
)
_APPROXIMATELY = re.compile(
    r"(?:≈|~|∼|≃|(?:is\s+)?(?:approx(?:imately|\.)?|about|around|roughly|circa)\b|大约|约等于|约为|约)\s*",
    re.IGNORECASE,
)
_SHAPE = re.compile(
    r"(?:(?:the\s+)?(?:output\s+|new\s+)?(?:shape|size)s?|形状|维度)\s*(?:is|of|为|是)?\s*[:=]?\s*", re.IGNORECASE
)
_LABELLED = re.compile(
    r"(?:=>|->|→|==?|≈|~|:|\b(?:is|are|equals|gives|becomes|approximately|about)\b|是|为|等于"
    r"|(?<=[\uac00-\ud7a3])(?:은|는|이|가)(?=\s))\s*"
)
_BETWEEN = re.compile(r"\s*(?:,|;|、|\band\b|和)\s*|[ \t]+")
_END = re.compile(r"\s*(?:(?:이|가)?\s*(?:입니다|됩니다|이다)|\.\.\.|…)?\s*[.;!]?\s*$")
_REASON = re.compile(
    r"\s*(?:<-|←|,?\s*(?:since|because|as\s+(?:expected|the)|at|when|where)\b|\(|=|,?\s*因为|—|–)|\s+#", re.IGNORECASE
)
_BY_DEFAULT = re.compile(r"\s+by\s+default\b", re.IGNORECASE)
_ANOTHER = re.compile(r"(?:->|→|=>|⇒)\s*(?:tensor|array|[-\d\[(])")
_ASIDE = re.compile(r"[,;，；]|\b(?:since|because|when|where|if|at|for|with|as|let)\b|因为|如果", re.IGNORECASE)
_COMMA = re.compile(r"\s*(?:[,;:.|]|-{1,2}\s|->|=>|→|i\.e\.|which\b|from\b|for\b)\s*", re.IGNORECASE)
_UNIT = re.compile(r"\s*(?:%|m|cm|mm|km|kg|g|m/s(?:\^2|²|2)?|N|J|V|W|Hz|°C?|deg(?:rees)?|rad(?:ians)?|px)\s*[.;]?\s*$")
_PRINTED = re.compile(r"(?:(?:it|this|will)\s+)*(?:prints?|outputs?)\b|打印|输出", re.IGNORECASE)
_PRINTED_THEN = re.compile(
    rf"[,;]\s*(?:so\s+|and\s+|which\s+|that\s+|it\s+)*(?P<clause>{_PRINTED.pattern})", re.IGNORECASE
)
_CONDITION = re.compile(r"\b(?:if|unless|otherwise|when|without|would|before|after)\b|如果|若", re.IGNORECASE)
_DOUBTFUL = re.compile(
    r"\b(?:if|unless|otherwise|before|instead|would|wrong|incorrect|not|vs|or|older|version|gpu|cuda|default|e\.g|"
    r"example|random|varies|depends?|differs?|might|may|could|original(?:ly)?|was|previous(?:ly)?)\b|默认|随机|例如|可能",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Wording:
    """The values that a comment states.

    `text` is the part that states them, letter for letter, and `rest` all that follows the words in front. `label` is
    what the comment puts before an equals sign or a verb; `worded` says that it calls itself an output, `doubtful`
    that words around it leave open when it holds; `of_shape` that it states a shape, `printed` that it begins with
    what is printed.
    """

    literals: tuple[Literal, ...]
    text: str
    rest: str
    label: str = ""
    approximate: bool = False
    worded: bool = False
    doubtful: bool = False
    of_shape: bool = False
    printed: bool = False

    @property
    def of_none(self) -> bool:
        """Whether it states None and no more."""
        return [each.kind for each in self.literals] == ["none"]


def stated_by(comment: str, below: bool = False) -> Wording | None:
    """What the comment states, or None; `below` reads it as a line of its own, which must be clearer.

    >>> stated_by("tensor(12.) <- d(loss)/d(w)").text, stated_by("dout/dw = x = 2.0").label
    ('tensor(12.)', 'dout/dw = x')
    >>> stated_by("10 by default"), stated_by("dL/dw"), stated_by("3 layers")
    (None, None, None)
    """
    text = comment.translate(_FULL_WIDTH)
    start, worded, of_shape = _words_in_front(text)
    approximate = _APPROXIMATELY.match(text, start)
    begin = approximate.end() if approximate else start
    found, end = _literals(text, begin)
    if found and _ends_well(found, text, end):
        clear = worded or not all(literal.whole for literal in found) or not below
        return Wording(
            literals=found,
            text=comment[begin:end],
            rest=comment[start:].strip(),
            approximate=approximate is not None,
            worded=worded,
            doubtful=not clear or _in_doubt(text, end),
            of_shape=of_shape,
            printed=_PRINTED.match(text.lstrip()) is not None,
        )
    if below and not worded:
        return None
    return _labelled(comment, text, worded) or _behind_clause(comment, text)


def _behind_clause(comment: str, text: str) -> Wording | None:
    """The value that a clause says is printed, behind another one: `compiled, prints 1`."""
    found = _PRINTED_THEN.search(text)
    if found is None or _CONDITION.search(text, 0, found.start()):
        return None
    return stated_by(comment[found.start("clause") :])


def spoken(comment: str) -> str:
    """The comment without words such as `Output:` in front of it: what a call of print may have written."""
    start, worded, _ = _words_in_front(comment.translate(_FULL_WIDTH))
    return comment[start:].strip() if worded else comment.strip()


def _words_in_front(text: str) -> tuple[int, bool, bool]:
    """Where the value may begin, whether words say that it is an output, and whether they speak of a shape."""
    place = len(text) - len(text.lstrip())
    worded = of_shape = False
    while found := _MARK.match(text, place):
        place, worded = found.end(), True
    if found := _SHAPE.match(text, place):
        place, of_shape = found.end(), True
    return place, worded, of_shape


def _literals(text: str, start: int) -> tuple[tuple[Literal, ...], int]:
    """The values from `start` on, set apart by commas or spaces, and where they end."""
    found: list[Literal] = []
    end = place = start
    while (literal := read_literal(text, place)) is not None:
        found.append(literal)
        end = place + len(literal.text)
        gap = _BETWEEN.match(text, end)
        if gap is None:
            break
        place = gap.end()
    return tuple(found), end


def _in_doubt(text: str, end: int) -> bool:
    """Whether what follows a value leaves open when it holds, or names another beside it."""
    return any(sign.search(text, end) for sign in (_DOUBTFUL, _ANOTHER)) or _UNIT.fullmatch(text, end) is not None


def ends_well(found: tuple[Literal, ...], text: str, start: int) -> bool:
    """Whether values that begin at `start` are followed by nothing that makes them something else.

    >>> (three,) = [read_literal("3 layers")]
    >>> ends_well((three,), "3 layers", 0), ends_well((three,), "3.", 0)
    (False, True)
    """
    return _ends_well(found, text, start + sum(len(literal.text) for literal in found))


def _ends_well(found: tuple[Literal, ...], text: str, end: int) -> bool:
    """Whether what follows the values leaves them what they are: for a count, almost any word does not."""
    if _END.match(text, end) or _REASON.match(text, end):
        return True
    if found[-1].kind == "none":
        return text[end] in ",;"
    if found[-1].kind == "text" or all(literal.whole for literal in found):
        return bool(_UNIT.fullmatch(text, end) and "%" in text[end:])
    return found[0].wrapped or bool(_COMMA.match(text, end) or _UNIT.fullmatch(text, end))


def _labelled(comment: str, text: str, worded: bool) -> Wording | None:
    """The value after the last equals sign or verb, where it ends the comment or a reason follows."""
    for sign in reversed(list(_LABELLED.finditer(text))):
        approximate = _APPROXIMATELY.match(text, sign.end())
        begin = approximate.end() if approximate else sign.end()
        found, end = _literals(text, begin)
        before = max((other.end() for other in _LABELLED.finditer(text) if other.end() <= sign.start()), default=0)
        words = text[before : sign.start()].split()
        of_shape = bool(words) and _SHAPE.fullmatch(words[-1]) is not None
        if not found or (_ASIDE.search(text[before : sign.start()]) and not of_shape):
            continue
        unset = found[-1].kind == "none" and _BY_DEFAULT.match(text, end)
        if not (unset or _END.match(text, end) or _REASON.match(text, end)):
            continue
        label = comment[: sign.start()].strip()
        roughly = approximate is not None or sign.group().strip() in {"≈", "~", "approximately", "about"}
        return Wording(
            literals=found,
            text=comment[begin:end],
            rest=comment.strip(),
            label=label,
            approximate=roughly,
            worded=worded,
            doubtful=bool(_DOUBTFUL.search(text)),
            of_shape=of_shape,
        )
    return None
