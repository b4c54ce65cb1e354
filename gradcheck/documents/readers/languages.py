"""The language that an info string, a directive or a class names, in one spelling."""

from __future__ import annotations

from gradcheck.documents.document import Shows

_SPELLINGS = {
    "py": "python",
    "py2": "python",
    "py3": "python",
    "python2": "python",
    "python3": "python",
    "ipython": "python",
    "ipython2": "python",
    "ipython3": "python",
    "pycon": "python",
    "pycon3": "python",
    "python-repl": "python",
    "python-console": "python",
    "pyodide": "python",
    "doctest": "python",
    "default": "",
    "none": "text",
    "txt": "text",
    "plain": "text",
    "plaintext": "text",
    "out": "output",
    "outputs": "output",
    "stdout": "output",
    "result": "output",
    "results": "output",
    "shell": "bash",
    "sh": "bash",
    "shell-session": "console",
    "sh-session": "console",
    "tex": "math",
    "latex": "math",
}

_CELLS = frozenset({"ipython", "ipython2", "ipython3", "pyodide"})
"""The spellings that say that a block is a notebook's cell: its last bare expression shows its value."""


def language_of(info: str) -> str:
    """The language that an info string names first, whatever attributes follow it; empty where it names none.

    >>> [language_of(info) for info in ("py", 'Python title="a.py"', "{.python .input  n=3}", "{python}", "js{1,3}")]
    ['python', 'python', 'python', 'python', 'js']
    """
    spelled = _spelled(info)
    return _SPELLINGS.get(spelled, spelled)


def shown_by(info: str) -> Shows:
    """Which bare expressions show their value in a block with this info string.

    >>> shown_by("{.python .input}"), shown_by("ipython3"), shown_by("python")
    ('last', 'last', 'nothing')
    """
    executable = info.strip().startswith("{")
    return "last" if executable or _spelled(info) in _CELLS else "nothing"


def _spelled(info: str) -> str:
    words = info.strip().lstrip("{").replace(",", " ").replace("}", " ").split()
    if not words:
        return ""
    word = words[0].lstrip(".").casefold()
    ends = [word.find(mark) for mark in "{:[(" if mark in word]
    return word[: min(ends)] if ends else word
