"""The process that runs a document's code, block by block, and tells how it went; it ends with the run."""

from __future__ import annotations
import __future__

import ast
import builtins
import gc
import linecache
import os
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from os import getpid, write
from types import ModuleType
from typing import Any

from gradcheck.documents.records import Failure
from gradcheck.documents.sandbox.alive import Alive
from gradcheck.documents.sandbox.calls import Calls
from gradcheck.documents.sandbox.confinement import confinement
from gradcheck.documents.sandbox.effects import misleading_names
from gradcheck.documents.sandbox.job import CodeBlock, Limits
from gradcheck.documents.sandbox.names import bound_names
from gradcheck.documents.sandbox.network import refuse_network
from gradcheck.documents.sandbox.output import Output
from gradcheck.documents.sandbox.parsing import Places, Unparsable, move, parsed
from gradcheck.documents.sandbox.recorder import Recorder
from gradcheck.documents.sandbox.restrictions import restrict
from gradcheck.documents.sandbox.rewrite import RECORDER, Rewriter
from gradcheck.documents.sandbox.stops import described
from gradcheck.documents.sandbox.wire import Message, encoded

FILE_NAME = "<block {}>"


@dataclass(frozen=True)
class Surroundings:
    """What the system grants: namespaces, as far as they are wanted, and no network."""

    namespaces: bool
    network_off: bool


@dataclass(frozen=True)
class Job:
    """One run: the blocks, the seed, whether the document's own seeds are shifted, and where to run.

    `computes` asks what the functions compute that the document defines and calls.
    """

    blocks: tuple[CodeBlock, ...]
    seed: int
    reseeded: bool
    limits: Limits
    directory: str
    surroundings: Surroundings
    computes: bool = False


class Worker:
    """Runs the blocks of a job in one namespace; `results` is a descriptor that takes messages."""

    def __init__(self, job: Job, output: Output, results: int) -> None:
        self.job, self.output, self.results = job, output, results
        self.lock, self.process = threading.Lock(), getpid()
        seed = job.seed + job.reseeded
        self.module = ModuleType("__main__")
        self.namespace = vars(self.module)
        self.calls = Calls(self.namespace) if job.computes else None
        self.recorder = Recorder(self.send, output, seed, job.reseeded, self.calls)
        self.recorder.imported()
        self.alive = Alive(self.namespace)
        self.flags = 0

    def send(self, message: Mapping[str, Any]) -> None:
        """Sends one message; a process that the code has forked off sends nothing."""
        if getpid() != self.process:
            return
        data = memoryview(encoded(message))
        with self.lock:
            while data:
                data = data[write(self.results, data) :]

    def run(self) -> None:
        """Runs all blocks, then says that it is done."""
        sys.modules["__main__"] = self.module
        self.namespace["__builtins__"] = builtins
        setattr(builtins, RECORDER, self.recorder)
        for place, block in enumerate(self.job.blocks):
            self.output.reconnect()
            self.run_block(place, block)
            if getpid() != self.process:
                os._exit(0)  # a process that the code has forked off and not ended
            self.check_output(block)
            self.send({"output": self.output.take(), "block": block.number})
        self.send({"done": True, "modules": loaded_modules()})
        if self.calls is not None and (found := self.calls.in_order()):
            from gradcheck.documents.computed.originals import original_codes
            from gradcheck.documents.computed.telling import tell

            codes = original_codes(self.job.blocks, self.flags)
            tell(found, codes, self.namespace, self.send, self.job.limits.computing)

    def run_block(self, place: int, block: CodeBlock) -> None:
        """Runs the statements of a block up to the first that fails.

        A session's prompt goes on after a failure; so does every block after a library that is not installed: what
        needs the library will fail on its own.
        """
        places = Places(block)
        try:
            statements, rewritable = parsed(block.source).body, parsed(block.source).body
        except Unparsable as fault:
            return self.fail(Failure("syntax", block.number, places.line(fault.index), block.lines[-1], fault.reason))
        _remember_source(block)
        for index, statement in enumerate(rewritable):
            self.send({"at": [place, index]})
            span = places.span(statement)
            error = self.run_statement(statement, places, _displays(block, statements, index))
            if error is None:
                continue
            kind, text = described(error, span)
            self.fail(Failure(kind, block.number, *span, text, self.forget(statements[index : index + 1])))
            if block.shows != "every" and not _is_missing_library(statement, error):
                return self.skip(statements[index + 1 :], places)
        return None

    def check_output(self, block: CodeBlock) -> None:
        """Reports a block that has written too much past Python's own standard output."""
        if self.output.written() > self.job.limits.output:
            text = f"more than {self.job.limits.output} bytes of output in one block"
            self.fail(Failure("output", block.number, block.lines[0], block.lines[-1], text))

    def run_statement(self, statement: ast.stmt, places: Places, displays: bool) -> BaseException | None:
        """Rewrites and runs a statement, and tells what is alive where it recorded; what it raised comes back."""
        try:
            for code in self.compiled(statement, places, displays):
                exec(code, self.namespace)
        except BaseException as error:
            return error
        finally:
            if self.recorder.lines:
                self.send({"live": self.alive.changes(), "lines": sorted(self.recorder.lines)})
                self.recorder.lines.clear()
        return None

    def compiled(self, statement: ast.stmt, places: Places, displays: bool) -> list[Any]:
        """The code of a statement, rewritten, in the language that the document's `__future__` imports ask for."""
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            for alias in statement.names:
                self.flags |= getattr(getattr(__future__, alias.name, None), "compiler_flag", 0)
        definitions = None if self.calls is None else self.calls.definitions
        trees = Rewriter(places, self.recorder.sites, definitions).rewritten(statement, displays)
        for tree in trees:
            move(tree, places)
        name = FILE_NAME.format(places.block.number)
        return [compile(ast.Module([tree], []), name, "exec", flags=self.flags, dont_inherit=True) for tree in trees]

    def skip(self, statements: Sequence[ast.stmt], places: Places) -> None:
        """Reports the rest of a block as not run, and removes the names that would now mislead."""
        if statements:
            first, last = places.span(statements[0])[0], places.span(statements[-1])[1]
            names = self.forget(statements)
            self.fail(Failure("skipped", places.block.number, first, last, "not run after the failure above", names))

    def forget(self, statements: Sequence[ast.stmt]) -> tuple[str, ...]:
        """Removes the names that statements would have bound; all that mislead since they did not run come back."""
        names = misleading_names(statements, self.namespace)
        for name in bound_names(statements):
            self.namespace.pop(name, None)
        return names

    def fail(self, failure: Failure) -> None:
        """Sends a failure."""
        self.send({"failure": asdict(failure)})


