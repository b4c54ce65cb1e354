"""Index expressions as people write them: LaTeX, and one line of Unicode.

Sums show their index alone, since every index runs over its whole dimension; exp(z_i - logsumexp_k z_k) reads softmax.
Bound indices without a name get a canonical one, and a number common to all terms of a sum stands in front of it.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

import sympy as sp
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.printer import Printer
from sympy.printing.str import StrPrinter

from gradcheck.symbolic.binding import canonical, has_unnamed_indices, substitute
from gradcheck.symbolic.pending import Pending
from gradcheck.symbolic.piecewise import Cases
from gradcheck.symbolic.tensors import LogSumExp, Sum
from gradcheck.symbolic.tracing.special import Maximum

SHOWN_DIGITS = 15
MOST_PRINTED = 50_000
"""How many expressions are remembered in print before all are forgotten."""
_printed: dict[tuple[type, sp.Expr], str] = {}
_NUMBER_UNDER_BAR = re.compile(r"\\bar\{([a-zA-Z]+)(\d+)\}")


def latex(expression: sp.Expr) -> str:
    r"""LaTeX without delimiters.

    >>> from gradcheck.symbolic.tensors import dimension, sum_over, tensor
    >>> n = dimension("n")
    >>> x = tensor("x", n)
    >>> latex(sum_over(n, lambda k: x[k]))
    '\\sum_{k} x_{k}'
    """
    return str(_Latex().doprint(_factored(_named(expression))))


def text(expression: sp.Expr) -> str:
    """One line of Unicode.

    >>> from gradcheck.symbolic.tensors import dimension, sum_over, tensor
    >>> n = dimension("n")
    >>> x = tensor("x", n)
    >>> text(sum_over(n, lambda k: x[k]))
    'Σ_k x[k]'
    """
    return str(_Text().doprint(_factored(_named(expression))))


def ordered_terms(expression: sp.Expr) -> list[sp.Expr]:
    """The terms of a sum in the order in which they are written; of anything else, the whole."""
    shown = _factored(_named(expression))
    return _Text()._as_ordered_terms(shown) if isinstance(shown, sp.Add) else [shown]


def as_softmax(expression: sp.Expr) -> tuple[sp.Symbol, sp.Expr] | None:
    """(index, logit at that index) where the expression is exp(logit - logsumexp of the logits), else None."""
    if not isinstance(expression, sp.exp):
        return None
    terms = sp.Add.make_args(expression.args[0])
    whole = next((-term for term in terms if isinstance(-term, LogSumExp)), None)
    if whole is None:
        return None
    logit = expression.args[0] + whole
    bound = whole.limits[0][0]
    candidates = sorted((s for s in logit.free_symbols if s.is_integer), key=str)
    return next(((i, logit) for i in candidates if substitute(whole.function, bound, i) == logit), None)


def _named(expression: sp.Expr) -> sp.Expr:
    """With names for bound indices that have none; names that were given stay."""
    return canonical(expression) if has_unnamed_indices(expression) else expression


def _factored(expression: sp.Expr) -> sp.Expr:
    """Put common numbers in front, where SymPy multiplies them out: 2(x - y) for 2x - 2y, 2 Σ_k x_k for Σ_k 2x_k."""
    if not expression.args or isinstance(expression, sp.Indexed | sp.IndexedBase):
        return expression
    parts = [_factored(argument) for argument in expression.args]
    if isinstance(expression, sp.Mul):
        return _product(*parts)
    if isinstance(expression, sp.Sum):
        number, rest = parts[0].as_coeff_Mul()
        return _product(number, Sum(rest, *expression.limits))
    if isinstance(expression, sp.Add):
        return _common_number(sp.Add(*parts))
    return expression.func(*parts, evaluate=False) if isinstance(expression, sp.Pow) else expression.func(*parts)


def _common_number(total: sp.Expr) -> sp.Expr:
    """The size of the terms' numbers times the rest, where all terms have the same."""
    terms = [term.as_coeff_Mul() for term in sp.Add.make_args(total)]
    size = abs(terms[0][0])
    if len(terms) == 1 or size == 1 or any(abs(number) != size for number, _ in terms):
        return total
    return _product(size, sp.Add(*(number / size * rest for number, rest in terms)))


