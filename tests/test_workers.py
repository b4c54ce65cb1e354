"""Work shared out: in order, whatever becomes of a process, and ended where the one who asked is gone."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from gradcheck.workers import loading, shared_out

ROOT = Path(__file__).parent.parent


def square(number: int) -> int:
    return number * number


def square_or_die(number: int) -> int:
    if number == 2:
        os._exit(3)
    return number * number


def test_results_come_in_the_order_of_the_work() -> None:
    assert list(shared_out(square, range(5), 2, lost=lambda item: -1)) == [0, 1, 4, 9, 16]


def test_a_process_that_dies_is_said_for_what_it_leaves_undone() -> None:
    found = list(shared_out(square_or_die, [1, 2, 3], 1, lost=lambda item: -item))
    assert found == [1, -2, -3]


def is_loaded(module: str) -> bool:
    return module in sys.modules


def test_what_is_loaded_once_is_there_in_every_process() -> None:
    modules = ["colorsys", "sndhdr_that_nobody_has", "gradcheck"]
    found = list(shared_out(is_loaded, modules, 2, lost=lambda _: False, loaded=("colorsys", modules[1])))
    assert found == ["forkserver" in multiprocessing.get_all_start_methods(), False, True]


def test_modules_are_loaded_beside_other_work() -> None:
    sys.modules.pop("colorsys", None)
    with loading(("colorsys", "module_that_nobody_has")):
        pass
    assert "colorsys" in sys.modules


def wait(path: str) -> None:
    Path(path).write_text(str(os.getpid()), encoding="utf-8")
    time.sleep(60)


def test_the_work_ends_with_the_one_who_asked(tmp_path: Path) -> None:
    told = tmp_path / "worker"
    script = tmp_path / "ask.py"
    script.write_text(
        "from gradcheck.workers import shared_out\nfrom tests.test_workers import wait\n"
        f"if __name__ == '__main__':\n    list(shared_out(wait, [{str(told)!r}], 2, lost=str))\n",
        encoding="utf-8",
    )
    with subprocess.Popen([sys.executable, script], env=os.environ | {"PYTHONPATH": str(ROOT)}) as asking:
        worker = int(_eventually(lambda: told.exists() and told.read_text(encoding="utf-8")))
        asking.send_signal(signal.SIGTERM)
    assert _eventually(lambda: not _runs(worker))


def _runs(process: int) -> bool:
    """Whether the process is there; one that ended and that nobody has asked about is not."""
    try:
        os.kill(process, 0)
        state = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (ProcessLookupError, FileNotFoundError):
        return False
    return state != "Z"


def _eventually(ask: Callable[[], object], seconds: float = 30.0) -> str:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := ask():
            return str(found)
        time.sleep(0.05)
    return ""
