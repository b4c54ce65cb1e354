"""Runs a document's code in a child process, and brings back what it printed and computed, as data.

It contains accidents, not attackers: an endless loop, a huge array, a download, a stray `exit()` or `rmtree` stay
without effect on this process, the report and other documents. Code that means harm has the rights of the user who runs
it, may read that user's files, and where the system does not confine it delete them: do not run documents that you
would not run by hand.

Who is who: a `Sandbox` starts one long-lived process, the zygote, cut off from the network, which loads torch and the
like once. For each run it forks off a warden, which watches time, memory and processes; the warden's child, the
keeper, is the first process of a namespace where that is granted; the keeper's child, the worker, runs the code. Every
run works in a directory of its own, with an environment that holds nothing of the user's.

What depends on the system: on Linux, root and users who may create namespaces get both; elsewhere only Python's own
sockets are refused (`Run.network_off` says so), and processes are looked for one by one. Root's processes are limited
by the warden alone, since the system exempts root; other users' also by the system. Writing is confined to the run's
own folder and shared memory where Linux has Landlock, from 5.13 on (`Run.confined` says so).
"""

from gradcheck.documents.sandbox.job import CodeBlock, Limits
from gradcheck.documents.sandbox.runnable import runnable
from gradcheck.documents.sandbox.sandbox import Sandbox

__all__ = ["CodeBlock", "Limits", "Sandbox", "runnable"]
