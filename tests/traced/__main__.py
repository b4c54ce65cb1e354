"""Trace the operator database: `python -m tests.traced --help`. Results stream to JSON lines; a run resumes."""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from tests.opdb.__main__ import append, blame, finished, until_done

RESULTS = Path(".benchmarks/traced.jsonl")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all shards, each in a process of its own that is started anew should a sample end it."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    options = _options(given)
    options.results.parent.mkdir(parents=True, exist_ok=True)
    if options.shard is not None:
        _run_shard(options)
        return 0
    commands = [[sys.executable, "-m", "tests.traced", *given, "--shard", str(k)] for k in range(options.processes)]
    with ThreadPoolExecutor(len(commands)) as pool:
        list(pool.map(until_done, commands))
    return 0


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.traced", description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS, help="file of JSON lines to append to")
    parser.add_argument("--per-operator", type=int, default=None, help="trace the first N samples of each operator")
    parser.add_argument("--only", nargs="*", default=None, help="names of operators")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--shard", type=int, default=None, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _run_shard(options: argparse.Namespace) -> None:
    """The operators of one shard; whatever the results hold already is left out."""
    import torch

    from tests.opdb.samples import operators, samples
    from tests.traced.checks import record

    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    marker = options.results.with_suffix(f".running{options.shard}")
    blame(marker, options.results)
    done = finished(options.results)
    names = [name for name in operators() if options.only is None or name in options.only]
    for name in names[options.shard :: options.processes]:
        for sample in islice(samples(name), options.per_operator):
            if (name, sample.number) not in done:
                marker.write_text(
                    json.dumps({"operator": name, "sample": sample.number, "verdict": "ended", "text": ""})
                )
                append(options.results, record(sample))
    marker.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
