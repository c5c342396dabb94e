"""Measures how long the schema check takes: `make bench-schema-check`.

The input is a schema of 1 MiB, in which every tenth type loses a field, and 2,000 operations. The command runs in a
process of its own, as in CI.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from platform import python_version
from typing import NamedTuple

from bench.world import PROJECT, BenchError, say

PAGE = PROJECT / "bench/results/schema-check.md"
FIELDS = 20
BYTES_OF_A_TYPE = 1570
"""The approximate size of one generated type with its descriptions."""


class CheckResources(NamedTuple):
    """Holds the resources and output of one check, from start to end of its process."""

    seconds: float
    cpu: float
    mebibytes: float
    """The maximum of all child processes so far."""
    output: str


def schema(types: int, *, removed: bool) -> str:
    """Returns a schema of types in a ring, with scalars, an enum and arguments.

    `removed` drops a field of every tenth type.
    """
    lines = ["type Query {", *(f'  "One." thing{number}(id: ID!): Thing{number}' for number in range(types)), "}"]
    lines += ["enum Kind {", *(f"  KIND_{number}" for number in range(20)), "}"]
    for number in range(types):
        lines += [
            f'"""Thing number {number}, which a shop of things may have."""',
            f"type Thing{number} {{",
            "  id: ID!",
        ]
        lines += [f"  next(first: Int = 10, kind: Kind): Thing{(number + 1) % types}", "  kind: Kind!"]
        for field in range(FIELDS):
            if not (removed and number % 10 == 0 and field == 0):
                lines.append(f'  "What field {field} is, in a few words."\n  field{field}(unit: String = "m"): String')
        lines.append("}")
    return "\n".join(lines) + "\n"


def operations(types: int, number: int) -> Iterator[str]:
    """Yields operations that select about forty fields, three types deep, through a fragment."""
    for each in range(number):
        at = each % types
        fields = " ".join(f"field{field}" for field in range(0, FIELDS, 2))
        yield (
            f"query Op{each}($id: ID!) {{ thing{at}(id: $id) {{ id kind {fields} next(first: 3) {{ ...Next }} }} }}\n"
            f"fragment Next on Thing{(at + 1) % types} {{ id {fields} next(kind: KIND_3) {{ id kind {fields} }} }}"
        )


def check(folder: Path, *options: str, status: int = 0) -> CheckResources:
    """Runs `bff schema check` in a process of its own."""
    command = [Path(sys.executable).parent / "bff", "schema", "check", "--format", "json", *options]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != status:
        raise BenchError(f"status {done.returncode}: {done.stderr}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return CheckResources(seconds, cpu, after.ru_maxrss / 1024, done.stdout)


def check_generated(size: int, number: int) -> CheckResources:
    """Checks a generated schema of about `size` bytes with `number` operations."""
    types = size // BYTES_OF_A_TYPE
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "before.graphql").write_text(schema(types, removed=False))
        (folder / "after.graphql").write_text(schema(types, removed=True))
        place = folder / "schema-operations/ios/1.0.0.json"
        place.parent.mkdir(parents=True)
        place.write_text(json.dumps(list(operations(types, number))))
        return check(folder, "--base", "before.graphql", "--head", "after.graphql", status=1)


def broken(taken: CheckResources) -> int:
    changes = json.loads(taken.output)["changes"]
    return len({each["name"] for change in changes for each in change["operations"] if each["effect"] == "broken"})


def page(big: CheckResources, own: CheckResources) -> str:
    large = f"a generated schema of 1 MiB, 2,000 operations, {broken(big)} of them broken"
    load = f"{os.getloadavg()[0]:.1f}"
    return f"""# How long the schema check takes

Written by `make bench-schema-check` on {datetime.now(UTC):%Y-%m-%d}, with Python {python_version()} on
{os.cpu_count()} cores. The command runs in a process of its own, from start to end, on one core. The load average of
the machine was {load}; it affects the CPU time little, and the wall-clock time much.

| | wall clock | CPU | memory | goal |
|---|---:|---:|---:|---:|
| {large} | {big.seconds:.1f} s | {big.cpu:.1f} s | {big.mebibytes:.0f} MiB | 15 s |
| the schema of this project | {own.seconds:.1f} s | {own.cpu:.1f} s | {own.mebibytes:.0f} MiB | 2 s |
"""


def main() -> None:
    own = check(PROJECT, "--base", "HEAD")
    big = check_generated(1024 * 1024, 2000)
    PAGE.write_text(page(big, own))
    say(PAGE.read_text())


if __name__ == "__main__":
    main()
