"""Writes `bench/results/tracing.md`."""

import statistics
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from platform import python_version

from bench.load import Sample
from bench.tracing.rounds import HIT, HOME, OFF, TENTH, Case, Plan
from bench.world import PROJECT

PAGE = PROJECT / "bench/results/tracing.md"
GOAL = 1.05
NANOSECONDS = 500


def write(samples: Mapping[Case, Sequence[Sample]], plan: Plan, checks: float) -> None:
    """Writes the page."""
    today = datetime.now(UTC).date()
    rows = "\n".join(_row(samples, case) for case in samples)
    verdicts = "\n".join(_verdict(samples, response) for response in (HOME, HIT))
    reached = "reached" if checks < NANOSECONDS else "missed"
    text = f"""# The cost of traces

Written by `make bench-tracing` on {today}, with Python {python_version()}.

The home screen of 200 users, and stored responses of 20, from one process of `bff serve` on PostgreSQL, with 32
connections. The server is on one CPU; the load, the database, Redis and the collector are on another. Servers without
traces, with 10% of requests sampled and with all take turns, {plan.rounds} times for {plan.seconds:.0f} seconds each.
CPU is the user and system time of the server process per request, with the thread that exports; medians of the
rounds. The ratio is the median of the ratios of each round to the server without traces.

| | CPU, µs | ratio | ratios of the rounds | requests/s |
|---|---:|---:|---|---:|
{rows}

{verdicts}

Without traces, a home screen that is executed spends {checks:.0f} ns of CPU on checks (reads of a context variable and
two comparisons), measured in process. The goal is less than {NANOSECONDS}: {reached}.
"""
    PAGE.write_text(text)


def ratios(samples: Mapping[Case, Sequence[Sample]], case: Case) -> list[float]:
    """Returns the CPU per request of each round, relative to the server without traces."""
    pairs = zip(samples[case], samples[Case(case.response, OFF)], strict=True)
    return [sample.cpu_ms / off.cpu_ms for sample, off in pairs]


def _row(samples: Mapping[Case, Sequence[Sample]], case: Case) -> str:
    cpu = statistics.median(sample.cpu_ms for sample in samples[case]) * 1000
    rate = statistics.median(sample.requests_per_second for sample in samples[case])
    found = ratios(samples, case)
    each = "" if case.tracing == OFF else ", ".join(f"{ratio:.3f}" for ratio in found)
    return f"| {case.response}: {case.tracing} | {cpu:.1f} | {statistics.median(found):.3f} | {each} | {rate:.0f} |"


def _verdict(samples: Mapping[Case, Sequence[Sample]], response: str) -> str:
    ratio = statistics.median(ratios(samples, Case(response, TENTH)))
    reached = "reached" if ratio <= GOAL else "missed"
    return f"- {response}: {ratio:.3f} times the CPU with 10% sampled; the goal is at most {GOAL}: {reached}."
