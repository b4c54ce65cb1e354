"""Lines of a listing that are meant for a shell or a notebook and not for Python."""

from __future__ import annotations

from typing import NamedTuple

_MARKS = ("!", "%", "?", "$ ")
_INSTALLERS = ("pip install ", "pip3 install ", "conda install ")

_WITHOUT_EFFECT = frozenset(
    [
        "apt",
        "apt-get",
        "autoreload",
        "capture",
        "conda",
        "config",
        "load_ext",
        "ls",
        "matplotlib",
        "nvidia-smi",
        "pip",
        "pip3",
        "reload_ext",
        "time",
        "timeit",
        "uv",
    ]
)
"""Commands that change nothing that a document's values depend on, beyond what is installed."""

_CELLS_OF_OTHERS = frozenset(
    [
        "bash",
        "cmd",
        "cython",
        "html",
        "javascript",
        "js",
        "latex",
        "markdown",
        "perl",
        "ruby",
        "script",
        "sh",
        "svg",
        "writefile",
    ]
)
"""Notebook commands whose whole cell is no Python, or does not run."""


class Line(NamedTuple):
    """A line that was taken out: its place, from 0, its text, and the names that it would have bound."""

    place: int
    text: str
    names: tuple[str, ...]


class Stripped(NamedTuple):
    """Source in which such lines are blank, or `pass` where a block has to stay; those that matter are in `lines`."""

    source: str
    lines: tuple[Line, ...] = ()


def not_python(text: str) -> str:
    """Why a whole listing is no Python: it is a notebook's cell for another language, or for a shell; else empty.

    >>> not_python("%%bash\\nls"), not_python("$ pip install gradcheck\\n# then\\n$ ls"), not_python("%%time\\nx = 1")
    ('a notebook cell for bash', 'lines for a shell', '')
    """
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    command = _command(lines[0])
    if lines[0].startswith("%%") and command in _CELLS_OF_OTHERS:
        return f"a notebook cell for {command}"
    said = [line for line in lines if not line.startswith("#")]
    return "lines for a shell" if said and all(line.startswith(("$ ", "!", *_INSTALLERS)) for line in said) else ""


def stripped(text: str) -> Stripped:
    """Takes the lines for a shell or a notebook out of a listing, and keeps every other line in its place.

    >>> stripped("%matplotlib inline\\nfiles = !ls\\nif x:\\n    !wget y").source
    '\\n\\nif x:\\n    pass'
    >>> [(line.text, line.names) for line in stripped("%matplotlib inline\\nfiles = !ls\\nif x:\\n    !wget y").lines]
    [('files = !ls', ('files',)), ('!wget y', ())]
    """
    kept: list[str] = []
    taken: list[Line] = []
    for index, line in enumerate(text.split("\n")):
        name, command = _split(line)
        if not command:
            kept.append(line)
            continue
        kept.append(_instead(line, command))
        if name or not ("?" in (command[0], command[-1]) or _command(command) in _WITHOUT_EFFECT):
            taken.append(Line(index, line.strip(), (name,) if name else ()))
    return Stripped("\n".join(kept), tuple(taken))


def _split(line: str) -> tuple[str, str]:
    """The name that a line binds, and its command; the latter is empty for a line of Python."""
    bare = line.strip()
    name, equals, rest = bare.partition("=")
    if equals and name.strip().isidentifier() and rest.strip().startswith(("!", "%")):
        return name.strip(), rest.strip()
    is_question = bare.endswith("?") and bare.rstrip("?").replace(".", "").isidentifier()
    return "", bare if bare.startswith((*_MARKS, *_INSTALLERS)) or is_question else ""


def _command(text: str) -> str:
    words = text.lstrip("!%$ ").split()
    return words[0] if words else ""


def _instead(line: str, command: str) -> str:
    """What stands in the line's place: what is timed; `pass` in an indented block; else nothing."""
    indentation = line[: len(line) - len(line.lstrip())]
    if command.startswith("%time "):
        return indentation + command.removeprefix("%time ").strip()
    return f"{indentation}pass" if indentation else ""
