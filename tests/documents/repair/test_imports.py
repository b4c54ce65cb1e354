"""Imports that a document leaves out are put in and told; where the name may mean something else, nothing is."""

from __future__ import annotations

import pytest

from gradcheck.documents.document import Kind, Passage
from gradcheck.documents.repair.imports import with_usual_imports


def with_imports(*listings: str, kinds: tuple[Kind, ...] = ("code", "code", "code")) -> list[Passage]:
    passages = [
        Passage(kind, text, tuple(range(1, text.count("\n") + 2)), "python")
        for kind, text in zip(kinds, listings, strict=False)
    ]
    return list(with_usual_imports(passages))


def test_the_import_stands_where_the_name_is_first_used() -> None:
    first, second, third = with_imports("x = 1\ny = 2", "# a\nz = np.exp(x)", "np.sin(z)")
    assert first.text == "x = 1\ny = 2"
    assert (second.text, second.lines) == ("# a\nimport numpy as np\nz = np.exp(x)", (1, 2, 2))
    assert [(each.line, each.text) for each in second.repairs] == [(2, "the document leaves out `import numpy as np`")]
    assert third.text == "np.sin(z)"


def test_each_of_several_libraries_is_imported() -> None:
    (found,) = with_imports("def f(x):\n    return F.relu(torch.tensor(np.pi))")
    expected = ["import torch.nn.functional as F", "import numpy as np", "import torch"]
    assert found.text.split("\n")[:3] == expected


@pytest.mark.parametrize(
    "listing",
    [
        "import numpy as np\nnp.exp(1)",
        "from pylab import *\nnp.exp(1)",
        "def f(np):\n    return np.exp(1)",
        "np = load()\nnp.exp(1)",
        "nn.Linear(2, 3)",
        "np",
        "x = = np.exp(1)",
    ],
)
def test_what_may_mean_something_else_stays(listing: str) -> None:
    (found,) = with_imports(listing)
    assert (found.text, found.repairs) == (listing, ())


def test_a_document_that_shows_the_error_means_it() -> None:
    code, _ = with_imports("np.exp(1)", "NameError: name 'np' is not defined", kinds=("code", "output"))
    assert code.text == "np.exp(1)"


def test_what_a_later_block_imports_is_not_supplied() -> None:
    first, _ = with_imports("np.exp(1)", "import numpy as np")
    assert first.text == "np.exp(1)"


def test_commands_of_a_notebook_stay_in_front() -> None:
    (found,) = with_imports("%matplotlib inline\n    \nx = np.exp(1)")
    assert found.text == "%matplotlib inline\n    \nimport numpy as np\nx = np.exp(1)"
