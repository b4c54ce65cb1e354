"""A derivation as a LaTeX document that compiles by itself; the steps are one `align*`."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from gradcheck.rendering.derivation_steps import ShownDerivation, ShownStep
from gradcheck.rendering.latex_lines import LONG, aligned, aligned_rows, rows, seen_length
from gradcheck.rendering.maths import Maths
from gradcheck.rendering.words import clean


def _tex_name(letter: str) -> str:
    word = unicodedata.name(letter).split()[-1].lower().replace("lamda", "lambda")
    return word if letter.islower() else word.capitalize()


GREEK = {letter: _tex_name(letter) for letter in "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΦΨΩ"}
IN_MATHS = str.maketrans({letter: rf"\{name} " for letter, name in GREEK.items()})
"""Letters that TeX knows by name alone."""
TEX = r"^2 ^3 \partial \ge \le \cdot \surd \infty \pm \Vert \otimes \circ"
IN_TEXT = str.maketrans(
    {
        **{letter: rf"$\{name}$" for letter, name in GREEK.items()},
        **{sign: rf"\{sign}" for sign in "&%$#_{}"},
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "ᵀ": r"$^{\top}$",
        **{sign: f"$^{{{raised}}}$" for sign, raised in zip("⁻⁰¹⁴⁵⁶⁷⁸⁹⁺ᵏⁿᵐⁱʲ", "-01456789+knmij", strict=True)},
        **{sign: f"$_{letter}$" for sign, letter in zip("ᵢⱼₖ", "ijk", strict=True)},
        "é": r"\'e",
        **dict.fromkeys("−–", "--"),
        **{sign: f"${maths}$" for sign, maths in zip("²³∂≥≤·√∞±‖⊗∘", TEX.split(), strict=True)},
    }
)
"""Signs that text must escape, or set as mathematics."""

DOCUMENT = r"""\documentclass{article}
\usepackage[utf8]{inputenc}
\usepackage{amsmath}
\usepackage[margin=1.2cm]{geometry}
\allowdisplaybreaks
\sloppy
\begin{document}
%s
\end{document}
"""


def render(shown: ShownDerivation, full: bool = False) -> str:
    """The derivation as a document: the lines, then what each rule says; `full` adds the steps inside a step."""
    parts = [
        rf"\section*{{{plain(shown.title)}}}",
        *(f"{plain(each)}\n" for each in (shown.recognised,) if each),
        *(f"Without indices: {_shown(each)}" for each in (shown.stated,) if each),
        *(f"Note: {plain(note)}.\n" for note in shown.notes),
        r"{\footnotesize",
        align(shown) + "}",
        r"\begin{enumerate}",
        *(item for step in shown.steps for item in _item(step, full)),
        r"\end{enumerate}",
        *_end(shown),
    ]
    return DOCUMENT % clean("\n".join(parts))


def align(shown: ShownDerivation) -> str:
    """The definition and the line of each step as one `align*`, each with its rule; a line that fails says so."""
    lines = [_row(shown.definition, "definition"), *(_row(each, "where") for each in shown.named)]
    for step in shown.steps:
        lines.append(_row(step.line, f"{step.number}. {step.title}{'' if step.ok else ' ' + step.verdict}"))
        lines += [_row(each, "where") for each in step.named]
    body = " \\\\\n".join(lines)
    return f"\\begin{{align*}}\n{body}\n\\end{{align*}}"


def plain(text: str) -> str:
    r"""Text with nothing in it that TeX would read.

    >>> plain("50% of x_i²")
    '50\\% of x\\_i$^2$'
    """
    return clean(text).translate(IN_TEXT)


def maths(latex: str) -> str:
    r"""LaTeX whose Greek letters TeX knows.

    >>> maths("λ x")
    '\\lambda  x'
    """
    return latex.translate(IN_MATHS)


def _row(line: Maths, remark: str) -> str:
    """A row of `align*`, over several rows where it is long, with a remark at its side."""
    return rf"{aligned_rows(rows(maths(line.latex)), end=chr(10))} && \text{{{plain(remark)}}}"


def _shown(found: Maths) -> str:
    """Mathematics on lines of its own."""
    return rf"\[ {aligned(maths(found.latex))} \]"


def _within_text(found: Maths) -> str:
    """Mathematics within a sentence, on lines of its own where it is long."""
    latex = maths(found.latex)
    return f"${latex}$" if seen_length(latex) <= LONG else _shown(found)


def _item(step: ShownStep, full: bool) -> Iterator[str]:
    verdict = f"Holds {step.verdict}." if step.ok else rf"\textbf{{{plain(step.verdict)}}}."
    yield rf"\item \textbf{{{plain(step.title)}.}} {plain(step.prose)} {_shown(step.statement)}"
    if step.letters:
        yield "Here " + ", ".join(map(_within_text, step.letters)) + "."
    if step.value and not step.repeats:
        yield f"Its value is {_within_text(step.value)}."
    yield verdict
    yield from _inside(step, full)


def _inside(step: ShownStep, full: bool) -> Iterator[str]:
    inside = (*step.inner, *(step.folded if full else ()))
    if inside:
        yield r"\begin{itemize}"
        for inner in inside:
            mark = "" if inner.ok else rf" \textbf{{{plain(inner.verdict)}}}"
            yield rf"\item {plain(inner.title)}{mark}: {_within_text(inner.line)}"
            yield from _inside(inner, full)
        yield r"\end{itemize}"


def _end(shown: ShownDerivation) -> Iterator[str]:
    if shown.matrix:
        yield f"Without indices: {_shown(shown.matrix)}"
    if shown.point:
        yield f"Values at {_within_text(shown.point)}."
    checks = ", ".join(f"{check.name} ({check.verdict})" for check in shown.checks)
    yield f"{plain(shown.headline)}. Last line held against: {plain(checks)}."
