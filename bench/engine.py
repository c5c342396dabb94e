"""Compares our executor with graphql-core's, and with an answer written by hand: `python -m bench.engine --help`."""

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
HIGHEST_COMPILE_RATIO = 3.0
PROFILED_EXECUTIONS = 200
PROFILED_LINES = 25


def main(arguments: Sequence[str] | None = None) -> None:
    asked = _parser().parse_args(arguments)
    _stay_on_one_core()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        if asked.profile:
            runner.run(_profile(_named([asked.profile])[0]))
        elif asked.documents:
            found = runner.run(many_documents(documents_case(), asked.documents))
            sys.stdout.write(update(RESULTS, {"documents": found}))
        else:
            _compare(runner, _named(asked.cases), asked.rounds, write=not asked.cases)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench.engine", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, metavar="N", help="how often everyone runs (default 15)")
    parser.add_argument("--cases", nargs="+", metavar="CASE", help="only these; nothing is written to bench/results/")
    parser.add_argument(
        "--documents", type=int, metavar="N", help="execute N distinct documents and watch the memory, nothing else"
    )
    parser.add_argument("--profile", metavar="CASE", help="profile the engine on one case, nothing else")
    return parser


def _stay_on_one_core() -> None:
    if sys.platform == "linux":
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _named(names: Sequence[str] | None) -> list[Case]:
    """The cases of these names, or all; ends the program when there is none of a name."""
    cases = {case.name: case for case in all_cases()}
    unknown = [name for name in names or () if name not in cases]
    if unknown:
        sys.exit(f"no case {', '.join(unknown)}; there are {', '.join(cases)}")
    return [cases[name] for name in names or cases]


def _compare(runner: asyncio.Runner, cases: list[Case], rounds: int, *, write: bool) -> None:
    timings = _timings(runner, cases, rounds, "Garbage collection as Python has it")
    compiled: list[Compiling] = [runner.run(compiling(case, HIGHEST_COMPILE_RATIO)) for case in cases]
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
