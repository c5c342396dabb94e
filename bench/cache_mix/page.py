"""Writes the results as a page."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from platform import python_version
from statistics import median
from typing import NamedTuple

from bench.cache_mix.blocks import GROWTH_FROM, SAMPLE_SECONDS, Cpu, Measured, Plan
from bench.cache_mix.client import Outcome
from bench.cache_mix.counters import RESULTS, hit_ratio
from bench.cache_mix.scenario import READS, SHARES
from bench.cache_mix.servers import CACHED, UNCACHED

_MIN_HIT_RATIO = 0.5
_MOVED_SHOWN = 5


class World(NamedTuple):
    """Holds the numbers of users of the database and of those who send requests."""

    people: int
    readers: int


def page(measured: Mapping[str, Measured], plan: Plan, world: World) -> str:
    """Returns the page of a run."""
    parts = (
        _opening(plan, world),
        _latency(measured),
        _cpu(measured),
        _hits(measured[CACHED]),
        _memory(measured),
        _operations(measured),
    )
    return "\n".join(line for part in parts for line in part) + "\n"


def _opening(plan: Plan, world: World) -> Iterator[str]:
    writes = ", ".join(f"{name} {share:g}%" for name, share in SHARES.items() if name not in READS)
    reads = ", ".join(f"{name} {SHARES[name]:g}%" for name in READS)
    yield "# Reads and writes with the response cache"
    yield ""
    yield (
        f"Written by `make bench-cache-mix` on {datetime.now(UTC):%Y-%m-%d}, with Python {python_version()}. "
        f"{world.readers:,} of {world.people:,} people send {plan.rate:g} requests per second at random instants, "
        "which do not depend on earlier responses. Latency is measured from the instant at which a request is due. "
        "People, authors and posts follow a power law, and so do the seeded follows: the first ones are drawn far more "
        f"often than the last. Reads are {reads}. Writes are {writes}."
    )
    yield ""
    yield (
        "`bff serve` (one process on one CPU) and `bff worker` run twice, each pair on a copy of the same database: "
        "with `BFF_CACHE_URL`, and without it. The worker, the client, PostgreSQL and Redis share the other CPU. Each "
        f"server has load for {plan.blocks * plan.seconds / 60:g} minutes, in {plan.blocks} "
        f"{'block' if plan.blocks == 1 else 'blocks'} in turn, and both get the same requests. The first "
        f"{plan.warm_up:.0f} seconds of a block are not measured."
    )
    yield ""


def _latency(measured: Mapping[str, Measured]) -> Iterator[str]:
    yield "## Latency"
    yield ""
    yield "| | requests | p50, ms | p99, ms | reads, p50 | reads, p99 | writes, p50 | writes, p99 | failed | problems |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"
    for name, found in measured.items():
        reads = [outcome for outcome in found.outcomes if outcome.operation in READS]
        writes = [outcome for outcome in found.outcomes if outcome.operation not in READS]
        cells = [_p50_and_p99(outcomes) for outcomes in (found.outcomes, reads, writes)]
        failed = sum(outcome.is_failed for outcome in found.outcomes)
        problems = sum(outcome.is_problem for outcome in found.outcomes)
        yield f"| {name} | {len(found.outcomes):,} | {' | '.join(cells)} | {failed:,} | {problems:,} |"
    yield ""
    late = {name: _percentile([outcome.late for outcome in found.outcomes], 0.99) for name, found in measured.items()}
    shown = ", ".join(f"{seconds * 1e3:.1f} ms {name}" for name, seconds in late.items())
    yield f"The client sent requests late by, as p99: {shown}. Latencies include it."
    yield ""


def _cpu(measured: Mapping[str, Measured]) -> Iterator[str]:
    yield "## CPU per request"
    yield ""
    yield "Medians of the blocks, with minimum and maximum in brackets, from `/proc`."
    yield ""
    yield "| | server, ms | worker, ms | database, ms |"
    yield "|---|---:|---:|---:|"
    parts: Sequence[Callable[[Cpu], float]] = (lambda cpu: cpu.server, lambda cpu: cpu.worker, lambda cpu: cpu.database)
    for name, found in measured.items():
        yield f"| {name} | {' | '.join(_spread([part(cpu) for cpu in found.cpu_ms]) for part in parts)} |"
    with_cache, without = (median(cpu.server for cpu in measured[name].cpu_ms) for name in (CACHED, UNCACHED))
    yield ""
    yield f"The server uses {with_cache / without:.2f} times the CPU per request with the cache."
    yield ""


def _hits(found: Measured) -> Iterator[str]:
    yield "## Hits"
    yield ""
    by_operation: Mapping[str, Counter[str]] = {} if found.counters is None else found.counters.by_operation()
    if not by_operation:
        yield "**Not measured: `/metrics` has no `bff_response_cache_total`, so this server has no response cache.**"
        yield ""
        return
    yield (
        "From `bff_response_cache_total`. The hit ratio is the share of hits among all results except `bypass`, which "
        "is a request that the cache does not answer."
    )
    yield ""
    yield f"| operation | hit ratio | {' | '.join(RESULTS)} |"
    yield f"|---|---:|{'---:|' * len(RESULTS)}"
    for operation, results in sorted(by_operation.items()):
        ratio = hit_ratio(results)
        shown = "" if ratio is None else f"**{ratio:.1%}**"
        yield f"| {operation} | {shown} | {' | '.join(f'{results[result]:,}' for result in RESULTS)} |"
    yield ""
    yield from _home(found)


def _home(found: Measured) -> Iterator[str]:
    counters = found.counters
    ratio = hit_ratio(counters.by_operation().get("Home", {})) if counters else None
    if counters is None or ratio is None:
        yield "The hit ratio of Home was not counted."
    elif ratio >= _MIN_HIT_RATIO:
        yield f"The hit ratio of Home is **{ratio:.1%}**."
    elif not counters.moved:
        yield f"The hit ratio of Home is only **{ratio:.1%}**. The server does not count which tags moved."
    else:
        total = counters.moved.total()
        moved = ", ".join(f"`{kind}` {times / total:.0%}" for kind, times in counters.moved.most_common(_MOVED_SHOWN))
        yield f"The hit ratio of Home is only **{ratio:.1%}**. The tags that moved most: {moved} of {total:,} moves."
    yield ""


def _memory(measured: Mapping[str, Measured]) -> Iterator[str]:
    yield "## Memory"
    yield ""
    yield (
        f"Resident memory of the server, sampled every {SAMPLE_SECONDS:.0f} seconds of its load. Growth is from "
        f"{GROWTH_FROM / 60:.0f} minutes of load to the end."
    )
    yield ""
    yield "| | after 2 minutes, MB | at the end, MB | maximum, MB | growth, MB |"
    yield "|---|---:|---:|---:|---:|"
    for name, found in measured.items():
        after = [each.resident for each in found.memory if each.loaded >= GROWTH_FROM]
        last, most = found.memory[-1].resident, max(each.resident for each in found.memory)
        begin = f"{after[0] / 1e6:.1f}" if after else ""
        growth = "" if found.growth is None else f"**{found.growth / 1e6:.1f}**"
        yield f"| {name} | {begin} | {last / 1e6:.1f} | {most / 1e6:.1f} | {growth} |"
    yield ""


def _operations(measured: Mapping[str, Measured]) -> Iterator[str]:
    yield "## Latency by operation"
    yield ""
    names = list(measured)
    yield f"| operation | requests | {' | '.join(f'{name}, p50, ms | p99, ms' for name in names)} |"
    yield f"|---|---:|{'---:|---:|' * len(names)}"
    for operation in SHARES:
        found = [[each for each in measured[name].outcomes if each.operation == operation] for name in names]
        if all(found):
            yield f"| {operation} | {len(found[0]):,} | {' | '.join(map(_p50_and_p99, found))} |"


def _p50_and_p99(outcomes: Sequence[Outcome]) -> str:
    took = [outcome.took for outcome in outcomes]
    return f"{_percentile(took, 0.5) * 1e3:.1f} | {_percentile(took, 0.99) * 1e3:.1f}" if took else " | "


def _percentile(numbers: Sequence[float], share: float) -> float:
    return sorted(numbers)[int(len(numbers) * share)]


def _spread(numbers: Sequence[float]) -> str:
    return f"**{median(numbers):.2f}** ({min(numbers):.2f} to {max(numbers):.2f})"
