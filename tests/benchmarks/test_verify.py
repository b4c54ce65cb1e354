"""What verifying a document of twenty blocks costs, beside the import of torch that its code needs anyway."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

BLOCK = """\
```python
w{0} = torch.tensor([{0}.5, 2.0], requires_grad=True)
(w{0} ** 2).sum().backward()
print(w{0}.grad)  # tensor([{1}., 4.])
```

"""
MOST = 3.0
"""So many times the processor time of the import may be spent in all: measured were 1.9 to 2.0."""


def processor_time(*arguments: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_twenty_blocks_take_little_more_than_the_import_of_torch(tmp_path: Path) -> None:
    document = tmp_path / "a.md"
    blocks = "".join(BLOCK.format(each, 2 * each + 1) for each in range(20))
    document.write_text(f"```python\nimport torch\n```\n\n{blocks}", encoding="utf-8")
    base = min(processor_time("-c", "import torch") for _ in range(2))
    spent = min(processor_time("-m", "gradcheck", "verify", str(document), "--strict") for _ in range(2))
    assert spent < MOST * base
