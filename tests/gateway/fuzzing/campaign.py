"""Runs many generated requests in two processes: `python -m tests.gateway.fuzzing.campaign --cases 50000`."""

import argparse
import asyncio
import logging
import os
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from time import perf_counter, process_time
from typing import NamedTuple

from bench.world import PROJECT
from tests.gateway.fuzzing.runs import Failure, fuzzing
from tests.support.engines import Engine, PostgresEngine, SqliteEngine, reachable_postgres

PAGE = PROJECT / "bench/results/fuzzing.md"
_PORTION = 1000
_MAX_SHOWN = 5
_NUMBER = re.compile(r"\d+")


class Portion(NamedTuple):
    """The results of some cases: those by code, the failures, and the CPU seconds."""

    engine: str
    codes: Counter[str]
    failures: list[tuple[str, str]]
    """The kind of each failure, and its text."""
    processor: float


def portion(engine: str, count: int, seed: int) -> Portion:
    """Runs cases on a database of their own."""
    logging.getLogger("tortoise.db_client").propagate = False
    return asyncio.run(_portion(engine, count, seed))


async def _portion(engine: str, count: int, seed: int) -> Portion:
    begun = process_time()
    with tempfile.TemporaryDirectory() as folder:
        made = _engine(engine, Path(folder) / "databases")
        await made.open()
        try:
            async with made.copy() as url, fuzzing(url) as fuzzer:
                failures = [failure async for failure in fuzzer.run(count, seed)]
        finally:
            await made.close()
    kinds = [(_kind(failure), f"--cases {count} --seed {seed} on {engine}: {failure}") for failure in failures]
    return Portion(engine, fuzzer.codes, kinds, process_time() - begun)


def _engine(name: str, folder: Path) -> Engine:
    folder.mkdir()
    return SqliteEngine(folder) if name == "sqlite" else PostgresEngine(f"bff_fuzz_{os.getpid()}")


def _kind(failure: Failure) -> str:
    return _NUMBER.sub("#", "; ".join(failure.problems))[:200]


def campaign(count: int, seed: int, processes: int) -> Iterator[Portion]:
    engines = ["sqlite", *(["postgres"] if reachable_postgres() else [])]
    with ProcessPoolExecutor(processes) as pool:
        portions = [
            pool.submit(portion, engines[at // _PORTION % len(engines)], min(_PORTION, count - at), seed + at)
            for at in range(0, count, _PORTION)
        ]
        for done in as_completed(portions):
            yield done.result()


def page(seed: int, portions: list[Portion], seconds: float) -> str:
    codes, engines = Counter[str](), Counter[str]()
    for each in portions:
        codes += each.codes
        engines[each.engine] += 1
    cases = sum(codes.values())
    failures, processor = sum(len(each.failures) for each in portions), sum(each.processor for each in portions)
    rows = "\n".join(f"| {code or 'no error'} | {count:,} |" for code, count in codes.most_common())
    shares = " and ".join(f"{count * 100 // len(portions)}% on {engine}" for engine, count in sorted(engines.items()))
    return f"""# Requests that schemathesis generates

{cases:,} requests; **{failures} failures**.

Written by `make fuzz` on {datetime.now(UTC):%Y-%m-%d}, with Python {python_version()} and schemathesis
{version("schemathesis")}, in {seconds:.0f} seconds ({processor / cases * 1000:.1f} ms of CPU for each request, with
generating and checking it); {shares}; the seed was {seed}. Each request is a document of one root field of queries or
mutations, half of them with invalid arguments, sent by POST or GET, by signed-in and anonymous callers, with literal
values or with variables. schemathesis generates no subscriptions.
[`checks.py`](../../tests/gateway/fuzzing/checks.py) defines a failure.

| first code of the response | requests |
|---|---:|
{rows}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=50_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--page", type=Path, default=PAGE)
    options = parser.parse_args()
    begun, portions, shown = perf_counter(), list[Portion](), Counter[str]()
    for done in campaign(options.cases, options.seed, options.processes):
        portions.append(done)
        for kind, text in done.failures:
            shown[kind] += 1
            if shown[kind] == 1 and len(shown) <= _MAX_SHOWN:
                sys.stdout.write(f"{text}\n\n")
        cases = sum(sum(each.codes.values()) for each in portions)
        sys.stdout.write(f"{cases} of {options.cases}, {shown.total()} failures\n")
        sys.stdout.flush()
    options.page.write_text(page(options.seed, portions, perf_counter() - begun))
    sys.exit(1 if shown else 0)


if __name__ == "__main__":
    main()
