"""Values stated in words: "when the input is negative, the derivative of the ReLU function is 0", "approaches $2$"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from gradcheck.documents.formulas.parse import parse_expression
from gradcheck.documents.formulas.reading import NotAFormula
from gradcheck.documents.formulas.tree import (
    INFINITY,
    At,
    Call,
    Condition,
    Derivative,
    Equation,
    Limit,
    Name,
    Negated,
    Node,
    Number,
    Side,
)

NAMES = {
    "relu": r"ReLU|rectified\s+linear\s+unit",
    "sigmoid": r"sigmoid|logistic",
    "tanh": r"tanh|hyperbolic\s+tangent",
    "softplus": "softplus",
    "silu": "silu|swish",
    "gelu": "gelu",
    "softsign": "softsign",
    "exp": "exponential",
    "sin": r"sine",
    "cos": r"cosine",
}
"""How a text calls a function."""
NEAREST = "the function last defined"
"""Stands for the name of a function that a text only points at."""
X, ZERO = Name("x"), Number(Fraction(0))

_NAMED = "|".join(f"(?P<{name}>{words})" for name, words in NAMES.items())
_NUMBER = r"\$?(?P<value>[-−–]?\d+(?:\.\d+)?(?:/\d+)?)\$?(?![\w%°/]|\.\d|-\w)"
_CLAUSE = re.compile(
    rf"\b(?:the|its)\s+(?:derivative|gradient|slope)\s+(?:of\s+(?:the\s+)?\*?(?:{_NAMED})\*?(?:\s+activation)?(?:\s+function)?"
    r"\s+)?(?:is|equals|becomes|reaches|attains|takes|approaches|tends\s+to|goes\s+to|converges\s+to)\s+"
    rf"(?:(?:(?:a|its)\s+(?P<extreme>maximum|minimum)(?:\s+value)?|the\s+value)\s+(?:of\s+|at\s+)?)?{_NUMBER}",
    re.IGNORECASE,
)
_OF_FUNCTION = re.compile(rf"(?<![A-Za-z])(?:{_NAMED})(?![A-Za-z])", re.IGNORECASE)
_INPUT = r"(?:the\s+)?(?:input|argument|\$?[xz]\$?)"
_CONDITION = re.compile(
    rf"\b(?:when|where|if|for|as|while|at)\s+(?:{_INPUT}\s+)?(?:"
    r"(?P<sign>(?:is|are)\s+(?:strictly\s+)?(?P<which>negative|positive))"
    r"|(?P<away>(?:moves|diverges|goes)\s+(?:far\s+)?away\s+from\s+\$?0\$?|diverges\s+from\s+\$?0\$?"
    r"|(?:goes|tends|grows|diverges)\s+to\s+(?:plus\s+or\s+minus\s+)infinity)"
    r"|(?P<near>(?:nears|approaches|(?:goes|tends)\s+to)\s+\$?(?P<limit>[-−]?\d+(?:\.\d+)?|[-−+]?\\infty"
    r"|(?:negative\s+|minus\s+)?infinity)\$?)"
    r"|(?P<point>(?:(?:is|equals|(?:takes|has)\s+(?:the\s+)?value)\s+(?:(?:precisely|exactly)\s+)?(?:equal\s+to\s+)?)?"
    r"\$?(?:[a-z]\s*=\s*)?(?P<place>[-−]?\d+(?:\.\d+)?|zero)\$?(?![\w/]|\.\d)))",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z[(*])|(?<=[。！？])")
_TOWARD = r"\b(?:as|for|when|while)\s+\$(?P<by>[a-z]|\\[a-z]+)\s*(?:\\to|\\rightarrow|→)\s*(?P<limit>[^$]+)\$"
_REACHES = r"(?:asymptotes|approaches|tends|converges|goes)\s+(?:to\s+)?"
_TOWARD_FIRST = re.compile(rf"{_TOWARD},?\s+(?:it|the\s+function|\$?f\(x\)\$?)\s+{_REACHES}{_NUMBER}", re.IGNORECASE)
_TOWARD_LAST = re.compile(
    rf"\$(?P<of>[^$]{{3,200}})\$\W{{0,8}}\s*\W{{0,4}}{_REACHES}{_NUMBER}[^.$]{{0,40}}?\b(?:as|for|when)\s+\$?(?P<by>[a-z])\$?\s*"
    r"(?:approaches|tends\s+to|goes\s+to|\\to|\\rightarrow|→)\s+\$?(?P<limit>[-−]?\d+|\\infty|infinity)\$?",
    re.IGNORECASE,
)
_POINT = re.compile(
    r"\b(?:setting|plugging\s+in|taking|at|when|with|for|in)\s+\$(?P<by>[a-z])\s*=\s*(?P<place>[-−]?\d+(?:\.\d+)?)\$",
    re.IGNORECASE,
)
_DERIVATIVE_IS = re.compile(
    rf"\b(?:the|its)\s+(?:derivative|gradient|slope)(?:\s+there)?\s+(?:equals|is(?:\s+equal\s+to)?)\s+(?:then\s+)?{_NUMBER}",
    re.IGNORECASE,
)
_CHINESE_POINT = re.compile(
    rf"(?:当|在)\s*\$?(?P<by>[a-z])\s*=\s*(?P<place>[-−]?\d+(?:\.\d+)?)\$?\s*(?:时|处|点)，?[^。；]{{0,12}}?(?:导数|梯度)(?:值)?(?:为|是|等于)\s*{_NUMBER}"
)
_CHINESE_SIGN = re.compile(
    rf"(?:(?P<by>[a-z])\s*(?P<relation>[><＞＜])\s*0\s*时?[，,]?\s*(?:其|函数的)?(?:梯度|导数)(?:值)?(?:始终|一直|恒)?(?:为|是|等于)\s*{_NUMBER})"
)
_CHINESE_BOTH = re.compile(
    rf"(?:梯度|导数)(?:在)?大于\s*0\s*时(?:为|是|等于)?\s*{_NUMBER}[，,；;]\s*小于\s*0\s*时(?:为|是|等于)?\s*"
    r"(?P<other>[-−]?\d+(?:\.\d+)?)"
)
_WANTED = re.compile(
    rf"\b(?:derivative|gradient)\s+(?:that\s+)?we\s+(?:want|need|seek|look\s+for)\s+(?:is|equals)\s+{_NUMBER}"
    rf"|(?:도함수|미분|변화도|기울기)(?:의)?\s*(?:값)?(?:은|는|이|가)\s*(?P<korean>[-−]?\d+(?:\.\d+)?)\s*(?:입니다|이다|이\s*됩니다|가\s*됩니다)",
    re.IGNORECASE,
)
_TAKES = re.compile(
    r"\bat\s+\$(?P<by>[a-z])\s*=\s*(?P<places>[-−\d.,\s]+)\$,?\s+where\s+(?:the\s+function|it)\s+(?:takes|has)\s+"
    r"(?:on\s+)?the\s+values?\s+\$(?P<values>[-−\d.,\s]+)\$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Spoken:
    """An equation that a text states in words, where it holds, and whether its value is called greatest or least.

    It is not `certain` where the function is only named in a sentence before.
    """

    equation: Equation
    conditions: tuple[Condition, ...] = ()
    extreme: str = ""
    certain: bool = True


def last_named(text: str) -> str:
    """The function that a text names last; empty where it names none.

    >>> last_named("the ReLU and the sigmoid function"), last_named("nothing")
    ('sigmoid', '')
    """
    return next((_name(each) for each in reversed(list(_OF_FUNCTION.finditer(text)))), "")


def spoken_values(text: str, last: str = "") -> Iterator[Spoken]:
    """The values that a paragraph states in words; `last` is the function named last before it.

    >>> found = next(spoken_values("When the input is positive, the derivative of the ReLU function is 1."))
    >>> found.conditions[0].relation, found.equation.end
    ('>', 68)
    """
    start = 0
    for sentence in _sentences(text):
        yield from _of_named_functions(sentence, start, last)
        yield from _in_chinese(sentence, start, last)
        last = last_named(sentence) or last
        yield from _of_limits(sentence, start)
        yield from _at_points(sentence, start)
        yield from _wanted(sentence, start)
        start += len(sentence)


def _sentences(text: str) -> Iterator[str]:
    """The sentences with the white space behind them."""
    place = 0
    for end in _SENTENCE.finditer(text):
        yield text[place : end.end()]
        place = end.end()
    yield text[place:]


def _name(found: re.Match[str]) -> str:
    return next(name for name in NAMES if found.groupdict().get(name))


def _of_named_functions(sentence: str, start: int, last: str) -> Iterator[Spoken]:
    clauses = list(_CLAUSE.finditer(sentence))
    conditions = list(_CONDITION.finditer(sentence))
    for place, clause in enumerate(clauses):
        before = clauses[place - 1].end() if place else 0
        after = clauses[place + 1].start() if place + 1 < len(clauses) else len(sentence)
        leading = [each for each in conditions if before <= each.start() and each.end() <= clause.start()]
        following = [each for each in conditions if clause.end() <= each.start() and each.end() <= after]
        before_it = [_name(each) for each in _OF_FUNCTION.finditer(sentence, 0, clause.start())]
        named = next((name for name in NAMES if clause[name]), [last, *before_it][-1])
        condition = leading[-1] if leading else following[0] if following else None
        if named and condition is not None:
            value = _side(clause["value"], start + clause.start("value"), start + clause.end("value"))
            found = _where(named, condition)
            if found is not None and value is not None:
                left, limits = found
                sides = tuple(Side(each, start + clause.start(), start + clause.start("value")) for each in left)
                equation = Equation((*sides, value), ("=",) * len(sides))
                yield Spoken(equation, limits, (clause["extreme"] or "").lower(), any(clause[name] for name in NAMES))


def _in_chinese(sentence: str, start: int, last: str) -> Iterator[Spoken]:
    """The slopes of the function last named on both sides of 0; `certain` they are where the sentence names it."""

    def stated(found: re.Match[str], group: str, relation: str) -> Iterator[Spoken]:
        before = [_name(each) for each in _OF_FUNCTION.finditer(sentence, 0, found.start())]
        named, value = [last, *before][-1], _side(found[group], start + found.start(group), start + found.end(group))
        if named and value is not None:
            left = Side(Derivative(Call(named, (X,)), (X,), "d"), start + found.start(), value.start)
            yield Spoken(Equation((left, value), ("=",)), (Condition(X, relation, ZERO),), certain=bool(before))

    for found in _CHINESE_SIGN.finditer(sentence):
        yield from stated(found, "value", ">" if found["relation"] in ">＞" else "<")
    for found in _CHINESE_BOTH.finditer(sentence):
        yield from stated(found, "value", ">")
        yield from stated(found, "other", "<")


def _where(name: str, condition: re.Match[str]) -> tuple[tuple[Node, ...], tuple[Condition, ...]] | None:
    """The derivative of a named function under a condition in words: at a point, in a limit, or on a side of 0."""
    slope = Derivative(Call(name, (X,)), (X,), "d")
    if condition["sign"]:
        relation = "<" if condition["which"].lower() == "negative" else ">"
        return (slope,), (Condition(X, relation, ZERO),)
    if condition["away"]:
        both = (INFINITY, Negated(INFINITY))
        return tuple(Limit(slope, X, each) for each in both), ()
    if condition["near"]:
        toward = _number(condition["limit"])
        return None if toward is None else ((Limit(slope, X, toward),), ())
    place = _number(condition["place"])
    return None if place is None else ((Derivative(Call(name, (X,)), (X,), "d", 1, (place,)),), ())


def _of_limits(sentence: str, start: int) -> Iterator[Spoken]:
    for found in _TOWARD_FIRST.finditer(sentence):
        by, toward = _expression(found["by"]), _number(found["limit"])
        if isinstance(by, Name) and toward is not None:
            yield from _stated(Limit(Call(NEAREST, (by,)), by, toward), found, start)
    for found in _TOWARD_LAST.finditer(sentence):
        of, by, toward = _expression(found["of"]), Name(found["by"]), _number(found["limit"])
        if of is None or toward is None:
            continue
        for point in _POINT.finditer(sentence, 0, found.start()):
            place = _number(point["place"])
            of = At(of, Name(point["by"]), place) if place is not None and point["by"] != by.label else of
        yield from _stated(Limit(of, by, toward), found, start)


def _at_points(sentence: str, start: int) -> Iterator[Spoken]:
    points = list(_POINT.finditer(sentence))
    for found in _DERIVATIVE_IS.finditer(sentence):
        place = _number(points[0]["place"]) if len(points) == 1 else None
        if place is not None:
            yield from _stated(Derivative(None, (Name(points[0]["by"]),), "∇", 1, (place,)), found, start)
    for found in _CHINESE_POINT.finditer(sentence):
        place = _number(found["place"])
        if place is not None:
            yield from _stated(Derivative(None, (Name(found["by"]),), "∇", 1, (place,)), found, start)
    for found in _TAKES.finditer(sentence):
        places, values = ([_number(each) for each in found[name].split(",")] for name in ("places", "values"))
        if len(places) == len(values):
            for place, value in zip(places, values, strict=True):
                if place is not None and value is not None:
                    sides = Side(Call(NEAREST, (place,)), 0, 0), Side(value, 0, 0)
                    yield Spoken(_spanning(sides, start + found.start(), start + found.end()))


def _wanted(sentence: str, start: int) -> Iterator[Spoken]:
    """The value of "the derivative we want", of which function is said before."""
    for found in _WANTED.finditer(sentence):
        group = "value" if found["value"] else "korean"
        stated = _side(found[group], start + found.start(group), start + found.end(group))
        if stated is not None:
            left = Side(Derivative(None, (), "∇"), start + found.start(), stated.start)
            yield Spoken(Equation((left, stated), ("=",)), certain=False)


def _spanning(sides: tuple[Side, Side], first: int, last: int) -> Equation:
    return Equation((Side(sides[0].node, first, first), Side(sides[1].node, last, last)), ("=",))


def _stated(left: Node, found: re.Match[str], start: int) -> Iterator[Spoken]:
    value = _side(found["value"], start + found.start("value"), start + found.end("value"))
    if value is not None:
        yield Spoken(Equation((Side(left, start + found.start(), value.start), value), ("=",)))


def _side(text: str, first: int, last: int) -> Side | None:
    node = _number(text)
    return None if node is None else Side(node, first, last)


def _number(text: str) -> Node | None:
    """A number, a fraction or an infinity, in digits or in words."""
    plain = text.strip().lower().replace("−", "-").replace("–", "-").lstrip("+")
    if plain.endswith(("infinity", "infty")):
        return Negated(INFINITY) if plain.startswith(("-", "minus", "negative")) else INFINITY
    return ZERO if plain == "zero" else _expression(plain)


def _expression(text: str) -> Node | None:
    try:
        return parse_expression(text.strip(), latex=True)
    except NotAFormula:
        return None
