"""Asking a tool in a process of its own, so that a crash, a blow-up of memory or endless work is an answer too."""

from __future__ import annotations

import math
import os
import random
import resource
import signal
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from tests.benchmarks.peer_cases import Answer, Case
from tests.benchmarks.peer_tools import TOOLS, Question, leaves

Result = TypeVar("Result")
SECONDS, MEMORY = 30, 6 * 2**30
"""How much processor time one tool may take over one case, all its threads together, and how much memory it may hold.

Processor time, because a busy machine takes none of it: what else runs there decides over no case."""

WAITING = 20
"""A tool that sleeps takes no processor time: so many times as long by the clock is the end as well."""

ONE_THREAD: Mapping[str, str] = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
}
"""What the libraries read when they are loaded: threads that wait for each other take processor time too."""

PEAK = Path("/proc/self/clear_refs")
"""Where Linux is told to measure the most memory held anew."""


def resident(field: str) -> int:
    """A line of Linux's /proc/self/status in bytes: VmRSS for memory held now, VmHWM for the most ever held."""
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(field))


def extra_memory(run: Callable[[], Result]) -> tuple[Result, int]:
    """What `run` returns, and how far the memory held rose above what it was before; 0 where not on Linux."""
    if not PEAK.exists():
        return run(), 0
    PEAK.write_text("5", encoding="utf-8")  # VmHWM starts anew
    before = resident("VmRSS")
    return run(), max(0, resident("VmHWM") - before)


def _generators() -> tuple[Any, ...]:
    import torch

    return torch.get_rng_state().tolist(), str(np.random.get_state()), random.getstate()


def _state(asked: Question) -> list[bytes]:
    """The inputs and a module's buffers, byte by byte."""
    tensors = leaves(asked.inputs) + (list(asked.module.state_dict().values()) if asked.module else [])
    plain = [x.detach() if hasattr(x, "detach") else x for x in tensors]
    return [(x.float().numpy() if str(x.dtype) == "torch.bfloat16" else np.asarray(x)).tobytes() for x in plain]


def _raising(fn: Callable[..., Any], call: int) -> Callable[..., Any]:
    """The function, which raises at that call."""
    calls: list[int] = []

    def raising(*inputs: Any) -> Any:
        calls.append(1)
        if len(calls) == call:
            raise LookupError("no further")
        return fn(*inputs)

    return raising


def ask(name: str, case: Case) -> Answer:
    """The tool's answer, in this process."""
    tool, answers = TOOLS[name], []
    if name in case.impossible:
        return Answer("cannot be expressed", case.impossible[name])
    for call in case.raises_at or (0,):
        asked = tool.question(case)
        if call:
            asked.fn = _raising(asked.fn, call)
        answers.append(_asked(tool.ask, asked))
    unchanged = all(answer.inputs_unchanged for answer in answers)
    return replace(answers[-1], inputs_unchanged=unchanged)


def _asked(question: Callable[[Question], Answer], asked: Question) -> Answer:
    before, generators, start = _state(asked), _generators(), time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        answer, extra = extra_memory(lambda: _said(question, asked))
    taken = time.process_time() - start
    return replace(
        answer,
        inputs_unchanged=_state(asked) == before,
        generators_unchanged=_generators() == generators,
        extra_bytes=extra,
        seconds=taken,
    )


def _said(question: Callable[[Question], Answer], asked: Question) -> Answer:
    try:
        return question(asked)
    except MemoryError:
        return Answer("no answer", "out of memory")
    except Exception as error:
        if "allocate" in str(error):
            return Answer("no answer", "out of memory")
        return Answer("raises", f"{type(error).__name__}: {error}")


def _serve(pipe: Connection, name: str) -> None:
    """Answer one case after another until the pipe closes."""
    from tests.benchmarks.peer_table import CASES

    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    pipe.send(ask(name, CASES[0]))  # what is loaded then is not the next case's
    while True:
        case, seconds = pipe.recv()
        _allow(seconds)
        np.random.seed(0)
        pipe.send(ask(name, CASES[case]))


def _allow(seconds: int) -> None:
    """Let the system end this process after so many further seconds of processor time."""
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time()) + seconds, most))


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """These environment variables for the processes started within."""
    before = dict(os.environ)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


class Asking:
    """One tool's process, started anew where it died or had to be ended."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._start()

    def _start(self) -> None:
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs, self.name), daemon=True)
        with _environment(ONE_THREAD):
            self.process.start()
        theirs.close()
        self.pipe.recv()

    def stop(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.join()
        self.pipe.close()

    def answer(self, case: int) -> Answer:
        """The tool's answer to the case of that index."""
        try:
            self.pipe.send((case, SECONDS))
            if self.pipe.poll(WAITING * SECONDS):
                answer: Answer = self.pipe.recv()
                return answer
            message = f"no answer in {WAITING * SECONDS} s by the clock"
        except (EOFError, OSError):
            self.process.join()
            message = f"no answer in {SECONDS} s" if self.process.exitcode == -signal.SIGXCPU else "crashes"
        self.stop()
        self._start()
        return Answer("no answer", message)


@contextmanager
def asking(name: str) -> Iterator[Asking]:
    """A tool's process, ended at the end."""
    process = Asking(name)
    try:
        yield process
    finally:
        process.stop()
