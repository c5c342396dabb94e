"""Many examples in two processes: `python -m tests.engine.support.campaign --examples 100000`."""

import argparse
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from secrets import randbits
from time import perf_counter

import engine
from tests.engine.support.comparison import Harness
from tests.engine.support.examples import check, example
from tests.engine.support.kinds import Execute
from tests.engine.support.statistics import Statistics

PAGE = Path(__file__).parent.parent.parent.parent / "bench/results/differential.md"
LARGEST = 16
ENGINE: Execute = engine.execute
_PORTION = 1000
_SHOWN = 5


def size_of(seed: int) -> int:
    """Sizes go round, the same for all examples of a schema."""
    return 1 + seed // 4 % LARGEST


def portion(start: int, count: int) -> tuple[Statistics, list[str]]:
    """Some examples in a row."""
    harness, statistics, found = Harness(), Statistics(), list[str]()
    try:
        for seed in range(start, start + count):
            made = example(seed, size_of(seed))
            compared = check(harness, ENGINE, made)
            statistics.add(made, compared)
            if compared.differences:
                found.append(f"reproduce({seed}, {size_of(seed)})\n" + "\n".join(compared.differences))
    finally:
        harness.close()
    return statistics, found


def campaign(start: int, count: int, processes: int) -> Iterator[tuple[Statistics, list[str]]]:
    with ProcessPoolExecutor(processes) as pool:
        portions = [pool.submit(portion, start + at, min(_PORTION, count - at)) for at in range(0, count, _PORTION)]
        for done in as_completed(portions):
            yield done.result()


def page(start: int, statistics: Statistics, found: list[str], seconds: float) -> str:
    versions = f"Python {python_version()}, graphql-core {version('graphql-core')}"
    return f"""# Differential tests of `engine` against graphql-core

{statistics.examples:,} generated examples; **{len(found)} differences**.

Written by `make differential` on {datetime.now(UTC):%Y-%m-%d}, with {versions}, in {seconds:.0f} seconds;
the first seed was {start}. The engine was `{engine.execute.__module__}.execute`. Each example is a schema, a world of
resolvers and a request; what is compared, and where the order of failures is left open, says
`tests/engine/support/comparison.py`.

{statistics.table()}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=randbits(40) * 4)
    asked = parser.parse_args()
    began, whole, found = perf_counter(), Statistics(), list[str]()
    for statistics, differences in campaign(asked.seed, asked.examples, asked.processes):
        whole.merge(statistics)
        for difference in differences[: max(0, _SHOWN - len(found))]:
            sys.stdout.write(f"\n{difference}\n")
        found += differences
        rate = whole.examples / (perf_counter() - began)
        sys.stdout.write(f"\r{whole.examples:,} examples, {rate:.0f}/s, {len(found)} differences ")
        sys.stdout.flush()
    sys.stdout.write("\n")
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(asked.seed, whole, found, perf_counter() - began))
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
