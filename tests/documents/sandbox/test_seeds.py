"""Random numbers: the same in a repeated run, others in a reseeded one, also where the document sets the seed."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from gradcheck.documents.sandbox.sandbox import Sandbox
from tests.documents.sandbox.blocks import laid_out

DRAWS = [
    "import random\nprint(random.random())",
    "import random\nrandom.seed(1)\nprint(random.random())",
    "import random\nprint(random.Random(1).random())",
    "import numpy as np\nprint(np.random.rand())",
    "import numpy as np\nnp.random.seed(1)\nprint(np.random.rand())",
    "import numpy as np\nprint(np.random.default_rng(1).random())",
    "import numpy as np\nprint(np.random.default_rng(seed=1).random())",
    "import numpy as np\nprint(np.random.RandomState(1).rand())",
    "import torch\nprint(torch.rand(1))",
    "import torch\ntorch.manual_seed(1)\nprint(torch.rand(1))",
    "import torch\ng = torch.Generator().manual_seed(1)\nprint(torch.rand(1, generator=g))",
    "import torch\ng = torch.Generator()\ng.manual_seed(1)\nprint(torch.rand(1, generator=g))",
    "def seed_all(n):\n    import torch\n    torch.manual_seed(n)\nseed_all(3)\nimport torch\nprint(torch.rand(1))",
]


@pytest.fixture(scope="module")
def outputs(torch_sandbox: Sandbox) -> tuple[Mapping[int, str], ...]:
    runs = [torch_sandbox.run(laid_out(*DRAWS), reseeded=reseeded) for reseeded in (False, False, True)]
    assert [run.failures for run in runs] == [(), (), ()]
    return tuple(run.outputs for run in runs)


@pytest.mark.parametrize("number", range(len(DRAWS)), ids=[code.splitlines()[-1] for code in DRAWS])
def test_a_draw(outputs: tuple[Mapping[int, str], ...], number: int) -> None:
    first, again, reseeded = (each[number] for each in outputs)
    assert first == again != reseeded


def test_what_does_not_depend_on_random_numbers_stays(torch_sandbox: Sandbox) -> None:
    code = laid_out("import numpy as np\nnp.random.seed(0)\nprint(np.ones(3).sum(), hash('a'))")
    assert torch_sandbox.run(code).outputs == torch_sandbox.run(code, reseeded=True).outputs


def test_the_document_sees_the_seed_that_it_set(torch_sandbox: Sandbox) -> None:
    code = laid_out("import numpy as np\nnp.random.seed(7)\nprint(np.random.rand())")
    run = torch_sandbox.run(code)
    import numpy as np

    assert float(run.outputs[0]) == np.random.RandomState(7).rand()


def test_text_hashes_alike_in_every_sandbox(torch_sandbox: Sandbox) -> None:
    code = laid_out("print(hash('a'))")
    with Sandbox() as other:
        assert torch_sandbox.run(code).outputs == other.run(code).outputs


def test_sets_are_gone_through_in_another_order_with_another_hash_seed(torch_sandbox: Sandbox) -> None:
    code = laid_out("print(list({'cat', 'dog', 'fish', 'ant', 'bee'}), 1)")
    first, other = torch_sandbox.run(code), torch_sandbox.run(code, hash_seed=1)
    assert first.outputs != other.outputs
    assert torch_sandbox.run(code).outputs == first.outputs
