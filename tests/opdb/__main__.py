"""Run the operator database: `python -m tests.opdb --help`. Results stream to a file of JSON lines; a run resumes."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

RESULTS, PLANTED = Path(".benchmarks/opdb.jsonl"), Path(".benchmarks/opdb_planted.jsonl")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all shards, each in a process of its own that is started anew should a sample end it."""
    options = _options(arguments)
    options.results.parent.mkdir(parents=True, exist_ok=True)
    if options.shard is not None:
        _run_shard(options)
        return 0
    forwarded = list(sys.argv[1:] if arguments is None else arguments)
    commands = [[sys.executable, "-m", "tests.opdb", *forwarded, "--shard", str(k)] for k in range(options.processes)]
    with ThreadPoolExecutor(len(commands)) as pool:
        list(pool.map(until_done, commands))
    return 0


def until_done(command: list[str]) -> None:
    """Start a shard again for as long as samples end its process."""
    while subprocess.run(command, check=False).returncode:
        pass


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.opdb", description=__doc__)
    parser.add_argument("--results", type=Path, default=RESULTS, help="file of JSON lines to append to")
    parser.add_argument("--per-operator", type=int, default=None, help="check the first N samples of each operator")
    parser.add_argument("--only", nargs="*", default=None, help="names of operators")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--torch", action="store_true", help="time torch's fast mode on the same samples, in turn")
    parser.add_argument("--plants", action="store_true", help="check each sample with planted faults too")
    parser.add_argument("--shard", type=int, default=None, help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


def _run_shard(options: argparse.Namespace) -> None:
    """The operators of one shard; whatever the results hold already is left out."""
    import torch

    from tests.opdb.checks import record
    from tests.opdb.samples import operators, samples

    torch.set_num_threads(1)
    marker = options.results.with_suffix(f".running{options.shard}")
    blame(marker, options.results)
    done = finished(options.results)
    names = [name for name in operators() if options.only is None or name in options.only]
    for name in names[options.shard :: options.processes]:
        for sample in islice(samples(name), options.per_operator):
            if (name, sample.number) not in done:
                marker.write_text(json.dumps({"operator": name, "sample": sample.number, "verdict": "CRASHED"}))
                append(options.results, record(sample, beside_torch=options.torch, planted=options.plants))
    marker.unlink(missing_ok=True)


def blame(marker: Path, results: Path) -> None:
    """A marker that a former process left names the sample that ended it."""
    if not marker.exists():
        return
    left = json.loads(marker.read_text())
    if (left["operator"], left["sample"]) not in finished(results):
        append(results, left)


def finished(results: Path) -> set[tuple[str, int]]:
    """Operator and number of every sample in the results."""
    if not results.exists():
        return set()
    return {(line["operator"], line["sample"]) for line in map(json.loads, results.read_text().splitlines())}


def append(results: Path, line: dict[str, object]) -> None:
    """One write, so that two processes never mix their lines."""
    descriptor = os.open(results, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    try:
        os.write(descriptor, (json.dumps(line) + "\n").encode())
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    sys.exit(main())
