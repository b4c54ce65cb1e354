"""What several commands take and write: values at a point, and one file or standard output."""

from __future__ import annotations

import argparse
import json
import math
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gradcheck.errors import UsageError

_SHORT = re.compile(r"(?<![\d.])\.(?=\d)")
"""The point of .5, which JSON would not read."""
_NEXT = re.compile(r",\s*(?=[^\W\d]\w*\s*=)")


def point(texts: Iterable[str]) -> dict[str, Any]:
    """The values that `--at` gives, by name, one or several to a text; UsageError where one cannot be read.

    >>> point(["x=.5, z=[1, 2]", "y=-1e-3"])
    {'x': 0.5, 'z': [1, 2], 'y': -0.001}
    """
    return dict(_assignment(part) for text in texts for part in _NEXT.split(text))


def _assignment(text: str) -> tuple[str, Any]:
    name, equals, value = (part.strip() for part in text.partition("="))
    try:
        if not name or not equals:
            raise ValueError
        return name, _numbers(json.loads(_SHORT.sub("0.", value), parse_constant=_refused))
    except (ValueError, OverflowError, RecursionError):
        accepted = "write a name and a number or lists of them, such as x=1.5 or z=[1, 2]"
        raise UsageError(f"argument --at: {text!r} cannot be read; {accepted}") from None


def _numbers(value: Any) -> Any:
    """The value, of numbers and of lists as long as each other alone; raises ValueError for any other."""
    if isinstance(value, list):
        parts = [_numbers(each) for each in value]
        if len({isinstance(part, list) and len(part) for part in parts}) > 1:
            raise ValueError
        return parts
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError
    return value


def _refused(_: str) -> Any:
    raise ValueError


def check_file(output: str) -> Path:
    """The file to write; raises UsageError where it is a folder or lies in none."""
    path = Path(output)
    if path.is_dir() or not path.parent.is_dir():
        raise UsageError(f"argument --output: {output!r} cannot be written: name a file in an existing folder")
    return path


MOST_JOBS = 8
"""However many cores there are, no more processes than this share the work unless asked for."""


def names(text: str) -> list[str]:
    """The names of a list with commas, as the type of an argument."""
    found = [name.strip() for name in text.split(",") if name.strip()]
    if not found:
        raise argparse.ArgumentTypeError("no name given")
    return found


def job_count(text: str) -> int:
    """A number of processes, as the type of an argument.

    >>> job_count("2")
    2
    """
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= 256:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes; 1 to 256 is accepted")
    return int(text)


def default_jobs() -> int:
    """As many processes as there are cores, within reason."""
    return min(os.cpu_count() or 1, MOST_JOBS)
