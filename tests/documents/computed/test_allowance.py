"""Time for code that nobody knows: interrupted, again where it goes on, and in the end its process is ended."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from gradcheck.documents.computed.allowance import Allowance, OutOfTime

STUBBORN = """
from gradcheck.documents.computed.allowance import Allowance
import time
with Allowance(0.2).limited():
    while True:
        try:
            time.sleep(1)
        except BaseException:
            pass
"""


def run(source: str) -> int:
    return subprocess.run([sys.executable, "-c", source], timeout=60, check=False, capture_output=True).returncode


def test_code_is_interrupted_and_the_time_is_counted() -> None:
    source = """
import time
from gradcheck.documents.computed.allowance import Allowance, OutOfTime
allowance = Allowance(0.4)
for code in ("while True: pass", "import time; time.sleep(60)"):
    try:
        with allowance.limited():
            exec(code)
    except OutOfTime:
        continue
    raise SystemExit(1)
assert 0 < allowance.left < 0.4, allowance.left
"""
    assert run(source) == 0


def test_code_that_catches_everything_is_ended_with_its_process() -> None:
    begun = time.monotonic()
    assert run(STUBBORN) == 0
    assert time.monotonic() - begun < 60


def test_nothing_runs_when_no_time_is_left() -> None:
    with pytest.raises(OutOfTime), Allowance(0).limited():
        raise AssertionError
