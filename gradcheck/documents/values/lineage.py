"""Which names a value may depend on, and whether something among them puts it in doubt.

Names depend on each other where one statement has them both: `loss = f(w)` ties `w` to `loss`, so that `w.grad` after
`loss.backward()` is tied to all that `loss` was made of. That ties too much rather than too little. A name that is
given a new value at the top of a block is another from there on, if its old one has no part in that.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from gradcheck.documents.values.code import Code

_BUILTINS = frozenset(vars(builtins))

_UNINITIALISED = re.compile(r"\b\w*empty\w*\(|\b(?:Float|Double|Long|Int)?Tensor\(\s*[\d*]")
"""Calls whose result is whatever was in memory."""

_RANDOM = re.compile(
    r"\b(?:rand\w*|normal_?|uniform_?|bernoulli_?|multinomial|shuffle|permutation|choices?|sample|default_rng)\("
)
"""Calls that draw random numbers."""

_MACHINE = re.compile(
    r"\b(?:cuda|mps|xpu|cudnn|is_available|__version__|version|device_count|cpu_count|get_num_threads|getsizeof|memory_\w+"
    r"|getpid|perf_counter|process_time|monotonic|time\(\)|now\(\)|today\(\)|platform|environ|getcwd|timeit|data_ptr|hash"
    r"|id|listdir|i?glob|rglob|iterdir|scandir|getsize|st_size|os\.walk)\b"
)
"""Names in code whose values are the machine's, the moment's, the installation's, or of the files that are there."""

Place = tuple[int, int]
"""The number of a block, and a line of the file."""

Name = tuple[str, int]
"""A name, and how often it was given a new value before."""


@dataclass(frozen=True)
class Names:
    """The names of a document: those of modules, those it binds, and where each is given a new value."""

    modules: frozenset[str]
    bound: frozenset[str]
    renewals: Mapping[str, tuple[Place, ...]]

    def own(self, names: Iterable[str]) -> frozenset[str]:
        """The names without those of modules and built-in ones."""
        return frozenset(names) - self.modules - (_BUILTINS - self.bound)

    def version(self, name: str, place: Place) -> int:
        """How often a name was given a new value up to a place."""
        return sum(renewal <= place for renewal in self.renewals.get(name, ()))

    def at(self, names: Iterable[str], place: Place) -> frozenset[Name]:
        """The names as they are meant at a place."""
        return frozenset((name, self.version(name, place)) for name in self.own(names))

    def between(self, names: Iterable[str], first: Place, last: Place) -> frozenset[Name]:
        """The names as they are meant at some moment between two places."""
        spans = {name: range(self.version(name, first), self.version(name, last) + 1) for name in self.own(names)}
        return frozenset((name, version) for name, span in spans.items() for version in span)


@dataclass(frozen=True)
class Use:
    """A statement's place, the names in it, and its source, without that of the statements inside it."""

    place: Place
    names: frozenset[Name]
    source: str

    @property
    def uninitialised(self) -> bool:
        """Whether it calls for memory as it is."""
        return _UNINITIALISED.search(self.source) is not None

    @property
    def random(self) -> bool:
        """Whether it draws random numbers."""
        return _RANDOM.search(self.source) is not None


@dataclass(frozen=True)
class Kin:
    """The names of a statement, and those that they are tied to."""

    direct: frozenset[str]
    tied: frozenset[Name]
    names: Names

    def meets(self, others: Iterable[str], first: Place, last: Place) -> bool:
        """Whether other names, as they are meant between two places, are among them."""
        doubtful = frozenset(others)
        return bool(
            self.direct & doubtful & self.names.modules or self.tied & self.names.between(doubtful, first, last)
        )


