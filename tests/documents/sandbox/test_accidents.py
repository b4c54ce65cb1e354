"""What a document's code can do by accident: each time the run is told all the same, and the next one is whole."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gradcheck.documents.records import Run
from gradcheck.documents.sandbox.launch import Zygote
from gradcheck.documents.sandbox.sandbox import Sandbox
from tests.documents.sandbox.blocks import HURRIED, SMALL, kinds, laid_out, printed, processes_in

BOMB = """
    import os, time
    end = time.time() + 1
    while time.time() < end:
        if os.fork() == 0:
            os.setsid()
    os._exit(0)
"""

SHARED_MEMORY = """
    import mmap
    shared = mmap.mmap(-1, 8 * 2**30)
    while True:
        shared.write(bytes(2**24))
"""

ACCIDENTS = {
    "a fork bomb": (BOMB, ["refused"]),
    "memory shared with nobody": (SHARED_MEMORY, ["memory"]),
    "os._exit": ("import os; os._exit(0)", ["exited"]),
    "os.abort": ("import os; os.abort()", ["exited"]),
    "a segmentation fault": ("import ctypes; ctypes.string_at(0)", ["exited"]),
}
"""What ends a run, and how it is told."""

STANDSTILLS = {
    "an endless loop": "while True: pass",
    "a sleep": "import time; time.sleep(1000)",
    "a process that stops itself": "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
}
"""What ends a run because its time is up."""

SURVIVED = {
    "8 GB": ("x = bytearray(8 * 2**30)", ["memory"]),
    "a list of 8 GB": ("x = [0] * 10**9", ["memory"]),
    "1 GB of output": ("for _ in range(1000): print('x' * 2**20)", ["output"]),
    "1 GB past Python": ("import os\nfor _ in range(1000): os.write(1, bytes(2**20))", ["refused", "output"]),
    "output of another program": ("import subprocess; subprocess.run(['yes'])", ["output"]),
    "64 MB in a file": ("open('file', 'wb').write(bytes(64 * 2**20))", ["refused"]),
    "sys.exit": ("import sys; sys.exit(3)", ["exited"]),
    "exit": ("exit()", ["exited"]),
    "an interruption": ("raise KeyboardInterrupt", ["raised"]),
    "endless recursion": ("def f(): f()\nf()", ["raised"]),
    "a question": ("input('name')", ["raised"]),
    "an address": ("import socket; socket.create_connection(('192.0.2.1', 80), timeout=5)", ["refused"]),
    "a download": ("import urllib.request; urllib.request.urlopen('http://example.com')", ["refused"]),
    "a closed stdout": ("import sys; sys.stdout.close()", []),
    "a closed descriptor": ("import os; os.close(1)", []),
    "closed descriptors": ("import os; os.closerange(3, 256)", []),
    "a thread left running": ("import threading; threading.Thread(target=threading.Event().wait).start()", []),
    "a handler at exit": ("import atexit; atexit.register(lambda: 1 / 0)", []),
    "another directory": ("import os; os.mkdir('d'); os.chdir('d'); os.rmdir('../d')", []),
    "a replaced print": ("import builtins; builtins.print = lambda *_: None", []),
    "a replaced module": ("import json, os; json.JSONEncoder = json.dumps = os.write = os.getpid = None", []),
    "a warning for an error": ("import warnings; warnings.simplefilter('error')", []),
    "a program in the background": ("import subprocess; p = subprocess.Popen(['sleep', '1000'])", []),
    "a child that runs on": ("import os, time\nif os.fork() == 0: os.setsid(); time.sleep(1000)", []),
}
"""What ends at most its own statement, so that the next block runs."""


@pytest.fixture(scope="module", params=[True, False], ids=["with namespaces", "without"])
def either(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(SMALL, namespaces=request.param) as opened:
        yield opened


def run_between(sandbox: Sandbox, code: str) -> Run:
    """Runs code after a block that prints and before one that does, and sees that nothing of it is left."""
    run = sandbox.run(laid_out("print('before')", code, "after = 1"))
    assert run.outputs[0] == "before\n"
    zygote = sandbox._zygotes[0]
    assert isinstance(zygote, Zygote)
    assert processes_in(zygote.directory) == [zygote.process.pid]
    assert {each.name.partition("-")[0] for each in Path(zygote.directory).iterdir()} <= {"fontlist"}
    return run


@pytest.mark.parametrize("name", ACCIDENTS)
def test_what_ends_a_run_is_told_with_what_it_did_not_reach(either: Sandbox, name: str) -> None:
    code, told = ACCIDENTS[name]
    run = run_between(either, code)
    assert [kind for kind, block in kinds(run) if block == 1 and kind != "skipped"] == told
    assert ("skipped", 2) in kinds(run)


@pytest.mark.parametrize("namespaces", [True, False], ids=["with namespaces", "without"])
def test_what_stands_still_is_ended_in_time(namespaces: bool) -> None:
    with Sandbox(HURRIED, namespaces) as hurried:
        for code in STANDSTILLS.values():
            started = time.monotonic()
            assert kinds(run_between(hurried, code)) == [("time", 1), ("skipped", 2)]
            assert time.monotonic() - started < HURRIED.seconds + 5


@pytest.mark.parametrize("name", SURVIVED)
def test_what_the_next_block_survives(either: Sandbox, name: str) -> None:
    code, told = SURVIVED[name]
    run = run_between(either, code)
    assert kinds(run) == [(kind, 1) for kind in told]
    assert run.records[-1].sources == ("after",)


def test_the_environment_holds_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "abc")
    code = """
        import os
        print("SECRET_TOKEN" in os.environ, "abc" in os.environ.values())
        print(os.getcwd() == os.path.realpath(os.environ["HOME"]))
    """
    with Sandbox(SMALL) as other:
        assert printed(other.run(laid_out(code))) == ["False False", "True"]


def test_a_run_says_whether_it_had_a_network(either: Sandbox) -> None:
    run = either.run(laid_out("x = 1"))
    assert run.network_off <= either.namespaces


def test_what_was_recorded_before_the_time_was_up_is_kept() -> None:
    with Sandbox(HURRIED) as hurried:
        run = hurried.run(laid_out("a = 1\nprint(a)", "print(2, flush=True)\nwhile True:\n    pass\nb = a"))
    assert printed(run) == ["1", "2"]
    assert run.outputs == {0: "1\n", 1: "2\n"}
    assert [(failure.kind, failure.line, failure.end_line, failure.names) for failure in run.failures] == [
        ("time", 6, 7, ()),
        ("skipped", 8, 8, ("b",)),
    ]


def test_output_through_every_way_is_in_order(sandbox: Sandbox) -> None:
    code = """
        import ctypes, os, subprocess, sys
        print("print")
        library = ctypes.CDLL(None)
        unused = library.puts(b"C")
        library.fflush(None)
        sys.stdout.write("write\\n")
        os.write(1, b"os\\n")
        subprocess.run(["echo", "program"])
        sys.stdout.buffer.write(b"buffer\\n")
        sys.stderr.write("error")
    """
    run = sandbox.run(laid_out(code, "library.printf(b'late')", "print('next')"))
    assert run.outputs == {0: "print\nC\nwrite\nos\nprogram\nbuffer\n", 1: "late", 2: "next\n"}


def test_after_a_closed_stdout_the_next_block_prints(sandbox: Sandbox) -> None:
    run = sandbox.run(
        laid_out("import sys\nprint(1)\nsys.stdout.close()", "import os\nprint(2)\nos.close(1)", "print(3)")
    )
    assert run.outputs == {0: "1\n", 1: "2\n", 2: "3\n"}
    assert printed(run) == ["1", "2", "3"]
