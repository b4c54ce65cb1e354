"""Python files: the scripts of a gallery, and modules with sessions in their docstrings."""

from __future__ import annotations

import pytest

from gradcheck.documents.readers.script import is_gallery
from tests.documents.readers.reading import read, rows

GALLERY = '''\
# -*- coding: utf-8 -*-
"""
Title
=====
The gradient is :math:`2x`.
"""
import torch

x = torch.tensor(3.0)  # no prose

######################################################################
# A block of prose with ``code``:
#
# .. math::
#
#    y = x^2
#

y = x ** 2
# a comment

# %%
# More prose.

# a comment before code
y

# %% [markdown]
# Text with $z$.
# %%
x
'''

MODULE = '''\
"""A module: $x$."""


def f(x):
    r"""Doubles.

    The gradient is :math:`2`::

        not = run

    >>> f(2)
    4

    Returns the double.
    """
    return 2 * x
'''


def test_a_gallery_is_prose_with_code_between() -> None:
    document = read(GALLERY, "python")
    assert rows(document) == [
        ("prose", "Title", 3),
        ("prose", "The gradient is $2x$.", 5),
        ("code", "import torch\n\nx = torch.tensor(3.0)  # no prose", 7),
        ("prose", "A block of prose with `code`:", 12),
        ("math", "y = x^2", 16),
        ("code", "y = x ** 2\n# a comment", 19),
        ("prose", "More prose.", 23),
        ("code", "# a comment before code\ny", 25),
        ("prose", "Text with $z$.", 29),
        ("code", "x", 31),
    ]
    assert {passage.shows for passage in document.passages if passage.kind == "code"} == {"last"}


def test_a_module_is_one_passage_of_code_and_what_its_docstrings_say() -> None:
    assert rows(read(MODULE, "python")) == [
        ("code", MODULE.rstrip("\n"), 1),
        ("prose", "A module: $x$.", 1),
        ("prose", "Doubles.", 5),
        ("prose", "The gradient is $2$:", 7),
        ("session", "f(2)", 11),
        ("output", "4", 12),
        ("prose", "Returns the double.", 14),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# %%\nx = 1", True),
        ("#" * 30 + "\n# prose", True),
        ("#" * 30 + "\nx = 1", False),
        ("x = 1", False),
        ("#!/usr/bin/env python", False),
    ],
)
def test_what_a_gallery_is(text: str, expected: bool) -> None:
    assert is_gallery(text) is expected


def test_a_file_that_does_not_parse_is_still_read() -> None:
    assert rows(read("def f(:\n    pass\n", "python")) == [("code", "def f(:\n    pass", 1)]
