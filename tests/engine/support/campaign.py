"""Runs many examples in two processes: `python -m tests.engine.support.campaign --examples 100000`."""

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
_MAX_SHOWN = 5


def size_of(seed: int) -> int:
    """Returns the size of an example. Sizes rotate, and all examples of a schema have the same size."""
    return 1 + seed // 4 % LARGEST


def portion(start: int, count: int) -> tuple[Statistics, list[str]]:
    """Runs consecutive examples. Returns their statistics and differences."""
    harness, statistics, differences = Harness(), Statistics(), list[str]()
    try:
        for seed in range(start, start + count):
            tried = example(seed, size_of(seed))
            compared = check(harness, ENGINE, tried)
            statistics.add(tried, compared)
            if compared.differences:
                differences.append(f"reproduce({seed}, {size_of(seed)})\n" + "\n".join(compared.differences))
    finally:
        harness.close()
    return statistics, differences


def campaign(start: int, count: int, processes: int) -> Iterator[tuple[Statistics, list[str]]]:
    with ProcessPoolExecutor(processes) as pool:
        portions = [pool.submit(portion, start + at, min(_PORTION, count - at)) for at in range(0, count, _PORTION)]
        for done in as_completed(portions):
            yield done.result()


def page(start: int, statistics: Statistics, differences: list[str], seconds: float) -> str:
    versions = f"Python {python_version()}, graphql-core {version('graphql-core')}"
    return f"""# Differential tests of `engine` against graphql-core

{statistics.examples:,} generated examples; **{len(differences)} differences**.

Written by `make differential` on {datetime.now(UTC):%Y-%m-%d}, with {versions}, in {seconds:.0f} seconds;
the first seed was {start}. The engine was `{engine.execute.__module__}.execute`. Each example is a schema, a world of
resolvers and a request. `tests/engine/support/comparison.py` defines what is compared, and where the order of failures
may differ.

{statistics.table()}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=100_000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--seed", type=int, default=randbits(40) * 4)
    options = parser.parse_args()
    began, total, all_differences = perf_counter(), Statistics(), list[str]()
    for statistics, differences in campaign(options.seed, options.examples, options.processes):
        total.merge(statistics)
        for difference in differences[: max(0, _MAX_SHOWN - len(all_differences))]:
            sys.stdout.write(f"\n{difference}\n")
        all_differences += differences
        rate = total.examples / (perf_counter() - began)
        sys.stdout.write(f"\r{total.examples:,} examples, {rate:.0f}/s, {len(all_differences)} differences ")
        sys.stdout.flush()
    sys.stdout.write("\n")
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(options.seed, total, all_differences, perf_counter() - began))
    sys.exit(bool(all_differences))


if __name__ == "__main__":
    main()