def _product(*factors: sp.Expr) -> sp.Expr:
    """The product with its number in front, not multiplied out."""
    numbers, others = sp.S.One, []
    for factor in factors:
        number, rest = factor.as_coeff_Mul()
        numbers *= number
        others += [other for other in sp.Mul.make_args(rest) if other != 1]
    kept = others if numbers == 1 and others else [numbers, *others]
    return kept[0] if len(kept) == 1 else sp.Mul(*kept, evaluate=False)


class _PositiveFirst(Printer):
    """Terms in SymPy's order, those with a minus sign last where one would be first; decimals without a tail."""

    def _print(self, expr: Any, **kwargs: Any) -> str:
        """As ever, but only once: the lines of a derivation differ in few of their parts."""
        if kwargs or not isinstance(expr, sp.Expr) or not expr.args:
            return str(super()._print(expr, **kwargs))
        if len(_printed) > MOST_PRINTED:
            _printed.clear()
        key = type(self), expr
        if key not in _printed:
            _printed[key] = self._minimum(expr) or str(super()._print(expr))
        return _printed[key]

    def _minimum(self, e: sp.Expr) -> str:
        """-max(-a, -b), which SymPy has for the minimum, as the minimum that was written."""
        number, rest = e.as_coeff_Mul()
        if number != -1 or not isinstance(rest, Maximum) or not all(a.could_extract_minus_sign() for a in rest.args):
            return ""
        arguments = ", ".join(self._print(-argument) for argument in rest.args)
        return rf"\min\left({arguments}\right)" if isinstance(self, LatexPrinter) else f"minimum({arguments})"

    def _as_ordered_terms(self, e: sp.Expr, order: str | None = None) -> list[sp.Expr]:
        terms = super()._as_ordered_terms(e, order=order)
        if e.has(Pending):
            terms = self._in_order_of_functions(terms, order)
        if e.is_polynomial() and not terms[0].could_extract_minus_sign():
            return terms
        return sorted(terms, key=lambda term: term.could_extract_minus_sign())

    def _in_order_of_functions(self, terms: list[sp.Expr], order: str | None) -> list[sp.Expr]:
        """Derivatives still to be worked out stand where their functions would."""
        functions = [term.replace(Pending, lambda function, _: function) for term in terms]
        ordered = super()._as_ordered_terms(sp.Add(*functions), order=order)
        places = {function: place for place, function in enumerate(ordered)}
        ranks = {term: places.get(function, len(places)) for term, function in zip(terms, functions, strict=True)}
        return sorted(terms, key=ranks.__getitem__)

    def _print_Float(self, e: sp.Float) -> str:
        return str(super()._print_Float(sp.Float(e, SHOWN_DIGITS)))


