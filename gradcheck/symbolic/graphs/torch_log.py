"""Errors of torch's shape propagation are raised, and told in our words: torch's log need not tell them too."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from torch._subclasses import fake_tensor


@contextmanager
def without_raised_errors() -> Iterator[None]:
    """Keep out of the log what torch raises when an operator has no shapes for the tensors it is given."""
    log = logging.getLogger(fake_tensor.__name__)
    log.addFilter(_is_no_exception)
    try:
        yield
    finally:
        log.removeFilter(_is_no_exception)


def _is_no_exception(record: logging.LogRecord) -> bool:
    return record.exc_info is None
