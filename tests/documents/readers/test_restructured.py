"""reStructuredText as docutils reads it, and what only Sphinx knows tolerated."""

from __future__ import annotations

import pytest

from tests.documents.readers.reading import read, rows

DOCUMENT = """\
Title
=====

Call :func:`~torch.relu` of :math:`x^2` in ``code``, see `this
page <https://example.org/
a>`_ and
**that**::

    literal = 1

    more = 2

.. code-block:: python
   :emphasize-lines: 1
   :caption: A listing

   import torch

.. code-block:: python3

   y = 1

.. math::

   a = b

   c = d

.. note:: First
   second

   >>> x
   1

.. testcode::
   :hide:

   print(3)

.. testoutput::

   3

.. tab-set::

   .. tab-item:: One

      Inside :unknown:`role <target>`

      .. code:: bash

         ls

.. image:: picture.png
.. toctree::
   :maxdepth: 1

   page

.. a comment

- item

=====  =====
``a``  b
=====  =====

term
   meaning
"""


def test_every_block_has_its_kind_text_and_line() -> None:
    assert rows(read(DOCUMENT, "rst")) == [
        ("prose", "Title", 1),
        ("prose", "Call `torch.relu` of $x^2$ in `code`, see this\npage and\nthat:", 4),
        ("code", "literal = 1\n\nmore = 2", 9),
        ("code", "import torch", 17),
        ("code", "y = 1", 21),
        ("math", "a = b", 25),
        ("math", "c = d", 27),
        ("prose", "First\nsecond", 29),
        ("session", "x", 32),
        ("output", "1", 33),
        ("code", "print(3)", 38),
        ("output", "3", 42),
        ("prose", "Inside `role`", 48),
        ("code", "ls", 52),
        ("prose", "item", 62),
        ("prose", "`a`", 65),
        ("prose", "b", 65),
        ("prose", "term", 68),
        ("prose", "meaning", 69),
    ]


def test_a_paragraph_knows_the_line_of_each_of_its_lines() -> None:
    prose = read(DOCUMENT, "rst").passages[1]
    assert prose.lines == (4, 5, 7)


def test_languages_and_outputs() -> None:
    passages = read(DOCUMENT, "rst").passages
    assert [passage.language for passage in passages if passage.kind == "code"] == ["", *["python"] * 3, "bash"]
    assert [passage.of for passage in passages if passage.kind == "output"] == [8, 10]


@pytest.mark.parametrize(
    "text",
    [
        "Title\n===\n\n:bad:`role`, *open, |sub|, `link`_, [1]_\n\n.. bad::\n",
        ".. include:: /etc/passwd\n\n.. raw:: html\n   :file: a\n\n.. literalinclude:: /etc/passwd\n",
        ".. code-block:: python\nx = 1\n\n.. math::\n\n.. csv-table::\n   :file: missing.csv\n\n   1, 2",
        "====\nOver\n==\n\n  indented\nout\n\n.. |a| replace:: b\n\n.. [#] note",
    ],
)
def test_bad_markup_says_nothing_on_standard_error(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    document = read(text, "rst")
    assert "root:" not in "".join(passage.text for passage in document.passages)
    assert capfd.readouterr() == ("", "")


def test_what_is_said_twice_has_two_places() -> None:
    text = "Again\n\n.. code:: python\n\n   x = 1\n\nAgain\n\n.. code:: python\n\n   x = 1\n"
    assert [line for _, _, line in rows(read(text, "rst"))] == [1, 5, 7, 11]
