"""The public door: verifies documents, one after another or several at a time, into one report."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gradcheck.articles.judge import one_line
from gradcheck.documents.claim_ids import claim_ids
from gradcheck.documents.judged import Judged
from gradcheck.documents.loading import JUDGES, shared_zygote, states_derivatives
from gradcheck.documents.readers.paths import documents_under
from gradcheck.documents.readers.read import read_document, read_text
from gradcheck.documents.sandbox.job import Limits
from gradcheck.documents.sandbox.sandbox import Sandbox
from gradcheck.documents.verification import KINDS, Verification, unreadable, verify_document
from gradcheck.environment import environment
from gradcheck.errors import UnknownName, UsageError
from gradcheck.results import ClaimResult, Report
from gradcheck.workers import loading, shared_out

Progress = Callable[[int, int, str], None]

LONGEST_RUN = 24 * 3600.0


@dataclass(frozen=True)
class Options:
    """How documents are verified.

    `execute` lets their code run, each of its runs for at most `timeout` seconds; `jobs` documents are verified at a
    time. `kinds` are those of `KINDS` to look for. `computes` asks what the functions compute that the code defines.
    """

    execute: bool = True
    timeout: float = Limits.seconds
    jobs: int = 1
    kinds: tuple[str, ...] = KINDS
    computes: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.timeout <= LONGEST_RUN:
            raise UsageError(f"timeout: {self.timeout:g} is not a number of seconds above 0 and up to {LONGEST_RUN:g}")
        if self.jobs < 1:
            raise UsageError(f"jobs: {self.jobs} is not a number of documents at a time, from 1")
        if self.computes and not self.execute:
            raise UsageError("computes: what the code computes is only known where it runs")


def verify(
    source: str | Path | Sequence[str | Path],
    *,
    execute: bool = True,
    timeout: float = Limits.seconds,
    jobs: int = 1,
    only: Sequence[str] = (),
    computes: bool = False,
    progress: Progress | None = None,
) -> Report:
    """Judges every value, formula and hand-written gradient that documents state, and says what is wrong and why.

    `source` is a path of a document, folder or glob, several of them, or, where a string has a line break, a text in
    Markdown. The code of the documents runs in child processes, each run for at most `timeout` seconds; with
    `execute=False` it does not run. `only` takes kinds of claims (values, formulas, gradients, listings) and ids of
    claims. With `computes`, the report's `computed` has the formula and the gradients of each function of tensors that
    the code defines and calls, as far as it can be traced. `progress` is called with the number of documents done, the
    number of all, and the name of the next.
    Raises `UsageError` where there is no document to read, or an option is out of range, and `UnknownName` for an
    `only` that is neither a kind nor a claim found.

    >>> found = verify("The derivative: with y = x^2, dy/dx = 3x.\\n", execute=False)
    >>> [(claim.stated, claim.status) for claim in found.claims]
    [('dy/dx = 3x', 'refuted')]
    """
    options = Options(execute, timeout, jobs, kinds_of(only), computes)
    if isinstance(source, str) and "\n" in source:
        verifications = [_verified_text(source, options)]
    else:
        paths = documents_under([str(path) for path in _listed(source)])
        if not paths:
            raise UsageError("source: it names no document; give a file, a folder, a glob, or a text of several lines")
        verifications = list(verify_paths(paths, options, progress))
    return report_on(verifications, only, computes)


def kinds_of(only: Sequence[str]) -> tuple[str, ...]:
    """The kinds that `only` asks for: those that it names, or all where it names ids too or nothing.

    >>> kinds_of(["formulas"]), kinds_of(["formulas", "0a1b2c3d"]) == KINDS
    (('formulas',), True)
    """
    named = {name.casefold() for name in only}
    return tuple(kind for kind in KINDS if kind in named) if named and named <= set(KINDS) else KINDS


def verify_paths(paths: Sequence[Path], options: Options, progress: Progress | None = None) -> Iterator[Verification]:
    """Verifies each document, in order; one that cannot be read takes no other down."""
    labels = [*map(str, paths), ""]
    tell = progress or _nobody
    tell(0, len(paths), labels[0])
    for done, found in enumerate(_verifications(paths, options), 1):
        tell(done, len(paths), labels[done])
        yield found


def _nobody(done: int, total: int, label: str) -> None:
    """Nobody wants to hear of the progress."""


def report_on(verifications: Iterable[Verification], only: Sequence[str] = (), computes: bool = False) -> Report:
    """One report of what was found in several documents, of the claims that `only` names.

    With `computes`, it tells what their code computes.
    """
    found = tuple(verifications)
    claims = tuple(claim for verification in found for claim in _claims(verification))
    kept_apart = " or ".join(dict.fromkeys(verification.sandbox for verification in found if verification.sandbox))
    told = environment() | ({"sandbox": kept_apart} if kept_apart else {})
    computed = tuple(each for verification in found for each in verification.computed) if computes else None
    return Report(_chosen(claims, only), (), told, tuple(verification.path for verification in found), computed)


def _verifications(paths: Sequence[Path], options: Options) -> Iterator[Verification]:
    if len(paths) == 1 and options.execute:
        with loading(JUDGES if states_derivatives(paths[0]) else ()), _sandbox(options) as sandbox:
            yield _verified(paths[0], options, sandbox)
        return
    if options.jobs == 1 or len(paths) < 2:
        with _sandbox(options) as sandbox:
            yield from (_verified(path, options, sandbox) for path in paths)
        return
    with ExitStack() as stack:
        door = stack.enter_context(shared_zygote(paths)) if options.execute else ""
        opened = partial(_open_sandbox, options, door)
        work = partial(_verified_by_worker, options=options)
        yield from shared_out(work, paths, options.jobs, _lost, opened, loaded=JUDGES)


_of_worker: list[Sandbox | None] = []
"""The sandbox of this worker process, which lives as long as the worker."""


def _open_sandbox(options: Options, door: str) -> None:
    _of_worker.append(ExitStack().enter_context(_sandbox(options, door)))


def _lost(path: Path) -> Verification:
    return unreadable(str(path), f"{path}: the process that verified it ended in the middle of its work")


def _verified_by_worker(path: Path, options: Options) -> Verification:
    return _verified(path, options, _of_worker[0])


@contextmanager
def _sandbox(options: Options, door: str = "") -> Iterator[Sandbox | None]:
    if not options.execute:
        yield None
        return
    with Sandbox(Limits(seconds=options.timeout), door=door) as sandbox:
        yield sandbox


def _verified(path: Path, options: Options, sandbox: Sandbox | None) -> Verification:
    try:
        document = read_document(path)
        return verify_document(document, sandbox, options.kinds, options.computes)
    except UsageError as error:
        return unreadable(str(path), str(error))
    except Exception as error:  # the other documents are not to suffer from it
        return unreadable(str(path), f"{path}: verifying it stopped: {one_line(error)}")


def _verified_text(text: str, options: Options) -> Verification:
    with _sandbox(options) as sandbox:
        return verify_document(read_text(text, "markdown", ""), sandbox, options.kinds, options.computes)


def _listed(source: str | Path | Sequence[str | Path]) -> Sequence[str | Path]:
    return [source] if isinstance(source, str | Path) else source


def _claims(verification: Verification) -> Iterator[ClaimResult]:
    path = verification.path
    for name, judged in zip(claim_ids(path, verification.judged), verification.judged, strict=True):
        yield _claim(path, name, judged)


def _claim(path: str, name: str, judged: Judged) -> ClaimResult:
    found = judged.judgement
    return ClaimResult(
        id=name,
        path=path,
        line=judged.line,
        end_line=judged.end_line,
        statement=judged.statement,
        stated=judged.stated,
        actual=found.actual,
        status=found.status,
        rule=found.rule,
        diagnosis=found.diagnosis,
        evidence=found.evidence,
        suggestion=found.suggestion,
        reproduce=f"gradcheck verify {shlex.quote(path)} --only {name}" if path else "",
        math=judged.math,
        figures=found.figures,
    )


def _chosen(claims: tuple[ClaimResult, ...], only: Sequence[str]) -> tuple[ClaimResult, ...]:
    """The claims that `only` names by their ids; kinds were chosen before they were looked for."""
    ids = [name.casefold() for name in only if name.casefold() not in KINDS]
    for name in ids:
        if name not in {claim.id for claim in claims}:
            known = [*KINDS, *(claim.id for claim in claims)]
            raise UnknownName("claim or kind of claims", name, known, f"kinds are {', '.join(KINDS)}")
    return tuple(claim for claim in claims if claim.id in ids) if ids else claims
