"""The processes of a sandbox: several at once, one that dies, and none left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

from gradcheck.documents.records import Run
from gradcheck.documents.sandbox.job import Limits
from gradcheck.documents.sandbox.launch import Zygote
from gradcheck.documents.sandbox.sandbox import Sandbox
from tests.documents.sandbox.blocks import SMALL, kinds, laid_out, printed, processes_in


def directory_of(sandbox: Sandbox) -> str:
    return sandbox._zygotes[0].directory


def kill_zygote(sandbox: Sandbox) -> None:
    zygote = sandbox._zygotes[0]
    assert isinstance(zygote, Zygote)
    os.kill(zygote.process.pid, signal.SIGKILL)


def test_nothing_is_left_behind() -> None:
    with Sandbox(SMALL) as sandbox:
        sandbox.run(laid_out("import os\nos.makedirs('a/b')\nos.chmod('a', 0)\nos.system('sleep 1000 &')"))
        directory = directory_of(sandbox)
        assert Path(directory).exists()
    assert not Path(directory).exists()
    assert processes_in(directory) == []


def test_a_dead_zygote_is_replaced() -> None:
    with Sandbox(SMALL) as sandbox:
        assert printed(sandbox.run(laid_out("print(1)"))) == ["1"]
        before = directory_of(sandbox)
        kill_zygote(sandbox)
        run = sandbox.run(laid_out("print(2)"))
        assert (printed(run), run.failures) == (["2"], ())
        assert directory_of(sandbox) != before
        assert not Path(before).exists()


def test_a_zygote_that_dies_during_a_run_takes_it_along() -> None:
    with Sandbox(Limits(seconds=30)) as sandbox:
        sandbox.run([])
        directory = directory_of(sandbox)
        timer = threading.Timer(0.3, kill_zygote, [sandbox])
        timer.start()
        started = time.monotonic()
        run = sandbox.run(laid_out("print(1)", "import time\ntime.sleep(20)", "print(2)"))
        assert time.monotonic() - started < 5
        assert printed(run) == ["1"]
        assert kinds(run)[-2:] == [("exited", 1), ("skipped", 2)]
        assert processes_in(directory) == []
        assert printed(sandbox.run(laid_out("print(3)"))) == ["3"]


def test_when_this_process_is_killed_all_others_end() -> None:
    program = """
        from gradcheck.documents.sandbox import CodeBlock, Limits, Sandbox
        with Sandbox(Limits(seconds=60)) as sandbox:
            sandbox.run([])
            print(sandbox._zygotes[0].directory, flush=True)
            sandbox.run([CodeBlock(0, "import os, time; os.system('sleep 60 &'); time.sleep(60)", (1,))])
    """
    with subprocess.Popen([sys.executable, "-c", dedent(program)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        directory = process.stdout.readline().strip()
        wait_until(lambda: len(processes_in(directory)) > 3)
        process.kill()
    wait_until(lambda: not processes_in(directory) and not Path(directory).exists())


def wait_until(condition: Callable[[], bool]) -> None:
    last = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < last
        time.sleep(0.02)


def test_two_sandboxes_at_once() -> None:
    found: dict[str, Run] = {}
    code = "import time\nfor i in range(20):\n    time.sleep(0.01)\n    print(NAME, i)"

    def work(name: str) -> None:
        with Sandbox(SMALL) as sandbox:
            found[name] = sandbox.run(laid_out(f"NAME = {name!r}", code))

    threads = [threading.Thread(target=work, args=(name,)) for name in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, run in found.items():
        assert run.outputs[1] == "".join(f"{name} {i}\n" for i in range(20))
    assert len(found) == 2


def test_runs_share_nothing(sandbox: Sandbox) -> None:
    sandbox.run(laid_out("x = 1\nimport math\nmath.pi = 3\nopen('file', 'w').close()"))
    run = sandbox.run(laid_out("import math, os\nprint(math.pi > 3.1, os.listdir())", "x"))
    assert printed(run) == ["True []"]
    assert kinds(run) == [("raised", 1)]


def test_several_sandboxes_have_a_process_each_behind_one_door() -> None:
    zygote = Zygote(several=True, preloaded=("numpy",))
    try:
        with Sandbox(SMALL, door=zygote.door) as first, Sandbox(SMALL, door=zygote.door) as second:
            code = laid_out("import os, sys\nprint('numpy' in sys.modules, os.getcwd())")
            outputs = [printed(sandbox.run(code)) for sandbox in (first, second, first)]
            assert len({output for (output,) in outputs}) == 3
            assert all(output.startswith(f"True {zygote.directory}") for (output,) in outputs)
        assert zygote.process.poll() is None
    finally:
        zygote.close()
    assert processes_in(zygote.directory) == []
    assert not Path(zygote.directory).exists()


def test_behind_a_door_that_does_not_open_a_sandbox_helps_itself(tmp_path: Path) -> None:
    with Sandbox(SMALL, door=str(tmp_path / "door")) as sandbox:
        assert printed(sandbox.run(laid_out("print(3)"))) == ["3"]


def test_when_the_process_behind_the_door_is_killed_a_sandbox_goes_on() -> None:
    zygote = Zygote(several=True)
    try:
        with Sandbox(SMALL, door=zygote.door) as sandbox:
            assert printed(sandbox.run(laid_out("print(1)"))) == ["1"]
            zygote.process.kill()
            zygote.process.wait()
            assert printed(sandbox.run(laid_out("print(2)"))) == ["2"]
    finally:
        zygote.close()
