"""The one door to content: the bundled formulas and articles, and those of other packages.

Content is found, never imported by name: every module of `gradcheck.formulas` holds a tuple `FORMULAS`, every module
of `gradcheck.reports` a tuple `CLAIMS`. Another package adds formulas with an entry point of the group
`gradcheck.formulas` that names such a module. Modules whose name starts with an underscore are helpers.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import gradcheck
from gradcheck.errors import UnknownName, UsageError

if TYPE_CHECKING:
    from gradcheck.articles.claims import Claim
    from gradcheck.symbolic.derivations.derivation import Derivation
    from gradcheck.symbolic.formula import Formula
    from gradcheck.symbolic.update_rule import UpdateRule

ENTRY_POINT_GROUP = "gradcheck.formulas"


@dataclass(frozen=True)
class BrokenModule:
    """A content module that could not be used: its full name, and in one line why."""

    name: str
    error: str


@dataclass(frozen=True)
class _Kind:
    """One kind of content: where its modules are, the tuple they hold, and what identifies an item."""

    package: str
    tuple_name: str
    key: str
    group: str = ""


@dataclass(frozen=True)
class _Content:
    items: dict[str, Any]
    broken: tuple[BrokenModule, ...]


_FORMULAS = _Kind("gradcheck.formulas", "FORMULAS", "name", ENTRY_POINT_GROUP)
_CLAIMS = _Kind("gradcheck.reports", "CLAIMS", "id")


def formulas() -> tuple[Formula | UpdateRule, ...]:
    """Every formula and update rule that could be loaded, module by module in alphabetical order, then as written."""
    return tuple(_load(_FORMULAS).items.values())


def formula(name: str) -> Formula:
    """The formula called `name`.

    Raises `UnknownName`, which suggests the nearest names, and `UsageError` where the name is an update rule's.

    >>> formula("softmax").title
    'Softmax'
    """
    from gradcheck.symbolic.formula import Formula

    found = _find(_FORMULAS, "formula", name)
    if not isinstance(found, Formula):
        raise UsageError(f"name: {name!r} is an update rule; catalogue.update_rule({name!r}) gives it")
    return found


def derive(
    what: Any,
    *example: Any,
    wrt: str | Sequence[str] | None = None,
    order: int = 1,
    at: Mapping[str, Any] | None = None,
    **traced: Any,
) -> Derivation:
    """The derivative of `what` by named rules, step by step, each line verified at 40 digits.

    `what` is a formula or its name in the catalogue, a SymPy expression, a text such as "x**2*sin(x)", read by a
    grammar of its own (nothing in it is executed), or a torch function or module, followed by an example of its
    arguments. `wrt` names the variable, and may stand second where there is no example; every other letter is a
    constant. For higher derivatives name several, as in "x,x" or ("x", "y"), or set `order`. `at` gives each variable
    a value, and every step then carries its own. Of a torch function, `sizes` names the sizes, as in "X: m n, w: n",
    `output` chooses one of several tensors that it returns, by number, and `kwargs` are its keyword arguments. Raises
    ParseError for a text that is no expression, NoRule for a function that no rule differentiates, NotTraceable for a
    torch function that has no formula, UnknownName and UsageError for other bad input.

    >>> derive("softmax", "z").ok
    True
    >>> print(derive("a*x**3", "x").result)
    3*a*x**2
    >>> import torch
    >>> print(derive(lambda x, y: ((x - y) ** 2).mean(), torch.zeros(3), torch.ones(3), wrt="x").result)
    (2*x[j] - 2*y[j])/n
    """
    if _is_function(what):
        from gradcheck.symbolic.derivations.traced_derivation import derive_traced

        return derive_traced(what, example, wrt, order=order, at=at, **traced)
    if traced or len(example) > (wrt is None) or any(hasattr(each, "dtype") for each in example):
        extra = next(iter(traced), "example")
        raise UsageError(f"{extra}: only a torch function takes it; got {type(what).__name__}")
    from gradcheck.symbolic.derivations import derive as symbolic

    by = example[0] if example else wrt
    if isinstance(what, str) and what.isidentifier():
        what = _formula_or_letter(what, by)
    return symbolic.derive(what, by, order=order, at=at)


def _is_function(what: Any) -> bool:
    """Whether it is code, not an expression; SymPy's symbols and functions can be called too."""
    import sympy as sp

    return callable(what) and not isinstance(what, str | sp.Basic | sp.FunctionClass)


