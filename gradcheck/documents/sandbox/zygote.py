"""The process that has the libraries loaded and forks off one more for each run, so that a run starts at once.

It is cut off from the network first, while it still has one thread. A job comes as one line of JSON on the `control`
socket, together with the descriptor that the results go to.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
from contextlib import suppress

from gradcheck.documents.sandbox import isolation
from gradcheck.documents.sandbox.preload import preload
from gradcheck.documents.sandbox.wire import decoded
from gradcheck.documents.sandbox.worker import job_from_data


def serve(control: int) -> None:
    """Takes jobs until the parent process closes its end of the socket."""
    isolation.adopt_orphans()
    network_off = isolation.leave_network()
    channel = socket.socket(fileno=control)
    with suppress(ConnectionError):
        while (received := _next_job(channel)) is not None:
            line, results = received
            _run(line, results, channel, network_off)
    sys.exit(0)


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
    return line, descriptors[0]


def _run(line: bytes, results: int, channel: socket.socket, network_off: bool) -> None:
    """Runs one job in a process of its own, and waits for its end."""
    data = decoded(line)
    preload(data.pop("preload"))
    gc.collect()
    gc.freeze()  # the forked processes then leave these objects' memory shared
    job = job_from_data(data | {"network_off": network_off})
    warden = os.fork()
    if warden:
        os.close(results)
        os.waitpid(warden, 0)
        return
    try:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.set_inheritable(results, False)
        os.write(results, b'{"started":%s}\n' % (b"true" if network_off else b"false"))
        from gradcheck.documents.sandbox.warden import watch

        watch(job, results, channel.fileno())
    finally:
        os._exit(1)
