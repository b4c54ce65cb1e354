"""Runs a document's code in a child process, and brings back what it printed and computed, as data.

It contains accidents, not attackers: an endless loop, a huge array, a download, a stray `exit()` stay without effect
on this process, the report and other documents. Code that means harm has the rights of the user who runs it; do not
run documents that you would not run by hand.
"""

from gradcheck.documents.sandbox.job import CodeBlock, Limits
from gradcheck.documents.sandbox.runnable import runnable
from gradcheck.documents.sandbox.sandbox import Sandbox

__all__ = ["CodeBlock", "Limits", "Sandbox", "runnable"]