@dataclass(frozen=True)
class Lineage:
    """All uses of names in a document."""

    uses: tuple[Use, ...]
    names: Names

    def ancestors(self, names: Iterable[str], place: Place) -> frozenset[Name]:
        """The names tied to these by the statements up to a place, these included."""
        before = [use.names for use in self.uses if use.place <= place]
        known = self.names.at(names, place)
        while True:
            grown = known.union(*(use for use in before if use & known))
            if grown == known:
                return known
            known = grown

    def kin(self, names: Iterable[str], place: Place) -> Kin:
        """These names at a place, with all that they are tied to there."""
        direct = frozenset(names)
        return Kin(direct, self.ancestors(direct, place), self.names)

    def uninitialised(self, names: Iterable[str], place: Place) -> bool:
        """Whether these names hang together with memory that nothing was written to."""
        return self._origin(names, place, [use for use in self.uses if use.uninitialised]) is not None

    def random(self, names: Iterable[str], place: Place) -> int:
        """The line of a call for random numbers that these names hang together with, or 0."""
        use = self._origin(names, place, [use for use in self.uses if use.random])
        return use.place[1] if use else 0

    def machine(self, names: Iterable[str], place: Place) -> int:
        """The line on which one of these names was last given a value that is the machine's, or 0."""
        given = {
            renewals[version - 1]
            for name, version in self.names.at(names, place)
            if version
            for renewals in [self.names.renewals[name]]
        }
        return next((use.place[1] for use in self.uses if use.place in given and on_machine(use.source)), 0)

    def _origin(self, names: Iterable[str], place: Place, uses: Iterable[Use]) -> Use | None:
        before = [use for use in uses if use.place <= place]
        tied = self.ancestors(names, place) if before else frozenset()
        return next((use for use in before if use.names & tied or use.place == place), None)


def lineage(blocks: Iterable[Code]) -> Lineage:
    """The uses of names in all blocks; those of a function or a class count as one, under its name too.

    >>> from gradcheck.documents.document import Passage
    >>> passage = Passage("code", "y = x\\nz = y\\ny = 5", (1, 2, 3))
    >>> made = lineage([Code(0, passage.text, passage)])
    >>> sorted(made.ancestors({"z"}, (0, 3))), sorted(made.ancestors({"y"}, (0, 3)))
    ([('x', 0), ('y', 1), ('z', 1)], [('y', 2)])
    """
    trees = [(code, tree) for code in blocks if (tree := _tree(code.source)) is not None]
    modules = frozenset(name for _, tree in trees for name in _imported(tree))
    renewals: dict[str, list[Place]] = {}
    for code, tree in trees:
        for name, row in _renewed(tree):
            renewals.setdefault(name, []).append((code.number, code.line(row)))
    bound = frozenset(name for _, tree in trees for name in _bound(tree))
    names = Names(modules, bound, {name: tuple(places) for name, places in renewals.items()})
    return Lineage(tuple(use for code, tree in trees for use in _uses(tree, code, names)), names)


def on_machine(source: str) -> bool:
    """Whether a piece of code asks for something that differs from machine to machine.

    >>> on_machine("torch.cuda.is_available()"), on_machine("x + 1")
    (True, False)
    """
    return _MACHINE.search(source) is not None


def names_in(source: str) -> frozenset[str]:
    """The names that a piece of Python reads or binds.

    >>> sorted(names_in("w.grad + f(x)"))
    ['f', 'w', 'x']
    """
    tree = _tree(source)
    return _names(tree) if tree is not None else frozenset()


def _tree(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError):
        return None


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                yield (alias.asname or alias.name).partition(".")[0]


def _bound(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id


def _renewed(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The names given a new value at the top of a block, where the old one does not go into it, each with its row."""
    for node in tree.body:
        if isinstance(node, ast.Assign):
            names = {name for target in node.targets for name in _plain_targets(target)}
            for name in names - _names(node.value):
                yield name, node.lineno


def _plain_targets(target: ast.expr) -> Iterator[str]:
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, (ast.Tuple, ast.List)):
        for element in target.elts:
            yield from _plain_targets(element)


_LAST: Place = (10**9, 10**9)


def _uses(tree: ast.AST, code: Code, names: Names) -> Iterator[Use]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            # whenever it is called, it may mean any of the values that a name is given
            every = names.between(_names(node) | {node.name}, (-1, -1), _LAST)
            yield Use((code.number, code.line(node.lineno)), every, ast.unparse(node))
        elif not isinstance(node, ast.expr):
            if isinstance(node, ast.stmt):
                yield _use(node, code, names)
            yield from _uses(node, code, names)


def _use(statement: ast.stmt, code: Code, names: Names) -> Use:
    """The names of a statement's own expressions, those of the statements inside it left out."""
    inner = (ast.stmt, ast.ExceptHandler, ast.match_case)
    own = [node for node in ast.iter_child_nodes(statement) if not isinstance(node, inner)]
    place = (code.number, code.line(statement.lineno))
    found = names.at((name for node in own for name in _names(node)), place)
    return Use(place, found, " ".join(map(ast.unparse, own)))


def _names(tree: ast.AST) -> frozenset[str]:
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
