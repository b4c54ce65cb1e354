"""The process that has the libraries loaded and forks off one more for each run, so that a run starts at once.

It is cut off from the network first, while it still has one thread. A job comes as one line of JSON on the `control`
socket, together with the descriptor that the results go to.
"""

from __future__ import annotations

import gc
import os
import select
import shutil
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from gradcheck.documents.sandbox import isolation
from gradcheck.documents.sandbox.descriptors import out_of_reach
from gradcheck.documents.sandbox.preload import preload
from gradcheck.documents.sandbox.wire import decoded, encoded
from gradcheck.documents.sandbox.worker import Surroundings, job_from_data


def serve(control: int, namespaces: bool, door: int, preloaded: Sequence[str]) -> None:
    """Takes jobs until the parent process is gone, or closes its end of the socket; its directory goes with it.

    With a `door` (-1 for none), a socket that listens, a process is forked off for each that connects, which takes its
    jobs; `preloaded` are loaded before that.
    """
    isolation.adopt_orphans()
    surroundings = Surroundings(namespaces, network_off=namespaces and isolation.leave_network())
    preload(preloaded)
    channel = socket.socket(fileno=control)
    directory = Path.cwd()
    if door < 0:
        _take_jobs(channel, surroundings)
    else:
        _branch_off(channel, socket.socket(fileno=door), surroundings)
    os.chdir("/")
    shutil.rmtree(directory, ignore_errors=True)
    sys.exit(0)


def _branch_off(channel: socket.socket, door: socket.socket, surroundings: Surroundings) -> None:
    """Lets everyone in who comes to the door, until the other end of the channel is closed."""
    gc.collect()
    gc.freeze()
    while channel not in select.select([channel, door], [], [])[0]:
        entered, _ = door.accept()
        if not os.fork():
            isolation.end_with_parent()
            isolation.adopt_orphans()
            channel.close()
            door.close()
            _take_jobs(entered, surroundings)
            os._exit(0)
        entered.close()
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _take_jobs(channel: socket.socket, surroundings: Surroundings) -> None:
    with suppress(ConnectionError):
        while (received := _next_job(channel)) is not None:
            _run(*received, channel, surroundings)


def _next_job(channel: socket.socket) -> tuple[bytes, int] | None:
    """A job's line and its descriptor; None where no more will come."""
    line, descriptors, _, _ = socket.recv_fds(channel, 65536, 1)
    if not line:
        return None
    while not line.endswith(b"\n"):
        more = channel.recv(65536)
        if not more:
            return None
        line += more
    return line, out_of_reach(descriptors[0])


def _run(line: bytes, results: int, channel: socket.socket, surroundings: Surroundings) -> None:
    """Runs one job in a process of its own, and waits for its end."""
    data = decoded(line)
    preload(data.pop("preload"))
    gc.collect()
    gc.freeze()  # the forked processes then leave these objects' memory shared
    job = job_from_data(data, surroundings)
    warden = os.fork()
    if warden:
        os.close(results)
        os.waitpid(warden, 0)
        return
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.set_inheritable(results, False)
        os.write(results, encoded({"started": surroundings.network_off}))
        from gradcheck.documents.sandbox.warden import watch

        watch(job, results, channel.fileno())
    finally:
        os._exit(1)
