"""Keeps Python code off the network where the system does not: sockets that lead out of the machine are refused."""

from __future__ import annotations

import errno
import socket
import sys

_CONNECTING = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
_LOOKING_UP = frozenset({"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"})


def refuse_network() -> None:
    """From here on, looking a name up and connecting raise `OSError` in this process and those it forks off.

    Programs that it starts are not held back.
    """
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    if event in _LOOKING_UP or (event in _CONNECTING and _leads_out(arguments[0])):
        raise OSError(errno.ENETUNREACH, "the sandbox has no network")


def _leads_out(connection: object) -> bool:
    return isinstance(connection, socket.socket) and connection.family in {socket.AF_INET, socket.AF_INET6}