class _Latex(_PositiveFirst, LatexPrinter):
    def _print_Sum(self, e: sp.Sum) -> str:
        body = self._print(e.function)
        return rf"\sum_{{{self._bound(e)}}} " + (rf"\left({body}\right)" if e.function.is_Add else body)

    def _print_LogSumExp(self, e: LogSumExp) -> str:
        return rf"\operatorname{{logsumexp}}_{{{self._bound(e)}}}\left({self._print(e.function)}\right)"

    def _bound(self, e: Any) -> str:
        return ", ".join(self._print(k) for k in e.bound_symbols)

    def _print_Symbol(self, e: sp.Symbol, style: str = "plain") -> str:
        """The bar of h1bar stands over the letter, and not over its number."""
        return _NUMBER_UNDER_BAR.sub(r"\\bar{\1}_{\2}", super()._print_Symbol(e, style))

    def _print_Indexed(self, e: sp.Indexed) -> str:
        label = self._print(e.base.label)
        # TeX takes an accent alone in braces for the accent, which then has two subscripts: {} makes it two things.
        apart = "{}" if label.startswith(r"\bar") else ""
        base = f"{{{label}{apart}}}" if "_" in label else label
        return f"{base}_{{{','.join(map(self._print, e.indices))}}}"

    def _needs_mul_brackets(self, expr: sp.Expr, first: bool = False, last: bool = False) -> bool:
        """A function brackets its own argument, also where that holds a sum."""
        if isinstance(expr, Cases):
            return True
        return not isinstance(expr, sp.Function) and bool(super()._needs_mul_brackets(expr, first, last))

    def _print_Cases(self, e: Cases) -> str:
        return str(self._print_Piecewise(e))

    def _named_function(self, e: sp.Expr, exp: str | None = None) -> str:
        """A function whose name ends in a digit, which is no index."""
        power = rf"^{{{exp}}}" if exp else ""
        return rf"\operatorname{{{type(e).__name__}}}{power}\left({', '.join(map(self._print, e.args))}\right)"

    _print_atan2 = _print_expm1 = _print_log1p = _named_function

    def _print_exp(self, e: sp.Expr, exp: Any = None) -> str:
        softmax = as_softmax(e)
        if softmax is None:
            return str(super()._print_ExpBase(e, exp))
        index, logit = softmax
        power = f"^{{{exp}}}" if exp is not None else ""
        return rf"\operatorname{{softmax}}_{{{self._print(index)}}}{power}\left({self._print(logit)}\right)"

    _print_ExpBase = _print_exp


class _Text(_PositiveFirst, StrPrinter):
    _default_settings: ClassVar[dict[str, Any]] = {**StrPrinter._default_settings, "full_prec": False}

    def parenthesize(self, item: Any, level: int, strict: bool = False) -> str:
        """A sum raised to a power needs parentheses: Σ_k x[k]**2 is the sum of the squares."""
        if isinstance(item, sp.Sum | LogSumExp) and level >= PRECEDENCE["Pow"]:
            return f"({self._print(item)})"
        return str(super().parenthesize(item, level, strict))

    def _print_Pow(self, expr: sp.Expr, rational: bool = False) -> str:
        """1/x**2 for x**(-2)."""
        if expr.exp.is_Rational and expr.exp.is_negative and expr.exp not in (-1, -sp.S.Half):
            return f"1/{super()._print_Pow(sp.Pow(expr.base, -expr.exp, evaluate=False), rational)}"
        return str(super()._print_Pow(expr, rational))

    def _print_Sum(self, e: sp.Sum) -> str:
        return f"Σ_{self._bound(e)} {self.parenthesize(e.function, 50)}"

    def _print_LogSumExp(self, e: LogSumExp) -> str:
        return f"logsumexp_{self._bound(e)}({self._print(e.function)})"

    def _bound(self, e: Any) -> str:
        return ",".join(self._print(k) for k in e.bound_symbols)

    def _print_Piecewise(self, e: sp.Piecewise) -> str:
        *pairs, (last, _) = e.args
        cases = [f"{self._print(branch)} where {self._print(condition)}" for branch, condition in pairs]
        return f"({', '.join(cases)}, else {self._print(last)})"

    _print_Cases = _print_Piecewise

    def _print_Exp1(self, _: sp.Expr) -> str:
        return "e"

    def _print_Or(self, e: sp.Or) -> str:
        return " or ".join(self._print(each) for each in sorted(e.args, key=sp.default_sort_key))

    def _print_KroneckerDelta(self, e: sp.Expr) -> str:
        return f"δ[{', '.join(map(self._print, e.args[:2]))}]"

    def _print_exp(self, e: sp.Expr) -> str:
        softmax = as_softmax(e)
        if softmax is None:
            return f"exp({self._print(e.args[0])})"
        index, logit = softmax
        return f"softmax_{self._print(index)}({self._print(logit)})"
