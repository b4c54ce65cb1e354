"""Processor time for code that nobody knows: what takes longer is interrupted, what cannot be interrupted ended."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

SHARE = 0.5
"""How much of the time for all of them one function may take."""

PATIENCE = 4.0
"""So much longer may it take on a clock, as where code sleeps or the machine is busy."""

INTERRUPTIONS = 10
"""Code that goes on after so many of them is ended with its process."""

_AGAIN = 0.1


class OutOfTime(BaseException):
    """The time is over. No exception that code would catch by accident."""


class Allowance:
    """So many seconds of processor time for several functions, in a process of its own, whose timers are used."""

    def __init__(self, seconds: float) -> None:
        self.left, self.each = seconds, SHARE * seconds
        self.interruptions = 0

    @contextmanager
    def limited(self) -> Iterator[None]:
        """Raises OutOfTime within once the time is over, again where that is caught; in the end the process ends."""
        if self.left <= 0:
            raise OutOfTime
        allowed, begun = min(self.left, self.each), time.process_time()
        self.interruptions = 0
        for number in (signal.SIGPROF, signal.SIGALRM):
            signal.signal(number, self._interrupt)
        signal.setitimer(signal.ITIMER_REAL, allowed * PATIENCE, _AGAIN)
        signal.setitimer(signal.ITIMER_PROF, allowed, _AGAIN)
        try:
            yield
        finally:
            for number in (signal.SIGPROF, signal.SIGALRM):
                signal.signal(number, signal.SIG_IGN)
            self.left -= time.process_time() - begun

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        self.interruptions += 1
        if self.interruptions > INTERRUPTIONS:
            os._exit(0)
        raise OutOfTime
