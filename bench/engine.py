"""Compares the engine with graphql-core's executor and with handwritten code: `python -m bench.engine --help`."""

import argparse
import asyncio
import cProfile
import gc
import os
import pstats
import sys
from collections.abc import Sequence

import uvloop

from bench.engine_cases import all_cases
from bench.engine_cases.case import ENGINE, Case
from bench.engine_cases.home import documents_case
from bench.engine_documents import many_documents
from bench.engine_page import compiling_table, timing_table, update
from bench.engine_timing import Compiling, Timing, compiling, cpu_ns, timed
from core.project import PROJECT

RESULTS = PROJECT / "bench/results"
MAX_COMPILE_RATIO = 3.0
PROFILED_EXECUTIONS = 200
PROFILED_LINES = 25


def main(arguments: Sequence[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    _pin_to_one_core()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        if options.profile:
            runner.run(_profile(_named([options.profile])[0]))
        elif options.documents:
            found = runner.run(many_documents(documents_case(), options.documents))
            sys.stdout.write(update(RESULTS, {"documents": found}))
        else:
            _compare(runner, _named(options.cases), options.rounds, write=not options.cases)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.engine", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, metavar="N", help="number of rounds (default 15)")
    parser.add_argument("--cases", nargs="+", metavar="CASE", help="run only these cases, and write no results")
    parser.add_argument(
        "--documents", type=int, metavar="N", help="only execute N distinct documents and measure the memory"
    )
    parser.add_argument("--profile", metavar="CASE", help="only profile the engine on one case")
    return parser


def _pin_to_one_core() -> None:
    if sys.platform == "linux":
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _named(names: Sequence[str] | None) -> list[Case]:
    """Returns the cases with these names, or all cases. Exits for an unknown name."""
    cases = {case.name: case for case in all_cases()}
    unknown = [name for name in names or () if name not in cases]
    if unknown:
        sys.exit(f"unknown case: {', '.join(unknown)}; the cases are {', '.join(cases)}")
    return [cases[name] for name in names or cases]


def _compare(runner: asyncio.Runner, cases: list[Case], rounds: int, *, write: bool) -> None:
    timings = _timings(runner, cases, rounds, "Python's default garbage collection")
    compiled: list[Compiling] = [runner.run(compiling(case, MAX_COMPILE_RATIO)) for case in cases]
    gc.collect()
    gc.freeze()
    timings += _timings(runner, cases, rounds, "After `gc.freeze()`")
    gc.unfreeze()
    if write:
        sys.stdout.write(update(RESULTS, {"timings": timings, "compiling": compiled}))
    else:
        sys.stdout.write(f"{timing_table(timings)}\n\n{compiling_table(compiled)}\n")


def _timings(runner: asyncio.Runner, cases: list[Case], rounds: int, garbage_collection: str) -> list[Timing]:
    found: list[Timing] = []
    for case in cases:
        sys.stderr.write(f"{garbage_collection}: {case.name}\n")
        found.append(runner.run(timed(case, rounds, garbage_collection)))
    return found


async def _profile(case: Case) -> None:
    document = case.document()
    await cpu_ns(lambda: case.run(ENGINE, document), PROFILED_EXECUTIONS // 10)
    with cProfile.Profile() as profile:
        await cpu_ns(lambda: case.run(ENGINE, document), PROFILED_EXECUTIONS)
    pstats.Stats(profile, stream=sys.stdout).strip_dirs().sort_stats("tottime").print_stats(PROFILED_LINES)


if __name__ == "__main__":
    main()