def _displays(block: CodeBlock, statements: Sequence[ast.stmt], index: int) -> bool:
    if block.shows == "last":
        is_last = index == len(statements) - 1 and isinstance(statements[index], ast.Expr)
        return is_last and not block.source.rstrip().endswith(";")
    return block.shows == "every"


def _is_missing_library(statement: ast.stmt, error: BaseException) -> bool:
    return isinstance(statement, ast.Import | ast.ImportFrom) and isinstance(error, ImportError)


def _remember_source(block: CodeBlock) -> None:
    """Lets tracebacks and `inspect` find the source where the line numbers say."""
    lines = [""] * block.lines[-1]
    for line, text in zip(block.lines, block.source.split("\n"), strict=False):
        lines[line - 1] = text
    name = FILE_NAME.format(block.number)
    linecache.cache[name] = (0, None, [f"{text}\n" for text in lines], name)


def work(job: Job, output: int, results: int) -> None:
    """Runs a job in this process, which must have been forked for it, and ends the process."""
    os.chdir(job.directory)
    os.environ.update(HOME=job.directory, TMPDIR=job.directory)
    tempfile.tempdir = None  # a library that was loaded before the fork may have looked for one
    restrict(job.limits)
    if not job.surroundings.network_off:
        refuse_network()
    confined = confinement.confine(job.directory)
    gc.enable()
    worker = Worker(job, Output(output, job.limits.output), results)
    worker.send({"confined": confined})
    worker.run()
    os._exit(0)


def loaded_modules() -> list[str]:
    """The loaded modules of the libraries that take long to load: what the next run will need again."""
    from gradcheck.documents.sandbox.preload import is_preloaded

    return sorted(filter(is_preloaded, list(sys.modules)))


def job_from_data(data: Message, surroundings: Surroundings) -> Job:
    """The job that the parent process sent."""
    from gradcheck.documents.sandbox.wire import blocks_from_data

    blocks = tuple(blocks_from_data(data["blocks"]))
    return Job(**{**data, "blocks": blocks, "limits": Limits(**data["limits"]), "surroundings": surroundings})