def _formula_or_letter(name: str, wrt: Any) -> Any:
    """A lone word is a formula's name; it is a variable where it is one letter or `wrt` says so."""
    if name not in _load(_FORMULAS).items and (len(name) == 1 or wrt == name):
        return name
    return formula(name)


def update_rule(name: str) -> UpdateRule:
    """The optimiser's update rule called `name`; raises `UnknownName`, or `UsageError` where it is a formula's name."""
    from gradcheck.symbolic.update_rule import UpdateRule

    found = _find(_FORMULAS, "update rule", name)
    if not isinstance(found, UpdateRule):
        raise UsageError(f"name: {name!r} is a formula; catalogue.formula({name!r}) gives it")
    return found


def claims() -> tuple[Claim, ...]:
    """Every claim of the bundled articles that could be loaded, article by article, then as written."""
    return tuple(_load(_CLAIMS).items.values())


def claim(id: str) -> Claim:
    """The claim with this id, such as `"A2"`; raises `UnknownName`, which suggests the nearest ids."""
    found: Claim = _find(_CLAIMS, "claim", id)
    return found


def broken() -> tuple[BrokenModule, ...]:
    """The content modules that could not be used. The others are unaffected."""
    return _load(_FORMULAS).broken + _load(_CLAIMS).broken


def _find(kind: _Kind, noun: str, key: str) -> Any:
    content = _load(kind)
    if key not in content.items:
        unusable = ", ".join(module.name for module in content.broken)
        remedy = f"these modules could not be loaded: {unusable}" if unusable else "`gradcheck formulas` lists them"
        raise UnknownName(noun, key, content.items, remedy)
    return content.items[key]


@cache
def _load(kind: _Kind) -> _Content:
    items: dict[str, Any] = {}
    failures: list[BrokenModule] = []
    for name, load in _modules(kind):
        try:
            items |= _items(load(), kind, items)
        except (Exception, SystemExit) as error:
            failures.append(BrokenModule(name, _one_line(error)))
    return _Content(items, tuple(failures))


def _modules(kind: _Kind) -> Iterator[tuple[str, Callable[[], ModuleType]]]:
    """The name of each module of this kind, with the function that imports it."""
    for name in _bundled(kind.package):
        yield name, partial(importlib.import_module, name)
    if kind.group:
        for entry in sorted(entry_points(group=kind.group), key=lambda entry: (entry.name, entry.value)):
            yield entry.value, entry.load


def _bundled(package: str) -> list[str]:
    _open_checkout(package)
    folders = importlib.import_module(package).__path__
    names = (module.name for module in pkgutil.iter_modules(folders))
    return sorted(f"{package}.{name}" for name in names if not name.startswith("_"))


def _open_checkout(package: str) -> None:
    """In a checkout the content folders lie beside `gradcheck/`: let the package find them there.

    Decided by the folders alone, so that a checkout never shows the content of another one that is installed.
    """
    home, folder = Path(__file__).resolve().parent, package.rpartition(".")[2]
    root = home.parent
    beside = not (home / folder).is_dir() and (root / folder / "__init__.py").is_file()
    if beside and str(root) not in gradcheck.__path__:
        gradcheck.__path__.append(str(root))


def _items(module: ModuleType, kind: _Kind, taken: dict[str, Any]) -> dict[str, Any]:
    """The module's items by key; raises `ValueError` where the tuple is missing or a key is already taken."""
    items = getattr(module, kind.tuple_name, None)
    if not isinstance(items, tuple):
        raise ValueError(f"it has no tuple {kind.tuple_name}")
    found: dict[str, Any] = {}
    for item in items:
        key = getattr(item, kind.key)
        if key in taken or key in found:
            raise ValueError(f"the {kind.key} {key!r} is used twice")
        found[key] = item
    return found


def _one_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"
