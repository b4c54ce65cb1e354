"""Starts the process that runs are forked off from, with an environment of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path

from gradcheck.errors import UsageError

_BOOTSTRAP = """
import sys
sys.path += [each for each in sys.argv[5:] if each not in sys.path]
from gradcheck.documents.sandbox.zygote import serve
control, door, namespaces, preloaded = sys.argv[1:5]
serve(int(control), namespaces == "True", int(door), preloaded.split())
"""

_KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TZ")
"""Variables that the child shares: where programs and libraries are, and what time it is."""

_SET = {
    "LANG": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
    "MPLBACKEND": "Agg",
    "CUDA_VISIBLE_DEVICES": "",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
}


class Zygote:
    """The process, the directory that its runs work in, and the socket that takes jobs.

    `hash_seed` decides the order in which Python's sets of strings are gone through. Opened to `several`, it takes no
    jobs itself, and a `Branch` can be had at its `door` from any process; `preloaded` are the modules to load first.
    """

    def __init__(
        self, namespaces: bool = True, hash_seed: int = 0, several: bool = False, preloaded: Sequence[str] = ()
    ) -> None:
        if not hasattr(os, "fork"):
            raise UsageError("a document's code cannot be run here: that takes a system that can fork processes")
        self.directory = tempfile.mkdtemp(prefix="gradcheck-")
        self.door = str(Path(self.directory, "door")) if several else ""
        self.channel, other = socket.socketpair()
        with other, _listening(self.door) as door:
            passed = [each.fileno() for each in (other, door) if each is not None]
            numbers = [str(passed[0]), str(passed[1] if several else -1)]
            # -s and -P with this environment isolate as -I does, which would ignore the hash seed too
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-s", "-P", "-c", _BOOTSTRAP),
                    *(*numbers, str(namespaces), " ".join(preloaded), *_import_paths()),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=self.directory,
                env=_environment(self.directory) | {"PYTHONHASHSEED": str(hash_seed)},
                start_new_session=True,
                pass_fds=passed,
            )
        _share_font_list(Path(self.directory))

    def close(self) -> None:
        """Ends the process and all that it has started, and removes the directory."""
        self.channel.close()
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


class Branch:
    """A process of one's own, forked off by a `Zygote` that is open to several, with what that has loaded."""

    def __init__(self, door: str) -> None:
        self.directory = str(Path(door).parent)
        self.channel = socket.socket(socket.AF_UNIX)
        try:
            self.channel.connect(door)
        except OSError:
            self.channel.close()
            raise

    def close(self) -> None:
        """Ends the process, and all that it has started."""
        self.channel.close()


@contextmanager
def _listening(door: str) -> Iterator[socket.socket | None]:
    """A socket that listens at a path, where there is one."""
    if not door:
        yield None
        return
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(door)
        listening.listen()
        yield listening


def _environment(directory: str) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, **_SET, "HOME": directory, "TMPDIR": directory, "MPLCONFIGDIR": directory}


def _import_paths() -> list[str]:
    """Where this process has gradcheck and the libraries from: they may lie elsewhere than the child would look."""
    return list(dict.fromkeys(path for name in ("gradcheck", "numpy", "torch") for path in _folders(name)))


def _folders(name: str) -> Iterator[str]:
    spec = find_spec(name)
    if spec is not None and spec.origin:
        yield str(Path(spec.origin).resolve().parent.parent)


def _share_font_list(directory: Path) -> None:
    """Copies matplotlib's list of fonts, which takes seconds to make anew."""
    home = Path(
        os.environ.get("MPLCONFIGDIR", Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"), "matplotlib"))
    )
    with suppress(OSError):
        for each in home.glob("fontlist-*.json"):
            shutil.copy(each, directory)
