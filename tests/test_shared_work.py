"""Work that several processes need: done once, in turn, and again where the one that did it failed."""

from __future__ import annotations

import multiprocessing
import os
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest

from gradcheck.shared_work import done_once

pytest.importorskip("fcntl")

NAMES = ["a", "b", "c", "d"]


def logged(folder: Path, name: str) -> str:
    time.sleep(0.05)
    with (folder / "log").open("a", encoding="utf-8") as file:
        file.write(name)
    return name * 2


def all_done(folder: Path) -> list[str]:
    return [
        done_once(folder, name, [other for other in NAMES if other != name], lambda each: logged(folder, each))
        for name in NAMES
    ]


def test_processes_share_the_results_and_the_work(tmp_path: Path) -> None:
    with ProcessPoolExecutor(3, multiprocessing.get_context("spawn")) as pool:
        results = list(pool.map(all_done, [tmp_path] * 3))
    assert results == [["aa", "bb", "cc", "dd"]] * 3
    assert sorted((tmp_path / "log").read_text(encoding="utf-8")) == NAMES


def test_work_that_fails_is_done_again_by_the_next(tmp_path: Path) -> None:
    def failing(name: str) -> str:
        raise OSError(name)

    with pytest.raises(OSError, match="a"):
        done_once(tmp_path, "a", [], failing)
    assert done_once(tmp_path, "a", [], str.upper) == "A"


def ended_in_the_middle(folder: Path) -> None:
    done_once(folder, "a", [], lambda _: os._exit(3))


def test_a_process_that_ends_in_the_middle_leaves_its_work_to_others(tmp_path: Path) -> None:
    ending = multiprocessing.get_context("spawn").Process(target=ended_in_the_middle, args=(tmp_path,))
    ending.start()
    ending.join()
    assert ending.exitcode == 3
    assert done_once(tmp_path, "a", ["b"], str.upper) == "A"
